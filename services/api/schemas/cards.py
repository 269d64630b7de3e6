"""Measures of one customer, alone and together on a card."""

from pydantic import Field

from services.api.schemas.common import Answer, Money, Timestamp

MeasureValue = Money | bool | float | str | None


class MeasureAnswer(Answer):
    """What a measure says of a customer, from how much, and what would tell more."""

    name: str
    label: str
    concepts: list[str] = Field(description="The numbers of the concepts in the theory that it computes.")
    unit: str = Field(description="`share`, `score`, `days`, `count`, `ratio`, `money`, `flag`, `word` …")
    value: MeasureValue = Field(
        description="A number; an amount for `money`, true or false for `flag`, a code for `word`; null where unknown."
    )
    word_label: str | None = Field(description="What a `word` reads like; null for every other unit.")
    coverage: float = Field(ge=0, le=1, description="The share of what it asks for that was there.")
    evidence: list[str] = Field(description="Ids of the events that tell the most, the newest last.")
    missing: list[str] = Field(description="What to send, so that it is known or known better.")
    parts: dict[str, MeasureValue] = Field(description="The values that it is composed of, by name; null: unknown.")


class CardAnswer(Answer):
    """The measures of one card of a customer, by name."""

    customer_id: str
    as_of: Timestamp | None = Field(description="The time that this answer speaks of.")
    version: int
    measures: dict[str, MeasureAnswer]

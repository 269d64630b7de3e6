"""What answers and questions have in common: times, amounts, pages and errors."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from shared.domain.alerts import AlertStatus
from shared.domain.stages import Stage

Timestamp = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""An RFC 3339 instant in UTC, as in `2026-03-04T05:06:07Z`."""

Amount = Annotated[str, Field(pattern=r"^-?\d+(\.\d+)?$")]
"""A decimal number in major units, exact to the currency's last decimal."""

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]

OwnStage = Annotated[
    Stage, WithJsonSchema({"type": "string", "enum": [stage.value for stage in Stage if stage is not Stage.TARGET]})
]
"""A stage of the lifecycle. A target, who has neither asked nor bought, has none: null."""

ShownStatus = Annotated[
    AlertStatus,
    WithJsonSchema({"type": "string", "enum": [one.value for one in AlertStatus if one is not AlertStatus.HELD]}),
]


class Answer(BaseModel):
    """What all answers have in common: they are made once and not changed."""

    model_config = ConfigDict(frozen=True)


class Money(Answer):
    """An amount of one currency."""

    amount: Amount
    currency: Currency


class Asked(BaseModel):
    """What all requests have in common: a member that we do not know is an error, not ignored."""

    model_config = ConfigDict(extra="forbid")


Limit = Annotated[int, Field(ge=1, le=500, description="How many to answer at most.")]
Cursor = Annotated[str | None, Field(description="The `next` of the page before.")]


class PageAsked(Asked):
    """Which part of a list."""

    limit: Limit = 50
    cursor: Cursor = None

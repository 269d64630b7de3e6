"""How many customers stand where, what they are worth, and how they move."""

from pydantic import Field

from services.api.schemas.common import Answer, Money, Timestamp
from shared.domain.customer import CustomerType
from shared.domain.stages import Stage


class StageHeads(Answer):
    """The customers of one stage, and what they usually buy."""

    stage: Stage
    label: str
    heads: int
    level: list[Money] = Field(description="The sum of the customers' levels, per currency.")


class TypeHeads(Answer):
    """The customers of one type."""

    type: CustomerType
    label: str
    heads: int


class Moves(Answer):
    """How often customers moved from one stage to another."""

    source: Stage
    target: Stage
    count: int


class Funnel(Answer):
    """How many customers stand where, what they are worth, and how they move."""

    as_of: Timestamp | None = Field(description="The time that every partition of the log has reached.")
    heads: int
    stages: list[StageHeads]
    types: list[TypeHeads]
    transitions: list[Moves]

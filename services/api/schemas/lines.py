"""A customer's business lines: each with a lifecycle of its own."""

from pydantic import Field

from services.api.schemas.common import Answer, Money, OwnStage, Timestamp
from services.api.schemas.risk import Risk


class Line(Answer):
    """Where a customer stands with one business line."""

    line: str
    stage: OwnStage | None = Field(description="Null where it has neither asked nor bought of this line.")
    label: str
    since: Timestamp | None
    cycle: int
    origin: OwnStage | None = Field(description="The stage that a decline fell from.")
    occasions: int = Field(description="Days with purchases in this cycle.")
    level: Money | None
    margin: Money | None = Field(description="What the firm has earned with it; null where no order told its cost.")
    satisfaction: float | None = Field(ge=-1, le=1)
    inherited_trust: float | None = Field(
        ge=0, le=1, description="The trust that the relationship had when the line began; null for a first line."
    )
    due_at: Timestamp | None = Field(description="When continued silence will next change something here.")
    risk: Risk | None = Field(description="Null where nothing was bought in this cycle.")
    main: bool = Field(description="The line that earns the most, or where that is unknown, sells the most.")


class OpenItem(Answer):
    """Something that must be settled before the relationship can end (002-16)."""

    kind: str = Field(description="`receivable`, `contract` or `order`.")
    label: str
    name: str = Field(description="The currency, the contract or the order.")
    amount: Money | None
    until: Timestamp | None = Field(description="When the contract ends, or the order was promised for.")

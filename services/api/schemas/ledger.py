"""The ledger: what each customer bought, when, and what it owes."""

from typing import Annotated, Literal

from pydantic import Field

from services.api.schemas.common import Answer, Asked, Cursor, Limit, Money, OwnStage, Timestamp
from shared.domain.customer import CustomerType
from shared.domain.stages import Stage


class LedgerEntry(Answer):
    """One customer's page in the ledger."""

    customer_id: str
    stage: OwnStage | None = Field(description="Null for a target, who has neither asked nor bought.")
    stage_label: str
    type: CustomerType
    type_label: str
    industry: str | None
    region: str | None
    level: str | None
    owner: str | None
    last_product: str | None = Field(description="The product of the newest purchase that names one.")
    last_bought_at: Timestamp | None
    purchases: int = Field(description="Orders that were not refunded in full.")
    occasions: int = Field(description="Days with such purchases.")
    amount: Money | None = Field(description="What they came to, net; null where an amount is unknown.")
    receivables: list[Money] = Field(description="Invoiced and not paid.")


class LedgerPage(Answer):
    """Customers in a fixed order, and the cursor of the next page or null."""

    items: list[LedgerEntry]
    next: str | None


class LedgerAsked(Asked):
    """Which customers to list, and in which form."""

    stage: Annotated[Stage | None, Field(description="Only this stage; `target` for those without one.")] = None
    type: Annotated[CustomerType | None, Field(description="Only this type.")] = None
    limit: Limit = 50
    cursor: Cursor = None
    format: Annotated[
        Literal["json", "csv"] | None,
        Field(description="`csv` for everything from the cursor on as one table, as with `Accept: text/csv`."),
    ] = None

"""Purchases as a file tells them: of each customer in the order of time, and what could not be read."""

from datetime import datetime, time
from typing import Final, NamedTuple

from msgspec import Struct, field

from services.cli.backtest.plan import date_of
from shared.domain.events import Purchase
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import Day, Instant, instant, local_day, zone
from shared.domain.money import DECIMALS
from shared.domain.policy import Policy

SHOWN: Final = 5
SOURCE: Final = "backtest"


class Bought(NamedTuple):
    """One purchase: when, in which row of the file, and for how much in minor units; None where that is unknown."""

    at: Instant
    row: int
    amount: int | None
    currency: str


class Noted(Struct, kw_only=True):
    """Rows that something is wrong with: how many, and the first of them in words."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def note(self, words: str) -> None:
        """Count one more."""
        self.count += 1
        if len(self.first) < SHOWN:
            self.first.append(words)


class History(Struct, kw_only=True):
    """What a shop has sold. Rows that are no purchase are `skipped`; of the `unpriced` only the amount is unusable."""

    purchases: dict[str, list[Bought]] = field(default_factory=dict)
    skipped: Noted = field(default_factory=Noted)
    unpriced: Noted = field(default_factory=Noted)

    @property
    def rows(self) -> int:
        """How many purchases there are."""
        return sum(map(len, self.purchases.values()))

    @property
    def partly_priced(self) -> bool:
        """Whether an amount is missing: it is unknown only where amounts are counted in one currency for all."""
        return any(bought.amount is None for one in self.purchases.values() for bought in one)

    def days(self, zone_name: str) -> dict[str, list[Day]]:
        """The local days on which each customer bought, in their order."""
        return {name: days_of(bought, zone_name) for name, bought in self.purchases.items()}


def days_of(purchases: list[Bought], zone_name: str) -> list[Day]:
    """The local days of purchases that are in the order of time."""
    return list(dict.fromkeys(local_day(bought.at, zone_name) for bought in purchases))


def midnight(day: Day, zone_name: str) -> Instant:
    """When a local day begins."""
    return instant(datetime.combine(date_of(day), time(), zone(zone_name)))


def unpriced_in(policy: Policy) -> str:
    """A currency that a policy has no rate for: what is paid in it has an unknown amount (DESIGN "Money")."""
    return next(code for code in DECIMALS if code != policy.base_currency and code not in policy.rates)


def event_of(customer_id: str, bought: Bought, unpriced: str) -> Purchase:
    """A purchase as the scorer would get it."""
    return Purchase(
        id=EventId(f"row-{bought.row:09d}"),
        source=SOURCE,
        customer_id=CustomerId(customer_id),
        occurred_at=bought.at,
        received_at=bought.at,
        order_id=f"row-{bought.row}",
        amount=bought.amount or 0,
        currency=unpriced if bought.amount is None else bought.currency,
    )

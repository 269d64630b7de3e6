"""What surrounds a customer and is known of few: signs, its own total business, what it owes, what it was promised."""

from enum import StrEnum
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.instants import Instant

MOST: Final = 8
"""Invoices and promised orders kept; the oldest go first."""


class SignKind(StrEnum):
    """What may make a customer leave, or tells that it is about to (002-12, 002-15)."""

    BAD = "bad"
    """It was let down: a complaint, a refund for a fault, a bad opinion, a duty not done in time."""
    RIVAL = "rival"
    PRICE = "price"
    UNMET_NEED = "unmet_need"
    TRADED_DOWN = "traded_down"
    NEED_SHRUNK = "need_shrunk"


class Sign(Struct, frozen=True, array_like=True, gc=False):
    """The newest sign of its kind. `strength` is 0 to 1; for a price the percent that it rose by."""

    at: Instant
    event_id: str
    strength: float


class Total(Struct, frozen=True, array_like=True, gc=False):
    """What a customer declared its own total business to be in a period, minor units of `currency`."""

    period: str
    at: Instant
    amount: int
    currency: str


class Owed(Struct, frozen=True, array_like=True, gc=False):
    """What is left of an invoice, minor units of `currency`."""

    name: str
    currency: str
    amount: int
    due_at: Instant | None


class Promised(Struct, frozen=True, array_like=True, gc=False):
    """An order that was promised for a time and not delivered yet."""

    order_id: str
    by: Instant


class Context(Struct, frozen=True, array_like=True, gc=False):
    """Bounded, and None with most customers."""

    industry: str | None = None
    signs: dict[str, Sign] = {}
    totals: tuple[Total, ...] = ()
    """The two newest declarations of its own total business."""
    owed: tuple[Owed, ...] = ()
    promised: tuple[Promised, ...] = ()
    packed_prices: bytes = b""
    """What one unit cost on average at each of the newest 8 priced orders, minor units."""
    stated: str | None = None
    """Why it said that it would leave, as a code of `ReasonCode`."""
    inherited_trust: float | None = None
    """Of a line: the trust that the relationship had when the line began (001-13)."""


EMPTY: Final = Context()


def with_sign(context: Context | None, kind: SignKind, sign: Sign) -> Context:
    """A context with a newer sign."""
    held = context or EMPTY
    return replace(held, signs=dict(sorted({**held.signs, kind.value: sign}.items())))


def without_sign(context: Context | None, kind: SignKind) -> Context | None:
    """A context without a sign of this kind."""
    if context is None or kind.value not in context.signs:
        return context
    return replace(context, signs={name: sign for name, sign in context.signs.items() if name != kind.value})

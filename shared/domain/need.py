"""Whether a customer buys less of us because it needs less: its own total business against what it bought (002-13)."""

from math import exp

from msgspec.structs import replace

from shared.domain.context import EMPTY, Sign, SignKind, Total, with_sign
from shared.domain.customer import Customer
from shared.domain.decisions import Guard
from shared.domain.events import Wallet
from shared.domain.guards import guard
from shared.domain.instants import Instant, local_day
from shared.domain.money import convert
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import window
from shared.domain.volume import WINDOWS, slope, volumes


def declare(customer: Customer, event: Wallet, policy: Policy) -> None:
    """Keep the two newest periods that the customer told its own total business of; one told again counts once."""
    own = policy.base_currency or customer.currency or event.currency
    amount = _in(own, event, policy)
    if amount is None:
        return
    held = customer.context or EMPTY
    others = [total for total in held.totals if total.period != event.period]
    totals = sorted((*others, Total(event.period, event.occurred_at, amount, own)), key=lambda total: total.at)
    customer.context = replace(held, totals=tuple(totals[-2:]))


def total_share(customer: Customer) -> float | None:
    """The newest total over the one before; None where fewer than two are known, or not in one currency."""
    if customer.context is None or len(customer.context.totals) < 2:
        return None
    before, newest = customer.context.totals
    return newest.amount / before.amount if before.amount > 0 and before.currency == newest.currency else None


def own_total_stood(customer: Customer, share: float | None, policy: Policy) -> Guard:
    """002-13: holds unless the customer's own total is known to have fallen by at least as much as its volume here.

    `share` is the volume over the volume before; where it, or the total, is unknown the wallet is not checked.
    """
    total = total_share(customer)
    stood = total is None or share is None or share >= 1 or total > share
    return guard("own_total_share", "002-13", total, share, holds=stood)


def known(guard: Guard) -> tuple[Guard, ...]:
    """A guard, where its value is known: what was not looked at is told by the alert (`wallet_checked`)."""
    return () if guard.value is None else (guard,)


def volume_share(customer: Customer, at: Instant, policy: Policy) -> float | None:
    """A0 over A1: the volume of the last window over that of the one before; unknown without the latter."""
    now, before = volumes(customer, local_day(at, policy.time_zone), window(customer, policy), 2)
    return now / before if now is not None and before else None


def trend_share(customer: Customer, at: Instant, policy: Policy) -> float | None:
    """What is left of the volume after the windows that a trend goes over: by the trend, or as bought, if that is more.

    A fall in one step has a slope that would take it further down than it went.
    """
    day, length = local_day(at, policy.time_zone), window(customer, policy)
    recent = volumes(customer, day, length, WINDOWS)
    falling = slope(customer, day, recent, length, policy)
    if falling is None:
        return None
    newest, oldest = recent[0], recent[-1]
    return max(exp(falling * (WINDOWS - 1)), newest / oldest if newest and oldest else 0.0)


def note_shrunk_need(customer: Customer, at: Instant, event_id: str = "") -> None:
    """Its need has shrunk: no churn, but worth knowing."""
    share = total_share(customer)
    strength = 0.0 if share is None else 1 - share
    customer.context = with_sign(customer.context, SignKind.NEED_SHRUNK, Sign(at, event_id, strength))


def _in(own: str, event: Wallet, policy: Policy) -> int | None:
    if event.currency == own:
        return event.total_spend
    rate = policy.rates.get(event.currency) if policy.base_currency else None
    return None if rate is None else convert(event.total_spend, event.currency, own, rate)

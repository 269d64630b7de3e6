"""Numbers to signals: each guard one small named function with its concept number."""

from collections.abc import Callable, Sequence
from typing import Final

from shared.domain.customer import Customer, CustomerType
from shared.domain.decisions import Guard
from shared.domain.instants import Day, Instant, local_day
from shared.domain.occasions import note_volume
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.rhythm import silence_r, silent_since, tenure_days, variation, window
from shared.domain.stages import Stage
from shared.domain.volume import WINDOWS, bought_in_every_window, depth, slope, trend, volume, volumes

GuardRule = Callable[[Customer, Instant, Policy], Guard]


def enough_to_form(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-6: repeat purchases confirm the first trust. N of this cycle."""
    return _at_least("occasions", "000-6", customer.cycle_occasions, policy.formation_occasions)


def not_unhappy(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-4: perceived value meets expectation, or nobody said otherwise. s, or unknown."""
    return _unless_known_below("satisfaction", "000-4", satisfaction(customer), policy.formation_satisfaction)


def no_open_complaint(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-14: an unresolved conflict blocks upward moves. Open complaints."""
    return _at_most("open_complaints", "000-14", len(customer.complaints), 0)


def within_rhythm(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """004-11: r of the gap just ended lies below the customer's own long gap."""
    value = customer.last_gap_r
    return _guard(
        name="gap_r",
        concept="004-11",
        value=value,
        threshold=policy.silent_r,
        holds=value is None or value < policy.silent_r,
    )


def enough_to_settle(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-6: a great deal of trade. N of this cycle."""
    return _at_least("occasions", "001-6", customer.cycle_occasions, policy.stability_occasions)


def long_enough(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """003-1: T, days since the first occasion of this cycle."""
    tenure = tenure_days(customer, local_day(at, policy.time_zone))
    return _at_least("tenure_days", "003-1", tenure, policy.stability_days)


def regular(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-11: CV of the cycle's gaps."""
    return _at_most("gap_variation", "000-11", variation(customer), policy.stability_variation)


def deep_enough(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-6: D, the volume of the last window over the usual level."""
    return _at_least("depth", "001-6", depth(customer, local_day(at, policy.time_zone), policy), policy.stability_depth)


def happy(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-6: highly satisfied, or nobody said otherwise. s counts from two opinions on."""
    known = satisfaction(customer) if len(customer.opinions) >= policy.settled_opinions else None
    return _unless_known_below("satisfaction", "001-6", known, policy.stability_satisfaction)


def committed_to_us(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-5: an explicit pledge (contract, renewal, subscription, membership), a referral, or unbroken buying."""
    pledges = len(running_pledges(customer, at)) + customer.pledged
    if not pledges:
        day = local_day(at, policy.time_zone)
        pledges = int(bought_in_every_window(customer, day, window(customer, policy)))
    return _at_least("commitments", "001-5", pledges, 1)


FORMATION: Final[Sequence[GuardRule]] = (enough_to_form, not_unhappy, no_open_complaint, within_rhythm)
STABILITY: Final[Sequence[GuardRule]] = (
    enough_to_settle,
    long_enough,
    regular,
    within_rhythm,
    no_open_complaint,
    deep_enough,
    happy,
    committed_to_us,
)


def all_hold(rules: Sequence[GuardRule], customer: Customer, at: Instant, policy: Policy) -> tuple[Guard, ...] | None:
    """The guards with their values when every one holds, else None; stops at the first that does not."""
    guards = []
    for rule in rules:
        guard = rule(customer, at, policy)
        if not guard.holds:
            return None
        guards.append(guard)
    return tuple(guards)


def dissatisfied(customer: Customer, policy: Policy) -> Guard:
    """000-5: s below the threshold. In formation and stability it counts from two opinions on."""
    settled = customer.stage in (Stage.FORMATION, Stage.STABILITY)
    enough = len(customer.opinions) >= (policy.settled_opinions if settled else 1)
    value = satisfaction(customer)
    holds = enough and value is not None and value < policy.dissatisfied_below
    return _guard(name="satisfaction", concept="000-5", value=value, threshold=policy.dissatisfied_below, holds=holds)


def judge_volume(customer: Customer, day: Day, fresh: bool, policy: Policy) -> None:
    """002-13: note the volume of an occasion, and at how many running it has fallen, sharply or gradually.

    Judged at occasions only, with something bought in the window before, two windows of tenure and four gaps.
    """
    judged = policy.volume_rules and customer.cycle_gaps >= policy.volume_gaps
    length = window(customer, policy)
    recent = volumes(customer, day, length, WINDOWS if judged else 1)
    note_volume(customer, recent[0], fresh)
    if fresh:
        customer.sharp_hits_before, customer.gradual_hits_before = customer.sharp_hits, customer.gradual_hits
    sharp, gradual = _drops(customer, day, recent, length, policy) if judged else (False, False)
    customer.sharp_hits = customer.sharp_hits_before + 1 if sharp else 0
    customer.gradual_hits = customer.gradual_hits_before + 1 if gradual else 0


def sharp_drop(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-13: A0 at most 0.4 A1, at two occasions running."""
    day, length = local_day(at, policy.time_zone), window(customer, policy)
    now, before = volumes(customer, day, length, 2)
    share = now / before if now is not None and before else None
    holds = customer.sharp_hits >= policy.volume_hits
    return _guard(name="volume_share", concept="002-13", value=share, threshold=policy.sharp_drop, holds=holds)


def gradual_drop(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-13: tau below -0.15, at two occasions running."""
    value = trend(customer, local_day(at, policy.time_zone), policy)
    holds = customer.gradual_hits >= policy.volume_hits
    return _guard(name="volume_trend", concept="002-13", value=value, threshold=policy.gradual_drop, holds=holds)


def silent(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-13, 004-11: r at or above 1.5, silence longer than the customer's own long gap."""
    return _silent_as_long("002-13", customer, at, policy.silent_r, policy)


def faded(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """004-11: r at or above 3, far beyond the customer's own rhythm."""
    return _silent_as_long("004-11", customer, at, policy.dormant_r, policy)


def gone(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-16: the customer said so, or r at or above 6."""
    if customer.leaving:
        return _guard(name="end_intent", concept="002-16", value=1, threshold=1, holds=True)
    return _silent_as_long("002-16", customer, at, policy.ended_r, policy)


def books_settled(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-16: nothing that was declared is still open. Currencies with open receivables plus running contracts."""
    open_items = len(customer.receivables) + len(running_pledges(customer, at))
    return _at_most("open_items", "002-16", open_items, 0)


END: Final[Sequence[GuardRule]] = (gone, books_settled)


def bought_enough_again(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """Machine, decline to origin: A0 at least half the level at the decline, minor units."""
    day = local_day(at, policy.time_zone)
    now = volume(customer, day, window(customer, policy))
    wanted = None if customer.declined_level is None else policy.recovery_depth * customer.declined_level
    holds = now is not None and wanted is not None and now >= wanted
    return _guard(name="volume", concept="000-14", value=now, threshold=wanted, holds=holds)


def bought_twice(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """Machine, decline to origin: a second purchase within m of the first since the decline. Days between them."""
    gap = customer.occasions[-1].gap if customer.occasions_in_decline >= 2 and customer.occasions else None
    holds = gap is not None and gap <= customer.median_gap
    return _guard(name="gap_days", concept="000-14", value=gap, threshold=customer.median_gap, holds=holds)


def running_pledges(customer: Customer, at: Instant) -> list[str]:
    """The contracts that still run at an instant."""
    return [pledge.name for pledge in customer.pledges if pledge.ends_at is None or pledge.ends_at > at]


def customer_type(customer: Customer, policy: Policy) -> CustomerType:
    """001-8, 001-11 … 001-13: how far the relationship has come, by its newest occasion."""
    if customer.stage is Stage.TARGET:
        return CustomerType.TARGET
    if not customer.cycle_occasions or not customer.occasions:
        return CustomerType.POTENTIAL
    day = customer.occasions[-1].day
    if customer.cycle_occasions < policy.formation_occasions or tenure_days(customer, day) < window(customer, policy):
        return CustomerType.NEW
    newest = max(customer.lines, key=lambda used: used.first_day, default=None)
    if newest and newest.occasions < policy.formation_occasions and newest.line == customer.line:
        started_late = customer.cycle_first_day is not None and newest.first_day > customer.cycle_first_day
        return CustomerType.NEW_LINE if started_late else CustomerType.ESTABLISHED
    return CustomerType.ESTABLISHED


def _drops(
    customer: Customer, day: Day, recent: Sequence[int | None], length: float, policy: Policy
) -> tuple[bool, bool]:
    now, before = recent[:2]
    if not before or tenure_days(customer, day) < 2 * length:
        return False, False
    falling = slope(customer, day, recent, length, policy)
    sharp = now is not None and now <= policy.sharp_drop * before
    return sharp, falling is not None and falling < policy.gradual_drop


def _at_least(name: str, concept: str, value: float | None, threshold: float) -> Guard:
    return _guard(
        name=name, concept=concept, value=value, threshold=threshold, holds=value is not None and value >= threshold
    )


def _at_most(name: str, concept: str, value: float | None, threshold: float) -> Guard:
    return _guard(
        name=name, concept=concept, value=value, threshold=threshold, holds=value is not None and value <= threshold
    )


def _unless_known_below(name: str, concept: str, value: float | None, threshold: float) -> Guard:
    return _guard(
        name=name, concept=concept, value=value, threshold=threshold, holds=value is None or value >= threshold
    )


def _guard(*, name: str, concept: str, value: float | None, threshold: float | None, holds: bool) -> Guard:
    # Counts and amounts become the floats that the fields promise: 3 and 3.0 are equal, but not the same bytes.
    return Guard(
        name=name,
        concept=concept,
        value=None if value is None else float(value),
        threshold=None if threshold is None else float(threshold),
        holds=holds,
    )


def _silent_as_long(concept: str, customer: Customer, at: Instant, r: float, policy: Policy) -> Guard:
    # Due times are rounded up to a second, so r there is its threshold or a hair more; people read 1.5.
    value, since = silence_r(customer, at, policy), silent_since(customer, r, policy)
    return _guard(
        name="silence_r",
        concept=concept,
        value=None if value is None else round(value, 6),
        threshold=r,
        holds=since is not None and at >= since,
    )

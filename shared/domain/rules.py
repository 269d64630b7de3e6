"""Numbers to signals: each guard one small named function with its concept number."""

from collections.abc import Callable, Sequence
from typing import Final

from shared.domain.customer import Customer, CustomerType
from shared.domain.decisions import Guard
from shared.domain.guards import at_least, at_most, guard, silent_as_long, unless_known_below
from shared.domain.instants import DAY, Day, Instant, local_day
from shared.domain.occasions import note_volume
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import tenure_days, variation, window
from shared.domain.rhythm.silent import likely_gone
from shared.domain.stages import Stage
from shared.domain.volume import WINDOWS, bought_in_every_window, depth, slope, trend, volume, volumes

GuardRule = Callable[[Customer, Instant, Policy], Guard | None]
"""None: nothing is known that could be asked about, and so nothing stands in the way."""


def enough_to_form(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-6: repeat purchases confirm the first trust. N of this cycle."""
    return at_least("occasions", "000-6", customer.cycle_occasions, policy.formation_occasions)


def not_unhappy(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-4: perceived value meets expectation, or nobody said otherwise. s, or unknown."""
    return unless_known_below("satisfaction", "000-4", satisfaction(customer), policy.formation_satisfaction)


def no_open_complaint(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-14: an unresolved conflict blocks upward moves. Open complaints."""
    return at_most("open_complaints", "000-14", len(customer.complaints), 0)


def within_rhythm(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """004-11: r of the gap just ended lies below the customer's own long gap."""
    value = customer.last_gap_r
    holds = value is None or value < policy.silent_r
    return guard("gap_r", "004-11", value, policy.silent_r, holds=holds)


def paid_up(customer: Customer, at: Instant, policy: Policy) -> Guard | None:
    """001-4, 004-9: both sides must be content, and a debt long overdue contents nobody. Invoices overdue."""
    if customer.context is None or not customer.context.owed:
        return None
    return at_most("overdue_debts", "001-4", len(overdue_debts(customer, at, policy)), 0)


def earns(customer: Customer, at: Instant, policy: Policy) -> Guard | None:
    """001-4: the firm's side of mutual satisfaction. Margin so far, minor units."""
    return None if customer.margin is None else at_least("margin", "001-4", customer.margin, 0)


def soured(line: Customer) -> Guard:
    """001-14: a bad old line ends a new one. The old line's satisfaction, or unknown where it said it would leave."""
    return guard("old_line_satisfaction", "001-14", satisfaction(line), None, holds=True)


def enough_to_settle(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-6: a great deal of trade. N of this cycle."""
    return at_least("occasions", "001-6", customer.cycle_occasions, policy.stability_occasions)


def long_enough(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """003-1: T, days since the first occasion of this cycle."""
    tenure = tenure_days(customer, local_day(at, policy.time_zone))
    return at_least("tenure_days", "003-1", tenure, policy.stability_days)


def regular(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """000-11: CV of the cycle's gaps."""
    return at_most("gap_variation", "000-11", variation(customer), policy.stability_variation)


def deep_enough(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-6: D, the volume of the last window over the usual level."""
    return at_least("depth", "001-6", depth(customer, local_day(at, policy.time_zone), policy), policy.stability_depth)


def happy(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-6: highly satisfied, or nobody said otherwise. s counts from two opinions on."""
    known = satisfaction(customer) if len(customer.opinions) >= policy.settled_opinions else None
    return unless_known_below("satisfaction", "001-6", known, policy.stability_satisfaction)


def committed_to_us(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """001-5: an explicit pledge (contract, renewal, subscription, membership), a referral, or unbroken buying."""
    pledges = len(running_pledges(customer, at)) + customer.pledged
    if not pledges:
        day = local_day(at, policy.time_zone)
        pledges = int(bought_in_every_window(customer, day, window(customer, policy)))
    return at_least("commitments", "001-5", pledges, 1)


FORMATION: Final[Sequence[GuardRule]] = (enough_to_form, not_unhappy, no_open_complaint, within_rhythm, paid_up, earns)
STABILITY: Final[Sequence[GuardRule]] = (
    enough_to_settle,
    long_enough,
    regular,
    within_rhythm,
    no_open_complaint,
    paid_up,
    deep_enough,
    happy,
    committed_to_us,
)


def all_hold(rules: Sequence[GuardRule], customer: Customer, at: Instant, policy: Policy) -> tuple[Guard, ...] | None:
    """The guards with their values when every one holds, else None; stops at the first that does not."""
    guards = []
    for rule in rules:
        found = rule(customer, at, policy)
        if found is None:
            continue
        if not found.holds:
            return None
        guards.append(found)
    return tuple(guards)


def dissatisfied(customer: Customer, policy: Policy) -> Guard:
    """000-5: s below the threshold. In formation and stability it counts from two opinions on."""
    settled = customer.stage in (Stage.FORMATION, Stage.STABILITY)
    enough = len(customer.opinions) >= (policy.settled_opinions if settled else 1)
    value = satisfaction(customer)
    holds = enough and value is not None and value < policy.dissatisfied_below
    return guard("satisfaction", "000-5", value, policy.dissatisfied_below, holds=holds)


def judge_volume(customer: Customer, day: Day, fresh: bool, policy: Policy) -> float | None:
    """002-13: note the volume of an occasion, and at how many running it has fallen, sharply or gradually; the trend.

    Judged at occasions only, with something bought in the window before, two windows of tenure and four gaps.
    """
    judged = policy.volume_rules and customer.cycle_gaps >= policy.volume_gaps
    length = window(customer, policy)
    recent = volumes(customer, day, length, WINDOWS if judged else 1)
    note_volume(customer, recent[0], fresh)
    if fresh:
        customer.sharp_hits_before, customer.gradual_hits_before = customer.sharp_hits, customer.gradual_hits
    sharp, trending = _drops(customer, day, recent, length, policy) if judged else (False, None)
    gradual = trending is not None and trending < policy.gradual_drop
    customer.sharp_hits = customer.sharp_hits_before + 1 if sharp else 0
    customer.gradual_hits = customer.gradual_hits_before + 1 if gradual else 0
    return trending


def sharp_drop(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-13: A0 at most 0.4 A1, at two occasions running."""
    day, length = local_day(at, policy.time_zone), window(customer, policy)
    now, before = volumes(customer, day, length, 2)
    share = now / before if now is not None and before else None
    holds = customer.sharp_hits >= policy.volume_hits
    return guard("volume_share", "002-13", share, policy.sharp_drop, holds=holds)


def gradual_drop(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-13: tau below -0.15, at two occasions running."""
    value = trend(customer, local_day(at, policy.time_zone), policy)
    holds = customer.gradual_hits >= policy.volume_hits
    return guard("volume_trend", "002-13", value, policy.gradual_drop, holds=holds)


def silent(customer: Customer, at: Instant, policy: Policy) -> tuple[Guard, ...]:
    """002-13, 004-11: overdue and likely to buy no more; without a churn model r at or above 1.5, its own long gap."""
    if policy.churn is not None:
        return likely_gone(customer, at, policy.churn, policy)
    return (silent_as_long("002-13", customer, at, policy.silent_r, policy),)


def faded(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """004-11: r at or above 3, far beyond the customer's own rhythm."""
    return silent_as_long("004-11", customer, at, policy.dormant_r, policy)


def gone(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-16: the customer said so, or r at or above 6."""
    if customer.leaving:
        return guard("end_intent", "002-16", 1, 1, holds=True)
    return silent_as_long("002-16", customer, at, policy.ended_r, policy)


def books_settled(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """002-16: nothing that was declared is still open. Currencies with open receivables, running contracts, orders."""
    promised = 0 if customer.context is None else len(customer.context.promised)
    open_items = len(customer.receivables) + len(running_pledges(customer, at)) + promised
    return at_most("open_items", "002-16", open_items, 0)


END: Final[Sequence[GuardRule]] = (gone, books_settled)


def pending_settlement(customer: Customer, at: Instant | None, policy: Policy) -> bool:
    """002-16: the relationship is over but for what is still open between the two."""
    if at is None or customer.stage not in (Stage.DECLINE, Stage.DORMANT):
        return False
    return gone(customer, at, policy).holds and not books_settled(customer, at, policy).holds


def bought_enough_again(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """Machine, decline to origin: A0 at least half the level at the decline, minor units."""
    day = local_day(at, policy.time_zone)
    now = volume(customer, day, window(customer, policy))
    wanted = None if customer.declined_level is None else policy.recovery_depth * customer.declined_level
    holds = now is not None and wanted is not None and now >= wanted
    return guard("volume", "000-14", now, wanted, holds=holds)


def bought_twice(customer: Customer, at: Instant, policy: Policy) -> Guard:
    """Machine, decline to origin: a second purchase within m of the first since the decline. Days between them."""
    gap = customer.occasions[-1].gap if customer.occasions_in_decline >= 2 and customer.occasions else None
    holds = gap is not None and gap <= customer.median_gap
    return guard("gap_days", "000-14", gap, customer.median_gap, holds=holds)


def running_pledges(customer: Customer, at: Instant) -> list[str]:
    """The contracts that still run at an instant."""
    return [pledge.name for pledge in customer.pledges if pledge.ends_at is None or pledge.ends_at > at]


def overdue_debts(customer: Customer, at: Instant, policy: Policy) -> list[str]:
    """The invoices that should have been paid longer ago than the policy allows."""
    if customer.context is None:
        return []
    latest = at - policy.overdue_days * DAY
    return [owed.name for owed in customer.context.owed if owed.due_at is not None and owed.due_at < latest]


def customer_type(customer: Customer, policy: Policy) -> CustomerType:
    """001-8, 001-11 … 001-13: how far the relationship has come, by its newest occasion."""
    if customer.stage is Stage.TARGET:
        return CustomerType.TARGET
    if not customer.cycle_occasions or not customer.occasions:
        return CustomerType.POTENTIAL
    day = customer.occasions[-1].day
    if customer.cycle_occasions < policy.formation_occasions or tenure_days(customer, day) < window(customer, policy):
        return CustomerType.NEW
    newest = None if customer.line is None else customer.lines.get(customer.line)
    if newest is not None and newest.cycle_occasions < policy.formation_occasions:
        begun, first_day = newest.cycle_first_day, customer.cycle_first_day
        if begun is not None and first_day is not None and begun > first_day:
            return CustomerType.NEW_LINE
    return CustomerType.ESTABLISHED


def _drops(
    customer: Customer, day: Day, recent: Sequence[int | None], length: float, policy: Policy
) -> tuple[bool, float | None]:
    """Whether volume has dropped sharply, and its trend."""
    now, before = recent[:2]
    if not before or tenure_days(customer, day) < 2 * length:
        return False, None
    return now is not None and now <= policy.sharp_drop * before, slope(customer, day, recent, length, policy)

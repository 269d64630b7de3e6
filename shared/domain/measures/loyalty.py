"""How long and how steadily a customer has stayed."""

from statistics import fmean

from shared.domain.events import Inquiry
from shared.domain.instants import DAY, Instant
from shared.domain.measures.case import Case
from shared.domain.measures.categories import figure, main_category, this_cycle, window_of
from shared.domain.measures.deals import ids, occasions, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.voices import opinions
from shared.domain.stages import Stage

IDLE = (Stage.DORMANT, Stage.ENDED)
"""Stages in which nobody is a customer."""


@measure("003-1", card=Card.LOYALTY, unit="days", low=0, en="Tenure", zh="客户保持度")
def tenure(case: Case) -> Reading:
    """T: days since the first occasion of this cycle (003-1)."""
    bought = this_cycle(case)
    if not bought:
        return unknown("a purchase")
    first = bought[0]
    return known(float(case.today - first.day), evidence=(first.deals[0].event.id,))


@measure("003-1", card=Card.LOYALTY, unit="days", low=0, en="Active tenure", zh="有效保持时间")
def active_tenure(case: Case) -> Reading:
    """Days since the first occasion of any cycle, less the days spent dormant or ended since then (003-1)."""
    bought = occasions(case)
    if not bought:
        return unknown("a purchase")
    first = bought[0]
    idle = _idle_days(case, first.deals[0].at)
    days = max(0.0, case.today - first.day - idle)
    return known(days, evidence=(first.deals[0].event.id,), parts={"idle_days": idle})


@measure("003-1", card=Card.LOYALTY, unit="share", low=0, high=1, en="Steadiness", zh="持续关注程度")
def steadiness(case: Case) -> Reading:
    """Share of the windows W, from the first occasion of this cycle on, with an inquiry or a purchase (003-1)."""
    bought = this_cycle(case)
    if not bought:
        return unknown("a purchase")
    length, first = window_days(case), bought[0].day
    days = {one.day for one in bought} | {case.day(one.occurred_at) for one in case.of(Inquiry)}
    attended = {window_of(case, day, length) for day in days if day >= first}
    windows = window_of(case, first, length) + 1
    evidence = ids(one.deals[0].event for one in bought)
    return known(len(attended) / windows, evidence=evidence, parts={"windows": windows})


@measure("000-1", card=Card.LOYALTY, unit="flag", en="Retained", zh="客户保持")
def retained(case: Case) -> Reading:
    """Whether it bought in the last window W and in the one before (000-1).

    The part `rate` is the share of windows with a purchase that were followed by a window with one, over all cycles.
    """
    bought, length = occasions(case), window_days(case)
    held = {window_of(case, one.day, length) for one in bought}
    followed = [place - 1 in held for place in held if place]
    if not followed:
        return unknown("a purchase before the last window")
    return known(
        held.issuperset((0, 1)),
        evidence=ids(one.deals[0].event for one in bought if window_of(case, one.day, length) < 2),
        parts={"rate": sum(followed) / len(followed), "window_days": length},
    )


@measure("000-6", card=Card.LOYALTY, unit="days", low=1, en="Days to the second purchase", zh="第二次购买间隔")
def second_purchase_days(case: Case) -> Reading:
    """Days from the first to the second occasion of this cycle (000-6).

    The part `opinion_of_first` is the mean opinion, -1 to 1, given between the two.
    """
    bought = this_cycle(case)
    if len(bought) < 2:
        return unknown("a second purchase")
    first, second = bought[0].deals[0], bought[1].deals[0]
    told = [x for event, x in opinions(case) if event.occurred_at < second.at]
    return known(
        float(second.day - first.day),
        evidence=ids((first.event, second.event)),
        parts={"opinion_of_first": fmean(told) if told else None},
    )


@measure("002-24", card=Card.LOYALTY, unit="ratio", low=0, en="Tenure against the cohort", zh="使用周期与同类客户之比")
def tenure_to_cohort(case: Case) -> Reading:
    """Tenure over the median tenure of the customers of its main category, else of everybody (002-24)."""
    own = tenure(case)
    usual = figure(case, main_category(case), lambda figures: figures.median_tenure_days)
    if own.number is None:
        return own
    if not usual:
        return unknown("the median tenure of all customers, from a population job", evidence=own.evidence)
    return known(own.number / usual, evidence=own.evidence, parts={"cohort_days": usual})


def _idle_days(case: Case, since: Instant) -> float:
    """Days spent in stages in which nobody is a customer, from an instant on."""
    moves = [move for move in case.transitions if move.effective_at >= since]
    ends = [*(move.effective_at for move in moves[1:]), case.as_of]
    spans = [end - move.effective_at for move, end in zip(moves, ends, strict=False) if move.target in IDLE]
    return sum(spans) / DAY

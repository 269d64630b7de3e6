"""What passed between the firm and a customer as one record: touches, replies, roles, and what keeps a tie warm."""

from datetime import date
from typing import Final

from shared.domain.events import Alias, Contact, Feedback, Inquiry, Profile
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import in_order, of_cycle
from shared.domain.measures.deals import ids, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.ties import consented
from shared.domain.reactions import BOTH_WAYS

OUTBOUND: Final = frozenset({"outbound", "out"})
"""Directions of a contact in which only the firm spoke."""
ROLES: Final = ("sales", "support", "product")

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


@measure("001-1", card=Card.CUSTOMER, unit="ratio", low=0, en="Touches per occasion", zh="每次购买接触次数")
def touches_per_occasion(case: Case) -> Reading:
    """Contacts of this cycle over its occasions: how efficient contact is (001-1)."""
    contacts = of_cycle(case, Contact)
    if not contacts:
        return unknown("a contact")
    if not case.state.cycle_occasions:
        return unknown("a purchase", evidence=ids(contacts))
    return known(len(contacts) / case.state.cycle_occasions, evidence=ids(contacts))


@measure("001-1", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Reply rate", zh="反馈率")
def reply_rate(case: Case) -> Reading:
    """Outbound contacts of the last W that the customer replied to before the next one, over all of them (001-1).

    A reply is a contact in which the customer spoke, an inquiry or feedback.
    """
    days = window_days(case)
    touches = in_order(case.of(Contact, days=days), case.of(Inquiry, days=days), case.of(Feedback, days=days))
    sent, replied, waiting = 0, 0, False
    for touch in touches:
        if isinstance(touch, Contact) and touch.direction in OUTBOUND:
            sent, waiting = sent + 1, True
        elif not isinstance(touch, Contact) or touch.direction in BOTH_WAYS:
            replied, waiting = replied + waiting, False
    if not sent:
        return unknown("an outbound contact")
    return known(replied / sent, evidence=ids(case.of(Contact, days=days)))


@measure("004-13", card=Card.CUSTOMER, unit="count", low=0, en="Contacts", zh="接触记录数")
def contacts(case: Case) -> Reading:
    """Number of contacts of all cycles; by role: `sales`, `support`, `product`, and `unnamed` (004-13)."""
    told = case.of(Contact)
    parts = {role: float(sum(one.role == role for one in told)) for role in ROLES}
    parts["unnamed"] = float(sum(one.role is None for one in told))
    return known(float(len(told)), evidence=ids(told), parts={**parts})


@measure("004-13", card=Card.CUSTOMER, unit="count", low=0, en="Sources of the timeline", zh="时间线来源数")
def timeline_sources(case: Case) -> Reading:
    """Number of systems whose events make up the one timeline; `aliases`: other ids of the customer (004-13)."""
    aliases = {one.other_id for one in case.of(Alias)}
    parts = {"aliases": float(len(aliases)), "events": float(len(case.events))}
    return known(float(len({event.source for event in case.events})), evidence=ids(case.of(Alias)), parts={**parts})


@measure("004-20", card=Card.CUSTOMER, unit="days", low=0, en="Days since a two-way contact", zh="距上次双向沟通天数")
def days_since_contact(case: Case) -> Reading:
    """Days since the last contact in which the customer spoke; `within`: whether they are at most m (004-20)."""
    spoke = [one for one in case.of(Contact) if one.direction in BOTH_WAYS]
    if not spoke:
        return unknown("a contact with its direction, two-way or inbound")
    days = (case.as_of - spoke[-1].occurred_at) / DAY
    median_gap = case.state.median_gap
    return known(days, evidence=(spoke[-1].id,), parts={"median_gap": median_gap, "within": days <= median_gap})


@measure("004-20", card=Card.CUSTOMER, unit="flag", en="Convenient buying", zh="购买偏好已知")
def preferences(case: Case) -> Reading:
    """Whether preferred channel and payment are both known; only with consent to profiling (004-20, 001-19)."""
    if not consented(case):
        return unknown("consent to profiling")
    parts = {name: _word(case, name) for name in ("preferred_channel", "preferred_payment")}
    missing = tuple(f"a profile with {name}" for name, word in parts.items() if word is None)
    if len(missing) == len(parts):
        return unknown(*missing)
    evidence = ids(case.of(Profile))
    return known(not missing, coverage=1 - len(missing) / 2, missing=missing, evidence=evidence, parts={**parts})


@measure("004-20", card=Card.CUSTOMER, unit="days", low=0, high=365, en="Days until an important date",
         zh="距下一重要日期天数")  # fmt: skip
def next_important_date(case: Case) -> Reading:
    """Days until the first of the profile's dates (MM-DD) comes round; only with consent to profiling (004-20).

    February 29 is kept on the 28th in years without one. `parts` are the days until each of the dates.
    """
    if not consented(case):
        return unknown("consent to profiling")
    told = case.profile("dates")
    dates = told if isinstance(told, dict) else {}
    days = {str(name): left for name, text in dates.items() if (left := days_until(case, str(text))) is not None}
    if not days:
        return unknown("a profile with dates as MM-DD")
    named = [one for one in case.of(Profile) if one.dates]
    return known(min(days.values()), evidence=ids(named), parts={**days})


def days_until(case: Case, text: str) -> float | None:
    """Days from today until a date written MM-DD comes round, 0 on the day itself; None for what is no date."""
    today = date.fromordinal(_EPOCH_ORDINAL + case.today)
    coming = (_kept(text, year) for year in (today.year, today.year + 1))
    return next((float((day - today).days) for day in coming if day is not None and day >= today), None)


def _kept(text: str, year: int) -> date | None:
    for day in (text, "02-28") if text == "02-29" else (text,):
        try:
            return date.fromisoformat(f"{year:04d}-{day}")
        except ValueError:
            continue
    return None


def _word(case: Case, name: str) -> str | None:
    said = case.profile(name)
    return said if isinstance(said, str) else None

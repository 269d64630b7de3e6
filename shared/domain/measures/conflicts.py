"""Conflicts, and how they end; and how often a customer praises us or complains."""

from collections.abc import Sequence
from statistics import median

from msgspec import Struct

from shared.domain.events import Complaint, ComplaintResolved, Event, Praise
from shared.domain.instants import DAY, Instant
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import began
from shared.domain.measures.deals import deals, ids, occasions
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.silence import HOUR


class Conflict(Struct, gc=False):
    """A complaint, and what settled it; None while it is open."""

    complaint: Complaint
    resolved: ComplaintResolved | None = None

    @property
    def lasted(self) -> int | None:
        """Microseconds from the complaint until it was settled; None while it is open."""
        return None if self.resolved is None else self.resolved.occurred_at - self.complaint.occurred_at


def conflicts(case: Case) -> list[Conflict]:
    """The complaints of this cycle, the oldest first; a resolution without a name settles all that are open."""
    return case.once(_conflicts)


def _conflicts(case: Case) -> list[Conflict]:
    found: list[Conflict] = []
    still: list[Conflict] = []
    since = began(case)
    for event in case.events:
        if isinstance(event, Complaint) and event.occurred_at >= since:
            found.append(Conflict(event))
            still.append(found[-1])
        elif isinstance(event, ComplaintResolved):
            for one in still:
                one.resolved = event if event.complaint_id in (None, one.complaint.id) else None
            still = [one for one in still if one.resolved is None]
    return found


@measure("000-14", card=Card.SATISFACTION, unit="count", low=0, en="Open conflicts", zh="未解决的冲突")
def open_conflicts(case: Case) -> Reading:
    """Number of complaints of this cycle that are not resolved; `overdue`: those past `answer_hours` (000-14)."""
    still = [one.complaint for one in conflicts(case) if one.resolved is None]
    overdue = sum(case.as_of - one.occurred_at >= _allowed(case) for one in still)
    return known(float(len(still)), evidence=ids(still), parts={"overdue": float(overdue)})


@measure("000-14", card=Card.SATISFACTION, unit="count", low=0, en="Resolved conflicts", zh="已解决的冲突")
def resolved_conflicts(case: Case) -> Reading:
    """Number of complaints of this cycle that were resolved; `in_time`: those within `answer_hours` (000-14)."""
    settled = [one for one in conflicts(case) if one.resolved is not None]
    in_time = sum(_in_time(case, one) for one in settled)
    return known(float(len(settled)), evidence=ids(_settling(settled)), parts={"in_time": float(in_time)})


@measure("000-14", card=Card.SATISFACTION, unit="count", low=0, en="Conflicts recovered from", zh="冲突后恢复")
def recovered_conflicts(case: Case) -> Reading:
    """Number of complaints resolved within `answer_hours` and followed by a purchase within m days (000-14)."""
    bought = _bought_at(case)
    recovered = [one for one in conflicts(case) if _state(case, one, bought) == "recovered"]
    return known(float(len(recovered)), evidence=ids(_settling(recovered)))


@measure("000-14", card=Card.SATISFACTION, unit="hours", low=0, en="Hours to resolve", zh="解决冲突用时")
def hours_to_resolve(case: Case) -> Reading:
    """Median hours from a complaint of this cycle until it was resolved (000-14)."""
    settled = [one for one in conflicts(case) if one.resolved is not None]
    if not settled:
        return unknown("a resolved complaint")
    lengths = [one.lasted for one in settled if one.lasted is not None]
    return known(median(lengths) / HOUR, evidence=ids(_settling(settled)))


@measure(
    "000-14",
    card=Card.SATISFACTION,
    unit="word",
    en="Newest conflict",
    zh="最近一次冲突",
    words={
        "open": ("open", "处理中"),
        "overdue": ("open, overdue", "超时未解决"),
        "late": ("resolved late", "超时解决"),
        "resolved": ("resolved in time, purchase awaited", "及时解决,待再次购买"),
        "recovered": ("recovered", "已恢复"),
        "not_recovered": ("resolved in time, no purchase", "及时解决,未再购买"),
    },
)
def newest_conflict(case: Case) -> Reading:
    """How the newest complaint of this cycle stands: open or overdue, resolved in time or late, recovered (000-14)."""
    found = conflicts(case)
    if not found:
        return unknown("a complaint")
    newest = found[-1]
    events: list[Event] = [newest.complaint, *_settling([newest])]
    return known(_state(case, newest, _bought_at(case)), evidence=ids(events))


@measure("004-6", card=Card.SATISFACTION, unit="per_100", low=0, en="Praise per 100 occasions", zh="每百次购买表扬数")
def praise_rate(case: Case) -> Reading:
    """100 times the number of praises over the number of occasions, all cycles (004-6)."""
    return _per_100(case, case.of(Praise))


@measure("004-6", card=Card.SATISFACTION, unit="per_100", low=0, en="Complaints per 100 occasions",
         zh="每百次购买投诉数")  # fmt: skip
def complaint_rate(case: Case) -> Reading:
    """100 times the number of complaints over the number of occasions, all cycles (004-6)."""
    return _per_100(case, case.of(Complaint))


def _per_100(case: Case, voices: Sequence[Event]) -> Reading:
    """With neither praise nor complaint nobody may have listened: that is unknown, not none."""
    if not case.of(Praise) and not case.of(Complaint):
        return unknown("a praise or a complaint")
    bought = len(occasions(case))
    if not bought:
        return unknown("a purchase")
    return known(100 * len(voices) / bought, evidence=ids(voices))


def _state(case: Case, conflict: Conflict, bought: Sequence[Instant]) -> str:
    if conflict.resolved is None:
        waited = case.as_of - conflict.complaint.occurred_at
        return "overdue" if waited >= _allowed(case) else "open"
    if not _in_time(case, conflict):
        return "late"
    since = conflict.resolved.occurred_at
    until = since + case.state.median_gap * DAY
    if any(since < at <= until for at in bought):
        return "recovered"
    return "resolved" if case.as_of <= until else "not_recovered"


def _bought_at(case: Case) -> list[Instant]:
    return [deal.at for deal in deals(case) if not deal.refunded]


def _in_time(case: Case, conflict: Conflict) -> bool:
    return conflict.lasted is not None and conflict.lasted <= _allowed(case)


def _allowed(case: Case) -> float:
    return case.policy.answer_hours * HOUR


def _settling(settled: Sequence[Conflict]) -> list[ComplaintResolved]:
    return [one.resolved for one in settled if one.resolved is not None]

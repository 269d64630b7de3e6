"""How content a customer is: in all, against what it expected, and by level, object and part."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec.structs import replace

from shared.domain import opinions
from shared.domain.customer import Customer, Opinion
from shared.domain.events import Complaint, ComplaintResolved, Delivery, Event, Feedback, Refund
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import of_cycle
from shared.domain.measures.deals import ids, window_days
from shared.domain.measures.reading import MOST_EVIDENCE, Reading, known, mean_of, unknown
from shared.domain.measures.registry import Card, measure

LEVELS: Final = ("material", "spiritual", "social")
OBJECTS: Final = ("system", "enterprise", "product")
PARTS: Final = ("function", "design", "packaging", "channel", "advert", "label", "ethics", "ecology")
OPINIONS: Final = (Feedback, Complaint, ComplaintResolved, Refund, Delivery)
"""What can say how content a customer is."""
SAME_OBJECT: Final = {"service": "product"}
"""A product and the service with it are one object of satisfaction."""


class Said(Opinion, frozen=True, array_like=True, gc=False):
    """What a feedback says of us, with the feedback."""

    event: Feedback


def said(case: Case) -> list[Said]:
    """The opinions in the feedback of this cycle, the oldest first; those older than six windows are forgotten."""
    return case.once(_said)


def _said(case: Case) -> list[Said]:
    found = []
    newest = case.events[-1].occurred_at if case.events else case.as_of
    oldest = newest - 6 * _window(case) * DAY
    for event in of_cycle(case, Feedback):
        x = opinions.opinion_of(event, case.state, case.policy)
        if x is not None and event.occurred_at >= oldest:
            found.append(Said(event.occurred_at, x, event))
    return found


def faded_mean(case: Case, told: Iterable[Opinion]) -> float | None:
    """The mean of opinions, the oldest first, with the weights of s (CONCEPTS, Primitives); None without any."""
    return opinions.satisfaction(Customer(opinions=tuple(told), opinion_window=_window(case)))


def told_by(reading: Reading, events: Sequence[Event]) -> Reading:
    """A reading with the newest of some events as its evidence."""
    return replace(reading, evidence=ids(events)[-MOST_EVIDENCE:])


@measure("000-4", "002-22", card=Card.SATISFACTION, unit="score", low=-1, high=1, en="Satisfaction", zh="满意度")
def satisfaction(case: Case) -> Reading:
    """s = sum(w x) / sum(w) over the opinions of this cycle, w = 2^(-age/2W) (000-4, 002-22; CONCEPTS, Primitives)."""
    s = opinions.satisfaction(case.state)
    if s is None:
        return unknown("an opinion: feedback, a complaint")
    spoken = {opinion.at for opinion in case.state.opinions}
    heard = [event for event in case.events if isinstance(event, OPINIONS) and event.occurred_at in spoken]
    return known(s, evidence=ids(heard), parts={"opinions": float(len(case.state.opinions))})


@measure("000-4", card=Card.SATISFACTION, unit="score", low=-1, high=1, en="Perceived less expected",
         zh="感知与期望之差")  # fmt: skip
def expectation_gap(case: Case) -> Reading:
    """Mean of (perceived - expected) / scale over the feedback of this cycle that has both, faded as s is (000-4)."""
    told = [one for one in said(case) if one.event.expected is not None and one.event.perceived is not None]
    gap = faded_mean(case, told)
    if gap is None:
        return unknown("feedback with expected and perceived")
    expected = [Opinion(one.at, (one.event.expected or 0) / one.event.scale) for one in told]
    perceived = [Opinion(one.at, (one.event.perceived or 0) / one.event.scale) for one in told]
    parts = {"expected": faded_mean(case, expected), "perceived": faded_mean(case, perceived)}
    return known(gap, evidence=ids(one.event for one in told), parts={**parts})


@measure("000-4", card=Card.SATISFACTION, unit="flag", en="Expectation met", zh="达到期望")
def expectation_met(case: Case) -> Reading:
    """Whether what was perceived is at least what was expected: `expectation_gap` >= 0 (000-4)."""
    gap = expectation_gap(case)
    if gap.number is None:
        return gap
    return known(gap.number >= 0, evidence=gap.evidence)


@measure("004-7", card=Card.SATISFACTION, unit="score", low=-1, high=1, en="Satisfaction by level", zh="各层次满意度")
def satisfaction_by_level(case: Case) -> Reading:
    """Mean of s at each level, material, spiritual and social, over the feedback that names its level (004-7)."""
    told = said(case)
    return _mean_by(case, {name: [one for one in told if one.event.level == name] for name in LEVELS}, "level")


@measure("004-7", card=Card.SATISFACTION, unit="score", low=-1, high=1, en="Satisfaction by object",
         zh="各对象满意度")  # fmt: skip
def satisfaction_by_object(case: Case) -> Reading:
    """Mean of s with each object, marketing system, enterprise and product, over the feedback that names it (004-7)."""
    told = [(SAME_OBJECT.get(one.event.object or "", one.event.object), one) for one in said(case)]
    return _mean_by(case, {name: [one for about, one in told if about == name] for name in OBJECTS}, "object")


@measure("004-7", card=Card.SATISFACTION, unit="score", low=-1, high=1, en="Satisfaction by part", zh="各要素满意度")
def satisfaction_by_part(case: Case) -> Reading:
    """Mean of s with each part, from function and design to ethics and ecology, over the feedback naming it (004-7)."""
    told = said(case)
    return _mean_by(case, {name: [one for one in told if one.event.part == name] for name in PARTS}, "part")


def _mean_by(case: Case, told: dict[str, list[Said]], member: str) -> Reading:
    heard = sorted((one for some in told.values() for one in some), key=lambda one: one.at)
    found = mean_of({name: faded_mean(case, some) for name, some in told.items()}, f"feedback that names its {member}")
    return told_by(found, [one.event for one in heard])


def _window(case: Case) -> float:
    """W as of the newest opinion, days: the one that s fades by."""
    return case.state.opinion_window or window_days(case)

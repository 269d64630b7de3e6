"""How a customer perceives quality, service and value, each in its parts."""

from collections.abc import Iterable
from typing import Final

from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.satisfaction import Said, faded_mean, said, told_by

RATED: Final = {
    "quality": ("quality.function", "quality.form"),
    "service": ("service.fit", "service.reliability", "service.overall"),
    "value": ("value.total_cost", "value.quality_price"),
}
"""What is perceived, and the ratings that it consists of: the `part` of a feedback."""

_NAMES: Final = tuple(name for names in RATED.values() for name in names)


def rated(case: Case) -> dict[str, list[Said]]:
    """The feedback of this cycle on each of the seven ratings, -1 to 1, the oldest first."""
    return case.once(_rated)


def _rated(case: Case) -> dict[str, list[Said]]:
    told = said(case)
    return {name: [one for one in told if one.event.part == name] for name in _NAMES}


@measure("002-20", card=Card.SATISFACTION, unit="score", low=-1, high=1, en="Perception", zh="客户感知")
def perception(case: Case) -> Reading:
    """Mean of perceived quality, service and value, each the mean of its known ratings, faded as s is (002-20)."""
    ratings = _ratings(case)
    groups = {group: _mean(ratings[name] for name in names) for group, names in RATED.items()}
    value = _mean(groups.values())
    if value is None:
        return unknown("feedback with a part such as quality.function", parts={**groups, **ratings})
    return _covered(case, value, ratings, {**groups, **ratings})


@measure("002-20", card=Card.SATISFACTION, unit="flag", en="A part is perceived badly", zh="感知存在短板")
def weak_perception(case: Case) -> Reading:
    """Whether any of the seven ratings of quality, service, value lies below 0: repeat buying is at risk (002-20)."""
    ratings = _ratings(case)
    held = [x for x in ratings.values() if x is not None]
    if not held:
        return unknown("feedback with a part such as quality.function")
    return _covered(case, min(held) < 0, ratings, {name: x for name, x in ratings.items() if x is not None and x < 0})


def _ratings(case: Case) -> dict[str, float | None]:
    return {name: faded_mean(case, told) for name, told in rated(case).items()}


def _covered(
    case: Case, value: float | bool, ratings: dict[str, float | None], parts: dict[str, float | None]
) -> Reading:
    silent = tuple(f"feedback with the part {name}" for name, x in ratings.items() if x is None)
    found = known(value, coverage=1 - len(silent) / len(ratings), missing=silent, parts={**parts})
    heard = sorted((one for told in rated(case).values() for one in told), key=lambda one: one.at)
    return told_by(found, [one.event for one in heard])


def _mean(values: Iterable[float | None]) -> float | None:
    held = [value for value in values if value is not None]
    return sum(held) / len(held) if held else None

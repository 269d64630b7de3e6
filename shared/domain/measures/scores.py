"""Readings put together: each made a score from 0 to 1, and the mean of those that are known."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from shared.domain.measures.case import Case
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, known, unknown


def score(reading: Reading, scale: Callable[[float], float]) -> Reading:
    """The reading as a score: its value on a scale, held within 0 and 1; unknown stays unknown."""
    number = reading.number
    return reading if number is None else replace(reading, value=max(0.0, min(1.0, scale(number))))


def combined(case: Case, readings: Mapping[str, Reading], *, at_least: int = 1) -> Reading:
    """The mean of the readings that are known, which become its parts; unknown where fewer than `at_least` are.

    Its coverage is the mean of theirs, an unknown one having none; its evidence is all of theirs, in order.
    """
    parts = {name: reading.number for name, reading in readings.items()}
    told = [number for number in parts.values() if number is not None]
    missing = tuple(dict.fromkeys(text for one in readings.values() if one.value is None for text in one.missing))
    named = {name for one in readings.values() if one.value is not None for name in one.evidence}
    evidence = ids(event for event in case.events if event.id in named)
    if len(told) < at_least:
        return unknown(*missing, evidence=evidence, parts={**parts})
    return known(
        sum(told) / len(told),
        coverage=sum(one.coverage for one in readings.values()) / len(readings),
        missing=missing,
        evidence=evidence,
        parts={**parts},
    )

"""What a measure answers: a value with its coverage and evidence, or unknown with what is missing."""

from typing import Final

from msgspec import Struct

Scalar = float | bool | str


class Reading(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """The answer of a measure. `value` is None exactly where it is unknown; `missing` then says what would tell it.

    `coverage` is the share of the inputs asked for that were there, 0 to 1; `evidence` are ids of the events that
    tell the most, the newest last; `parts` are the named values that a composed measure consists of (None: unknown).
    """

    value: Scalar | None
    coverage: float = 1.0
    evidence: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    parts: dict[str, Scalar | None] = {}

    @property
    def number(self) -> float | None:
        """The value as a number; None where it is unknown. Raises TypeError for a word."""
        if self.value is None:
            return None
        if isinstance(self.value, str):
            raise TypeError(f"{self.value!r} is a word")
        return float(self.value)


MOST_EVIDENCE: Final = 8
"""Event ids that a reading names at most: the newest."""


def known(
    value: Scalar,
    *,
    evidence: tuple[str, ...] = (),
    coverage: float = 1.0,
    missing: tuple[str, ...] = (),
    parts: dict[str, Scalar | None] | None = None,
) -> Reading:
    """A reading with a value; `missing` are inputs without which it is less than it could be."""
    return Reading(
        value=value, coverage=coverage, evidence=evidence[-MOST_EVIDENCE:], missing=missing, parts=parts or {}
    )


def unknown(*missing: str, evidence: tuple[str, ...] = (), parts: dict[str, Scalar | None] | None = None) -> Reading:
    """A reading without a value. Name at least one input that is missing, in words that tell what to send."""
    if not missing:
        raise ValueError("an unknown reading says what is missing")
    return Reading(value=None, coverage=0.0, evidence=evidence[-MOST_EVIDENCE:], missing=missing, parts=parts or {})


def mean_of(parts: dict[str, float | None], *missing: str, at_least: int = 1) -> Reading:
    """The mean of the parts that are known, with their share as coverage; unknown where fewer than `at_least` are."""
    found = [part for part in parts.values() if part is not None]
    if len(found) < max(1, at_least):
        return unknown(*(missing or tuple(name for name, part in parts.items() if part is None)), parts={**parts})
    return known(
        sum(found) / len(found),
        coverage=len(found) / len(parts),
        missing=tuple(name for name, part in parts.items() if part is None),
        parts={**parts},
    )

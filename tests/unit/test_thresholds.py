"""Thresholds of a policy: each is told in one part only, for of two the later would silently win."""

from collections import Counter
from inspect import get_annotations

from msgspec import Struct

from shared.domain.policy import Policy

PARTS = [part for part in Policy.__mro__ if part not in (Policy, Struct, object)]


def test_no_part_says_again_what_another_has_said() -> None:
    told = Counter(name for part in PARTS for name in get_annotations(part))

    assert len(told) > 100
    assert [name for name, count in told.items() if count > 1] == []

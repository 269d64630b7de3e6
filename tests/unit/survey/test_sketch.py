"""Values in buckets: counts and sums exact, quantiles to one percent, memory bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.survey.groups import MOST_GROUPS, OTHERS, UNKNOWN, Groups
from shared.domain.survey.sketch import Sketch, Slice


def sketch(*values: float) -> Sketch:
    found = Sketch()
    for value in values:
        found.add(value)
    return found


def test_a_sketch_of_nothing_knows_nothing() -> None:
    empty = Sketch()

    assert (empty.count, empty.total, empty.median(), empty.border(0)) == (0, 0, None, None)
    assert empty.between(None, None) == Slice()


def test_values_that_lie_apart_have_exact_quantiles() -> None:
    values = sketch(400, 100, 200, 300)

    assert values.median() == 250
    assert values.quantile(0) == 100
    assert values.quantile(1) == 400
    assert values.quantile(0.5) == 250
    assert values.quantile(0.6) == pytest.approx(280)
    assert sketch(7, 5, 9).median() == 7


def test_negative_values_come_before_nothing_and_nothing_before_positive_ones() -> None:
    values = sketch(50, 0, -50, -200, 200)

    assert [values.border(rank) for rank in range(5)] == [-200, -50, 0, 50, 200]
    assert values.border(5) is None
    assert values.border(-1) is None


def test_a_slice_begins_at_its_border_and_ends_before_the_next() -> None:
    values = Sketch()
    for value in (100, 200, 300, 300):
        values.add(value, value / 10)

    assert values.between(200, 300) == Slice(count=1, total=200, weight=20)
    assert values.between(300, None) == Slice(count=2, total=600, weight=60)
    assert values.between(None, 200) == Slice(count=1, total=100, weight=10)
    assert values.weight == 90


def test_the_top_share_takes_the_bucket_that_it_ends_in_in_part() -> None:
    values = Sketch()
    for value in (10, 20, 30, 40):
        values.add(value, 1)

    assert values.top(0.5) == Slice(count=2, total=70, weight=2)
    assert values.top(0.375) == Slice(count=1.5, total=55, weight=1.5)
    assert values.top(1) == Slice(count=4, total=100, weight=4)
    assert values.top(0) == Slice()
    assert sketch(40, 40, 10, 10).top(0.75) == Slice(count=3, total=90)


def test_values_less_than_a_percent_apart_share_a_bucket_whose_border_is_the_least() -> None:
    values = sketch(1000.9, 1000.0, 1000.5)

    assert values.border(2) == 1000.0
    assert values.median() == pytest.approx(1000.4667, abs=1e-3)
    assert values.total == pytest.approx(3001.4)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=60))
def test_the_bucket_of_a_rank_lies_within_one_percent_of_its_value(values: list[int]) -> None:
    found = sketch(*values)

    for rank, value in enumerate(sorted(values)):
        border = found.border(rank)
        assert border is not None
        assert border <= value
        assert value - border <= 0.0101 * abs(value) + 1


def test_words_beyond_the_bound_share_a_group_and_the_unknown_have_their_own() -> None:
    groups: Groups[list[str]] = Groups(list, most=2)
    for word in ("b", None, "c", "d", "b"):
        groups.of(word).append(word or "?")

    assert dict(groups.items()) == {UNKNOWN: ["?"], OTHERS: ["c", "d"], "b": ["b", "b"]}
    assert dict(groups.named()) == {"b": ["b", "b"]}
    assert MOST_GROUPS == 200

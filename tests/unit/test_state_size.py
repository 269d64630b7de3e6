"""The state is bounded: under 2 KB for whoever buys daily, and never much more, however long and busy a history."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import pytest

from shared.adapters import codec
from shared.domain.controls import Control
from shared.domain.events import Fact
from shared.domain.lines import MOST_LINES
from shared.domain.policy import Policy
from tests.builders import (
    complaint,
    contract,
    fold_story,
    inquiry,
    invoice,
    model_from,
    purchase,
    purchases,
    rating,
    refund,
    snoozed,
)
from tests.models import KEEN

YEARS = 730
UUID = "0b8a7c64-3b1f-4a5b-9a7e-{:012d}"


KNOWN: Final[tuple[Control, ...]] = (model_from(0, churn=KEEN),)
"""A churn model is in force, with members of their own for some lines."""


def size(story: Sequence[Fact], until: float | None = None, controls: Sequence[Control] = ()) -> int:
    """The bytes of the state after a story, at its end or at a later day."""
    return len(codec.encode_customer(fold_story(story, until=until, controls=controls).customer))


def busy(days: int, lines: int = 0) -> list[Fact]:
    """Somebody who buys, asks, complains, rates, signs and owes every day, and is never answered or paid."""
    told: list[Fact] = []
    for day in range(days):
        name = UUID.format(day)
        told += [
            purchase(day, 123_456 + day, order=name, line=f"line {day % lines}" if lines else None),
            inquiry(day + 0.1, id=f"i{name}"),
            complaint(day + 0.2, id=f"c{name}"),
            rating(day + 0.3, (day % 7 - 3) / 3, id=f"r{name}"),
            contract(day + 0.4, contract_id=name),
            invoice(day + 0.5, currency=("EUR", "USD", "JPY")[day % 3]),
            refund(day + 0.6, 100, order=UUID.format(day - 5), reason="defect"),
        ]
    return told


@pytest.mark.parametrize("step", [1, 2, 3, 7, 30])
def test_two_years_of_regular_buying_stay_under_two_kilobytes(step: int) -> None:
    bought = purchases(*range(0, YEARS, step), amount=1_234_567)

    assert size(bought) < 2_048
    assert size(bought, until=YEARS + 200, controls=KNOWN) < 2_048


def test_what_a_churn_model_has_found_takes_a_few_bytes() -> None:
    bought = purchases(*range(YEARS))
    overdue = fold_story(bought, until=YEARS + 7, policy=Policy(churn_threshold=1.0), controls=KNOWN).customer

    assert None not in (overdue.silent_at, overdue.habit_before)
    assert len(codec.encode_customer(overdue)) - size(bought, controls=KNOWN) < 16


def test_what_a_churn_model_says_of_open_alerts_takes_a_few_bytes_each() -> None:
    told = busy(150)

    assert size(told, controls=KNOWN) - size(told) < 128


def test_a_short_history_is_small() -> None:
    assert size(purchases(0, 10, 20)) < 350


def test_somebody_who_does_everything_every_day_stays_under_four_kilobytes() -> None:
    assert size(busy(YEARS)) < 4_096


def test_each_line_stays_under_two_kilobytes_and_further_lines_count_for_the_whole_alone() -> None:
    customer = fold_story(busy(YEARS, lines=40), controls=KNOWN).customer

    assert len(customer.lines) == MOST_LINES
    assert all(len(codec.encode_customer(own)) < 2_048 for own in customer.lines.values())
    assert len(codec.encode_customer(customer)) < 2_048 * (1 + MOST_LINES)


def test_the_state_does_not_grow_with_the_history() -> None:
    sizes = [size(busy(days)) for days in (150, 300, 600)]

    assert all(later - earlier < 64 for earlier, later in pairwise(sizes))


def test_snoozing_over_and_over_leaves_no_trace_but_the_last() -> None:
    story = [purchase(0), complaint(1)]
    alert = fold_story(story).alerts[0]

    once = size([*story, snoozed(2, alert, until=300)])
    often = size([*story, *(snoozed(2 + place / 100, alert, until=300, id=f"s{place}") for place in range(100))])

    assert often - once < 8

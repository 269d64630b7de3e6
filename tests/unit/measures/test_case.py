"""What a measure may look at: a customer's events up to an instant, from the beginning of time on."""

import pytest

from shared.domain.events import Purchase
from shared.domain.instants import EARLIEST, SECOND, Instant
from tests.builders import BEGIN, day, days_in, purchase, purchases
from tests.unit.measures.cases import case_of

FIRST = (EARLIEST - BEGIN) / 86_400 / SECOND
"""The day of the story on which time begins: 1970-01-01."""


def test_what_happened_when_time_began_counts() -> None:
    case = case_of(purchase(FIRST), purchase(0), until=1)

    assert [event.occurred_at for event in case.of(Purchase)] == [EARLIEST, day(0)]


@pytest.mark.parametrize(("days", "told"), [(10, [15, 20]), (10.001, [10, 15, 20]), (0.5, [20])])
def test_the_last_so_many_days_end_with_now_and_begin_after_their_first_instant(days: float, told: list[float]) -> None:
    case = case_of(purchases(5, 10, 15, 20, 25), until=20)

    assert [days_in(event.occurred_at) for event in case.of(Purchase, days=days)] == told


def test_what_lies_ahead_is_not_known() -> None:
    case = case_of(purchases(0, 10), until=9.999)

    assert [event.occurred_at for event in case.events] == [day(0)]
    assert case.as_of == Instant(day(9.999))

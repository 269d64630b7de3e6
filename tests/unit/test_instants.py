"""Instants, due times and local days."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.instants import (
    DAY,
    EARLIEST,
    LATEST,
    SECOND,
    Instant,
    days,
    due,
    instant,
    local_day,
    moment,
    rfc3339,
)

INSTANTS = st.integers(EARLIEST, LATEST).map(Instant)


@given(INSTANTS)
def test_a_moment_is_exact_to_the_microsecond_there_and_back(at: Instant) -> None:
    assert instant(moment(at)) == at
    assert instant(datetime.fromisoformat(rfc3339(at))) == at


def test_an_offset_changes_how_an_instant_is_written_but_not_which_it_is() -> None:
    in_shanghai = datetime(2024, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))

    assert instant(in_shanghai) == instant(datetime(2024, 3, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("at", "written"),
    [(0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000001Z"), (LATEST, "9000-01-01T00:00:00Z")],
)
def test_an_instant_is_written_with_a_fraction_only_where_there_is_one(at: int, written: str) -> None:
    assert rfc3339(Instant(at)) == written


@given(INSTANTS)
def test_a_due_time_is_the_first_whole_second_that_is_not_earlier(at: Instant) -> None:
    assert due(at) % SECOND == 0
    assert 0 <= due(at) - at < SECOND


@pytest.mark.parametrize(("at", "second"), [(0, 0), (1, 1), (SECOND, 1), (SECOND + 1, 2), (SECOND + 0.25, 2)])
def test_a_due_time_is_rounded_up(at: float, second: int) -> None:
    assert due(at) == second * SECOND


@pytest.mark.parametrize(("count", "length"), [(1, DAY), (0.5, DAY // 2), (1e-12, 1)])
def test_a_length_in_days_is_rounded_up_to_a_microsecond(count: float, length: int) -> None:
    assert days(count) == length


@pytest.mark.parametrize(
    ("zone", "written", "wanted"),
    [
        ("UTC", "2024-03-10T23:59:59.999999Z", "2024-03-10"),
        ("UTC", "2024-03-11T00:00:00Z", "2024-03-11"),
        ("Asia/Shanghai", "2024-03-10T15:59:59Z", "2024-03-10"),
        ("Asia/Shanghai", "2024-03-10T16:00:00Z", "2024-03-11"),
        # New York goes to summer time on 2024-03-10 and back on 2024-11-03: midnight is at 05:00Z, then at 04:00Z.
        ("America/New_York", "2024-03-10T04:59:59Z", "2024-03-09"),
        ("America/New_York", "2024-03-10T05:00:00Z", "2024-03-10"),
        ("America/New_York", "2024-03-11T03:59:59Z", "2024-03-10"),
        ("America/New_York", "2024-03-11T04:00:00Z", "2024-03-11"),
        ("America/New_York", "2024-11-04T04:59:59Z", "2024-11-03"),
        ("America/New_York", "2024-11-04T05:00:00Z", "2024-11-04"),
        # A zone that has left out a day altogether.
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31"),
    ],
)
def test_a_local_day_begins_at_the_midnight_of_its_zone(zone: str, written: str, wanted: str) -> None:
    at = instant(datetime.fromisoformat(written))

    assert local_day(at, zone) == instant(datetime.fromisoformat(wanted).replace(tzinfo=UTC)) // DAY


@given(INSTANTS, st.sampled_from(["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Apia"]))
def test_local_days_never_go_back(at: Instant, zone: str) -> None:
    assert local_day(Instant(max(EARLIEST, at - 3_600 * SECOND)), zone) <= local_day(at, zone)

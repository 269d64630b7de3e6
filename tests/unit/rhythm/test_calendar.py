"""Known pauses and peaks: what they count for, and what they do to risk and to when silence is an alert."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.instants import DAY, Instant, instant
from shared.domain.policies import BadPolicy, changed
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rhythm.calendar import exposure, seasons_of
from shared.domain.rhythm.silent import chance_of, median_wait, overdue_from, risk, silent_from
from tests.builders import day, fold_story, purchases
from tests.models import MODEL

PLAIN = replace(DEFAULT, churn=MODEL)
BUYER = fold_story(purchases(0, 20, 40, 60)).customer


def at(text: str) -> Instant:
    return instant(datetime.fromisoformat(text).replace(tzinfo=UTC))


def with_seasons(*written: str) -> Policy:
    return replace(PLAIN, calendar={f"season {place}": text for place, text in enumerate(written)})


def test_a_day_counts_as_often_as_its_season_says() -> None:
    seasons = seasons_of(("2024-03-01..2024-03-10 x0", "2024-03-21..2024-03-22 x2.5"))

    assert exposure(seasons, at("2024-02-01"), at("2024-03-01")) == 29
    assert exposure(seasons, at("2024-02-29"), at("2024-03-12")) == 2
    assert exposure(seasons, at("2024-03-05"), at("2024-03-06")) == 0
    assert exposure(seasons, at("2024-03-20"), at("2024-03-24")) == 1 + 5 + 1
    assert exposure(seasons, at("2024-03-21T12:00"), at("2024-03-21T18:00")) == 0.625


def test_a_season_without_years_comes_every_year_also_over_new_year() -> None:
    seasons = seasons_of(("12-31..01-01 x3", "02-29..02-29 x0"))

    assert exposure(seasons, at("2022-12-30"), at("2023-01-03")) == 1 + 6 + 1
    assert exposure(seasons, at("2023-01-01"), at("2023-12-31")) == 364 + 2 - 1
    assert exposure(seasons, at("2024-02-28"), at("2024-03-01")) == 1


@given(
    st.integers(0, 2_000), st.integers(0, 2_000), st.integers(0, 2_000), st.sampled_from(["x0", "x0.5", "x1", "x4.25"])
)
def test_exposures_add_up_and_are_never_negative(begin: int, first: int, second: int, factor: str) -> None:
    seasons = seasons_of((f"11-15..01-06 {factor}", f"2024-08-01..2024-08-21 {factor}"))
    start = day(begin)
    middle, end = Instant(start + first * DAY), Instant(start + (first + second) * DAY)

    parts = exposure(seasons, start, middle), exposure(seasons, middle, end)

    assert min(parts) >= 0
    assert sum(parts) == pytest.approx(exposure(seasons, start, end))


def test_before_a_peak_risk_is_lower_and_in_a_pause_silence_does_not_grow() -> None:
    peak, pause = with_seasons("2024-05-01..2024-05-31 x3"), with_seasons("2024-03-10..2024-04-30 x0")

    assert (risk(BUYER, day(100), peak) or 0) < (risk(BUYER, day(100), PLAIN) or 0)
    chance = chance_of(BUYER, pause)
    assert chance is not None
    assert chance(at("2024-03-15"), 10) == pytest.approx(1)
    assert overdue_from(BUYER, MODEL, pause) == Instant((overdue_from(BUYER, MODEL, PLAIN) or 0) + 52 * DAY)


def test_a_peak_ahead_puts_the_alert_off_and_it_comes_at_the_first_second_that_reaches_the_threshold() -> None:
    policy = with_seasons("2024-10-25..2024-12-20 x4")
    plain, found = silent_from(BUYER, MODEL, PLAIN), silent_from(BUYER, MODEL, policy)

    assert plain is not None
    assert found is not None
    assert found > plain
    assert (risk(BUYER, found, policy) or 0) >= MODEL.threshold > (risk(BUYER, Instant(found - 1_000_000), policy) or 1)
    begin = overdue_from(BUYER, MODEL, policy)
    assert begin is not None
    days = range((found - begin) // DAY)
    assert all((risk(BUYER, Instant(begin + one * DAY), policy) or 1) < MODEL.threshold for one in days)


def test_the_median_wait_ends_in_the_peak_that_is_known() -> None:
    plain = median_wait(BUYER, day(70), PLAIN)
    peak = median_wait(BUYER, day(70), with_seasons("2024-03-15..2024-04-30 x5"))

    assert plain is not None
    assert peak is not None
    assert peak < plain
    chance = chance_of(BUYER, PLAIN)
    assert chance is not None
    assert chance(day(70), plain) == pytest.approx(0.5, abs=1e-5)


def test_a_season_of_ordinary_days_changes_nothing() -> None:
    policy = with_seasons("01-01..12-31 x1")

    assert silent_from(BUYER, MODEL, policy) == silent_from(BUYER, MODEL, PLAIN)
    assert risk(BUYER, day(90), policy) == pytest.approx(risk(BUYER, day(90), PLAIN))


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("christmas", "is not a season: write '12-01..12-20 x1.5'"),
        ("2024-12-01..12-20 x2", "has a year on one side only"),
        ("2024-12-20..2024-12-01 x2", "ends before it begins"),
        ("02-30..03-01 x2", "cannot be used: day"),
        ("13-01..13-02 x2", "cannot be used: month must be in 1..12"),
    ],
)
def test_a_season_that_is_none_is_refused_with_the_way_out(written: str, told: str) -> None:
    with pytest.raises(BadPolicy) as refused:
        changed(DEFAULT, {"calendar": {"peak": written}}, 2)

    assert [one.field for one in refused.value.problems] == ["calendar.peak"]
    assert told in refused.value.problems[0].message


def test_seasons_are_set_like_every_field_of_the_policy() -> None:
    policy = changed(DEFAULT, {"calendar": {"christmas": "11-15..12-23 x1.6"}}, 2)

    [season] = seasons_of(tuple(policy.calendar.values()))
    assert season == ((0, 11, 15), (0, 12, 23), 1.6)
    assert timedelta(days=exposure([season], at("2026-11-15"), at("2026-12-24"))) == timedelta(days=39 * 1.6)

"""A customer's risk as people read it: values worked out by hand, and the fallback where no model is in force."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.alerts import AlertKind
from shared.domain.controls import Model, ModelChange
from shared.domain.customer import Customer
from shared.domain.events import Fact
from shared.domain.policy import DEFAULT, Policy
from shared.domain.rhythm.movers import Against, Mover, Name
from shared.domain.rhythm.reading import RiskReading, alert_from, risk_in_short, risk_reading
from shared.domain.stages import Stage
from tests.builders import alert_of, day, days_in, fold_story, inquiry, purchases
from tests.models import HAZARD, MEMBERS, MODEL, PARETO

BY_MODEL = replace(DEFAULT, churn=MODEL, model="2026-05-01")
BY_CLASSIC = replace(DEFAULT, churn=replace(MODEL, members=replace(MEMBERS, hazard=None)))
BY_HAZARD = replace(DEFAULT, churn=replace(MODEL, members=replace(MEMBERS, classic=None)))
EVERY = (DEFAULT, BY_MODEL, BY_CLASSIC, BY_HAZARD, replace(DEFAULT, churn=replace(
    MODEL, members=replace(MEMBERS, classic=PARETO))))  # fmt: skip

REGULAR = purchases(0, 10, 20, 30)
"""Three repeats in 30 days; with the population's 63 days twice, a mean interval of 156 / 5 = 31.2 days."""


def read(silence: float, policy: Policy = BY_MODEL, story: Sequence[Fact] = REGULAR) -> RiskReading:
    """The risk so many days after the last purchase of a story that begins on day 0."""
    customer = fold_story(story).customer
    last = days_in(customer.last_at)
    assert last is not None
    found = risk_reading(customer, day(last + silence), policy)
    assert found is not None
    return found


def mover(found: RiskReading, name: Name, against: Against) -> Mover:
    return next(one for one in found.movers if (one.name, one.against) == (name, against))


def test_a_reading_blends_the_members_in_log_odds_and_tells_each() -> None:
    found = read(60)

    assert found.classic == pytest.approx(0.594047, abs=1e-6)
    assert found.hazard == pytest.approx(0.176458, abs=1e-5)
    assert found.risk.p_no_purchase == pytest.approx(0.316040, abs=1e-5)
    assert found.p_after_purchase == pytest.approx(0.064707, abs=5e-4)
    assert (found.weight, found.model, found.threshold) == (0.4, "2026-05-01", 0.8)
    assert (found.risk.by, found.risk.horizon_days, found.risk.silence_days) == ("churn_model", 90, 60)


@pytest.mark.parametrize(("silence", "median"), [(20, 19.5489), (60, 43.3073)])
def test_the_median_wait_is_where_a_purchase_has_come_with_even_odds(silence: float, median: float) -> None:
    assert read(silence).median_days == pytest.approx(median, abs=0.02)


def test_the_alert_comes_where_the_probability_reaches_the_threshold() -> None:
    blend, classic = read(20).risk, read(20, BY_CLASSIC).risk

    assert blend.alert_silence_days == pytest.approx(221.2057, abs=0.01)
    assert days_in(blend.alert_at) == pytest.approx(30 + 221.2057, abs=0.01)
    assert classic.alert_silence_days == pytest.approx(105.98024, abs=1e-4)


def test_the_alert_comes_when_the_reading_says() -> None:
    control = ModelChange(id="m", effective_at=day(-1), model=Model(version="m", mu0=3.4, sigma0=1.2, churn=MODEL))
    customer = fold_story(REGULAR, until=31, controls=[control]).customer

    alert_at = alert_from(customer, BY_MODEL)

    assert alert_at is not None
    folded = fold_story(REGULAR, until=(days_in(alert_at) or 0) + 1, controls=[control])
    assert alert_of(folded, AlertKind.SILENCE).effective_at == alert_at
    assert alert_from(folded.customer, BY_MODEL) is None


def test_an_alert_takes_a_missed_cycle_too() -> None:
    eager = replace(BY_MODEL, churn_threshold=0.01)

    found = read(5, eager)

    assert found.overdue_days == pytest.approx(31.2, abs=1e-4)
    assert found.risk.alert_silence_days == pytest.approx(31.2, abs=1e-4)


def test_parts_against_others_add_up_to_the_log_odds_of_the_coming_week() -> None:
    found = read(60)
    parts = {one.name: one.part for one in found.movers if one.against == "others"}

    assert parts == pytest.approx(
        {
            "repeats": -0.1965736 + 0.02,
            "interval": -0.2745438 - 0.2224107,
            "regularity": -0.16,
            "amount": -0.2688729,
            "rate": -1.2615891,
            "silence": -0.0290776 - 0.0457591 + 0.1613214,
        }
    )
    assert sum(parts.values()) == pytest.approx(-2.2775053)
    assert {one.days for one in found.movers if one.against == "others"} == {7}


def test_facts_are_told_in_units_that_people_know() -> None:
    found = read(60)

    told = {one.name: (one.value, one.compared_with) for one in found.movers if one.against == "others"}

    assert told["repeats"] == pytest.approx((3, 0.822119))
    assert told["interval"] == pytest.approx((31.2, 53.663189))
    assert told["regularity"] == pytest.approx((0, 0.8))
    assert told["amount"] == pytest.approx((100_00, 2353.25302))
    assert told["rate"] == pytest.approx((3.5 / (30 / 7 + 60 / 7 + 4) * 365.25 / 7, 2.871033))
    assert told["silence"] == pytest.approx((60, 27.671227))


def test_silence_is_held_against_the_customers_own_mean_interval() -> None:
    late, early = mover(read(60), "silence", "own"), mover(read(5), "silence", "own")

    assert (late.value, late.days) == (60, 90)
    assert late.compared_with == pytest.approx(31.2)
    assert late.part == pytest.approx(0.761283, abs=1e-4)
    assert early.part < 0


def test_newest_gaps_that_grow_longer_move_the_risk_and_even_ones_do_not() -> None:
    slower, even = (
        mover(read(20, story=purchases(*days)), "newest_gaps", "own") for days in ((0, 10, 20, 30, 90), (0, 10, 20, 30))
    )

    assert (slower.value, slower.compared_with) == pytest.approx((29.739439, 22.5))
    assert slower.part == pytest.approx(0.042351, abs=1e-5)
    assert even.part == pytest.approx(0, abs=1e-9)


def test_a_classic_model_tells_the_facts_that_it_knows() -> None:
    found = read(60, BY_CLASSIC)

    repeats, silence = mover(found, "repeats", "others"), mover(found, "silence", "others")

    assert (repeats.value, repeats.compared_with, repeats.days) == (3, 0, 90)
    assert repeats.part == pytest.approx(-1.2841569)
    assert (silence.value, silence.compared_with) == (60, 63)
    assert silence.part == pytest.approx(-0.0726624)
    assert len(found.movers) == 3
    assert (found.hazard, found.weight) == (None, None)
    assert found.classic == found.risk.p_no_purchase


def test_what_moved_the_risk_most_comes_first() -> None:
    parts = [abs(one.part) for one in read(60).movers]

    assert parts == sorted(parts, reverse=True)


def test_an_unknown_amount_moves_nothing() -> None:
    story = purchases(0, 10, 20, 30)
    customer = fold_story(story).customer
    blind = replace(customer, occasions=tuple(replace(one, amount=None) for one in customer.occasions))

    found = risk_reading(blind, day(90), BY_MODEL)

    assert found is not None
    assert "amount" not in {one.name for one in found.movers}


@pytest.mark.parametrize("policy", EVERY)
def test_who_bought_once_is_never_sure_to_come_back(policy: Policy) -> None:
    fresh, late = (read(silence, policy, purchases(0)).risk.p_no_purchase for silence in (0, 400))

    assert 0.1 < fresh < late < 1


def test_without_a_model_the_customers_own_gaps_speak() -> None:
    found = read(20, DEFAULT)

    assert found.risk.by == "gap_distribution"
    assert found.risk.p_no_purchase == pytest.approx(0.0760301999)
    assert (found.r, found.r_threshold) == pytest.approx((20 / 78.894 * 1.5, 1.5), abs=1e-5)
    assert found.risk.alert_silence_days == pytest.approx(78.894, abs=0.001)
    assert (found.model, found.threshold, found.overdue_days, found.classic, found.hazard) == (None,) * 5
    assert (found.movers, found.weak_signs) == ((), ())


def test_by_gaps_the_median_wait_halves_what_is_left() -> None:
    assert read(0, DEFAULT, purchases(0)).median_days == pytest.approx(30, abs=1e-4)
    assert read(30, DEFAULT, purchases(0)).median_days == pytest.approx(37.396, abs=0.001)


@pytest.mark.parametrize("policy", [DEFAULT, BY_MODEL])
def test_who_has_bought_nothing_in_this_cycle_has_no_risk(policy: Policy) -> None:
    asked = fold_story([inquiry(0)], until=1).customer

    assert risk_reading(Customer(), day(1), policy) is None
    assert risk_in_short(asked, day(1), policy) is None


@pytest.mark.parametrize("policy", [DEFAULT, BY_MODEL])
def test_after_the_alert_no_other_is_foretold(policy: Policy) -> None:
    declined = replace(fold_story(REGULAR, until=120).customer, silence_raised=True)
    dormant = replace(declined, stage=Stage.DORMANT)

    for customer in (declined, dormant):
        found = risk_in_short(customer, day(120), policy)
        assert found is not None
        assert (found.alert_at, found.alert_silence_days) == (None, None)


def test_days_of_a_known_pause_do_not_count() -> None:
    closed = replace(BY_MODEL, calendar={"holidays": "2024-02-10..2024-02-29 x0"})

    found, open_all_along = read(60, closed), read(40)

    silence = mover(found, "silence", "own")
    assert found.risk.p_no_purchase == pytest.approx(open_all_along.risk.p_no_purchase)
    assert (silence.value, found.risk.silence_days) == (40, 60)
    assert (found.classic, found.hazard) == pytest.approx((open_all_along.classic, open_all_along.hazard))
    assert silence.part == pytest.approx(mover(open_all_along, "silence", "own").part)
    assert (found.risk.alert_silence_days or 0) - (open_all_along.risk.alert_silence_days or 0) == pytest.approx(20)


def test_a_threshold_that_is_never_reached_foretells_no_alert() -> None:
    assert read(20, replace(BY_MODEL, churn_threshold=1.0)).risk.alert_at is None


@given(
    st.lists(st.integers(0, 4_000), min_size=1, max_size=20, unique=True),
    st.floats(0, 30_000),
    st.sampled_from(EVERY),
)
def test_whatever_was_bought_and_whenever_it_is_asked_the_reading_is_in_bounds(
    days: list[int], silence: float, policy: Policy
) -> None:
    customer = fold_story(purchases(*sorted(days))).customer

    found = risk_reading(customer, day(max(days) + silence), policy)

    assert found is not None
    assert 0 <= found.risk.p_no_purchase <= 1
    assert 0 <= found.p_after_purchase <= 1
    assert found.median_days is None or 0 < found.median_days <= 36_525
    assert all(abs(one.part) < 1e3 and abs(one.value) < 1e9 for one in found.movers)


def test_the_hazard_alone_can_speak() -> None:
    found = read(60, BY_HAZARD)

    assert found.hazard == found.risk.p_no_purchase
    assert (found.classic, found.weight) == (None, None)
    assert HAZARD.weights[8] > 0 > mover(found, "rate", "others").part

"""How alerts are judged, by hand: which silence one falls into, and when it is right, early, void, late or a repeat."""

import pytest

from services.cli.backtest.plan import AlertPlan
from services.cli.backtest.silences import Alarm, Silence, alarms_of, judge, mean_gap, silences_in
from shared.domain.instants import Day

PLAN = AlertPlan(start=Day(100), horizon=10, gap=30, refit=28)


def days(*counts: int) -> list[Day]:
    return [Day(count) for count in counts]


def silence(day: int, next_day: int | None, customer: str = "anna", mean: float | None = None) -> Silence:
    return Silence(customer, Day(day), None if next_day is None else Day(next_day), mean)


def alarm(day: int, customer: str = "anna") -> Alarm:
    return Alarm(customer, Day(day))


def test_silences_begin_with_each_purchase_day_after_the_start_whose_outcome_is_known() -> None:
    bought = {"anna": days(90, 100, 101, 111, 170), "bob": days(171)}

    found = silences_in(bought, PLAN, Day(200))

    assert found == [silence(101, 111, mean=5.5), silence(111, 170, mean=7.0), silence(170, None, mean=20.0)]


@pytest.mark.parametrize(
    ("alerted", "next_day", "right"),
    [(105, None, True), (105, 116, True), (105, 115, False), (105, 106, False)],
)
def test_an_alert_is_right_when_nothing_is_bought_within_the_horizon(
    alerted: int, next_day: int | None, right: bool
) -> None:
    verdict = judge([alarm(alerted)], [silence(101, next_day)], PLAN)

    assert [one.right for one in verdict.judged] == [right]
    assert verdict.precision == float(right)


def test_a_purchase_on_the_day_of_an_alert_voids_it() -> None:
    verdict = judge([alarm(111), alarm(150)], [silence(101, 111), silence(111, 140)], PLAN)

    assert (verdict.voided, len(verdict.judged), verdict.outside) == (1, 1, 0)


def test_an_alert_of_a_silence_that_is_not_judged_or_of_somebody_else_is_outside() -> None:
    verdict = judge([alarm(99), alarm(120, "bob")], [silence(101, None)], PLAN)

    assert (verdict.outside, verdict.judged, verdict.precision) == (2, [], None)


@pytest.mark.parametrize(("after", "late"), [(20, 0), (21, 1)])
def test_an_alert_counts_while_the_silence_is_no_longer_than_gap_less_horizon(after: int, late: int) -> None:
    verdict = judge([alarm(101 + after)], [silence(101, None)], PLAN)

    assert (verdict.late, len(verdict.judged)) == (late, 1 - late)


def test_of_several_alerts_in_a_silence_the_first_counts_whatever_order_they_come_in() -> None:
    verdict = judge([alarm(115), alarm(104)], [silence(101, None)], PLAN)

    assert (verdict.repeated, [one.after for one in verdict.judged]) == (1, [3])


def test_a_silence_longer_than_the_gap_is_churn_and_an_alert_in_it_finds_it_ahead_of_time() -> None:
    silences = [silence(101, 131), silence(131, 162), silence(162, None), silence(105, None, "bob")]

    verdict = judge([alarm(110), alarm(135), alarm(170), alarm(108, "bob")], silences, PLAN)

    assert (verdict.silences, verdict.churned, verdict.found) == (4, 3, 3)
    assert verdict.recall == 1.0
    assert verdict.lead == 26  # of 26, 22 and 27 days


def test_a_rule_raises_as_many_alerts_as_asked_for_at_the_same_number_of_days() -> None:
    silences = [silence(101, 110), silence(110, 113), silence(113, None), silence(105, 112, "bob")]

    alarms = alarms_of(dict.fromkeys(silences, 1.0), 2, PLAN)

    assert sorted(alarms) == [alarm(109), alarm(121)]
    assert len(judge(alarms, silences, PLAN).judged) == 2


def test_a_rule_counts_in_the_unit_of_each_customer_and_takes_evenly_of_those_it_cannot_tell_apart() -> None:
    steady = {silence(101, 109, "anna"): 2.0, silence(101, None, "bob"): 5.0}
    alike = {silence(101, None, f"c{number}"): 1.0 for number in range(9)}

    assert alarms_of(steady, 2, PLAN) == [alarm(108), Alarm("bob", Day(101 + 18))]
    assert [one.customer_id for one in alarms_of(alike, 3, PLAN)] == ["c0", "c3", "c6"]


def test_a_rule_of_which_nothing_is_asked_or_known_raises_nothing() -> None:
    assert alarms_of({silence(101, None): 1.0}, 0, PLAN) == []
    assert alarms_of({}, 5, PLAN) == []


def test_the_mean_gap_is_of_all_gaps_that_had_ended_by_then() -> None:
    bought = {"anna": days(10, 20, 50), "bob": days(5, 45)}

    assert mean_gap(bought, Day(45)) == 25.0
    assert mean_gap(bought, Day(15)) is None

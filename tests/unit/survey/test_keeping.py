"""Who is won, kept, won back and lost, counted by hand. Day 0 is 2024-01-01: quarters begin on days 0, 91, 182, 274."""

from itertools import pairwise

from shared.domain.policy import Policy
from shared.domain.survey.keeping import Contentment, Keeping, KeepingTally, Period, Reach, Second, contentment
from shared.domain.survey.periods import name_of, period_of
from shared.domain.survey.person import Person
from tests.builders import acknowledged, complaint, day, purchase, rating, refund, resolved, snoozed
from tests.unit.survey.people import FEW, on, person, sale


def told(*people: Person, today: float, policy: Policy = FEW) -> Keeping:
    tally = KeepingTally(policy)
    for one in people:
        tally.add(one)
    return tally.told(on(today))


def heads(period: Period) -> list[int]:
    return [part.heads for part in (period.acquired, period.retained, period.reactivated, period.lost)]


def test_periods_are_calendar_months_counted_without_gaps() -> None:
    days = [period_of(on(day), 1) for day in (0, 30, 31, 366)]

    assert [name_of(period, 1) for period in days] == ["2024-01", "2024-01", "2024-02", "2025-01"]
    assert days[3] - days[0] == 12
    assert name_of(period_of(on(91), 3), 3) == "2024-04"
    assert name_of(period_of(on(90), 3), 3) == "2024-01"


def test_a_period_splits_customers_by_where_they_came_from() -> None:
    """001-17: acquired, retained, reactivated and lost, in heads and money."""
    loyal = person(purchase(5, 10_00), purchase(95, 20_00), purchase(190, 30_00), until=280)
    paused = person(purchase(5, 1_00), purchase(190, 7_00), purchase(191, 2_00), until=280)

    first, second, third, fourth = told(loyal, paused, today=280).periods

    assert [one.period for one in (first, second, third, fourth)] == ["2024-01", "2024-04", "2024-07", "2024-10"]
    assert [heads(one) for one in (first, second, third, fourth)] == [
        [2, 0, 0, 0],
        [0, 1, 0, 1],
        [0, 1, 1, 0],
        [0, 0, 0, 2],
    ]
    assert (first.acquired.money, second.lost.money) == ({"EUR": 11_00}, {"EUR": 1_00})
    assert (third.retained.money, third.reactivated.money) == ({"EUR": 30_00}, {"EUR": 9_00})
    assert fourth.lost.money == {"EUR": 39_00}
    assert [one.complete for one in (first, second, third, fourth)] == [True, True, True, False]


def test_the_rate_of_a_period_is_of_those_who_bought_in_the_one_before() -> None:
    """000-1: keeping the tie is buying again."""
    loyal, gone = person(purchase(5), purchase(95), until=100), person(purchase(6), until=100)

    first, second = told(loyal, gone, today=100).periods

    assert (first.rate, second.rate) == (None, 0.5)


def test_only_the_newest_periods_are_shown_and_none_that_lies_ahead() -> None:
    someone = person([purchase(one) for one in range(5, 1000, 90)], until=1000)

    shown = told(someone, today=1000, policy=Policy(report_periods=3)).periods
    earlier = told(someone, today=200, policy=Policy(report_periods=3)).periods

    assert [one.period for one in shown] == ["2026-01", "2026-04", "2026-07"]
    assert [one.period for one in earlier] == ["2024-01", "2024-04", "2024-07"]


def test_amounts_of_different_currencies_stay_apart_and_unknown_ones_add_nothing() -> None:
    policy = Policy(base_currency="EUR", rates={}, report_group_customers=1)
    euros, yen = person(purchase(1, 5_00), until=2), person(purchase(1, 300, currency="JPY"), until=2)
    unknown = person(purchase(1, 9_00, currency="USD"), until=2, policy=policy)

    [period] = told(euros, yen, unknown, today=2).periods

    assert period.acquired.heads == 3
    assert period.acquired.money == {"EUR": 5_00, "JPY": 300}


def test_the_retention_rate_counts_who_reached_the_purchase_count_in_the_period() -> None:
    """003-2: the share of customers with at least k occasions in P, whoever is still active."""
    policy = Policy(report_retention_occasions=2, report_retention_days=100)
    twice = person(purchase(1), purchase(50), until=100, policy=policy)
    too_old = person(purchase(0), purchase(50), until=100, policy=policy)
    often = person(purchase(10), purchase(20), purchase(30), until=100, policy=policy)
    once = person(purchase(60), purchase(60.5, order="same day"), until=100, policy=policy)
    asked_only = person(rating(5, 1), until=100, policy=policy)

    found = told(twice, often, too_old, once, asked_only, today=100, policy=policy)

    assert (found.occasions, found.days) == (2, 100)
    assert found.reach == Reach(customers=4, reached=2, rate=0.5)


def test_the_retention_rate_of_a_line_counts_its_own_purchases() -> None:
    """003-2 and 003-7: by product category."""
    mixed = person(purchase(1, line="tea"), purchase(2, line="cups"), purchase(3, line="tea"), until=10)

    found = told(mixed, today=10)

    assert found.by_line == {
        "cups": Reach(customers=1, reached=0, rate=0.0),
        "tea": Reach(customers=1, reached=1, rate=1.0),
    }


def test_retained_by_its_own_window_compares_the_last_two_windows() -> None:
    """000-1: bought in the previous W and in this one. A W of a customer with one or two purchases is 60 days."""
    policy = Policy(window_floor_days=60.0, window_gaps=0.001)
    kept = person(purchase(50), purchase(90), until=120, policy=policy)
    lost = person(purchase(60), until=120, policy=policy)
    new = person(purchase(61), until=120, policy=policy)
    earlier = person(purchase(0), purchase(100), until=120, policy=policy)

    assert told(kept, today=120).own_window == Reach(customers=1, reached=1, rate=1.0)
    assert told(lost, today=120).own_window == Reach(customers=1, reached=0, rate=0.0)
    assert told(new, earlier, today=120).own_window == Reach(customers=0, reached=0, rate=None)
    assert told(person(purchase(1), until=120, policy=policy), today=120).own_window.customers == 1


def test_a_second_purchase_counts_once_its_time_has_passed() -> None:
    """000-6: the second purchase confirms the first; rate and median days."""
    in_time = person(purchase(0), purchase(90), until=100)
    sooner = person(purchase(0), purchase(30), until=90)
    too_late = person(purchase(0), purchase(91), until=100)
    undecided = person(purchase(0), purchase(10), until=89)

    found = told(in_time, sooner, too_late, undecided, today=100)

    assert found.second_days == 90
    assert found.second == Second(first=3, second=2, rate=2 / 3, median_days=60)
    assert found.second_by[Contentment.UNKNOWN] == found.second
    assert found.second_by[Contentment.CONTENT] == Second(first=0, second=0, rate=None, median_days=None)


def test_second_purchases_are_split_by_what_was_said_of_the_first_order() -> None:
    """000-6: split by s of order 1."""
    content = person(purchase(0), rating(1, 0.0), purchase(20), until=100)
    unhappy = person(purchase(0), complaint(2), until=100)

    by = told(content, unhappy, today=100).second_by

    assert by[Contentment.CONTENT] == Second(first=1, second=1, rate=1.0, median_days=20)
    assert by[Contentment.DISCONTENT] == Second(first=1, second=0, rate=0.0, median_days=None)


def test_what_was_said_before_the_first_or_after_the_second_order_is_not_about_the_first() -> None:
    someone = person(rating(0, -1), purchase(1), rating(2, 0.5), purchase(10), complaint(11), until=20)

    def said(first: float, second: float | None) -> Contentment:
        return contentment(someone, day(first), None if second is None else day(second))

    assert said(1, 10) is Contentment.CONTENT
    assert said(1, None) is Contentment.DISCONTENT
    assert said(2, 10) is Contentment.UNKNOWN
    assert said(1, 2) is Contentment.UNKNOWN
    assert contentment(person(purchase(1), complaint(2), resolved(3), until=9), day(1), None) is Contentment.DISCONTENT


def test_the_yield_of_an_action_is_the_margin_of_the_purchases_that_followed() -> None:
    """001-16: data yield: margin after alert-driven actions, over a year and not a month."""
    quiet = [sale(0, 100_00, 60_00), complaint(5)]
    [alert] = person(*quiet, until=6).alerts
    acted = [acknowledged(6, alert), snoozed(7, alert, until=8)]
    someone = person(
        *quiet, *acted, sale(6, 11_00, 1_00), sale(10, 30_00, 10_00), sale(372, 5_00, 1_00), sale(373, 9_00, 1_00),
        until=400,
    )  # fmt: skip

    found = told(someone, today=400)

    assert (found.actions, found.yield_days) == (2, 365)
    assert found.yielded == {"EUR": 24_00}


def test_a_refunded_purchase_is_none() -> None:
    someone = person(purchase(5), refund(6), until=10)

    found = told(someone, today=10)

    assert (found.periods, found.reach.customers) == ([], 0)


def test_the_order_of_customers_does_not_matter() -> None:
    people = [person(purchase(5), purchase(5 + gap), until=300) for gap in (40, 80, 120)]

    one, other = told(*people, today=300), told(*reversed(people), today=300)

    assert one == other
    assert all(before.period < after.period for before, after in pairwise(one.periods))

"""Word of mouth by month: rates, their smoothing, and when it explodes."""

import pytest

from shared.domain.events import Praise
from shared.domain.policy import Policy
from shared.domain.survey.mouth import Curve, MouthTally, Point, explodes
from shared.domain.survey.person import Person
from tests.builders import complaint, purchase, referral
from tests.unit.survey.people import FEW, head, on, person


def praise(at: float) -> Praise:
    return Praise(**head(at, "praise"))


def curves(*people: Person, today: int, policy: Policy = FEW) -> dict[str, Curve]:
    tally = MouthTally(policy)
    for one in people:
        tally.add(one)
    return {curve.voice: curve for curve in tally.told(on(today))}


def point(growth: float | None, *, complete: bool = True) -> Point:
    return Point(month="2024-01", complete=complete, count=1, occasions=1, rate=1, smoothed=1, growth=growth)


def test_voices_are_counted_per_hundred_occasions_and_smoothed() -> None:
    """004-6: praise and complaints per 100 occasions, EWMA."""
    january = [purchase(one) for one in range(4)]
    february = [purchase(31 + one) for one in range(5)]
    someone = person(january, praise(5), february, praise(35), praise(36), complaint(40), referral(41), until=70)

    found = curves(someone, today=70)

    assert found["praise"].points == [
        Point(month="2024-01", complete=True, count=1, occasions=4, rate=25, smoothed=25, growth=None),
        Point(month="2024-02", complete=True, count=2, occasions=5, rate=40, smoothed=32.5, growth=1.3),
        Point(month="2024-03", complete=False, count=0, occasions=0, rate=None, smoothed=32.5, growth=1.0),
    ]
    assert [one.rate for one in found["complaint"].points] == [0, 20, None]
    assert [one.count for one in found["referral"].points] == [0, 1, 0]


def test_a_month_without_occasions_has_no_rate_and_before_any_nothing_is_smoothed() -> None:
    someone = person(praise(5), purchase(40), praise(41), until=45)

    first, second = curves(someone, today=45)["praise"].points

    assert (first.rate, first.smoothed, first.growth) == (None, None, None)
    assert (second.rate, second.smoothed, second.growth) == (100, 100, None)


def test_how_much_the_newest_month_weighs_is_the_policys() -> None:
    someone = person(purchase(1), praise(2), purchase(32), until=40)

    smoothed = curves(someone, today=40, policy=Policy(report_mouth_weight=0.25))["praise"].points[1].smoothed

    assert smoothed == pytest.approx(75)


def test_months_after_today_are_not_told_and_only_the_newest_are_shown() -> None:
    someone = person([purchase(one) for one in range(1, 400, 15)], until=400)

    assert curves(someone, today=40)["praise"].points[-1].month == "2024-02"
    short = Policy(report_months=1, report_periods=2)
    assert [one.month for one in curves(someone, today=70, policy=short)["praise"].points] == ["2024-02", "2024-03"]
    assert curves(today=1) == {}
    assert len(curves(person(purchase(1), until=2), today=2)["praise"].points) == 1


@pytest.mark.parametrize(
    ("growths", "expected"),
    [
        ((2.1, 2.1), True),
        ((9.0, 2.1, 2.1), True),
        ((2.1, 2.0), False),
        ((2.0, 2.1), False),
        ((2.1, None), False),
        ((2.1,), False),
        ((), False),
    ],
)
def test_word_of_mouth_explodes_when_it_grew_beyond_the_limit_twice_running(
    growths: tuple[float | None, ...], expected: bool
) -> None:
    """004-6: an alert when the growth ratio is above 2 twice."""
    assert explodes([point(growth) for growth in growths], Policy()) is expected


def test_the_month_that_has_not_ended_does_not_count() -> None:
    assert explodes([point(3), point(3), point(1, complete=False)], Policy())
    assert not explodes([point(3), point(1), point(3, complete=False)], Policy())
    assert explodes([point(1.6)], Policy(report_mouth_hits=1, report_mouth_growth=1.5))


def test_complaints_that_multiply_explode() -> None:
    """004-6: 指数倍."""
    months = [31 * place for place in range(4)]
    bought = [purchase(start + one) for start in months for one in range(10)]
    voiced = [complaint(start + 11 + one / 100) for start, count in zip(months, (1, 5, 20, 0), strict=True)
              for one in range(count)]  # fmt: skip
    someone = person(bought, voiced, until=95)

    curve = curves(someone, today=95)["complaint"]

    assert [one.growth for one in curve.points] == [None, 3.0, pytest.approx(115 / 30), pytest.approx(0.5)]
    assert curve.exploding

"""The comparison with rivals, and the marks of a trade that grows. W is 30 days whatever the rhythm."""

import pytest

from shared.domain.events import Delivery, Fact
from shared.domain.policy import Policy
from tests.builders import end_intent, inquiry, payment, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import fact, value

EVEN = Policy(window_gaps=0.001)
NO_KIND = ("amounts of purchases in a currency with a rate", "the line of purchases or of their items")


def monthly(*amounts: int, line: str | None = "shoes") -> list[Fact]:
    """Purchases every thirty days."""
    return [purchase(30 * place, amount, line=line) for place, amount in enumerate(amounts)]


def something_new(day: float) -> Fact:
    """A category not bought before, for nothing: volume stays what it was."""
    return purchase(day, 0, order=f"new {day}", line="bags", id=f"new {day}")


EVENLY = monthly(100_00, 100_00, 100_00, 100_00, 100_00)


LONG = monthly(100_00, 100_00, 100_00, 100_00, 100_00, 100_00)


@pytest.mark.parametrize(
    ("day", "word"), [(60, "stagnant"), (61, "open"), (120, "open"), (121, "strengthening"), (150, "strengthening")]
)
def test_a_steady_customer_stagnates_when_nothing_new_comes_for_three_windows(day: float, word: str) -> None:
    """000-12: three windows before the newest purchase is day 60, one window before it day 120; tau is 0."""
    found = reading("comparison", case_of(LONG, something_new(day), until=150, policy=EVEN))

    assert found.value == word
    assert found.coverage == 1.0
    assert found.missing == ()
    assert found.parts == {"trend": 0.0}
    assert found.evidence[-1] in (f"new {day}", "purchase of day 60", "purchase of day 120", "purchase of day 150")


@pytest.mark.parametrize(
    ("amounts", "word"),
    [((100, 200), "closed"), ((100, 100, 119), "closed"), ((100, 100, 120), "open"), ((100, 120, 100), "open")],
)
def test_the_comparison_opens_with_more_or_other_goods_from_the_third_purchase_on(
    amounts: tuple[int, ...], word: str
) -> None:
    """000-12"""
    assert value("comparison", case_of(monthly(*amounts), until=61, policy=EVEN)) == word


def test_who_has_not_bought_compares_nothing() -> None:
    """000-12"""
    assert reading("comparison", case_of(inquiry(0), until=1)).missing == ("a purchase",)
    assert reading("comparison", case_of(purchase(0), until=1)).coverage == 1.0


def test_without_amounts_and_lines_it_cannot_be_told_whether_the_comparison_has_opened() -> None:
    """000-12"""
    foreign = [purchase(day, currency="USD") for day in (30, 60)]

    assert reading("comparison", case_of(purchase(0), foreign, until=61)).missing == NO_KIND
    assert value("comparison", case_of(purchase(0), foreign[:1], until=61)) == "closed"


def test_closed_as_far_as_can_be_told_has_a_lower_coverage() -> None:
    """000-12"""
    found = reading("comparison", case_of(purchases(0, 30), purchase(60, currency="USD"), until=61))

    assert found.value == "closed"
    assert found.coverage == 0.5


def test_a_comparison_without_a_trend_yet_is_open() -> None:
    """000-12"""
    found = reading("comparison", case_of(monthly(100, 100, 200), until=61, policy=EVEN))

    assert found.value == "open"
    assert found.coverage == 0.5
    assert found.missing == ("four windows of purchases with known amounts",)


def test_without_a_trend_a_new_category_still_strengthens() -> None:
    """000-12"""
    case = case_of(monthly(100, 100, 100), something_new(45), until=61, policy=EVEN)

    assert value("comparison", case) == "strengthening"


@pytest.mark.parametrize(
    ("amounts", "word", "otherwise"),
    [
        ((100_00, 100_00, 110_00, 121_00, 133_00), "strengthening", "open"),
        ((100_00, 100_00, 160_00, 145_00, 130_00, 118_00), "regressing", "open"),
    ],
)
def test_the_trend_of_volume_strengthens_or_regresses(amounts: tuple[int, ...], word: str, otherwise: str) -> None:
    """000-12: a trend of just the threshold is neither."""
    case = case_of(monthly(*amounts), until=150, policy=EVEN)
    trend = reading("comparison", case).parts["trend"]
    assert isinstance(trend, float)

    at_it = case_of(monthly(*amounts), until=150, policy=Policy(window_gaps=0.001, stagnation_slope=abs(trend)))

    assert value("comparison", case) == word
    assert value("comparison", at_it) == otherwise


def test_a_customer_who_has_fallen_silent_regresses() -> None:
    """000-12: after five gaps of 30 days Q is exp(ln 30 + 1.5 · sqrt(3 · 1.44 / 8)) = 90.3 days, from day 150 on."""
    story = [*LONG, something_new(60)]

    assert value("comparison", case_of(story, until=240, policy=EVEN)) == "stagnant"
    assert value("comparison", case_of(story, until=241, policy=EVEN)) == "regressing"


def test_a_comparison_can_end_the_relationship() -> None:
    """000-12"""
    assert value("comparison", case_of(EVENLY, something_new(100), end_intent(121), until=121, policy=EVEN)) == "ended"


def test_a_trade_grows_wider_deeper_and_bolder() -> None:
    """002-9: a second category, 200 after 100 a window, and an order larger than ever."""
    story = [*monthly(100_00, 100_00, 100_00, 100_00), purchase(120, 200_00, line="bags")]

    found = reading("growth_marks", case_of(story, until=125, policy=EVEN))

    assert found.value == 1.0
    assert found.coverage == 1.0
    assert found.parts == {"wider": True, "deeper": True, "growing": True, "daring": True}


def test_a_trade_that_stays_as_it_was_has_no_mark_of_growth() -> None:
    """002-9"""
    found = reading("growth_marks", case_of(EVENLY, until=125, policy=EVEN))

    assert found.value == 0.0
    assert found.parts == {"wider": False, "deeper": False, "growing": False, "daring": False}


def test_the_marks_are_judged_at_the_newest_purchase() -> None:
    """002-9"""
    story = [*monthly(100_00, 100_00, 100_00, 100_00), purchase(120, 200_00, line="bags")]

    assert value("growth_marks", case_of(story, until=190, policy=EVEN)) == 1.0


def test_a_category_of_the_window_before_is_not_new() -> None:
    """002-9: the window that ends at day 120 begins after day 90."""
    early = case_of(EVENLY, something_new(90), until=125, policy=EVEN)
    late = case_of(EVENLY, something_new(91), until=125, policy=EVEN)

    assert reading("growth_marks", early).parts["wider"] is False
    assert reading("growth_marks", late).parts["wider"] is True


@pytest.mark.parametrize(("day", "wider"), [(30, True), (31, False), (60, False), (61, True)])
def test_only_categories_of_the_last_so_many_days_make_a_trade_wide(day: int, wider: bool) -> None:
    """002-9: as of day 120 the last 60 days begin after day 60, a window before they began after day 30."""
    policy = Policy(window_gaps=0.001, breadth_days=60.0)
    story = [*EVENLY, purchase(day, order="hat", line="hats", id="hat"), something_new(120)]

    assert reading("growth_marks", case_of(story, until=121, policy=policy)).parts["wider"] is wider


def test_a_first_purchase_has_nothing_to_grow_from() -> None:
    """002-9"""
    first = case_of(purchase(0), until=5)

    assert reading("growth_marks", first).missing == ("purchases over more than one window W",)
    assert reading("growth_marks", case_of(inquiry(0), until=5)).missing == ("a purchase",)
    assert reading("risk_taken", case_of(inquiry(0), until=5)).value is None
    assert reading("risk_taken", first).missing == ("purchases with known amounts over more than one window W",)


def test_without_lines_it_is_unknown_whether_the_trade_is_wider() -> None:
    """002-9"""
    found = reading("growth_marks", case_of(monthly(100, 100, 100, 100, 100, line=None), until=125, policy=EVEN))

    assert found.parts["wider"] is None
    assert found.coverage == 0.75
    assert found.value == 0.0


def test_risk_is_the_largest_order_against_the_largest_before() -> None:
    """002-9: the window that ends at day 100 begins after day 70."""
    case = case_of(purchase(0, 50_00), purchase(70, 80_00), purchase(71, 120_00), purchase(100, 10_00), until=120)

    found = reading("risk_taken", case_of(*case.events, until=120, policy=EVEN))

    assert found.value == 1.5
    assert found.parts == {"prepaid": None, "prepaid_before": None}
    assert len(found.evidence) == 4


def test_a_past_that_cost_nothing_is_no_measure_of_risk() -> None:
    """002-9"""
    assert value("risk_taken", case_of(purchase(0, 0), purchase(60), until=61, policy=EVEN)) is None


def test_paying_before_delivery_is_a_risk_taken() -> None:
    """002-9: before, one of two was paid ahead; now the one that is told."""
    case = case_of(
        purchase(0, order="a"), purchase(1, order="b"), purchase(60, order="c"), purchase(61, order="d"),
        payment(2, order_id="a"), fact(Delivery, 3, on_time=True, order_id="a"),
        fact(Delivery, 4, on_time=True, order_id="b"), payment(4, order_id="b"),
        payment(62, order_id="c"), fact(Delivery, 63, on_time=True, order_id="c", duty="delivery"),
        payment(64, order_id="c", id="the rest"),
        payment(62.5, order_id="d"), fact(Delivery, 63.5, on_time=True, order_id="d", duty="training"),
        until=70,
        policy=EVEN,
    )  # fmt: skip

    assert reading("risk_taken", case).parts == {"prepaid": 1.0, "prepaid_before": 0.5}

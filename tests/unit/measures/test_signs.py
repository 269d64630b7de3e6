"""Signs that a customer is leaving, and whether the tie broke or faded."""

from typing import Literal

import pytest

from services.api import labels
from shared.domain.events import Competitor, Delivery, Fact, Feedback, Item, Praise, Purchase
from shared.domain.measures.case import Case
from shared.domain.measures.signs import MODES, Mark, marks, watched
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import (
    complaint,
    contact,
    contract,
    end_intent,
    inquiry,
    instant_of,
    purchase,
    purchases,
    rating,
    referral,
    refund,
    resolved,
)
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import monthly, told

TWO_MONTHS = Policy(window_floor_days=60, window_gaps=0.1)


def mark(name: str, case: Case) -> Mark:
    found = marks(case)[name]
    assert found is not None
    return found


def shrinking(small: int) -> list[Fact]:
    """Six months of 100.00, then so many of 10.00."""
    return [*purchases(*monthly(6)), *(purchase(180 + 30 * place, 10_00) for place in range(small))]


def test_falling_volume_is_a_sign_before_it_is_a_decline() -> None:
    """002-12: of 20.00 after 200.00 in the window before, one hit of the two that make a decline."""
    case = case_of(*shrinking(2), until=212, policy=TWO_MONTHS)

    found = mark("volume", case)

    assert case.state.stage is Stage.STABILITY
    assert (found.strength, found.at, found.evidence) == (0.5, instant_of(210), ("purchase of day 210",))
    assert reading("decline_watch", case).value is True
    assert reading("decline_watch", case).parts["volume_days"] == 2


def test_the_sign_of_falling_volume_is_full_at_the_decline() -> None:
    """002-12: two hits of two, and no more than full after a third."""
    assert mark("volume", case_of(*shrinking(3), until=240, policy=TWO_MONTHS)).strength == 1
    eager = Policy(window_floor_days=60, window_gaps=0.1, volume_hits=1)
    assert mark("volume", case_of(*shrinking(3), until=240, policy=eager)).strength == 1


def test_steady_volume_is_looked_at_and_no_sign() -> None:
    """002-12: from the fifth purchase on; before, and where the rules of volume are off, it is unknown."""
    assert mark("volume", case_of(purchases(*monthly(5)), until=120)) == Mark(strength=0)
    assert marks(case_of(purchases(*monthly(4)), until=90))["volume"] is None
    assert marks(case_of(purchases(*monthly(5)), until=120, policy=Policy(volume_rules=False)))["volume"] is None


@pytest.mark.parametrize(
    ("kind", "strength"), [(None, 0.25), ("mention", 0.25), ("offer", 0.5), ("trial", 0.75), ("switch", 1)]
)
def test_interest_in_a_rival_is_a_sign_by_how_far_it_goes(
    kind: Literal["mention", "offer", "trial", "switch"] | None, strength: float
) -> None:
    """002-12: looking for another partner."""
    case = case_of(purchase(0), told(Competitor, 10, kind=kind), until=20)

    assert mark("rival_search", case).strength == strength
    assert mark("rival_search", case).at == instant_of(10)


def test_the_strongest_interest_in_a_rival_counts() -> None:
    """002-12: an offer of day 10 after a trial of day 5; both are evidence."""
    case = case_of(purchase(0), told(Competitor, 5, kind="trial"), told(Competitor, 10, kind="offer"), until=20)

    found = mark("rival_search", case)

    assert (found.strength, found.at) == (0.75, instant_of(5))
    assert found.evidence == ("Competitor of day 5", "Competitor of day 10")


@pytest.mark.parametrize(("until", "strength"), [(69.9, 0.5), (70, 0), (71, 0)])
def test_interest_in_a_rival_is_a_sign_for_60_days(until: float, strength: float) -> None:
    """002-12: then it is past, which is known."""
    case = case_of(purchase(0), told(Competitor, 10, kind="offer"), until=until)

    assert mark("rival_search", case).strength == strength
    assert watched(case) is (strength > 0)


def test_talk_of_leaving_is_a_sign_until_the_customer_buys() -> None:
    """002-12: the intent to end, taken back by a purchase."""
    story = [*purchases(0, 10), end_intent(20)]

    leaving = mark("end_intent", case_of(story, until=25))
    stays = mark("end_intent", case_of(story, purchases(30), until=35))

    assert leaving == Mark(strength=1, at=instant_of(20), evidence=("end intent of day 20",))
    assert stays == Mark(strength=0)


def test_going_to_a_rival_is_leaving() -> None:
    """002-12: a switch says what an end intent says, until the customer buys again."""
    switch = told(Competitor, 20, kind="switch", id="switch")

    gone = mark("end_intent", case_of(purchases(0, 10), contract(0), switch, until=25))
    back = mark("end_intent", case_of(purchases(0, 10, 30), contract(0), switch, until=35))

    assert gone == Mark(strength=1, at=instant_of(20), evidence=("switch",))
    assert back == Mark(strength=0)


def test_of_two_words_of_leaving_the_newer_one_tells_since_when() -> None:
    """002-12: said on day 20 and again on day 22, while a contract keeps it."""
    case = case_of(purchases(0, 10), contract(0), end_intent(20), end_intent(22), until=25)

    assert mark("end_intent", case).at == instant_of(22)


def priced(*prices: int) -> list[Purchase]:
    """An order a day, each of two pieces at a price."""
    return [purchase(day, 2 * price, items=(Item(quantity=2, amount=2 * price),)) for day, price in enumerate(prices)]


@pytest.mark.parametrize(("price", "strength"), [(81, 0), (80, 0.2), (50, 0.5), (120, 0)])
def test_a_median_price_that_falls_by_a_fifth_is_trading_down(price: int, strength: float) -> None:
    """002-12: four orders at 100 a piece, then four at the price."""
    found = mark("trading_down", case_of(priced(100, 100, 100, 100, price, price, price, price), until=9))

    assert found.strength == pytest.approx(strength)
    assert found.at == (instant_of(7) if strength else None)
    assert found.evidence == (("purchase of day 7",) if strength else ())


def test_trading_down_needs_eight_orders_that_tell_their_prices() -> None:
    """002-12: seven are too few; orders without items tell none."""
    assert marks(case_of(priced(*[100] * 7), until=9))["trading_down"] is None
    assert mark("trading_down", case_of(priced(*[100] * 8), until=9)).strength == 0
    assert marks(case_of(purchases(*range(9)), until=9))["trading_down"] is None


@pytest.mark.parametrize(("until", "strength"), [(126.9, 0.5), (127, 0.5), (127.1, 0)])
def test_trading_down_is_a_sign_for_two_windows(until: float, strength: float) -> None:
    """002-12: of 60 days each, from day 7 on."""
    story = priced(100, 100, 100, 100, 50, 50, 50, 50)

    assert mark("trading_down", case_of(story, until=until, policy=TWO_MONTHS)).strength == strength


def test_a_watch_says_what_was_looked_at() -> None:
    """002-12: of four signs one is known, and it is there."""
    case = case_of(purchase(0), told(Competitor, 10, kind="offer"), until=20)

    found = reading("decline_watch", case)

    assert found.value is True
    assert found.coverage == 0.25
    assert found.parts == {
        "volume": None,
        "rival_search": 0.5,
        "end_intent": None,
        "trading_down": None,
        "rival_search_days": 10,
    }
    assert found.evidence == ("Competitor of day 10",)
    assert len(found.missing) == 3


def test_without_any_sign_looked_at_there_is_no_saying() -> None:
    """002-12: unknown stays unknown; with some looked at and none found there is no watch."""
    assert reading("decline_watch", case_of(purchase(0), until=1)).value is None
    assert len(reading("decline_watch", case_of(purchase(0), until=1)).missing) == 4
    assert reading("decline_watch", case_of(purchases(*monthly(6)), until=150)).value is False
    assert reading("decline_watch", case_of(purchases(*monthly(6)), until=150)).coverage == 0.25


@pytest.mark.parametrize(
    ("bad", "mode"),
    [
        (complaint(40, id="bad"), "rupture"),
        (rating(40, -0.2, id="bad"), "rupture"),
        (rating(40, 0), "fade"),
        (told(Delivery, 61, on_time=False, id="bad"), "rupture"),
        (told(Delivery, 61, on_time=True), "fade"),
        (refund(61, 1, reason="defect", id="bad"), "rupture"),
        (refund(61, 1, reason="changed my mind"), "fade"),
    ],
)
def test_a_tie_breaks_over_something_bad_and_fades_otherwise(bad: Fact, mode: str) -> None:
    """004-16: silent since day 60."""
    case = case_of(purchases(0, 30, 60), bad, until=230)

    found = reading("decline_mode", case)

    assert case.state.stage is Stage.DECLINE
    assert found.value == mode
    assert found.evidence == (("bad",) if mode == "rupture" else ())


@pytest.mark.parametrize(("day", "mode"), [(8.9, "fade"), (9, "rupture"), (9.1, "rupture"), (11, "rupture")])
def test_something_bad_breaks_a_tie_for_as_long_as_the_customer_takes_between_purchases(day: float, mode: str) -> None:
    """004-16: m is exactly 1 day, and the last purchase was on day 10."""
    late = refund(day, 1, reason="defect", id="late")
    policy = Policy(mu0=0, sigma0=0.1, prior_weight=1e9)

    found = reading(
        "decline_mode",
        case_of(purchase(5), purchase(10), late, until=90, policy=policy),
    )

    assert found.value == mode
    assert found.evidence == (("late",) if mode == "rupture" else ())


@pytest.mark.parametrize(
    ("act", "mode"), [(inquiry(100), "fade"), (contact(100), "fade"), (contact(100, "outbound"), "rupture")]
)
def test_what_the_customer_does_after_something_bad_heals_with_time(act: Fact, mode: str) -> None:
    """004-16: the late delivery of day 60 lies 40 days before what it did on day 100; what we do does not count."""
    case = case_of(purchases(0, 30, 60), told(Delivery, 60, on_time=False), act, until=300)

    assert reading("decline_mode", case).value == mode


def test_a_customer_that_is_not_falling_has_no_mode() -> None:
    """004-16: nor has one that never asked nor bought."""
    late = told(Delivery, 0, on_time=False)

    assert reading("decline_mode", case_of(purchase(0), late, until=1)).value == "none"
    assert reading("decline_mode", case_of(told(Praise, 0), until=1)).missing == ("a purchase",)
    assert {mode.value: (label.en, label.zh) for mode, label in labels.MODES.items()}.items() <= MODES.items()


@pytest.mark.parametrize(
    ("good", "is_good"),
    [
        (told(Praise, 10), True),
        (referral(10), True),
        (resolved(10), True),
        (rating(10, 0.5), True),
        (rating(10, 0.49), False),
        (told(Feedback, 10, part="price"), False),
    ],
)
def test_something_good_is_to_be_built_on(good: Fact, is_good: bool) -> None:
    """004-16: praise, a referral, a resolved complaint, an opinion of at least 0.5."""
    found = reading("reinforce", case_of(purchase(0), good, until=10))

    assert found.value is is_good
    assert len(found.evidence) == is_good


@pytest.mark.parametrize(("until", "still"), [(16.9, True), (17, True), (17.1, False)])
def test_something_good_is_to_be_built_on_within_a_week(until: float, still: bool) -> None:
    """004-16: seven days from day 10 on."""
    assert reading("reinforce", case_of(purchase(0), told(Praise, 10), until=until)).value is still


def test_of_a_customer_that_never_spoke_nothing_good_is_known() -> None:
    """004-16: unknown, with what to send."""
    assert reading("reinforce", case_of(purchase(0), until=1)).value is None

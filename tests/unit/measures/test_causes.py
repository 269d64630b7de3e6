"""Why a customer leaves (002-15)."""

from typing import Any

import pytest

from shared.domain.events import Competitor, Delivery, Fact, PriceChange, Wallet
from shared.domain.measures.causes import REASONS
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import complaint, contract, end_intent, ended, inquiry, purchase, purchases, rating, resolved
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import told


def wallet(day: float, total: int, **more: Any) -> Wallet:
    return told(Wallet, day, **{"period": f"of day {day}", "total_spend": total, "currency": "EUR", **more})


def reason(*story: Any, until: float = 200) -> tuple[Any, tuple[str, ...]]:
    """What is said of somebody who bought on days 0, 30 and 60 and fell silent: declined on day 181."""
    found = reading("decline_reason", case_of(purchases(0, 30, 60), *story, until=until))
    return found.value, found.evidence


@pytest.mark.parametrize(
    ("trace", "named"),
    [
        (complaint(170, id="it"), "dissatisfied"),
        (told(Competitor, 170, kind="mention", id="it"), "rival"),
        (told(PriceChange, 170, percent=0.1, id="it"), "price"),
        (told(PriceChange, 170, percent=0.0, id="it"), "unknown"),
        (inquiry(170, intent="unmet_need", id="it"), "outgrown"),
        (inquiry(170, intent="new_need", id="it"), "unknown"),
        (end_intent(170, reason="firm_outlook", id="it"), "firm_outlook"),
        (end_intent(170, reason="need_changed", id="it"), "need_changed"),
        (end_intent(170, reason="none", id="it"), "unknown"),
        (end_intent(170, reason="unknown", id="it"), "unknown"),
        (end_intent(170, reason="we moved", id="it"), "unknown"),
    ],
)
def test_the_reason_is_read_from_what_happened(trace: Fact, named: str) -> None:
    """002-15: with the event as evidence; a reason that is no code tells nothing."""
    assert reason(trace) == (named, ("it",) if named != "unknown" else ())


def test_a_decline_without_a_trace_has_no_known_reason() -> None:
    """002-15: and the answer says what to ask for."""
    found = reading("decline_reason", case_of(purchases(0, 30, 60), until=200))

    assert found.value == "unknown"
    assert found.missing


def test_what_was_said_at_the_end_tells_why_it_ended() -> None:
    """002-15: the reason of the end itself."""
    assert reason(ended(70, reason="price", id="it"), until=71) == ("price", ("it",))


def test_what_the_customer_says_goes_before_what_others_conclude() -> None:
    """002-15: its newest word, then dissatisfaction, a rival, the price, an unmet need, its own need."""
    # A contract that runs keeps it from the end.
    said = [contract(0), end_intent(100, reason="price", id="old"), end_intent(110, reason="outgrown", id="new")]
    shrunk = [wallet(100, 20), wallet(110, 10)]
    unmet = inquiry(120, intent="unmet_need", id="unmet")
    dearer = told(PriceChange, 120, percent=5.0, id="dearer")
    rival = told(Competitor, 120, kind="offer", id="rival")
    bad = complaint(120, id="bad")

    assert reason(*said, bad, rival, dearer, unmet, *shrunk) == ("outgrown", ("new",))
    assert reason(bad, rival, dearer, unmet, *shrunk) == ("dissatisfied", ("bad",))
    assert reason(rival, dearer, unmet, *shrunk) == ("rival", ("rival",))
    assert reason(dearer, unmet, *shrunk) == ("price", ("dearer",))
    assert reason(unmet, *shrunk) == ("outgrown", ("unmet",))
    assert reason(*shrunk) == ("need_changed", ("Wallet of day 100", "Wallet of day 110"))


@pytest.mark.parametrize(("day", "named"), [(90, "unknown"), (92, "rival"), (199, "rival")])
def test_a_reason_is_looked_for_from_90_days_before_the_decline_on(day: float, named: str) -> None:
    """002-15: the decline was on day 181, so since day 91, whatever the day of asking."""
    assert reason(told(Competitor, day, kind="offer"), until=201)[0] == named


@pytest.mark.parametrize(("day", "named"), [(9.9, "unknown"), (10, "outgrown"), (10.1, "outgrown")])
def test_of_a_customer_on_watch_the_reason_is_looked_for_in_the_last_90_days(day: float, named: str) -> None:
    """002-15: asked on day 100, still in exploration, with an end intent that counts as a sign."""
    patient = Policy(long_gap_floor_days=900, reason_days=90, rival_mention=0.25, rival_watch_days=200)
    story = [purchase(0), told(Competitor, 5, kind="mention"), inquiry(day, intent="unmet_need")]

    found = reading("decline_reason", case_of(story, until=100, policy=patient))

    assert found.value == named


def test_whoever_fell_by_dissatisfaction_left_for_that() -> None:
    """002-15, 000-5: also when the complaint has been resolved since; what hurt is the evidence."""
    story = [purchase(0), complaint(3, id="first"), told(Delivery, 4, on_time=False, id="late")]
    case = case_of(story, resolved(5), until=6)

    found = reading("decline_reason", case)

    assert case.state.stage is Stage.DECLINE
    assert (found.value, found.evidence) == ("dissatisfied", ("first", "late"))


def test_bad_opinions_are_a_reason_while_they_outweigh_the_good_ones() -> None:
    """002-15: s below 0 after a silent decline; at 0 or above it is no reason."""
    assert reason(rating(150, -0.2, id="it")) == ("dissatisfied", ("it",))
    assert reason(rating(150, -0.2), rating(150.1, 0.9))[0] == "unknown"
    assert reason(rating(150, -0.5), rating(150, 0.5, id="so"))[0] == "unknown"


@pytest.mark.parametrize(
    ("story", "named"),
    [
        ([wallet(170, 10)], "unknown"),
        ([wallet(100, 20), wallet(170, 19)], "need_changed"),
        ([wallet(100, 20), wallet(170, 20)], "unknown"),
        ([wallet(10, 20), wallet(20, 10)], "unknown"),
        ([wallet(10, 20), wallet(170, 10)], "need_changed"),
        ([wallet(100, 20), wallet(160, 10), wallet(170, 15)], "unknown"),
        ([wallet(100, 20, line="a"), wallet(170, 10, line="b")], "unknown"),
        ([wallet(100, 20, line="a"), wallet(160, 90, line="b"), wallet(170, 10, line="a")], "need_changed"),
        ([wallet(100, 20), wallet(170, 10, estimated=True)], "unknown"),
        ([wallet(100, 20, currency="USD"), wallet(170, 10)], "unknown"),
    ],
)
def test_a_need_has_changed_where_the_declared_total_business_fell(story: list[Any], named: str) -> None:
    """002-15: from one declared period to the next of the same line."""
    assert reason(*story)[0] == named


def test_whoever_is_not_leaving_has_no_reason() -> None:
    """002-15: neither in decline nor on watch; a prospect cannot leave yet."""
    rival = told(Competitor, 1, kind="offer")

    assert reading("decline_reason", case_of(purchase(0), until=1)).value == "none"
    assert reading("decline_reason", case_of(inquiry(0), rival, until=1)).value == "none"
    assert reading("decline_reason", case_of(purchase(0), rival, until=1)).value == "rival"
    assert reading("decline_reason", case_of(complaint(0), until=1)).missing == ("a purchase",)


def test_every_reason_of_the_theory_is_a_word() -> None:
    """002-15: seven codes, and one for who is not leaving."""
    assert set(REASONS) - {"none"} == {
        "dissatisfied",
        "need_changed",
        "rival",
        "price",
        "outgrown",
        "firm_outlook",
        "unknown",
    }

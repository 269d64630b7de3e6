"""Why a customer leaves (002-15)."""

from typing import Any

import pytest

from services.api import labels
from shared.domain.alerts import ReasonCode
from shared.domain.events import Competitor, Fact, PriceChange, Wallet
from shared.domain.measures.causes import GIVEN, REASONS, fall
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import complaint, contract, end_intent, ended, inquiry, purchase, purchases, rating, resolved
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.told import told


def wallet(day: float, total: int) -> Wallet:
    return told(Wallet, day, period=f"of day {day}", total_spend=total, currency="EUR", id=f"wallet {day}")


def reason(*story: Any, until: float = 200, policy: Policy | None = None) -> tuple[Any, tuple[str, ...]]:
    """What is said of somebody who bought on days 0, 30 and 60 and fell silent: declined on day 181."""
    case = case_of(purchases(0, 30, 60), contract(0), *story, until=until, policy=policy)
    found = reading("decline_reason", case)
    return found.value, found.evidence


@pytest.mark.parametrize(
    ("trace", "named"),
    [
        (complaint(170, id="it"), "dissatisfied"),
        (rating(170, -0.2, id="it"), "dissatisfied"),
        (rating(170, 0.2, id="it"), "unknown"),
        (told(Competitor, 170, kind="offer", id="it"), "rival"),
        (told(Competitor, 170, kind="mention", id="it"), "unknown"),
        (told(PriceChange, 170, percent=5.0, id="it"), "price"),
        (inquiry(170, intent="unmet_need", id="it"), "outgrown"),
        (end_intent(170, reason="firm_outlook", id="it"), "firm_outlook"),
        (end_intent(170, reason="price", id="it"), "price"),
        (end_intent(170, reason="unknown", id="it"), "unknown"),
        (end_intent(170, reason="none", id="it"), "unknown"),
        (end_intent(170, reason="we moved", id="it"), "unknown"),
        (ended(170, reason="need_changed", id="it"), "need_changed"),
    ],
)
def test_the_reason_is_read_from_what_happened(trace: Fact, named: str) -> None:
    """002-15: with the event as evidence; a reason that is no code tells nothing."""
    assert reason(trace) == (named, ("it",) if named != "unknown" else ())


def test_a_decline_without_a_trace_has_no_known_reason() -> None:
    """002-15: and the answer says what to ask for."""
    assert reading("decline_reason", case_of(purchases(0, 30, 60), until=200)).missing
    assert not reading("decline_reason", case_of(purchases(0, 30, 60), complaint(170), until=200)).missing
    assert reason(policy=Policy(company_outlook=-0.1))[0] == "firm_outlook"


def test_what_the_customer_says_of_leaving_goes_before_what_others_conclude() -> None:
    """002-15: its newest word, while it means to leave; a complaint is the next best."""
    said = [end_intent(100, reason="price", id="old"), end_intent(110, reason="outgrown", id="new")]
    bad = complaint(120, id="bad")

    assert reason(*said, bad) == ("outgrown", ("new",))
    assert reason(*said, end_intent(112), bad) == ("outgrown", ("new",))
    assert reason(*said, purchase(115), bad, until=400)[0] == "dissatisfied"
    assert reason(bad) == ("dissatisfied", ("bad",))


@pytest.mark.parametrize(("day", "named"), [(39.9, "unknown"), (40, "rival"), (150, "rival"), (181.5, "rival")])
def test_a_silence_is_explained_by_what_came_before_it_or_since(day: float, named: str) -> None:
    """002-15: an offer counts for 20 days here, back from the last purchase on day 60, whatever the day of asking."""
    assert reason(told(Competitor, day, kind="offer"), until=290, policy=Policy(rival_days=20.0))[0] == named


@pytest.mark.parametrize(("day", "named"), [(19, "unknown"), (20, "rival")])
def test_of_a_customer_on_watch_it_is_looked_for_since_it_last_bought(day: float, named: str) -> None:
    """002-15: bought on day 80, with a mention of a rival as the sign and an offer as the reason."""
    story = [purchase(0), purchase(80), told(Competitor, day, kind="offer"), told(Competitor, 90, kind="mention")]

    assert reading("decline_reason", case_of(story, until=100)).value == named


def test_the_fall_is_that_of_the_decline_that_it_is_in() -> None:
    """002-15: of two the newer, and none once it is back."""
    twice = case_of(purchases(0, 190), until=900)
    back = case_of(purchases(0, 190), until=190)

    fallen = fall(twice)
    assert fallen is not None
    assert fallen.target is Stage.DECLINE
    assert fallen.effective_at > twice.events[1].occurred_at
    assert fall(back) is None


def test_a_need_that_shrank_is_the_reason_of_who_buys_less() -> None:
    """002-15: its own total business fell by more than what it bought here, and then it fell silent."""
    small = [purchase(180, 10_00), purchase(210, 10_00), purchase(240, 10_00)]
    policy = Policy(window_floor_days=60, window_gaps=0.1)
    story = [*purchases(0, 30, 60, 90, 120, 150), wallet(100, 1000), wallet(200, 50), *small]

    found = reading("decline_reason", case_of(story, until=330, policy=policy))

    assert found.value == "need_changed"
    assert found.evidence == ("purchase of day 240",)


def test_whoever_is_not_leaving_has_no_reason() -> None:
    """002-15: neither in decline nor on watch; a prospect cannot leave yet."""
    rival = told(Competitor, 1, kind="offer")

    assert reading("decline_reason", case_of(purchase(0), until=1)).value == "none"
    assert reading("decline_reason", case_of(inquiry(0), rival, until=1)).value == "none"
    assert reading("decline_reason", case_of(purchase(0), rival, until=1)).value == "rival"
    assert reading("decline_reason", case_of(complaint(0), resolved(0), until=1)).missing == ("a purchase",)


def test_every_reason_of_the_theory_is_a_word_and_called_as_elsewhere() -> None:
    """002-15: seven codes, and one for who is not leaving."""
    assert set(REASONS) - {"none"} == {cause.value for cause in ReasonCode}
    assert {cause: labels.REASONS[cause] for cause in ReasonCode} == {cause: REASONS[cause] for cause in ReasonCode}
    assert len(GIVEN) == 6

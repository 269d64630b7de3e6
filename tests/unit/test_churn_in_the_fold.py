"""With a churn model in force: overdue first, then silent at the second at which the model says so (002-13, 004-11)."""

from collections.abc import Sequence
from typing import Final

import pytest
from msgspec.structs import replace

from shared.domain.alerts import AlertKind
from shared.domain.at_risk import usual_spend
from shared.domain.context import SignKind
from shared.domain.controls import Control, Governance
from shared.domain.customer import Customer
from shared.domain.events import Fact
from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.lifecycle import advance
from shared.domain.outlook import upcoming
from shared.domain.policy import Policy
from shared.domain.rhythm.churn import ChurnModel
from shared.domain.rhythm.silent import NEVER, risk
from shared.domain.silence import Due
from shared.domain.stages import Signal, Stage
from tests.builders import (
    ANNA,
    alert_of,
    alerts_of,
    complaint,
    day,
    days_in,
    end_intent,
    ended,
    feed_from,
    fold_story,
    inquiry,
    last,
    model_from,
    path,
    purchase,
    purchases,
    refund,
    silences,
    wallet,
)
from tests.models import CALM, MODEL, MODELS, surer

REGULAR = purchases(0, 10, 20, 30)
"""By the rule of r silent on day 108.9; under `MODEL` overdue after (30 + 2 63)/(3 + 2) days, on day 61.2."""
OVERDUE = day(61.2)
SILENT_DAY = 251.206
"""Where P0(90 days) of `MODEL` reaches 0.8."""
KNOWN: Final[tuple[Control, ...]] = (model_from(0, churn=MODEL),)


def under(model: ChurnModel, policy: Policy | None = None) -> Policy:
    """A policy with a model in force."""
    return Governance.of([model_from(0, churn=model)], policy).policies[-1]


def due(customer: Customer) -> tuple[Instant | None, Due]:
    """What comes next, and when."""
    return customer.due_at, Due(customer.due_what)


def test_a_purchase_arms_the_overdue_guard_and_searches_for_nothing() -> None:
    customer = fold_story(REGULAR, controls=KNOWN).customer

    assert due(customer) == (OVERDUE, Due.OVERDUE)
    assert customer.silent_at is None


def test_who_is_overdue_is_told_when_it_will_be_silent_and_nobody_is_alarmed() -> None:
    folded = fold_story(REGULAR, controls=KNOWN, until=61.2)

    customer = folded.customer
    assert days_in(customer.silent_at) == pytest.approx(SILENT_DAY, abs=0.001)
    assert due(customer) == (customer.silent_at, Due.SILENT)
    assert (path(folded), folded.alerts) == ([Stage.EXPLORATION, Stage.FORMATION], [])


def test_silence_is_an_alert_at_the_second_at_which_the_threshold_is_reached_once_and_not_before() -> None:
    governance, policy = Governance.of(KNOWN), under(MODEL)
    customer = fold_story(REGULAR, controls=KNOWN, until=62).customer
    at = customer.silent_at or NEVER

    before = advance(ANNA, customer, Instant(at - 1), governance)
    then = advance(ANNA, customer, at, governance)
    later = advance(ANNA, then.customer, Instant(at + 50 * DAY), governance)

    assert (risk(customer, Instant(at - SECOND), policy) or 1) < 0.8 <= (risk(customer, at, policy) or 0)
    assert (before.transitions, before.alerts) == ([], [])
    assert [(one.target, one.effective_at, one.cause) for one in then.transitions] == [(Stage.DECLINE, at, "silence")]
    assert [(one.kind, one.effective_at) for one in then.alerts] == [(AlertKind.SILENCE, at)]
    assert later.transitions == []


def test_a_decline_by_silence_tells_both_guards_and_the_model() -> None:
    declined = last(fold_story(REGULAR, controls=KNOWN, until=252))

    risky, overdue = declined.reason.guards
    assert (risky.name, risky.concept, risky.threshold, risky.holds) == ("p_no_purchase", "002-13", 0.8, True)
    assert risky.value == pytest.approx(0.8, abs=1e-6)
    assert (overdue.name, overdue.concept, overdue.holds) == ("silence_days", "004-11", True)
    assert overdue.value == pytest.approx(SILENT_DAY - 30, abs=0.001)
    assert overdue.threshold == pytest.approx(31.2)
    assert (declined.reason.signal, declined.reason.model) == (Signal.SILENT, "m1")


def test_the_alert_tells_the_odds_and_what_is_at_risk() -> None:
    folded = fold_story(REGULAR, controls=KNOWN, until=252)

    facts = alert_of(folded, AlertKind.SILENCE).evidence
    assert (facts.p_no_purchase, facts.horizon_days, facts.currency) == (0.8, 90.0, "EUR")
    assert facts.value_at_risk == round(0.8 * (usual_spend(folded.customer, 90, under(MODEL)) or 0))
    assert facts.silence_days == pytest.approx(SILENT_DAY - 30, abs=0.001)


def test_a_purchase_before_its_time_takes_the_silence_back() -> None:
    folded = fold_story(REGULAR, purchase(240), controls=KNOWN, until=260)

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION]
    assert (folded.alerts, folded.customer.silent_at) == ([], None)


def test_a_purchase_at_the_very_second_beats_the_timer_and_one_after_it_ends_the_alert() -> None:
    at = fold_story(REGULAR, controls=KNOWN, until=62).customer.silent_at or NEVER

    beaten = fold_story(REGULAR, purchase((at - day(0)) / DAY), controls=KNOWN)
    late = fold_story(REGULAR, purchase((at + 1 - day(0)) / DAY), controls=KNOWN)

    assert beaten.alerts == []
    assert alerts_of(late) == [(AlertKind.SILENCE, "resolved")]


def test_another_purchase_on_the_same_day_begins_the_silence_anew() -> None:
    one = fold_story(REGULAR, controls=KNOWN, until=70).customer
    two = fold_story(REGULAR, purchase(30.5, 0), controls=KNOWN, until=70).customer

    assert days_in(two.silent_at) == pytest.approx((days_in(one.silent_at) or 0) + 0.5, abs=1e-4)


def test_a_refund_that_empties_an_order_makes_it_look_again() -> None:
    story = [*REGULAR, purchase(40, order="x")]

    looked = fold_story(story, controls=KNOWN, until=80).customer
    emptied = fold_story(story, refund(80, order="x"), controls=KNOWN, until=81).customer

    assert (days_in(looked.silent_at) or 0) > SILENT_DAY
    assert days_in(emptied.silent_at) == pytest.approx(SILENT_DAY, abs=0.001)


def test_no_shorter_silence_than_the_floor_is_an_alert() -> None:
    often = purchases(*range(200))
    kept, bare = Policy(churn_threshold=0.0), Policy(churn_threshold=0.0, churn_floor_days=0)

    patient = fold_story(often, controls=KNOWN, policy=kept, until=220)
    hasty = fold_story(often, controls=KNOWN, policy=bare, until=220)

    assert silences(patient) == [199 + 7]
    assert silences(hasty) == [pytest.approx(199 + (199 + 2 * 63) / 201, abs=0.001)]


def test_a_threshold_that_is_never_reached_leaves_nothing_due() -> None:
    folded = fold_story(REGULAR, controls=[model_from(0, churn=replace(CALM, threshold=1.0))], until=365 * 120)

    assert folded.alerts == []
    assert (folded.customer.silent_at, folded.customer.due_at) == (NEVER, None)
    assert upcoming(folded.customer, under(replace(CALM, threshold=1.0))) is None


def test_what_is_foretold_to_readers_is_what_will_happen() -> None:
    customer = fold_story(REGULAR, controls=KNOWN).customer

    foretold = upcoming(customer, under(MODEL))

    assert customer.silent_at is None
    assert foretold is not None
    assert (foretold.stage, foretold.because) == (Stage.DECLINE, Signal.SILENT)
    assert foretold.at == fold_story(REGULAR, controls=KNOWN, until=252).alerts[0].effective_at


def test_while_the_source_is_silent_nobody_is_judged_by_a_model_either() -> None:
    outage = [feed_from(40, silent=True), feed_from(300, silent=False)]

    folded = fold_story(REGULAR, controls=[*KNOWN, *outage], until=301)

    assert silences(folded) == [300]
    assert all(guard.holds for guard in last(folded).reason.guards)


@pytest.mark.parametrize(
    "story",
    [
        [inquiry(0)],
        [*REGULAR, ended(40)],
        [*REGULAR, end_intent(40)],
        [purchase(0), refund(1)],
        [complaint(1)],
    ],
)
def test_who_is_no_customer_is_not_silent(story: list[Fact]) -> None:
    folded = fold_story(story, controls=[model_from(0, churn=replace(MODEL, threshold=0.0))], until=30_000)

    assert silences(folded) == []


def test_a_need_that_has_shrunk_is_no_churn_and_is_looked_at_again() -> None:
    totals = [wallet(5, "2023", 80_000_00), wallet(29, "2024", 16_000_00)]
    known = [model_from(31, churn=surer(0.1))]

    noted = fold_story(REGULAR, totals, controls=known, until=100)
    found = fold_story(REGULAR, totals, controls=known, until=1_000)

    assert (path(noted), noted.alerts) == ([Stage.EXPLORATION, Stage.FORMATION], [])
    assert noted.customer.context is not None
    assert SignKind.NEED_SHRUNK in noted.customer.context.signs
    # r at dormancy, 3, later than twice the silence at which it was first looked at.
    assert silences(found) == [pytest.approx(30 + 2 * 78.894, abs=0.001)]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "days",
    [range(10_000), [place / 20_000 for place in range(300)], range(0, 70_000, 3_300), [0]],
    ids=["ten thousand days", "all on one day", "gaps of nine years", "once"],
)
def test_however_somebody_has_bought_its_risk_is_a_probability(days: Sequence[float], model: ChurnModel) -> None:
    customer = fold_story(purchases(*days), controls=[model_from(0, churn=model)], until=days[-1] + 20_000).customer

    found = [risk(customer, day(days[-1] + after), under(model)) for after in (0, 1, 400, 20_000)]
    assert all(one is not None and 0 <= one <= 1 for one in found)
    assert customer.silent_at is None or customer.silent_at >= (customer.last_at or 0)

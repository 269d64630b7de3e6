"""Silence: decline, dormancy and the end at their due times to the second, and what defers them."""

import pytest

from shared.domain.alerts import AlertKind
from shared.domain.controls import Governance
from shared.domain.customer import Customer
from shared.domain.events import Fact
from shared.domain.instants import DAY, LATEST, SECOND, Instant, due
from shared.domain.lifecycle import advance
from shared.domain.policy import DEFAULT, Policy
from shared.domain.silence import deadlines, next_deadline
from shared.domain.stages import Signal, Stage
from tests.builders import (
    ANNA,
    alert_of,
    alerts_of,
    closed,
    complaint,
    contact,
    contract,
    contract_ended,
    day,
    days_in,
    end_intent,
    fold_story,
    inquiry,
    invoice,
    last,
    path,
    payment,
    purchase,
    purchases,
    refund,
    rejection,
)

REGULAR = purchases(0, 10, 20, 30)
Q = 78.894
"""The long gap of somebody who bought four times ten days apart, in days, to three places."""

ALWAYS = Governance()


def after(customer: Customer, gaps: float) -> Instant:
    """The whole second, rounded up, at which so many of the customer's long gaps have passed since day 30."""
    return due(day(30) + gaps * customer.long_gap * DAY)


def test_decline_and_its_alert_come_at_the_due_second_once_and_not_before() -> None:
    customer = fold_story(REGULAR).customer
    due_at = after(customer, 1)

    before = advance(ANNA, customer, Instant(due_at - 1), ALWAYS)
    at = advance(ANNA, customer, due_at, ALWAYS)
    later = advance(ANNA, at.customer, Instant(due_at + 5 * DAY), ALWAYS)

    assert days_in(due_at) == pytest.approx(30 + Q, abs=0.001)
    assert (before.transitions, before.alerts) == ([], [])
    assert [(one.target, one.effective_at, one.cause) for one in at.transitions] == [(Stage.DECLINE, due_at, "silence")]
    assert [(one.kind, one.effective_at) for one in at.alerts] == [(AlertKind.SILENCE, due_at)]
    assert later.transitions == []


def test_the_guard_of_silence_tells_an_r_of_one_and_a_half() -> None:
    guard = last(fold_story(REGULAR, until=120)).reason.guards[0]

    assert (guard.name, guard.value, guard.threshold, guard.holds) == ("silence_r", 1.5, 1.5, True)


def test_one_silence_leads_to_decline_then_dormancy_then_the_end_in_multiples_of_the_long_gap() -> None:
    folded = fold_story(REGULAR, until=1_000)

    customer = folded.customer
    assert [(one.target, one.reason.signal, one.effective_at) for one in folded.transitions[2:]] == [
        (Stage.DECLINE, Signal.SILENT, after(customer, 1)),
        (Stage.DORMANT, Signal.FADED, after(customer, 2)),
        (Stage.ENDED, Signal.SETTLED, after(customer, 4)),
    ]
    assert all(guard.holds for one in folded.transitions for guard in one.reason.guards)


def test_a_purchase_at_the_due_instant_beats_the_timer() -> None:
    due_at = fold_story(REGULAR).customer.due_at
    assert due_at is not None

    folded = fold_story(REGULAR, purchase(days_in(due_at) or 0))

    assert folded.customer.stage is Stage.FORMATION
    assert folded.customer.bought_at[-1] == due_at


def test_a_purchase_a_microsecond_after_the_due_instant_comes_too_late() -> None:
    due_at = fold_story(REGULAR).customer.due_at
    assert due_at is not None

    folded = fold_story(REGULAR, purchase(((due_at + 1) - day(0)) / DAY))

    assert path(folded)[2] is Stage.DECLINE


def test_dormancy_comes_one_long_gap_after_the_decline_at_the_earliest() -> None:
    # Complaints make the decline when silence is already near r = 3, which would be on day 188.
    patient = Policy(silent_r=9.0, ended_r=12.0)

    folded = fold_story(REGULAR, complaint(150), complaint(151), until=400, policy=patient)

    declined, dormant = folded.transitions[-2:]
    assert (declined.target, declined.effective_at) == (Stage.DECLINE, day(151))
    assert (dormant.target, dormant.effective_at) == (Stage.DORMANT, due(day(151) + folded.customer.long_gap * DAY))


def test_two_way_contact_defers_dormancy_by_a_window_and_one_way_contact_does_not() -> None:
    talked = fold_story(REGULAR, contact(180), until=1_000)
    written = fold_story(REGULAR, contact(180, "outbound"), until=1_000)

    dormant = next(one for one in talked.transitions if one.target is Stage.DORMANT)
    assert days_in(dormant.effective_at) == pytest.approx(180 + 2 * 300**0.5, abs=0.001)
    assert next(one for one in written.transitions if one.target is Stage.DORMANT).effective_at == after(
        written.customer, 2
    )


def test_open_money_defers_the_end_until_it_is_paid() -> None:
    story = [*REGULAR, invoice(31, 100)]

    waiting = fold_story(story, until=2_000)
    paid = fold_story(story, payment(1_500, 100), until=2_000)

    assert waiting.customer.stage is Stage.DORMANT
    assert (last(paid).target, last(paid).effective_at, last(paid).cause) == (Stage.ENDED, day(1_500), "event")


def test_money_in_another_currency_pays_nothing() -> None:
    folded = fold_story(REGULAR, invoice(31, 100, "EUR"), payment(32, 100, "USD"), until=2_000)

    assert folded.customer.stage is Stage.DORMANT


@pytest.mark.parametrize(("paid", "stage"), [(99, Stage.DORMANT), (100, Stage.ENDED), (101, Stage.ENDED)])
def test_an_invoice_is_open_until_it_is_paid_in_full(paid: int, stage: Stage) -> None:
    folded = fold_story(REGULAR, invoice(31, 100), payment(32, paid), until=2_000)

    assert folded.customer.stage is stage


def test_a_running_contract_defers_the_end_until_it_runs_out() -> None:
    folded = fold_story(REGULAR, contract(31, ends=1_500.5), until=2_000)

    assert (last(folded).target, last(folded).effective_at) == (Stage.ENDED, day(1_500.5))


def test_a_contract_without_an_end_defers_it_until_it_is_ended() -> None:
    story = [*REGULAR, contract(31, contract_id="a"), contract(32, contract_id="b")]

    one = fold_story(story, contract_ended(900, contract_id="a"), until=2_000)
    both = fold_story(story, contract_ended(900), until=2_000)

    assert one.customer.stage is Stage.DORMANT
    assert (last(both).target, last(both).effective_at) == (Stage.ENDED, day(900))


def test_who_said_goodbye_ends_when_the_contract_does_however_short_the_silence() -> None:
    folded = fold_story(REGULAR, contract(31, ends=60), end_intent(40), until=61)

    assert path(folded)[-2:] == [Stage.DECLINE, Stage.ENDED]
    assert last(folded).effective_at == day(60)
    assert last(folded).cause == "silence"


def test_a_silence_alert_is_raised_also_for_a_customer_who_declined_for_another_reason() -> None:
    folded = fold_story(purchase(0), complaint(1), until=200)

    assert path(folded) == [Stage.EXPLORATION, Stage.DECLINE]
    assert [kind for kind, _ in alerts_of(folded)] == [AlertKind.DISSATISFACTION, AlertKind.SILENCE]


def test_one_silence_raises_one_alert_also_when_that_was_closed_by_hand() -> None:
    alert = alert_of(fold_story(REGULAR, until=120), AlertKind.SILENCE)

    folded = fold_story(REGULAR, closed(121, alert), until=180)

    assert alerts_of(folded) == [(AlertKind.SILENCE, "resolved")]


def test_after_a_purchase_silence_begins_anew() -> None:
    folded = fold_story(REGULAR, purchase(60), until=60 + 70)

    assert folded.customer.stage is Stage.FORMATION


def test_an_overdue_deadline_comes_at_the_next_whole_second_never_in_the_past() -> None:
    # The refund takes the newest purchase back: silence has lasted since day 30, for far longer than Q.
    folded = fold_story(REGULAR, purchase(100, order="x"), refund(150.00000001, order="x"), until=151)

    assert last(folded).target is Stage.DECLINE
    assert last(folded).effective_at == day(150) + SECOND


def test_somebody_without_an_occasion_is_never_silent() -> None:
    customer = fold_story(purchase(1), refund(2)).customer

    assert customer.stage is Stage.EXPLORATION
    assert next_deadline(customer, DEFAULT, {}) is None


def test_neither_is_somebody_in_decline_or_under_contract() -> None:
    folded = fold_story(purchase(1), complaint(2), contract(3, ends=500), refund(4), until=2_000)

    assert path(folded) == [Stage.EXPLORATION, Stage.DECLINE]


def test_a_due_time_after_the_end_of_time_never_comes() -> None:
    slow = Policy(mu0=15.0, sigma0=1.0)

    customer = fold_story(purchase(0), policy=slow).customer

    assert min(deadlines(customer, slow, {})).at > LATEST
    assert customer.due_at is None


def test_an_inquiry_marks_a_dormant_customer_as_waking_and_no_more() -> None:
    dormant = fold_story(REGULAR, until=200)

    woken = fold_story(REGULAR, inquiry(200), until=201)

    assert path(woken) == path(dormant)
    assert (dormant.customer.waking, woken.customer.waking) == (False, True)


def test_a_purchase_wakes_a_dormant_customer_into_a_new_cycle_of_exploration() -> None:
    folded = fold_story(REGULAR, inquiry(199), purchase(200))

    assert path(folded)[-2:] == [Stage.DORMANT, Stage.EXPLORATION]
    assert (last(folded).cycle, folded.customer.cycle_occasions, folded.customer.waking) == (2, 1, False)


@pytest.mark.parametrize(("again", "stage"), [(purchase(500), Stage.EXPLORATION), (inquiry(500), Stage.PROSPECT)])
def test_after_the_end_a_purchase_or_an_inquiry_opens_a_new_cycle(again: Fact, stage: Stage) -> None:
    folded = fold_story(REGULAR, again)

    assert path(folded)[-2:] == [Stage.ENDED, stage]
    assert (last(folded).cycle, last(folded).effective_at) == (2, day(500))


@pytest.mark.parametrize("again", [complaint(500), contact(500), payment(500), end_intent(500)])
def test_after_the_end_nothing_else_does(again: Fact) -> None:
    assert path(fold_story(REGULAR, again, until=600))[-1] is Stage.ENDED


def test_a_prospect_is_lost_when_it_is_silent_for_three_choosing_times() -> None:
    before = fold_story(inquiry(0), until=42 - 1 / 86_400)
    at = fold_story(inquiry(0), until=42)

    assert (before.customer.lost, at.customer.lost) == (False, True)
    assert not fold_story(purchase(0), inquiry(1), until=100).customer.lost
    assert path(at) == [Stage.PROSPECT]


def test_a_prospect_who_turns_the_offer_down_is_lost_at_once_and_found_by_asking_again() -> None:
    assert fold_story(inquiry(0), rejection(1)).customer.lost
    assert not fold_story(inquiry(0), rejection(1), inquiry(2)).customer.lost


def test_a_lost_prospect_who_buys_is_lost_no_more() -> None:
    folded = fold_story(inquiry(0), rejection(1), purchase(2))

    assert folded.customer.stage is Stage.EXPLORATION
    assert not folded.customer.lost


def test_of_somebody_to_whom_nothing_will_happen_nothing_is_noted_as_due() -> None:
    """The same state is the same bytes, however it was come to."""
    customer = fold_story(purchase(0), end_intent(1)).customer

    assert customer.stage is Stage.ENDED
    assert (customer.due_at, customer.due_what, customer.due_place, customer.due_line) == (None, 0, 0, None)

"""Alerts: one open of a kind, held by the cool-down, put off, escalated, closed; and what people do with them."""

import pytest

from shared.domain.alerts import SEVERITIES, Alert, AlertKind, AlertStatus, Outcome, Severity, raised, severity_of
from shared.domain.events import Fact
from shared.domain.lifecycle import Outcome as Folded
from shared.domain.policy import Policy
from shared.domain.stages import CUSTOMER_STAGES, Stage
from tests.builders import (
    acknowledged,
    alert_of,
    alerts_of,
    answer,
    closed,
    complaint,
    day,
    end_intent,
    fold_story,
    inquiry,
    invoice,
    purchase,
    purchases,
    rejection,
    resolved,
    snoozed,
)

UNHAPPY = [purchase(0), complaint(10)]
"""A trial customer who complains: an alert of medium severity with a deadline of seven days."""


def unhappy(folded: Folded) -> Alert:
    """The newest alert of dissatisfaction."""
    return alert_of(folded, AlertKind.DISSATISFACTION)


ALERT = unhappy(fold_story(UNHAPPY))


def test_an_alert_tells_when_it_became_true_and_by_when_to_act() -> None:
    assert (ALERT.effective_at, ALERT.deadline) == (day(10), day(17))
    assert (ALERT.status, ALERT.severity, ALERT.stage) == (AlertStatus.OPEN, Severity.MEDIUM, Stage.EXPLORATION)
    assert ALERT.evidence.event_ids == ("complaint of day 10",)
    assert ALERT.evidence.satisfaction == pytest.approx(-0.8)
    assert ALERT.evidence.silence_days == 10


def test_what_is_urgent_has_two_days() -> None:
    alert = alert_of(fold_story(purchase(0), end_intent(10)), AlertKind.END_INTENT)

    assert (alert.severity, alert.deadline) == (Severity.HIGH, day(12))


@pytest.mark.parametrize("kind", sorted(set(AlertKind) - {AlertKind.RIVAL}))
def test_the_more_a_relationship_had_become_the_more_severe_is_its_alert(kind: AlertKind) -> None:
    trial, formed, stable = (
        SEVERITIES.index(severity_of(kind, stage)) for stage in (Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY)
    )

    assert formed == min(3, trial + 1)
    assert stable == min(3, trial + 2)


def test_a_rival_counts_for_more_while_the_customer_is_still_trying_us() -> None:
    """002-21."""
    tried, formed, stable = (severity_of(AlertKind.RIVAL, stage) for stage in CUSTOMER_STAGES)

    assert (tried, formed, stable) == (Severity.MEDIUM, Severity.MEDIUM, Severity.HIGH)


@pytest.mark.parametrize(("tier", "severity"), [("A", Severity.MEDIUM), ("B", Severity.LOW), (None, Severity.LOW)])
def test_the_best_tier_is_worth_an_earlier_call(tier: str | None, severity: Severity) -> None:
    """004-22: service follows value."""
    assert severity_of(AlertKind.SILENCE, Stage.EXPLORATION, tier) is severity


def test_the_lowest_tier_waits_but_never_below_low() -> None:
    assert severity_of(AlertKind.DISSATISFACTION, Stage.EXPLORATION, "C") is Severity.LOW
    assert severity_of(AlertKind.SILENCE, Stage.EXPLORATION, "C") is Severity.LOW


def test_severity_ends_at_critical() -> None:
    assert raised(Severity.LOW) is Severity.MEDIUM
    assert raised(Severity.HIGH, by=5) is Severity.CRITICAL


def test_at_most_one_alert_of_a_kind_is_open() -> None:
    folded = fold_story(UNHAPPY, complaint(11), complaint(12))

    assert alerts_of(folded) == [(AlertKind.DISSATISFACTION, "open")]
    assert folded.customer.alerts_raised == 1


def test_an_alert_nobody_saw_escalates_at_its_deadline_once() -> None:
    before = unhappy(fold_story(UNHAPPY, until=17 - 1 / 86_400))
    at = unhappy(fold_story(UNHAPPY, until=17))
    later = unhappy(fold_story(UNHAPPY, until=100))

    assert (before.escalated, before.severity) == (False, Severity.MEDIUM)
    assert (at.escalated, at.severity) == (True, Severity.HIGH)
    assert later.severity is Severity.HIGH


def test_an_acknowledged_alert_does_not_escalate_and_says_who_saw_it() -> None:
    alert = unhappy(fold_story(UNHAPPY, acknowledged(11, ALERT, by="eva"), until=100))

    assert (alert.status, alert.escalated) == (AlertStatus.ACKNOWLEDGED, False)
    assert (alert.actor, alert.acted_at) == ("eva", day(11))


def test_a_snoozed_alert_opens_again_at_the_end_of_the_snooze() -> None:
    story = [*UNHAPPY, snoozed(11, ALERT, until=15)]

    before = unhappy(fold_story(story, until=15 - 1 / 86_400))
    at = unhappy(fold_story(story, until=15))

    assert (before.status, before.until) == (AlertStatus.SNOOZED, day(15))
    assert (at.status, at.until) == (AlertStatus.OPEN, None)


def test_an_alert_snoozed_beyond_its_deadline_escalates_when_it_opens_again() -> None:
    story = [*UNHAPPY, snoozed(11, ALERT, until=30)]

    assert not unhappy(fold_story(story, until=29)).escalated
    assert unhappy(fold_story(story, until=30)).escalated


def test_a_snooze_into_the_past_is_over_at_once() -> None:
    assert unhappy(fold_story(UNHAPPY, snoozed(11, ALERT, until=10), until=11)).status is AlertStatus.OPEN


def test_an_alert_that_a_person_closes_keeps_the_outcome() -> None:
    alert = unhappy(fold_story(UNHAPPY, closed(12, ALERT, Outcome.RETAINED, by="eva")))

    assert (alert.status, alert.outcome, alert.closed_at, alert.actor) == ("resolved", "retained", day(12), "eva")


def test_nothing_can_be_done_with_a_closed_alert() -> None:
    folded = fold_story(UNHAPPY, closed(12, ALERT), acknowledged(13, ALERT), closed(14, ALERT, Outcome.NO_ACTION))

    assert (unhappy(folded).status, unhappy(folded).outcome) == (AlertStatus.RESOLVED, Outcome.RETAINED)


def test_actions_of_one_as_of_follow_the_time_at_which_people_acted() -> None:
    story = [*UNHAPPY, acknowledged(11, ALERT, at=day(12)), snoozed(11, ALERT, until=20, at=day(11.5))]

    assert unhappy(fold_story(story)).status is AlertStatus.ACKNOWLEDGED


def test_an_action_does_not_move_the_customers_time() -> None:
    customer = fold_story(UNHAPPY, acknowledged(50, ALERT)).customer

    assert customer.newest_at == day(10)


def test_a_new_episode_within_the_cool_down_is_held_until_that_ends() -> None:
    story = [*UNHAPPY, closed(12, ALERT), complaint(14)]

    held = fold_story(story, until=26 - 1 / 86_400)
    shown = fold_story(story, until=26)

    assert [one.status for one in held.customer.alerts] == [AlertStatus.HELD]
    assert alerts_of(held) == [(AlertKind.DISSATISFACTION, "resolved")]
    assert alerts_of(shown) == [(AlertKind.DISSATISFACTION, "resolved"), (AlertKind.DISSATISFACTION, "open")]
    assert (unhappy(shown).effective_at, unhappy(shown).deadline) == (day(14), day(33))


def test_after_the_cool_down_a_new_episode_is_shown_at_once() -> None:
    folded = fold_story(UNHAPPY, closed(12, ALERT), complaint(26))

    assert unhappy(folded).status is AlertStatus.OPEN


def test_a_held_alert_whose_reason_has_gone_is_never_shown() -> None:
    story = [*UNHAPPY, closed(12, ALERT), complaint(14), resolved(15), purchase(16)]

    folded = fold_story(story, until=40)

    assert alerts_of(folded) == [(AlertKind.DISSATISFACTION, "resolved")]
    assert folded.customer.alerts == ()


def test_nothing_can_be_done_with_an_alert_that_nobody_sees() -> None:
    story = [*UNHAPPY, closed(12, ALERT), complaint(14)]
    held = fold_story(story).customer.alerts[0]

    folded = fold_story(story, closed(15, held), acknowledged(16, held), until=30)

    assert alerts_of(folded)[-1] == (AlertKind.DISSATISFACTION, "open")


def test_without_a_cool_down_nothing_is_held() -> None:
    folded = fold_story(UNHAPPY, closed(12, ALERT), complaint(12.5), policy=Policy(cool_down_days=0.0))

    assert alerts_of(folded) == [(AlertKind.DISSATISFACTION, "resolved"), (AlertKind.DISSATISFACTION, "open")]


def test_a_silence_alert_ends_with_the_next_purchase_also_when_the_decline_goes_on() -> None:
    folded = fold_story(purchases(0, 10, 20, 30, amount=100), purchase(120, 1))

    assert folded.customer.stage is Stage.DECLINE
    assert [(one.outcome, one.closed_at) for one in folded.alerts] == [(Outcome.RETURNED, day(120))]


def test_a_new_silence_after_a_purchase_in_decline_is_a_new_episode() -> None:
    folded = fold_story(purchases(0, 10, 20, 30, amount=100), purchase(120, 1), until=300)

    assert alerts_of(folded) == [(AlertKind.SILENCE, "resolved"), (AlertKind.SILENCE, "open")]


def test_dormancy_ends_the_alerts_of_the_decline_and_raises_its_own() -> None:
    folded = fold_story(purchases(0, 10, 20, 30), until=200)

    assert alerts_of(folded) == [(AlertKind.SILENCE, "resolved"), (AlertKind.DORMANT, "open")]
    assert alert_of(folded, AlertKind.SILENCE).outcome is Outcome.DORMANT


def test_the_end_closes_everything_as_lost() -> None:
    folded = fold_story(purchases(0, 10, 20, 30), until=1_000)

    assert alert_of(folded, AlertKind.DORMANT).outcome is Outcome.LOST
    assert folded.customer.alerts == ()


def test_waking_closes_the_dormant_alert_as_returned() -> None:
    folded = fold_story(purchases(0, 10, 20, 30), purchase(200))

    assert alert_of(folded, AlertKind.DORMANT).outcome is Outcome.RETURNED


@pytest.mark.parametrize("hours", [23.999, 24])
def test_an_inquiry_without_an_answer_within_a_day_raises_an_alert(hours: float) -> None:
    folded = fold_story(inquiry(5), until=5 + hours / 24)

    assert alerts_of(folded) == ([(AlertKind.UNANSWERED_INQUIRY, "open")] if hours == 24 else [])


def test_an_unanswered_inquiry_says_which_and_for_how_long() -> None:
    evidence = alert_of(fold_story(inquiry(5), until=7), AlertKind.UNANSWERED_INQUIRY).evidence

    assert (evidence.event_ids, evidence.hours_waiting) == (("inquiry of day 5",), 24.0)


@pytest.mark.parametrize(
    "answered", [answer(5.5), answer(5.5, inquiry_id="inquiry of day 5"), purchase(5.5), rejection(5.5)]
)
def test_an_answer_in_time_or_a_purchase_prevents_the_alert(answered: Fact) -> None:
    assert alerts_of(fold_story(inquiry(5), answered, until=7)) == []


def test_a_mere_view_waits_for_no_answer() -> None:
    assert alerts_of(fold_story(inquiry(5, kind="view"), until=7)) == []


def test_the_alert_stays_until_every_overdue_inquiry_is_answered() -> None:
    story = [inquiry(5), inquiry(5.5)]

    one = fold_story(story, answer(8, inquiry_id="inquiry of day 5"), until=9)
    both = fold_story(story, answer(8), until=9)

    assert alerts_of(one) == [(AlertKind.UNANSWERED_INQUIRY, "open")]
    assert [(alert.status, alert.outcome) for alert in both.alerts] == [("resolved", "answered")]


def test_an_alert_of_imported_history_is_muted() -> None:
    folded = fold_story(purchases(0, 10, 20, 30, backfill=True, received=300), until=200)

    assert alerts_of(folded) == [(AlertKind.SILENCE, "muted"), (AlertKind.DORMANT, "muted")]
    assert [one.muted for one in folded.transitions] == [True] * 4


def test_an_alert_after_the_newest_import_is_not_muted() -> None:
    folded = fold_story(purchases(0, 10, 20, 30, backfill=True, received=150), until=200)

    assert alerts_of(folded) == [(AlertKind.SILENCE, "muted"), (AlertKind.DORMANT, "open")]


def test_what_became_true_at_the_very_instant_of_the_import_is_not_muted() -> None:
    story = [purchase(0, backfill=True, received=10), complaint(10)]

    folded = fold_story(story)

    assert alerts_of(folded) == [(AlertKind.DISSATISFACTION, "open")]
    assert [one.muted for one in folded.transitions] == [True, False]


def test_an_import_mutes_an_open_alert_that_became_true_before_it() -> None:
    live = [purchase(0), complaint(10)]

    folded = fold_story(live, purchase(10.5, 1, backfill=True, received=20))

    assert alerts_of(folded) == [(AlertKind.DISSATISFACTION, "muted")]


def test_alerts_are_numbered_as_they_are_raised() -> None:
    folded = fold_story(purchase(0), invoice(0), complaint(1), end_intent(2), until=300)

    assert [alert.number for alert in folded.alerts] == [1, 2, 3]

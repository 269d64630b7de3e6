"""How alerts turned out, counted by hand, and what that says of the next ones."""

import pytest

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Outcome
from shared.domain.events import Fact
from shared.domain.policy import Policy
from shared.domain.survey.alarms import AlarmsTally, Rule
from shared.domain.survey.person import Person
from shared.domain.survey.tiers import Borders
from tests.builders import acknowledged, closed, complaint, contact, inquiry, purchase
from tests.unit.survey.people import FEW, person, sale

DISSATISFIED, SILENCE = AlertKind.DISSATISFACTION, AlertKind.SILENCE


def tally_of(*people: Person, policy: Policy = FEW) -> AlarmsTally:
    tally = AlarmsTally(policy)
    for one in people:
        tally.add(one)
    return tally


def rule(*people: Person, kind: AlertKind = DISSATISFIED, policy: Policy = FEW) -> Rule:
    return next(one for one in tally_of(*people, policy=policy).told().rules if one.kind is kind)


def unhappy(*more: Fact, until: float = 40) -> Person:
    """Complains on day 5; what follows is told."""
    return person(sale(0), complaint(5), *more, until=until)


def alert() -> Alert:
    return unhappy(until=6).alerts[0]


def test_an_alert_whose_days_have_passed_is_judged() -> None:
    on_time, too_early = unhappy(until=35), unhappy(until=34.9)

    assert (rule(on_time).judged, rule(too_early).judged) == (1, 0)
    assert (rule(too_early).raised, rule(too_early).precision) == (1, None)


def test_an_alert_after_which_the_customer_did_not_buy_was_right() -> None:
    found = rule(unhappy())

    assert (found.judged, found.bought, found.right, found.precision) == (1, 0, 1, 1.0)


def test_an_alert_was_wrong_when_the_customer_bought_and_nobody_had_done_anything() -> None:
    on_time, too_late = unhappy(purchase(35)), unhappy(purchase(35.1))

    assert (rule(on_time).bought, rule(on_time).right, rule(on_time).precision) == (1, 0, 0.0)
    assert (rule(too_late).bought, rule(too_late).right) == (0, 1)
    assert rule(unhappy(purchase(5))).bought == 0


def test_a_purchase_after_somebody_acted_does_not_disprove_an_alert() -> None:
    seen = unhappy(acknowledged(6, alert()), purchase(20))
    called = unhappy(contact(6), purchase(20))
    called_before = unhappy(contact(4.9), purchase(20))

    assert (rule(seen).acknowledged, rule(seen).bought, rule(seen).right) == (1, 1, 1)
    assert (rule(called).acknowledged, rule(called).right) == (0, 1)
    assert rule(called_before).right == 0


def test_a_false_alarm_is_judged_at_once_and_was_wrong() -> None:
    found = rule(unhappy(closed(6, alert(), Outcome.FALSE_ALARM), until=7))

    assert (found.judged, found.right, found.resolved) == (1, 0, {Outcome.FALSE_ALARM: 1})


def test_what_the_fold_itself_resolved_waits_for_its_days() -> None:
    asked = person(inquiry(0), sale(3), until=4)

    kinds = [one.kind for one in asked.alerts]

    assert kinds == [AlertKind.UNANSWERED_INQUIRY]
    assert rule(asked, kind=AlertKind.UNANSWERED_INQUIRY).judged == 0


def test_outcomes_are_counted_by_kind() -> None:
    silent = person(sale(0), sale(300), until=400)

    found = tally_of(unhappy(), silent).told()

    assert found.days == 30
    assert [one.kind for one in found.rules] == [DISSATISFIED, SILENCE]
    assert found.rules[1].resolved == {Outcome.RETURNED: 1}


@pytest.mark.parametrize(
    ("status", "raised", "muted", "withdrawn", "judged"),
    [
        (AlertStatus.HELD, 0, 0, 0, 0),
        (AlertStatus.MUTED, 1, 1, 0, 1),
        (AlertStatus.WITHDRAWN, 1, 0, 1, 0),
        (AlertStatus.OPEN, 1, 0, 0, 1),
    ],
)
def test_muted_alerts_are_judged_and_withdrawn_and_held_ones_not(
    status: AlertStatus, raised: int, muted: int, withdrawn: int, judged: int
) -> None:
    someone = unhappy()
    someone.case.alerts = tuple(_with_status(one, status) for one in someone.case.alerts)

    rules = tally_of(someone).told().rules

    found = [(one.raised, one.muted, one.withdrawn, one.judged) for one in rules]
    assert found == ([] if status is AlertStatus.HELD else [(raised, muted, withdrawn, judged)])


def _with_status(one: Alert, status: AlertStatus) -> Alert:
    return Alert(
        kind=one.kind, effective_at=one.effective_at, number=1, severity=one.severity, status=status,
        reason=one.reason, stage=one.stage, deadline=one.deadline,
    )  # fmt: skip


def test_the_share_of_the_saved_is_told_by_reason_and_tier() -> None:
    """002-14: p(save) from past outcomes by tier and reason."""
    rich = [person(sale(0, 100_00, 10_00), complaint(5), *more, until=40) for more in ([purchase(20, cost=0)], [])]
    poor = person(sale(0, 100_00, 99_00), complaint(5), until=40)
    unknown = person(purchase(0), complaint(5), purchase(20), until=40)
    tally = tally_of(*rich, poor, unknown)
    [reason] = {one.reason for one in poor.alerts}

    found = tally.saved({"EUR": Borders(a=50_00, c=50_00)})

    assert found == {reason: 0.5, f"{reason}/A": 0.5, f"{reason}/C": 0.0}


def test_too_few_alerts_of_a_reason_tell_nothing() -> None:
    tally = tally_of(unhappy(), unhappy(), policy=Policy(report_group_customers=3))
    enough = tally_of(unhappy(), unhappy(), policy=Policy(report_group_customers=2))
    borders = {"EUR": Borders(a=0, c=0)}

    assert tally.saved(borders) == {}
    assert list(enough.saved(borders).values()) == [0.0, 0.0]

"""The order of a customer's history: by time, causes before effects, then by who told it (DESIGN "Exact meaning")."""

from itertools import pairwise

import pytest

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Severity
from shared.domain.events import ACTION, CONTROL, EVENT, TIMER, Event, follows, order_key, precedes
from shared.domain.instants import Instant
from shared.domain.stages import Stage
from tests.builders import (
    acknowledged,
    answer,
    complaint,
    contract,
    day,
    delivery,
    end_intent,
    inquiry,
    invoice,
    other,
    payment,
    profile,
    purchase,
    refund,
    resolved,
)

ALERT = Alert(
    kind=AlertKind.SILENCE, effective_at=Instant(0), number=1, severity=Severity.LOW, status=AlertStatus.OPEN,
    reason="unknown", stage=Stage.FORMATION, deadline=Instant(9),
)  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (other(1), contract(1.001)),
        (contract(1), profile(1)),
        (inquiry(1), answer(1)),
        (answer(1), purchase(1)),
        (purchase(1), invoice(1)),
        (invoice(1), payment(1)),
        (payment(1), delivery(1)),
        (purchase(1), refund(1)),
        (complaint(1), resolved(1)),
        (end_intent(1), other(1)),
        (other(1), acknowledged(1, ALERT)),
        (purchase(1, source="a", id="z"), purchase(1, source="b", id="a")),
        (purchase(1, source="a", id="a"), purchase(1, source="a", id="b")),
    ],
)
def test_causes_come_before_effects_and_what_is_told_before_what_people_do(first: Event, second: Event) -> None:
    assert precedes(first, second)
    assert not precedes(second, first)
    assert follows(second, order_key(first))
    assert not follows(first, order_key(second))


def test_an_event_neither_precedes_nor_follows_itself() -> None:
    assert not precedes(purchase(1), purchase(1))
    assert not follows(purchase(1), order_key(purchase(1)))


def test_whatever_happens_follows_when_nothing_was_decided() -> None:
    assert follows(purchase(1), None)


def test_at_one_instant_events_come_before_controls_timers_and_actions() -> None:
    assert [EVENT, CONTROL, TIMER, ACTION] == [0, 1, 2, 3]
    assert order_key(purchase(1))[:2] == (day(1), EVENT)
    assert order_key(acknowledged(1, ALERT))[:3] == (day(1), ACTION, day(1))
    assert not follows(purchase(1), (day(1), TIMER, 0, "", ""))
    assert follows(acknowledged(1, ALERT), (day(1), TIMER, 0, "", ""))


def test_what_people_do_is_ordered_by_their_own_time() -> None:
    """Several actions carry the `as_of` of one answer."""
    actions = [acknowledged(1, ALERT, at=day(2), id="z"), acknowledged(1, ALERT, at=day(3), id="a")]

    assert all(precedes(one, next_one) for one, next_one in pairwise(actions))

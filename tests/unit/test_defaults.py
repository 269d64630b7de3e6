"""What a record leaves out: nothing is counted, flagged or due unless something has said so."""

from typing import Any, Final

import pytest
from msgspec import Struct, json, structs

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Evidence, Severity
from shared.domain.customer import Customer, Occasion, Pledge, Waiting
from shared.domain.decisions import Reason, Transition
from shared.domain.events import Fact, Feedback, Item, Purchase, Referral, Wallet
from shared.domain.instants import Day, Instant
from shared.domain.policy import Policy
from shared.domain.silence import Deadline, Due
from shared.domain.stages import Signal, Stage
from tests.builders import contract, day, feedback, other, purchase, referral, wallet


def test_of_a_customer_nobody_has_heard_of_nothing_is_counted_known_or_due() -> None:
    for name, value in structs.asdict(Customer()).items():
        assert value is Stage.TARGET if name == "stage" else not value, f"{name} is {value!r}"


@pytest.mark.parametrize(
    "told",
    [
        Occasion(Day(1), 5),
        Pledge("a", None),
        Waiting("a", day(1)),
        Item(),
        contract(1),
        purchase(1),
        referral(1),
        wallet(1, "Q1", 5),
        other(1),
        Deadline(day(1), Due.SILENT),
        Evidence(),
    ],
)
def test_a_flag_that_nobody_raised_is_down_and_a_count_that_nobody_told_is_none(told: Struct) -> None:
    given = {
        field.name: field.default for field in structs.fields(told) if isinstance(field.default, bool | int | float)
    }

    assert not any(given.values()), given


def test_a_rating_is_on_five_points_unless_it_says_otherwise() -> None:
    """000-4: (x - 3) / 2."""
    assert feedback(1, rating=5).scale == 5
    assert json.decode(json.encode(feedback(1)), type=Feedback).scale == 5


def test_a_reason_is_of_the_first_policy_and_a_transition_is_sent_unless_they_say_otherwise() -> None:
    """Records that were written before a field was there read as they were meant."""
    reason = json.decode(b'{"signal": "silent", "concept": "002-13"}', type=Reason)
    moved: dict[str, Any] = {
        "source": "exploration", "target": "decline", "effective_at": 0, "cause": "silence", "cycle": 1,
        "reason": {"signal": "silent", "concept": "002-13"},
    }  # fmt: skip

    assert (reason.policy, reason.model, reason.guards, reason.event_ids) == (1, None, (), ())
    assert json.decode(json.encode(moved), type=Transition).muted is False


def test_what_is_as_it_mostly_is_takes_no_room() -> None:
    """Stored and sent are only differences: a reason of the first policy, an alert that has not escalated."""
    reason = Reason(signal=Signal.SILENT, concept="002-13", policy=1)
    alert = Alert(
        kind=AlertKind.SILENCE, effective_at=Instant(0), number=1, severity=Severity.LOW, status=AlertStatus.OPEN,
        reason="unknown", stage=Stage.FORMATION, deadline=Instant(9), escalated=False,
    )  # fmt: skip

    assert json.decode(json.encode(reason)) == {"signal": "silent", "concept": "002-13"}
    assert set(json.decode(json.encode(alert))) == {
        "kind", "effective_at", "number", "severity", "status", "reason", "stage", "deadline",
    }  # fmt: skip


PAID: Final = {"order_id": "a", "amount": 1, "currency": "EUR"}
SPENT: Final = {"period": "Q1", "total_spend": 1, "currency": "EUR"}


@pytest.mark.parametrize(("kind", "needed"), [(Purchase, PAID), (Referral, {}), (Wallet, SPENT)])
def test_an_event_is_no_import_unless_it_says_so(kind: type[Fact], needed: dict[str, Any]) -> None:
    """DESIGN "Backfill": what an import raises is muted, what happens now is not."""
    head = {"id": "e", "source": "shop", "customer_id": "anna", "occurred_at": 0, "received_at": 0}
    told = {"type": kind.__struct_config__.tag, **head, **needed}

    assert json.decode(json.encode(told), type=kind).backfill is False


def test_the_first_policy_is_version_one_in_utc() -> None:
    assert (Policy().version, Policy().time_zone, Policy().base_currency) == (1, "UTC", None)

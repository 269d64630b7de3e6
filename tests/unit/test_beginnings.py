"""What is known of somebody new, and of what is not said: nothing, and never a number made of nothing."""

from typing import Any

from msgspec import structs

from shared.domain.alerts import Evidence
from shared.domain.context import Context
from shared.domain.customer import Customer, Pledge
from shared.domain.decisions import Reason, Transition
from shared.domain.events import Contract, Feedback, Item, Purchase, Referral, Wallet
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import Instant
from shared.domain.stages import Signal, Stage

HEAD: dict[str, Any] = {
    "id": EventId("e"),
    "source": "shop",
    "customer_id": CustomerId("anna"),
    "occurred_at": Instant(1),
    "received_at": Instant(1),
}


def test_of_a_new_customer_nothing_is_known_and_nothing_has_happened() -> None:
    customer = Customer()
    said = structs.asdict(customer)

    assert customer.stage is Stage.TARGET
    assert {name for name, value in said.items() if value is True} == set()
    assert {name: value for name, value in said.items() if isinstance(value, int | float) and value} == {}
    assert {name for name, value in said.items() if isinstance(value, str) and value} == {"stage"}
    assert {name for name, value in said.items() if isinstance(value, tuple | dict | bytes) and value} == set()


def test_a_contract_binds_by_nothing_that_was_not_said() -> None:
    assert structs.astuple(Pledge("supply", None)) == ("supply", None, False, False, False)
    assert structs.astuple(Context()) == (None, {}, (), (), (), b"", None, None)
    assert [name for name, value in structs.asdict(Evidence()).items() if value not in (None, ())] == []


def test_a_decision_without_a_policy_control_was_made_by_the_first() -> None:
    reason = Reason(signal=Signal.SILENT, concept="002-13")
    moved = Transition(
        source=Stage.TARGET, target=Stage.PROSPECT, effective_at=Instant(1), cause="event", cycle=1, reason=reason
    )

    assert (reason.policy, reason.model, reason.guards, reason.event_ids) == (1, None, (), ())
    assert (moved.line, moved.relationship_level, moved.muted) == (None, None, False)


def test_an_event_says_no_more_than_it_was_told() -> None:
    bought = Purchase(**HEAD, order_id="1", amount=1, currency="EUR")
    item, agreed, told = Item(), Contract(**HEAD), Feedback(**HEAD)

    assert (bought.items, bought.cost, bought.reorder, bought.deliver_by, bought.backfill) == (
        (),
        None,
        False,
        None,
        False,
    )
    assert {name for name, value in structs.asdict(item).items() if value} == set()
    assert (agreed.penalty, agreed.exclusive, agreed.ends_at) == (False, False, None)
    assert (told.scale, told.rating, told.nps) == (5.0, None, None)
    assert not Referral(**HEAD).converted
    assert not Wallet(**HEAD, period="2026", total_spend=1, currency="EUR").estimated

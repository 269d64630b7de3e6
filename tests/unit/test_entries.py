"""Events of every type as the timeline shows them: amounts in major units, times in RFC 3339."""

from collections.abc import Iterator
from typing import Any, get_args

from msgspec.inspect import IntType, StructType, type_info

from services.api.entries import AMOUNTS, INSTANTS, event_entry
from shared.domain.events import Event, Item, Wallet
from shared.domain.facts.base import Fact
from shared.domain.ids import CustomerId, EventId
from tests.builders import day, purchase

HEAD: dict[str, Any] = {
    "id": EventId("1"),
    "source": "shop",
    "customer_id": CustomerId("anna"),
    "occurred_at": day(0),
    "received_at": day(0),
}
LATER = "2024-01-03T00:00:00Z"


def test_an_order_with_items_is_shown_as_its_sender_wrote_it() -> None:
    order = purchase(0, 30_00, "o1", items=(Item(product="tea", amount=30_00, cost=12_50),), deliver_by=day(2))

    data = event_entry(order, "en").data

    assert data["items"] == [{"product": "tea", "amount": "30.00", "cost": "12.50"}]
    assert (data["amount"], data["deliver_by"]) == ("30.00", LATER)


def test_what_a_customer_spends_everywhere_is_shown_in_major_units() -> None:
    wallet = Wallet(**HEAD, period="2024-Q1", total_spend=900_00, currency="EUR")

    assert event_entry(wallet, "en").data["total_spend"] == "900.00"


def whole_numbers(kind: type[Any]) -> Iterator[tuple[str, IntType]]:
    """An event's own members that are whole numbers."""
    info = type_info(kind)
    assert isinstance(info, StructType)
    for field in info.fields:
        for part in getattr(field.type, "types", (field.type,)):
            if isinstance(part, IntType) and field.name not in Fact.__struct_fields__:
                yield field.name, part


def test_no_amount_and_no_instant_of_any_event_is_shown_as_a_bare_number() -> None:
    found = [one for kind in (*get_args(Event), Item) for one in whole_numbers(kind)]

    assert {name for name, kind in found if kind.le is not None} == INSTANTS
    assert {name for name, kind in found if kind.le is None} == AMOUNTS

"""Which parts of the measures of value are amounts, so that they are told in major units with their currency."""

from typing import Final

import pytest

from shared.domain.events import Fact
from shared.domain.measures.all import MEASURES
from shared.domain.measures.registry import EVERY_PART
from tests.builders import complaint, contact, instant_of, invoice, purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import among, cost, item, value, wallet

STORY: Final[list[Fact]] = [
    *purchases(0, 10, 20, 30, 80, cost=60_00, items=item("toner", consumable=True)),
    contact(5, cost=1_00),
    complaint(31),
    contact(32),
    value(33, 5_00, "product"),
    cost(34, 2_00, "money"),
    cost(35, 3_00, "training"),
    cost(36, 1_00, "training", by="customer"),
    wallet(1, "2024-01", 900_00),
    wallet(40, "2024-02", 900_00),
    invoice(41, 10_00, due_at=instant_of(50)),
    value(50, 1, "edi"),
    purchase(90, 50_00, discount=0),
]
NUMBERS: Final = {
    "yearly_margin": set(),
    "net_margin": set(),
    "break_even": {"days_ago"},
    "money_mark": set(),
    "cost_to_serve": set(),
    "service_ratio": set(),
    "dear_service": set(),
    "data_yield": {"contacts"},
    "tier": set(),
    "lifetime_value": {"purchase_days_a_year", "buys_again"},
    "lifetime_revenue": {"purchase_days_a_year", "buys_again"},
    "expected_margin": {"purchase_days_a_year", "buys_again"},
    "investments": {"customised_orders"},
    "high_volume": {"depth"},
    "delivered_value": set(),
    "ledger_value": set(),
    "ledger_cost": set(),
    "ledger_entries": {"value", "cost"},
    "wallet_share": set(),
    "lost_share": set(),
    "spend_case": set(),
    "relationship_level": {"base", "trust", "depth"},
    "consumable_due": {"toner: every"},
    "reference_value": {"referrals", "converted"},
    "overdue_receivable": {"days"},
    "value_added_falling": {"now", "before"},
}
"""Of each measure the parts that are numbers and no amounts."""


@pytest.mark.parametrize("name", NUMBERS)
def test_the_numbers_among_the_parts_that_are_no_amounts_are_few(name: str) -> None:
    """004-1, 004-2, 004-4, 004-22, 002-8, 003-3: every other number is an amount; every named amount is a part."""
    case = case_of(STORY, until=91, policy=among(survival=0.5, volume_60=1.0))

    parts, amounts = reading(name, case).parts, MEASURES[name].amounts

    numbers = {part for part, told in parts.items() if isinstance(told, float) and not isinstance(told, bool)}
    assert (set() if amounts == EVERY_PART else numbers - set(amounts)) == NUMBERS[name]
    assert amounts == EVERY_PART or parts.keys() >= set(amounts)
    assert numbers


def test_what_is_compared_window_by_window_are_amounts() -> None:
    """002-2, 002-8, 003-10: every part of these."""
    for name in ("investment_response", "net_margin", "money_mark", "spend_case"):
        assert MEASURES[name].amounts == EVERY_PART

"""Which business lines an event concerns, and what of it each has (001-13)."""

from collections.abc import Sequence

import pytest

from shared.domain.customer import Customer
from shared.domain.events import Event, Fact, Item, Purchase
from shared.domain.lines import MOST_LINES, Parts, parts_of
from tests.builders import (
    answer,
    competitor,
    complaint,
    contact,
    contract,
    end_intent,
    ended,
    feedback,
    fold_story,
    inquiry,
    invoice,
    payment,
    price_change,
    profile,
    purchase,
    refund,
    rejection,
    resolved,
    wallet,
)

SEEDS_AND_TOOLS = [purchase(0, line="seeds", order="s"), purchase(1, line="tools", order="t")]


def whole_of(*story: Fact | Sequence[Fact]) -> Customer:
    """The whole relationship after a story."""
    return fold_story(*story).customer


def names(parts: Parts) -> list[str]:
    return [line for line, _ in parts]


def test_an_event_that_names_a_line_is_that_lines_whole_and_entire() -> None:
    """001-13: what opens a line is a purchase or an inquiry."""
    bought, asked = purchase(0, line="seeds"), inquiry(0, line="seeds")

    assert parts_of(bought, Customer()) == [("seeds", bought)]
    assert parts_of(asked, Customer()) == [("seeds", asked)]


@pytest.mark.parametrize(
    "event",
    [
        complaint(2, line="seeds"),
        feedback(2, rating=1, line="seeds"),
        contract(2, line="seeds"),
        invoice(2, line="seeds"),
        refund(2, line="seeds"),
        contact(2, line="seeds"),
        end_intent(2, line="seeds"),
        competitor(2, "switch", line="seeds"),
    ],
)
def test_nothing_else_opens_one_but_all_of_it_concerns_one_that_is_open(event: Event) -> None:
    """001-13: a line that nobody bought or asked for has no lifecycle."""
    assert names(parts_of(event, Customer())) == []
    assert parts_of(event, whole_of(SEEDS_AND_TOOLS)) == [("seeds", event)]


@pytest.mark.parametrize(
    "event",
    [
        answer(2),
        rejection(2),
        resolved(2),
        contact(2),
        end_intent(2),
        ended(2),
        competitor(2, "switch"),
    ],
)
def test_answers_and_leaving_concern_every_line(event: Event) -> None:
    """001-13: whoever leaves, leaves for good; an answer finds what it answers."""
    assert parts_of(event, whole_of(SEEDS_AND_TOOLS)) == [("seeds", event), ("tools", event)]
    assert parts_of(event, Customer()) == ()


@pytest.mark.parametrize(
    "event",
    [
        inquiry(2),
        complaint(2),
        feedback(2, rating=1),
        contract(2),
        invoice(2),
        payment(2),
        wallet(2, "Q1", 100),
        price_change(2, 5.0),
        profile(2, industry="food"),
        competitor(2, "offer"),
        competitor(2, "trial"),
        competitor(2, "mention"),
        purchase(2),
        purchase(2, items=(Item(amount=100),)),
    ],
)
def test_what_names_no_line_otherwise_is_about_the_whole_relationship_alone(event: Event) -> None:
    assert names(parts_of(event, whole_of(SEEDS_AND_TOOLS))) == []


def test_an_order_whose_items_are_all_of_one_line_is_that_lines_as_it_is() -> None:
    """001-13: amount and discount are the order's, whatever its items say."""
    order = purchase(0, 90, discount=10, items=(Item(line="seeds", amount=60), Item(line="seeds")))

    assert parts_of(order, Customer()) == [("seeds", order)]


MIXED = purchase(
    0,
    100_00,
    order="mixed",
    cost=50_00,
    discount=7_00,
    items=(
        Item(line="tools", amount=30_00, cost=10_00),
        Item(line="seeds", amount=20_00, cost=5_00),
        Item(line="tools", amount=25_00, cost=15_00),
        Item(amount=25_00),
    ),
)


def test_of_an_order_of_several_lines_each_has_what_its_items_say() -> None:
    """001-13: in the order of their names; the discount of the whole is nobody's."""
    (first, seeds), (second, tools) = parts_of(MIXED, Customer())

    assert (first, second) == ("seeds", "tools")
    assert isinstance(seeds, Purchase)
    assert isinstance(tools, Purchase)
    assert (seeds.amount, seeds.cost, seeds.discount, len(seeds.items)) == (20_00, 5_00, None, 1)
    assert (tools.amount, tools.cost, tools.discount, len(tools.items)) == (55_00, 25_00, None, 2)
    assert (seeds.order_id, seeds.id, seeds.occurred_at) == ("mixed", MIXED.id, MIXED.occurred_at)


def test_one_item_without_a_line_leaves_the_rest_to_their_items() -> None:
    order = purchase(0, 100, items=(Item(line="seeds", amount=60), Item(amount=40)))

    ((line, part),) = parts_of(order, Customer())
    assert line == "seeds"
    assert isinstance(part, Purchase)
    assert part.amount == 60


def test_a_line_whose_items_do_not_all_tell_their_amount_has_no_part_of_a_mixed_order() -> None:
    """Unknown stays unknown: a line has no purchase of nothing."""
    order = purchase(
        0,
        100,
        items=(Item(line="seeds", amount=60), Item(line="tools"), Item(line="tools", amount=5), Item(line="art")),
    )

    assert names(parts_of(order, Customer())) == ["seeds"]


def test_a_part_whose_items_do_not_all_tell_their_cost_has_no_cost() -> None:
    order = purchase(
        0, 100, items=(Item(line="a", amount=1, cost=1), Item(line="a", amount=2), Item(line="b", amount=3))
    )

    costs = [part.cost for _, part in parts_of(order, Customer()) if isinstance(part, Purchase)]
    assert costs == [None, None]


def test_a_customer_has_at_most_two_dozen_lines_of_its_own() -> None:
    many = [purchase(one, line=f"line {one:02}") for one in range(MOST_LINES - 1)]
    almost = whole_of(many)

    assert MOST_LINES == 24
    assert names(parts_of(purchase(50, line="one more"), almost)) == ["one more"]
    full = whole_of(many, purchase(49, line="the last"))
    assert names(parts_of(purchase(50, line="one more"), full)) == []
    assert names(parts_of(purchase(50, line="the last"), full)) == ["the last"]


def test_an_order_opens_as_many_lines_as_there_is_room_for() -> None:
    almost = whole_of([purchase(one, line=f"line {one:02}") for one in range(MOST_LINES - 1)])
    order = purchase(50, 9, items=tuple(Item(line=line, amount=3) for line in ("b", "a", "line 03")))

    assert names(parts_of(order, almost)) == ["a", "line 03"]


@pytest.mark.parametrize(("order", "lines"), [("s", ["seeds"]), ("t", ["tools"]), ("elsewhere", []), (None, [])])
def test_a_refund_that_names_an_order_is_of_the_line_that_holds_it(order: str | None, lines: list[str]) -> None:
    assert names(parts_of(refund(2, 1, order=order), whole_of(SEEDS_AND_TOOLS))) == lines


def test_a_refund_of_an_order_of_several_lines_is_of_none_for_nobody_says_which() -> None:
    assert names(parts_of(refund(2, 1, order="mixed"), whole_of(MIXED))) == []


def test_a_refund_nets_its_line_too() -> None:
    customer = whole_of(SEEDS_AND_TOOLS, refund(2, 30_00, order="t"))

    assert [occasion.amount for occasion in customer.lines["tools"].occasions] == [70_00]
    assert [occasion.amount for occasion in customer.lines["seeds"].occasions] == [100_00]
    assert [occasion.amount for occasion in customer.occasions] == [100_00, 70_00]


def test_what_was_given_away_is_part_of_an_order_too() -> None:
    """001-13: an amount of 0 counts as 0."""
    order = purchase(0, 5, items=(Item(line="a", amount=0), Item(line="a", amount=2), Item(line="b", amount=3)))

    assert [part.amount for _, part in parts_of(order, Customer()) if isinstance(part, Purchase)] == [2, 3]

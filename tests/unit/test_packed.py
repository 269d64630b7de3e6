"""What is packed into bytes comes back as it was, and behaves as the tuples whose place it takes."""

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.customer import Customer, Order, add_order, pack_orders
from shared.domain.instants import Day
from shared.domain.packed import add_number, amount_of, number_of, numbers, pack_numbers, replace_number

MOST = 3
NUMBERS = st.integers(-(1 << 63) + 1, (1 << 63) - 1)
AMOUNTS = st.none() | NUMBERS
ORDERS = st.builds(Order, st.integers(0, (1 << 32) - 1), st.integers(0, 3_000_000).map(Day), AMOUNTS)


@given(st.lists(NUMBERS))
def test_numbers_are_added_to_the_end_and_the_oldest_go(given_numbers: list[int]) -> None:
    packed = b""
    for number in given_numbers:
        packed = add_number(packed, number, MOST)

    assert numbers(packed) == tuple(given_numbers[-MOST:])
    assert packed == pack_numbers(given_numbers[-MOST:])


@given(st.lists(NUMBERS, min_size=1), NUMBERS)
def test_the_newest_number_can_be_replaced(given_numbers: list[int], other: int) -> None:
    assert numbers(replace_number(pack_numbers(given_numbers), other)) == (*given_numbers[:-1], other)


@given(st.lists(AMOUNTS))
def test_an_unknown_amount_stays_unknown(amounts: list[int | None]) -> None:
    customer = Customer()
    customer.volumes = tuple(amounts)

    assert customer.volumes == tuple(amounts)
    assert [amount_of(number_of(amount)) for amount in amounts] == amounts


@given(st.lists(ORDERS))
def test_orders_are_added_to_the_end_and_the_oldest_go(orders: list[Order]) -> None:
    customer = Customer()
    for order in orders:
        customer.packed_orders = add_order(customer.packed_orders, order, MOST)

    assert customer.orders == tuple(orders[-MOST:])
    assert customer.packed_orders == pack_orders(orders[-MOST:])

"""What is paid against the list, and what referrals bring."""

import pytest

from shared.domain.events import Item
from tests.builders import purchase, referral, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import HALF, item, value


def test_the_list_price_share_is_the_amount_bought_without_a_reduction() -> None:
    """002-11: of 100 in items 20 were paid in full, an order of 100 without discount was: 120 of 200."""
    reduced = Item(amount=80_00, list_amount=100_00)
    full = Item(amount=20_00, list_amount=20_00)
    case = case_of(
        purchase(0, 100_00, items=(reduced, full)), purchase(5, 100_00, discount=0), purchase(9, 70_00), until=10
    )

    found = reading("list_price_share", case)

    assert found.value == pytest.approx(0.6)
    assert found.coverage == pytest.approx(2 / 3)
    assert found.evidence == ("purchase of day 0", "purchase of day 5")


def test_an_order_with_any_discount_is_none_at_list_price() -> None:
    """002-11: a discount of a cent."""
    case = case_of(purchase(0, 100_00, discount=1), until=10)

    assert reading("list_price_share", case).value == 0


def test_items_weigh_by_what_is_left_of_their_order() -> None:
    """002-11: items of 80 and 20 in an order of 200, half of it refunded: 40 reduced and 10 full, beside 50 full."""
    items = (Item(amount=80_00, list_amount=90_00), Item(amount=20_00, list_amount=20_00))
    partly_listed = purchase(0, 200_00, "a", items=items)
    cheaper_than_its_items = purchase(0, 50_00, "b", items=items)
    rest = purchase(1, 50_00, discount=0)

    assert reading(
        "list_price_share", case_of(partly_listed, rest, refund(2, 100_00, "a"), until=9)
    ).value == pytest.approx(60 / 100)
    assert reading("list_price_share", case_of(cheaper_than_its_items, rest, until=9)).value == pytest.approx(60 / 100)


def test_what_was_given_back_or_has_no_list_price_tells_nothing() -> None:
    """002-11: a refunded order, an order without list prices, items without an amount."""
    given_back = case_of(purchase(0, 100_00, discount=0), refund(1, 100_00), until=9)
    bare = case_of(purchase(0, 100_00, items=item(list_amount=5)), until=9)
    for_nothing = case_of(purchase(0, 0, discount=0), until=9)

    for case in (given_back, bare, for_nothing):
        assert reading("list_price_share", case).value is None
        assert reading("list_price_share", case).missing == ("list prices of items, or the discount of an order",)


@pytest.mark.parametrize(("last", "change"), [(60, None), (61, 0.5)])
def test_the_change_of_list_price_share_holds_the_last_window_against_what_was_before(
    last: int, change: float | None
) -> None:
    """002-11: on day 110 the last W = 50 days begin with day 61; before it half was paid in full, now all is."""
    story = [purchase(0, discount=5), purchase(1, discount=0), purchase(last, discount=0)]

    found = reading("list_price_change", case_of(story, until=110, policy=HALF))

    assert found.value == change
    assert found.parts["recent"] == (None if change is None else 1)
    assert found.parts["before"] == (pytest.approx(2 / 3) if change is None else 0.5)
    assert len(found.evidence) == (0 if change is None else 3)


def test_the_change_is_below_nought_where_discounts_have_come() -> None:
    """002-11: all in full before, nothing now."""
    story = [purchase(0, discount=0), purchase(100, discount=9), purchase(101)]

    found = reading("list_price_change", case_of(story, until=110, policy=HALF))

    assert found.value == -1
    assert found.evidence == ("purchase of day 0", "purchase of day 100")


def test_the_value_of_referrals_is_the_margin_that_was_sent_of_them() -> None:
    """002-11: two converted of three, the margin of one of them is known."""
    story = [
        purchase(0),
        referral(1, converted=True),
        referral(2, converted=True),
        referral(3),
        value(9, 30_00, "referral"),
        value(9, 5_00, "product"),
    ]

    found = reading("reference_value", case_of(story, until=10))

    assert found.value == 30_00
    assert found.coverage == 0.5
    assert found.parts == {"referrals": 3, "converted": 2}
    assert found.evidence == ("value referral of day 9",)


def test_the_value_of_referrals_is_unknown_until_it_is_sent() -> None:
    """002-11: who converted is counted, what they bring is not guessed."""
    converted = reading("reference_value", case_of(purchase(0), referral(1, converted=True), until=10))
    told = reading("reference_value", case_of(purchase(0), referral(1), until=10))

    assert converted.value is None
    assert converted.missing == ("the margin they brought: a value event with what = referral",)
    assert converted.parts == {"referrals": 1, "converted": 1}
    assert told.missing == ("a converted referral, and the margin it brought: a value event with what = referral",)


def test_two_entries_for_one_referral_cover_it_whole() -> None:
    """002-11: coverage is at most 1, also without the referral itself; other currencies need a rate."""
    twice = [value(8, 30_00, "referral"), value(9, 10_00, "referral")]
    foreign = value(7, 99_00, "referral", currency="USD")

    found = reading("reference_value", case_of(purchase(0), foreign, twice, until=10))

    assert found.value == 40_00
    assert found.coverage == 1
    assert reading("reference_value", case_of(purchase(0), twice[1], until=10)).coverage == 1

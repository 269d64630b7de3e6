"""The ledger in counts: who bought what, and what is owed, by industry, region and product."""

from shared.domain.events import Item
from shared.domain.policy import Policy
from shared.domain.survey.ledger import Account, LedgerTally, last_product
from tests.builders import invoice, payment, purchase, refund
from tests.unit.survey.people import person, profile


def test_the_ledger_counts_by_industry_region_and_last_product() -> None:
    """004-14: 客户台帐: industry, region, product, receivables."""
    tea, cup = Item(product="tea"), Item(product="cup")
    first = person(
        profile(industry="food", region="north"),
        purchase(0, 10_00, items=(cup,)), purchase(1, 20_00, items=(tea,)), purchase(2, 5_00),
        invoice(3, 9_00), payment(4, 2_00),
        until=9,
    )  # fmt: skip
    second = person(profile(industry="food"), purchase(0, 400, currency="JPY"), invoice(1, 1_00), until=9)
    tally = LedgerTally()
    for one in (first, second):
        tally.add(one)

    told = tally.told()

    assert told["industry"] == [
        Account(
            value="food",
            customers=2,
            purchases=4,
            amount={"EUR": 35_00, "JPY": 400},
            receivables={"EUR": 8_00},
        )
    ]
    assert [(one.value, one.customers) for one in told["region"]] == [("(unknown)", 1), ("north", 1)]
    assert [(one.value, one.purchases) for one in told["product"]] == [("(unknown)", 1), ("tea", 3)]


def test_amounts_that_are_unknown_add_nothing() -> None:
    policy = Policy(base_currency="EUR")
    tally = LedgerTally()
    tally.add(person(purchase(0, 10_00), purchase(1, 9_00, currency="USD"), until=9, policy=policy))

    [account] = tally.told()["region"]

    assert (account.purchases, account.amount) == (2, {"EUR": 10_00})


def test_the_last_product_is_that_of_the_newest_purchase_that_names_one() -> None:
    both = (Item(quantity=1.0), Item(product="cup"), Item(product="pot"))

    assert last_product(person(purchase(0, items=both), purchase(1), until=2).deals) == "cup"
    assert last_product(person(purchase(0, items=(Item(),)), until=2).deals) is None
    refunded = person(purchase(0), purchase(1, items=both), refund(2, order="order 1"), until=3)
    assert last_product(refunded.deals) is None

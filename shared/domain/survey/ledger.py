"""004-14: the ledger in counts: customers, purchases, amounts and receivables by industry, region and last product."""

from typing import Final

from msgspec import Struct, field

from shared.domain.measures.case import Case
from shared.domain.measures.deals import Deal
from shared.domain.survey.groups import Groups
from shared.domain.survey.person import Person
from shared.domain.survey.tiers import Amounts, added

DIMENSIONS: Final = ("industry", "region", "product")


class Account(Struct, kw_only=True):
    """Customers of one word, their purchases, what these came to and what is owed; minor units by currency."""

    value: str
    customers: int = 0
    purchases: int = 0
    amount: Amounts = field(default_factory=dict)
    receivables: Amounts = field(default_factory=dict)


class LedgerTally:
    """Adds up the ledger."""

    def __init__(self) -> None:
        self._by = {name: Groups(lambda: Account(value="")) for name in DIMENSIONS}

    def add(self, person: Person) -> None:
        """Count a customer."""
        words = {
            "industry": person.case.profile("industry"),
            "region": person.case.profile("region"),
            "product": last_product(person.deals),
        }
        for name in DIMENSIONS:
            word = words[name]
            self._enter(self._by[name].of(word if isinstance(word, str) else None), person)

    def told(self) -> dict[str, list[Account]]:
        """What was added up, by dimension."""
        found: dict[str, list[Account]] = {}
        for name, groups in self._by.items():
            found[name] = [_named(account, word) for word, account in groups.items()]
        return found

    def _enter(self, account: Account, person: Person) -> None:
        account.customers += 1
        account.purchases += len(person.deals)
        bought = ((person.currency, deal.amount) for deal in person.deals)
        account.amount = added([*account.amount.items(), *bought])
        account.receivables = added([*account.receivables.items(), *receivables(person.case).items()])


def receivables(case: Case) -> Amounts:
    """What was invoiced and not paid, by currency."""
    return dict(sorted(case.state.receivables.items()))


def last_product(deals: list[Deal]) -> str | None:
    """What was bought last: the product of the newest deal that names one."""
    for deal in reversed(deals):
        for item in deal.event.items:
            if item.product is not None:
                return item.product
    return None


def _named(account: Account, word: str) -> Account:
    account.value = word
    return account

"""The ledger (004-14): customers with what they bought and owe, read live, a page at a time."""

import csv
from collections.abc import AsyncIterator, Sequence
from io import StringIO
from typing import Final

from msgspec import Struct

from services.api.answers import own_stage
from services.api.labels import STAGES, TYPES, Language
from services.api.money import money_answer, moneys_answer
from services.api.reading import Reader, Standing
from services.api.schemas.ledger import LedgerEntry
from services.api.times import stamp
from shared.domain.events import ACTIONS, Event
from shared.domain.ids import shard_of
from shared.domain.instants import EARLIEST
from shared.domain.measures.case import Case
from shared.domain.measures.deals import currency_of, total
from shared.domain.survey.ledger import last_product, receivables
from shared.domain.survey.person import Person
from shared.ports.queries import CustomerCursor, CustomerFilter, Queries
from shared.ports.surveys import Reports

CSV_PAGE: Final = 200
"""Customers that a table is read by at once."""

COLUMNS: Final = (
    "customer_id", "stage", "type", "industry", "region", "level", "owner", "last_product", "last_bought_at",
    "purchases", "occasions", "amount", "currency", "receivables",
)  # fmt: skip


class LedgerSlice(Struct, frozen=True, kw_only=True):
    """Some entries, and where the next ones begin; None after the last."""

    entries: list[LedgerEntry]
    after: CustomerCursor | None


class LedgerBook:
    """Reads the ledger: a page of customers, and all their events in one question."""

    def __init__(self, queries: Queries, reader: Reader, reports: Reports, language: Language) -> None:
        self._queries, self._reader, self._reports = queries, reader, reports
        self._language = language

    async def page(self, wanted: CustomerFilter, after: CustomerCursor | None, most: int) -> LedgerSlice:
        """So many customers after a cursor."""
        views = await self._queries.customers(wanted, after, most + 1)
        standings = await self._reader.standings(views[:most])
        events = await self._reports.events_of([one.view.customer_id for one in standings])
        entries = [entry(one, events.get(one.view.customer_id, ()), self._language) for one in standings]
        last = standings[-1].view.customer_id if len(views) > most else None
        return LedgerSlice(entries=entries, after=None if last is None else (shard_of(last), last))

    async def table(self, wanted: CustomerFilter, first: LedgerSlice) -> AsyncIterator[str]:
        """A slice and everything after it as a table, page by page."""
        yield _rows([COLUMNS])
        while True:
            yield _rows([_row(one) for one in first.entries])
            if first.after is None:
                return
            first = await self.page(wanted, first.after, CSV_PAGE)


def entry(standing: Standing, events: Sequence[Event], language: Language) -> LedgerEntry:
    """One customer's page in the ledger, from its events."""
    view = standing.view
    told = [event for event in events if not isinstance(event, ACTIONS)]
    case = Case(view.customer_id, told, view.customer, standing.policy, view.as_of or EARLIEST)
    deals = (person := Person(case)).deals
    amount = total(deal.amount for deal in deals) if deals else None
    return LedgerEntry(
        customer_id=view.customer_id,
        stage=own_stage(view.customer.stage),
        stage_label=STAGES[view.customer.stage].says(language),
        type=view.type,
        type_label=TYPES[view.type].says(language),
        industry=_text(case.profile("industry")),
        region=_text(case.profile("region")),
        level=_text(case.profile("level")),
        owner=_text(case.profile("owner")),
        last_product=last_product(deals),
        last_bought_at=stamp(deals[-1].at) if deals else None,
        purchases=len(deals),
        occasions=len(person.bought),
        amount=money_answer(amount, currency_of(case)),
        receivables=moneys_answer([(minor, currency) for currency, minor in receivables(case).items()]),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _row(one: LedgerEntry) -> list[object]:
    named = [getattr(one, name) for name in COLUMNS[:11]]
    amount = one.amount
    money = (amount.amount, amount.currency) if amount is not None else (None, None)
    owed = "; ".join(f"{part.amount} {part.currency}" for part in one.receivables)
    return [*("" if value is None else value for value in (*named, *money)), owed]


def _rows(rows: Sequence[Sequence[object]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()

"""The counts that a store tells, and the same from everybody one by one."""

from collections import Counter
from collections.abc import Iterable

from shared.adapters.codec import Entry
from shared.domain.customer import CustomerType
from shared.domain.stages import Stage
from shared.domain.volume import level
from shared.ports.log import Record
from shared.ports.queries import CustomerFilter
from tests import scoring
from tests.contract.stores import HOME, PARTITIONS, Place

NEW, ESTABLISHED = CustomerType.NEW, CustomerType.ESTABLISHED
TARGET, TRIAL, GROWING, FALLING = Stage.TARGET, Stage.EXPLORATION, Stage.FORMATION, Stage.DECLINE
FROM_TARGET, TO_GROWING, TO_FALLING = (TARGET, TRIAL), (TRIAL, GROWING), (GROWING, FALLING)

Heads = dict[tuple[str, str, str | None], tuple[int, int]]
Moves = dict[tuple[str, str], int]


async def heads(place: Place) -> Heads:
    """Heads and the sum of their levels by stage, type and currency."""
    return {(one.stage, one.type, one.currency): (one.heads, one.level) for one in await place.queries.stage_counts()}


async def moves(place: Place) -> Moves:
    return {(one.source, one.target): one.count for one in await place.queries.move_counts()}


async def told_one_by_one(place: Place) -> tuple[Heads, Moves]:
    """The same, from every customer and every transition."""
    count, sums = Counter[tuple[str, str, str | None]](), Counter[tuple[str, str, str | None]]()
    steps = Counter[tuple[str, str]]()
    for view in await place.queries.customers(CustomerFilter(), None, 1_000):
        key = (view.customer.stage, view.type, view.customer.currency)
        count[key] += 1
        sums[key] += round(level(view.customer) or 0)
        for each in await place.queries.transitions(view.customer_id):
            stands = each.retracted_at is None and each.transition.line is None
            steps[each.transition.source, each.transition.target] += stands
    return {key: (count[key], sums[key]) for key in count}, {key: number for key, number in steps.items() if number}


async def said(place: Place, entries: Iterable[Entry], first: int = 0, sizes: tuple[int, ...] = (2,)) -> list[Record]:
    """The partition's log goes on with these, and all of it is scored."""
    records = scoring.records_of(entries, HOME, first)
    await scoring.run(place.store, records, sizes, partition=HOME, partitions=PARTITIONS)
    return records

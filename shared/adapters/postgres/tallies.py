"""Heads by stage and moves between stages, kept by every transaction as it goes, so that whoever asks need not count.

Each partition has tallies of its own, and only who holds its position writes them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Final

import asyncpg

from shared.adapters.postgres.rows import CURRENCY, LEVEL, LINE, SOURCE, STAGE, TARGET, TYPE, Row, columns

Counted = tuple[str, str, str | None, int | None]
"""What the tallies hold of a customer: stage, type, currency, level."""

counted: Final[Callable[[Row], Counted]] = itemgetter(STAGE, TYPE, CURRENCY, LEVEL)
"""What is counted of a customer's row."""

_move: Final[Callable[[Row], Row]] = itemgetter(SOURCE, TARGET)


def moves_of(rows: Iterable[Row]) -> list[Row]:
    """What is counted of transitions' rows, source and target: those of the whole relationship, not of its lines."""
    return [_move(row) for row in rows if row[LINE] is None]


ADD_HEADS: Final = """
    INSERT INTO heads AS kept (partition, stage, type, currency, heads, level)
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::numeric[])
    ON CONFLICT (partition, stage, type, currency) DO UPDATE SET heads = kept.heads + excluded.heads,
        level = kept.level + excluded.level
"""

ADD_MOVES: Final = """
    INSERT INTO moves AS kept (partition, source, target, count)
    SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bigint[])
    ON CONFLICT (partition, source, target) DO UPDATE SET count = kept.count + excluded.count
"""

# The parameters of these are a partition, its first shard and its last.
HEADS: Final = """
    SELECT $1::smallint AS partition, stage, type, coalesce(currency, '') AS currency, count(*) AS heads,
        coalesce(sum(level), 0) AS level
    FROM customer WHERE shard BETWEEN $2::smallint AND $3::smallint GROUP BY stage, type, currency
"""

MOVES: Final = """
    SELECT $1::smallint AS partition, source, target, count(*) AS count
    FROM transition WHERE shard BETWEEN $2::smallint AND $3::smallint AND retracted_at IS NULL AND line IS NULL
    GROUP BY source, target
"""

FORGET_HEADS: Final = "DELETE FROM heads WHERE partition = $1"
FORGET_MOVES: Final = "DELETE FROM moves WHERE partition = $1"
COUNT_HEADS: Final = f"INSERT INTO heads (partition, stage, type, currency, heads, level) {HEADS}"
COUNT_MOVES: Final = f"INSERT INTO moves (partition, source, target, count) {MOVES}"

RECOUNT_SECONDS: Final = 3_600
"""How long counting a partition anew may take; what a batch may take does not go for it."""

# What a statement of the scorer must never do is right here: the whole partition is read.
UNHURRIED: Final = f"SET LOCAL statement_timeout = '{RECOUNT_SECONDS}s'; SET LOCAL enable_seqscan = on"


def head_rows(partition: int, written: Iterable[Row], before: Mapping[str, Counted]) -> list[Row]:
    """partition, stage, type, currency, heads, level: by how much these rows of customers change what is counted.

    `before` is what is counted now of those that are there already.
    """
    changes: dict[tuple[str, str, str], list[int]] = {}
    for row in written:
        old, new = before.get(row[1]), counted(row)
        if old != new:
            _add(changes, new, 1)
            if old is not None:
                _add(changes, old, -1)
    return sorted((partition, *key, heads, level) for key, (heads, level) in changes.items() if heads or level)


def move_rows(partition: int, added: Iterable[Row], taken_back: Iterable[Row]) -> list[Row]:
    """partition, source, target, count: by how much these rows of (source, target) change what is counted."""
    changes = Counter(tuple(row) for row in added)
    changes.subtract(tuple(row) for row in taken_back)
    return sorted((partition, source, target, count) for (source, target), count in changes.items() if count)


async def add(raw: asyncpg.Connection, heads: Sequence[Row], moves: Sequence[Row]) -> None:
    """Add changes to the tallies, in the transaction that makes them true."""
    if heads:
        await raw.execute(ADD_HEADS, *columns(heads))
    if moves:
        await raw.execute(ADD_MOVES, *columns(moves))


async def recount(raw: asyncpg.Connection, partition: int, shards: range) -> None:
    """Put counts of what is stored in the place of a partition's tallies. Nobody else may write to it meanwhile."""
    await raw.execute(UNHURRIED)
    for forget, count in ((FORGET_HEADS, COUNT_HEADS), (FORGET_MOVES, COUNT_MOVES)):
        await raw.execute(forget, partition)
        await raw.execute(count, partition, shards[0], shards[-1], timeout=RECOUNT_SECONDS)


def _add(changes: dict[tuple[str, str, str], list[int]], customer: Counted, sign: int) -> None:
    stage, kind, currency, level = customer
    sums = changes.setdefault((stage, kind, currency or ""), [0, 0])
    sums[0] += sign
    sums[1] += sign * (level or 0)

"""Everything folded again from the stored events: the `event` table is the record of truth."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from services.scorer.batch import CHUNK
from services.scorer.score import Scoring
from shared.domain.controls import Governance
from shared.domain.ids import shards_of
from shared.domain.policy import Policy
from shared.ports.clock import now
from shared.ports.store import Position, Store, Walk


async def rebuild(
    store: Store,
    partitions: int,
    *,
    policy: Policy | None = None,
    resume: Mapping[int, int] | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """Fold every customer of every partition again; what differs is corrected in the open. How many customers.

    Takes the partitions over, so that running scorers give way and come back afterwards. `resume` sets positions
    whose records the log no longer keeps to the offset to go on from. `told` hears how many customers are done.
    """
    done = 0
    for partition in range(partitions):
        position = await _recount(store, await store.claim(partition))
        governance = Governance.of(await store.controls(partition), policy)
        walk = Walk(effective_at=now(), shard=shards_of(partition, partitions).start, customer_id="")
        while True:
            position, walk, count = await _chunk(store, position, governance, walk)
            done += count
            if told is not None:
                told(done)
            if count < CHUNK:
                break
        if resume and partition in resume:
            await _skip_to(store, position, resume[partition])
    return done


async def _recount(store: Store, position: Position) -> Position:
    """Begin with right tallies, whatever they were: what follows only adds to them."""
    moved = replace(position, version=position.version + 1)
    async with store.begin(position.partition) as unit:
        await unit.advance(position, moved)
        await unit.recount()
    return moved


async def _chunk(store: Store, position: Position, governance: Governance, walk: Walk) -> tuple[Position, Walk, int]:
    """Fold a chunk of customers again, in one transaction."""
    async with store.begin(position.partition) as unit:
        chunk = await unit.walk(walk.shard, walk.customer_id, CHUNK)
        if not chunk:
            return position, walk, 0
        histories = await unit.histories({row.customer_id: None for row in chunk})
        scoring = Scoring(position, governance, {row.customer_id: row for row in chunk}, histories=histories)
        onward = scoring.again(chunk, now())
        moved = scoring.finish(position, position.next_offset, position.walk, live=position.live)
        await unit.advance(position, moved)
        await unit.save(scoring.ledger.changes)
    return moved, onward, len(chunk)


async def _skip_to(store: Store, position: Position, offset: int) -> None:
    async with store.begin(position.partition) as unit:
        moved = replace(position, next_offset=max(position.next_offset, offset), version=position.version + 1)
        await unit.advance(position, moved)

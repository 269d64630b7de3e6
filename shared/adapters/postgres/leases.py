"""Sharing the partitions of the log in PostgreSQL among live readers, by leases that end unless they are renewed."""

import asyncio
import logging
import time
import uuid
from collections.abc import Callable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters.holdings import patient
from shared.adapters.postgres.engine import connected, transaction
from shared.adapters.postgres.line import TROUBLE, Raw, told
from shared.adapters.sharing import shared_out

CHANNEL: Final = "lifestage.lease"
BEATS: Final = 3  # times that a lease is renewed before it would end
DEADLINE: Final = 5.0

logger: Final = logging.getLogger(__name__)

MAKE: Final = """
    INSERT INTO log_lease (worker_group, partition)
    SELECT $1, partition FROM generate_series(0, $2::integer - 1) AS p (partition)
    ON CONFLICT (worker_group, partition) DO NOTHING
"""
BEAT: Final = """
    INSERT INTO log_worker (worker_group, worker, until)
    VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
    ON CONFLICT (worker_group, worker) DO UPDATE SET until = excluded.until
    RETURNING xmax = 0 AS joined
"""
WORKERS: Final = """
    SELECT worker, extract(epoch FROM until - clock_timestamp())::float8 AS remaining
    FROM log_worker
    WHERE worker_group = $1 AND until > clock_timestamp()
"""
LEASES: Final = "SELECT partition, owner FROM log_lease WHERE worker_group = $1"
GIVE: Final = """
    UPDATE log_lease SET owner = NULL
    WHERE worker_group = $1 AND owner = $2 AND partition = ANY ($3::smallint[])
"""
TAKE: Final = """
    UPDATE log_lease AS l SET owner = $2
    WHERE l.worker_group = $1 AND l.partition = ANY ($3::smallint[]) AND NOT EXISTS (
        SELECT FROM log_worker AS w
        WHERE w.worker_group = l.worker_group AND w.worker = l.owner AND w.until > clock_timestamp()
    )
    RETURNING l.partition
"""
LEAVE: Final = "DELETE FROM log_worker WHERE worker_group = $1 AND worker = $2"
BURY: Final = "DELETE FROM log_worker WHERE worker_group = $1 AND until < clock_timestamp() - interval '1 hour'"
TELL: Final = f"SELECT pg_notify('{CHANNEL}', '')"


class Leases:
    """The partitions that this worker should serve. A hint: two workers may believe in the same one for a moment."""

    def __init__(self, engine: AsyncEngine, *, group: str, partitions: int, lease: float, idle: float) -> None:
        self._engine = engine
        self._group = group
        self._partitions = partitions
        self._lease = lease
        self._idle = idle
        self._name = uuid.uuid4().hex
        self._wake = asyncio.Event()
        self._good = -lease  # when the last renewal that worked was begun
        self._used = time.monotonic()
        self._changed: Callable[[frozenset[int]], None]
        self._task: asyncio.Task[None] | None = None

    async def start(self, changed: Callable[[frozenset[int]], None]) -> None:
        """Join; `changed` is told the partitions whenever they may have changed."""
        self._changed = changed
        async with asyncio.timeout(DEADLINE), connected(self._engine) as raw:
            await raw.execute(MAKE, self._group, self._partitions)
        self._task = asyncio.create_task(self._keep())

    def wake(self) -> None:
        """Look at once: something has changed, or is doubted."""
        self._wake.set()

    def use(self) -> None:
        """Somebody is working on what this worker has."""
        if self._unused():
            self._wake.set()
        self._used = time.monotonic()

    def alive(self) -> bool:
        """Whether the others still count on this worker; false after a long pause of the process or the database."""
        return time.monotonic() - self._good < self._lease

    async def stop(self) -> None:
        """Give everything up and tell the others."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.wait({self._task})
        try:
            await self._leave()
        except TROUBLE as error:
            logger.warning("a worker left without a word", extra={"error": told(error)})

    async def _keep(self) -> None:
        while True:
            self._wake.clear()
            begun = time.monotonic()
            try:
                if self._unused():
                    pause = self._lease
                    self._changed(frozenset())
                    await self._leave()
                else:
                    pause = await self._look()
                    self._good = begun
            except Exception as error:  # whatever it is, the task has to go on
                logger.warning("leases could not be renewed", extra={"error": told(error)})
                pause = self._lease / BEATS / 2
                if not self.alive():
                    self._changed(frozenset())
            await patient(self._wake, pause)

    def _unused(self) -> bool:
        """Whether nobody polls: then others shall have the partitions until somebody does again."""
        return time.monotonic() - self._used > self._idle

    async def _leave(self) -> None:
        async with asyncio.timeout(DEADLINE), transaction(self._engine) as raw:
            await raw.execute(LEAVE, self._group, self._name)
            await raw.execute(TELL)

    async def _look(self) -> float:
        """Renew, see who is there, give and take; tells when to look again."""
        async with asyncio.timeout(min(DEADLINE, self._lease)), connected(self._engine) as raw:
            joined = await raw.fetchval(BEAT, self._group, self._name, self._lease)
            workers = {row["worker"]: row["remaining"] for row in await raw.fetch(WORKERS, self._group)}
            owners = {row["partition"]: row["owner"] for row in await raw.fetch(LEASES, self._group)}
            if joined:
                await raw.execute(BURY, self._group)
                await raw.execute(TELL)
            await self._share(raw, workers.keys() | {self._name}, owners)
        ends: list[float] = [remaining + 0.02 for worker, remaining in workers.items() if worker != self._name]
        return max(0.02, min([self._lease / BEATS, *ends]))

    async def _share(self, raw: Raw, workers: set[str], owners: dict[int, str | None]) -> None:
        held = {partition: owner for partition, owner in owners.items() if owner in workers}
        target = shared_out(self._partitions, workers, {p: owner for p, owner in held.items() if owner is not None})
        mine = {partition for partition, owner in held.items() if owner == self._name}
        staying = {partition for partition in mine if target[partition] == self._name}
        free = [partition for partition, owner in target.items() if owner == self._name and partition not in held]
        self._changed(frozenset(staying))  # before they are given up: nothing more is handed out of them
        if mine - staying:
            await raw.execute(GIVE, self._group, self._name, sorted(mine - staying))
            await raw.execute(TELL)
        if free:
            taken = await raw.fetch(TAKE, self._group, self._name, sorted(free))
            self._changed(frozenset(staying | {row["partition"] for row in taken}))

"""Faults at random moments: processes and servers killed, scorers that join, leave and freeze."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from random import Random
from time import monotonic
from typing import Final

from msgspec import Struct

from bench.chaos_watch import Span, Versions
from bench.fleet import Fleet, Member
from shared.adapters.kafka.log import SESSION
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.server import PostgresServer

JOINED_WITHIN: Final = 30.0
SERVED_WITHIN: Final = 60.0
"""How long we look at most; what is asked for is less, and judged in the end."""
PILED_UP: Final = 0.3
"""The share of faults that strike while the one before may still have its effect."""
CALM: Final = 1.0
"""A kill is a lone one when nothing else happened for so many seconds before it, nor until it was served."""


class Recovery(Struct, frozen=True, kw_only=True):
    """How long it took until the partitions of a scorer were served again; None: not while we looked."""

    what: str
    span: Span
    seconds: float | None


class Counts(Struct, frozen=True, kw_only=True):
    """How many faults of each kind."""

    kills: int = 30
    postgres: int = 3
    broker: int = 3
    visits: int = 10
    """Scorers that join and leave again."""
    freezes: int = 1

    def schedule(self, random: Random) -> list[str]:
        """The faults in the order in which they strike."""
        scorers = round(self.kills * 0.6)
        faults = ["scorer"] * scorers + ["ingest"] * (self.kills - scorers)
        faults += ["postgres"] * self.postgres + ["broker"] * self.broker
        faults += ["visit"] * self.visits + ["freeze"] * self.freezes
        random.shuffle(faults)
        return faults


class Servers(Struct, kw_only=True):
    """The real PostgreSQL and Kafka under the services."""

    folder: Path
    postgres: PostgresServer
    kafka: KafkaServer
    nodes: int = 1

    async def crash_postgres(self, pause: float) -> None:
        """End it as `pg_ctl stop -m immediate` does, and start it again on the same port."""
        os.kill(self.postgres.pid, signal.SIGQUIT)
        await self.postgres.stop()
        await asyncio.sleep(pause)
        self.postgres = await PostgresServer.start(self.folder, port=self.postgres.port)

    async def crash_broker(self, node: int, pause: float) -> None:
        """Kill -9, and start it again."""
        await self.kafka.kill(node)
        await asyncio.sleep(pause)
        await self.kafka.restart(node)


class Faults:
    """Strikes while a history is on its way, and takes down what happened when."""

    def __init__(
        self, fleet: Fleet, servers: Servers, versions: Versions, random: Random, told: Callable[[str], None]
    ) -> None:
        self._fleet, self._servers, self._versions = fleet, servers, versions
        self._random, self._told = random, told
        self._effects: set[asyncio.Task[None]] = set()
        self._visits = 0
        self.next_day = 0.0
        """The day of the history on which the next fault strikes."""
        self.happened: list[tuple[str, Span]] = []
        self.recoveries: list[Recovery] = []
        self.odd: list[str] = []
        """What should not have happened: a scorer that did not leave in order, for example."""
        self._kinds: Mapping[str, Callable[[], Awaitable[None]]] = {
            "scorer": self._kill_scorer,
            "ingest": self._kill_ingest,
            "postgres": self._kill_postgres,
            "broker": self._kill_broker,
            "visit": self._visit,
            "freeze": self._freeze,
        }

    async def run(self, schedule: list[str], days: int, reached: Callable[[], int]) -> None:
        """Strike at random days of a history of so many; `reached` tells the day that it has come to."""
        moments = sorted(self._random.uniform(0.02, 0.9) * days for _ in schedule)
        for kind, moment in zip(schedule, moments, strict=True):
            if self._random.random() < PILED_UP:
                self.next_day = moment
                await asyncio.sleep(self._random.uniform(0, 2))
            else:
                await self._over(self._effects)
                await asyncio.sleep(self._random.uniform(CALM, 2 * CALM))
                self.next_day = moment  # from here on the history goes on, and is struck while it does
                while reached() < moment:
                    await asyncio.sleep(0.02)
                await asyncio.sleep(self._random.uniform(0, 0.4))
            self._told(kind)
            await self._kinds[kind]()
        self.next_day = float("inf")
        await self._over(self._effects)

    def outages(self, *kinds: str, grace: float = 0) -> list[Span]:
        """When servers of these kinds were away."""
        return [Span(span.start, span.end + grace) for what, span in self.happened if what in kinds]

    def others(self, recovery: Recovery) -> list[str]:
        """What else happened around a recovery."""
        around = Span(recovery.span.start - CALM, recovery.span.end)
        own = {recovery.span.start, recovery.span.end}
        return [what for what, span in self.happened if span.meets([around]) and not own & {span.start, span.end}]

    async def _over(self, effects: "set[asyncio.Task[None]]") -> None:
        if effects:
            await asyncio.gather(*effects)

    def _meanwhile(self, effect: Awaitable[None]) -> None:
        async def follow() -> None:
            await effect

        task = asyncio.create_task(follow())
        self._effects.add(task)
        task.add_done_callback(self._effects.discard)

    async def _kill_scorer(self) -> None:
        member = await self._one_of("scorer")
        at = await member.kill()
        self._meanwhile(self._recover("scorer", at, member))

    async def _kill_ingest(self) -> None:
        member = await self._one_of("ingest")
        at = await member.kill()
        await asyncio.sleep(self._random.uniform(0, 1))
        member.start()
        self.happened.append(("ingest", Span(at, monotonic())))

    async def _kill_postgres(self) -> None:
        at = monotonic()
        await self._servers.crash_postgres(self._random.uniform(0, 2))
        self._back("postgres", at)

    async def _kill_broker(self) -> None:
        at = monotonic()
        node = self._random.randint(1, self._servers.nodes)
        await self._servers.crash_broker(node, self._random.uniform(0, 2))
        self._back("broker", at)

    def _back(self, what: str, at: float) -> None:
        """A server is there again: see how long it takes until its users work again."""
        away = Span(at, monotonic())
        self.happened.append((what, away))
        self._meanwhile(self._recover(what, away.end))

    async def _visit(self) -> None:
        self._visits += 1
        member = self._fleet.add(f"visitor-{self._visits}", "scorer", LIFESTAGE_METRICS_PORT="0")
        self._meanwhile(self._leave(member, monotonic(), self._random.uniform(0, 6)))

    async def _leave(self, member: Member, joined_at: float, stay: float) -> None:
        await member.says("partition taken over", within=JOINED_WITHIN)
        await asyncio.sleep(stay)
        code = await member.leave()
        self.happened.append(("visit", Span(joined_at, monotonic())))
        if code != 0:
            self.odd.append(f"{member.name} left with exit code {code}:\n{member.tail()}")

    async def _freeze(self) -> None:
        member = await self._one_of("scorer")
        at = monotonic()
        member.freeze()
        await self._recover("freeze", at)
        await asyncio.sleep(max(0.0, at + SESSION + self._random.uniform(1, 4) - monotonic()))
        member.thaw()
        self.happened.append(("freeze", Span(at, monotonic())))

    async def _recover(self, what: str, at: float, killed: Member | None = None) -> None:
        """See how long the partitions go unserved; the killed one itself comes back after a while."""
        waiting = asyncio.create_task(self._versions.served_again(at, SERVED_WITHIN))
        if killed is not None:
            await asyncio.sleep(self._random.uniform(0, 3))
            killed.start()
        seconds = await waiting
        span = Span(at, monotonic())
        self.recoveries.append(Recovery(what=what, span=span, seconds=seconds))
        if what == "scorer":
            self.happened.append((what, span))

    async def _one_of(self, command: str) -> Member:
        """A member that is alive; where all are down at the moment, the one that comes back first."""
        while True:
            alive = [m for name, m in self._fleet.members.items() if name.startswith(command) and m.running]
            if alive:
                return self._random.choice(alive)
            await asyncio.sleep(0.02)

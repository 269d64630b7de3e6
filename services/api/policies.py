"""Versions of the policy: a new one is a record that every partition takes in, so that it governs from one instant."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from msgspec import Struct

from services.api.errors import BadEffectiveAt, StalePolicy, UnknownPolicy
from services.api.previewing import Question
from services.api.times import stamp
from shared.adapters.spread import complete, held_controls, lacking, records_of
from shared.domain.controls import PolicyChange
from shared.domain.errors import LogTimeout
from shared.domain.instants import DAY, EARLIEST, LATEST, SECOND, Instant
from shared.domain.policies import Version, again, changed, in_force, versions
from shared.ports.clock import now
from shared.ports.log import EVENTS, LogWriter
from shared.ports.queries import Queries
from shared.web.waiting import behind, reached

log: Final = logging.getLogger(__name__)

LEAD: Final = 10 * SECOND
"""How long after the time that the log has reached a version takes effect, unless it says when."""

LOOK_SECONDS: Final = 5.0

_ARBITER: Final = 0
"""The partition whose log settles who was first when two people change the policy at once."""


class Wanted(Struct, frozen=True, kw_only=True):
    """A new version that somebody wants: changes of the newest one, or the number of an older one."""

    changes: Mapping[str, object] | int
    effective_at: Instant | None = None
    actor: str | None = None
    note: str | None = None

    def builds_on(self, based_on: int | None, newest: int) -> bool:
        """Whether it may come after the newest version; to go back to an older one takes no base."""
        return based_on == newest or (based_on is None and isinstance(self.changes, int))


class Register(Struct, frozen=True, kw_only=True):
    """Every version as the partitions know them, and how far time has come."""

    versions: Mapping[int, Version]
    missing: Mapping[str, Sequence[int]]
    """The partitions that a control has not reached yet, by its id."""
    partitions: int
    in_force: int
    as_of: Instant | None
    """The time that every partition has reached."""
    latest: Instant
    """The time that no partition has passed."""

    @property
    def newest(self) -> int:
        """The highest number given out."""
        return max(self.versions)

    def version(self, number: int) -> Version:
        """The version of a number. Raises UnknownPolicy."""
        found = self.versions.get(number)
        if found is None:
            raise UnknownPolicy(number, self.newest)
        return found

    def pending(self, version: Version) -> Sequence[int]:
        """The partitions that a version has not reached yet."""
        return () if version.change is None else self.missing.get(version.change.id, range(self.partitions))

    def draft(self, wanted: Wanted, now: Instant | None) -> PolicyChange:
        """The control that would make a version of what is wanted; `now` is the wall clock's time where it is live.

        Raises BadPolicy, UnknownPolicy or BadEffectiveAt.
        """
        newest, number = self.version(self.newest).policy, self.newest + 1
        if isinstance(wanted.changes, int):
            policy = again(self.version(wanted.changes).policy, newest, number)
        else:
            policy = changed(newest, wanted.changes, number)
        # A moment after the time that the log has reached, unless it is said when.
        at = max(self.latest, now or self.latest) + LEAD if wanted.effective_at is None else wanted.effective_at
        if not EARLIEST <= at <= LATEST:
            raise BadEffectiveAt(f"effective_at lies beyond {stamp(EARLIEST)} to {stamp(LATEST)}")
        return PolicyChange(
            id=f"policy-{number:06d}",
            effective_at=Instant(at),
            policy=policy,
            actor=wanted.actor,
            note=wanted.note,
        )

    def question(self, change: PolicyChange, days: float, most: int) -> Question:
        """What a preview of a change is asked that looks so many days beyond it, or beyond now where it has passed."""
        horizon = max(change.effective_at, self.latest) + round(days * DAY)
        return Question(change=change, horizon=Instant(min(horizon, LATEST)), most=most)


class Policies:
    """Where people change the policy. `live` says that time is the wall clock's, and not told to the instance."""

    def __init__(
        self,
        queries: Queries,
        writer: LogWriter,
        seconds: float,
        *,
        live: bool = False,
        clock: Callable[[], Instant] = now,
    ) -> None:
        self._queries = queries
        self._writer = writer
        self._seconds = seconds
        self._live = live
        self._clock = clock

    async def register(self) -> Register:
        """Every version, and which one governs."""
        return await register_of(self._queries, self._writer.partitions)

    def draft(self, register: Register, wanted: Wanted) -> PolicyChange:
        """The control that would make a version of what is wanted. Raises as the register does."""
        return register.draft(wanted, self._clock() if self._live else None)

    async def issue(self, wanted: Wanted, based_on: int | None) -> tuple[Register, Version]:
        """Make a new version; the register then, which tells the partitions that it has not reached in time.

        Raises what `draft` does, StalePolicy when `based_on` is not the newest version or somebody else was faster,
        and LogTimeout when it is unknown whether the log has the record.
        """
        register = await self.register()
        if not wanted.builds_on(based_on, register.newest):
            raise StalePolicy(based_on, register.newest)
        change = self.draft(register, wanted)
        if change.effective_at <= register.latest:
            raise BadEffectiveAt(
                f"effective_at {stamp(change.effective_at)} has passed: it must be later than {stamp(register.latest)},"
                " the time that the log has reached; leave it out for a moment after that"
            )
        await self._spread(change)
        log.info("a policy was issued", extra={"version": change.policy.version, "effective_at": change.effective_at})
        return await self.register(), Version(policy=change.policy, change=change)

    async def _spread(self, change: PolicyChange) -> None:
        """See the control into every partition. The first of one id is kept, so whoever is first there has made it."""
        deadline = asyncio.get_running_loop().time() + self._seconds
        if await self._append([_ARBITER], change, deadline):
            return
        kept = next(one for one in await self._queries.controls(_ARBITER) if one.id == change.id)
        if kept != change:
            raise StalePolicy(change.policy.version - 1, change.policy.version)
        others = [partition for partition in range(self._writer.partitions) if partition != _ARBITER]
        try:
            await self._append(others, change, deadline)
        except LogTimeout:
            log.warning("a policy has not reached every partition yet", extra={"control": change.id})

    async def _append(self, partitions: Sequence[int], change: PolicyChange, deadline: float) -> Sequence[int]:
        """Append to partitions, and wait until they have processed it; those that have not in time."""
        loop = asyncio.get_running_loop()
        records = records_of(change, partitions)
        try:
            async with asyncio.timeout_at(deadline):
                offsets = await self._writer.append(EVENTS, records)
        except TimeoutError as error:
            raise LogTimeout("the policy was not acknowledged in time") from error
        awaited = dict(zip(partitions, offsets, strict=True))
        return await behind(self._queries.positions, awaited, max(0.0, deadline - loop.time()))


async def register_of(queries: Queries, partitions: int) -> Register:
    """Every version, and which one governs."""
    # Time is read first: what governs then is among the controls.
    positions = await queries.positions()
    held = await held_controls(queries, partitions)
    known = {control.id: control for controls in held for control in controls}
    times = [position.stream_time for position in positions if position.stream_time is not None]
    as_of = reached(positions, partitions)
    return Register(
        versions=versions([*known.values()]),
        missing={control.id: lacking(control, held) for control in known.values()},
        partitions=partitions,
        in_force=in_force([*known.values()], as_of),
        as_of=as_of,
        latest=max(times, default=EARLIEST),
    )


@asynccontextmanager
async def completed(queries: Queries, writer: LogWriter, every: float = LOOK_SECONDS) -> AsyncIterator[None]:
    """For as long as the block runs, see to it that a control that one partition has reaches all of them.

    Whoever issued it may have died in between. Repeats are ignored, so several processes may do this.
    """
    task = asyncio.create_task(_complete(queries, writer, every))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def _complete(queries: Queries, writer: LogWriter, every: float) -> None:
    appended: dict[tuple[str, int], int] = {}
    while True:
        await asyncio.sleep(every)
        try:
            await complete(queries, writer, appended)
        except Exception as error:
            log.warning("controls cannot be completed, it is tried again", extra={"error": repr(error)})

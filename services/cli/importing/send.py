"""Events to an instance in batches, several on the way at once, and what became of each."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final, Protocol

from msgspec import Struct, field, json

from services.cli.client import Client, Refused
from services.cli.importing.events import BadRow, Occurrences, Reading, event
from services.cli.importing.rows import Row

SHOWN: Final = 20
TOO_LARGE: Final = 413


class Rejected(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A row that was not taken, and why."""

    row: int
    code: str
    message: str
    id: str | None = None
    field: str | None = None
    members: dict[str, Any] | None = None


class Summary(Struct, kw_only=True):
    """What became of the rows of a file."""

    accepted: int = 0
    adjusted: int = 0
    rejected: int = 0
    first: list[Rejected] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows have been dealt with."""
        return self.accepted + self.rejected


class Sink(Protocol):
    """Where rejected rows are written."""

    def write(self, line: str, /) -> object:
        """Write a line."""


class Sender:
    """Sends the rows of one file."""

    def __init__(
        self,
        client: Client,
        reading: Reading,
        *,
        batch: int,
        parallel: int,
        sink: Sink | None,
        told: Callable[[], None],
    ) -> None:
        self._client, self._reading, self._batch, self._sink, self._told = client, reading, batch, sink, told
        self._slots = asyncio.Semaphore(parallel)
        self.summary = Summary()

    async def send(self, rows: Iterable[Row]) -> Summary:
        """Send everything; the summary. Raises what makes going on pointless."""
        occurrences = Occurrences()
        try:
            events = self._events(rows, occurrences)
            async with asyncio.TaskGroup() as posts:
                while batch := list(islice(events, self._batch)):
                    await self._slots.acquire()
                    posts.create_task(self._post(batch))
        finally:
            occurrences.close()
        return self.summary

    def _events(self, rows: Iterable[Row], occurrences: Occurrences) -> Iterator[tuple[Row, dict[str, Any]]]:
        for row in rows:
            try:
                yield row, event(row, self._reading, occurrences)
            except BadRow as error:
                self._reject(Rejected(row=row.number, code="bad_row", message=str(error), members=row.members))

    async def _post(self, batch: list[tuple[Row, dict[str, Any]]]) -> None:
        try:
            await self._post_parts(batch)
        finally:
            self._slots.release()
        self._told()

    async def _post_parts(self, batch: list[tuple[Row, dict[str, Any]]]) -> None:
        """Post a batch, in halves where it is too large."""
        try:
            answer = await self._client.post("/v1/events", [given for _, given in batch])
        except Refused as error:
            if error.status != TOO_LARGE or len(batch) == 1:
                raise
            half = len(batch) // 2
            await self._post_parts(batch[:half])
            await self._post_parts(batch[half:])
            return
        self.summary.accepted += answer["accepted"]
        self.summary.adjusted += len(answer["adjusted"])
        for told in answer["rejected"]:
            row, _ = batch[told.pop("index")]
            self._reject(Rejected(row=row.number, members=row.members, **told))

    def _reject(self, rejected: Rejected) -> None:
        self.summary.rejected += 1
        if len(self.summary.first) < SHOWN:
            self.summary.first.append(rejected)
        if self._sink is not None:
            self._sink.write(json.encode(rejected).decode() + "\n")

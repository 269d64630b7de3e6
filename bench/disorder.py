"""Any order: a history shuffled over its whole length, every event sent three times, and the same current state.

Churn models take effect under way. What arrives late is folded again and what it disproves is taken back, so the full
digest differs; `--current` looks at what is true in the end, and has to be the same as when everything came once and
in order.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from time import perf_counter
from typing import Annotated

import typer
from rich.table import Table

from bench.feed import append, days, events_of, in_order, spread
from bench.histories import cdnow, every
from bench.models import model_changes
from bench.places import PLACES, Place, opened, processed, scorer_at, scoring, writing
from bench.showing import Bar, progress
from bench.showing import console as terminal
from services.ingest.accept import record
from services.ingest.ticker import ticks
from services.scorer.digest import digest
from shared.domain.controls import CONTROLS, Control, Tick
from shared.domain.events import Event
from shared.ports.log import Appending, Claim, LogReader, Record

console = terminal()


class RandomCuts:
    """A reader that hands out what another one reads in pieces of random size, so that batches are cut anywhere."""

    def __init__(self, reader: LogReader, random: Random, most: int) -> None:
        self._reader, self._random, self._most = reader, random, most
        self._kept: dict[int, list[Record]] = {}
        self._held: set[int] = set()

    async def start(self, claim: Claim) -> None:
        async def claimed(partition: int) -> int:
            self._drop(partition)
            return await claim(partition)

        await self._reader.start(claimed)

    async def poll(self) -> Mapping[int, Sequence[Record]]:
        if any(partition not in self._held for partition in self._kept):
            await asyncio.sleep(0)
        else:
            for partition, records in (await self._reader.poll()).items():
                self._kept.setdefault(partition, []).extend(records)
        return {partition: self._piece(partition) for partition in [*self._kept] if partition not in self._held}

    def owned(self) -> frozenset[int]:
        return self._reader.owned()

    def hold(self, partition: int) -> None:
        self._held.add(partition)
        self._reader.hold(partition)

    def release(self, partition: int) -> None:
        self._held.discard(partition)
        self._reader.release(partition)

    def forget(self, partition: int) -> None:
        self._drop(partition)
        self._reader.forget(partition)

    async def ends(self) -> Mapping[int, int]:
        return await self._reader.ends()

    async def stop(self) -> None:
        await self._reader.stop()

    def _piece(self, partition: int) -> list[Record]:
        records = self._kept[partition]
        size = self._random.randint(1, self._most)
        self._kept[partition] = records[size:]
        if not self._kept[partition]:
            del self._kept[partition]
        return records[:size]

    def _drop(self, partition: int) -> None:
        self._kept.pop(partition, None)
        self._held.discard(partition)


def shuffled(
    events: Sequence[Event], partitions: int, times: int, random: Random, controls: Iterable[Control] = ()
) -> list[Appending]:
    """Every event so many times, in an order that has nothing to do with time, while the ticks go their way.

    Controls come among them wherever they fall, early or late.
    """
    sent: list[Event | Control] = [event for event in events for _ in range(times)]
    sent += controls
    random.shuffle(sent)
    history = days(events)
    found: list[Appending] = []
    for place, day in enumerate(history):
        for one in sent[place * len(sent) // len(history) : (place + 1) * len(sent) // len(history)]:
            found += spread(one, partitions) if isinstance(one, CONTROLS) else [record(one, partitions)]
        found += ticks(Tick(at=day.ends_at), partitions)
    return found


async def digested(place: Place, records: Sequence[Appending], bar: Bar, cuts: Random | None, most: int) -> str:
    """The current digest after a place's scorer has processed records; `cuts` hands them out in random pieces."""
    async with writing(place) as writer:
        ends = await append(writer, records)
        reader = place.reader()
        scorer = scorer_at(place, writer, reader if cuts is None else RandomCuts(reader, cuts, most))
        async with scoring([scorer]):
            await processed(place, ends, told=bar.add)
    return await digest(place.audit, current=True)


def main(
    via: Annotated[str, typer.Option(help=f"The log to go through: {', '.join(PLACES)}.")] = "postgres",
    seed: Annotated[int, typer.Option(help="Another seed is another order and other cuts.")] = 1,
    times: Annotated[int, typer.Option(help="How often every event is sent.", min=1)] = 3,
    most: Annotated[int, typer.Option(help="The longest piece that batches are cut into.", min=1)] = 300,
    sample: Annotated[int, typer.Option(help="Take every so-manieth customer of the CDNOW sample only.", min=1)] = 1,
) -> None:
    """Compare the CDNOW sample in order with itself in disorder; exit code 1 when what is true in the end differs.

    Examples:

      python -m bench.disorder
      python -m bench.disorder --via kafka4 --seed 7
    """
    if via not in PLACES:
        raise typer.BadParameter(f"{via}: choose from {', '.join(PLACES)}", param_hint="--via")
    rows = every(cdnow(sample=True), sample)
    if not asyncio.run(_compare(via, events_of(rows), Random(seed), times, most)):
        raise typer.Exit(1)


async def _compare(via: str, events: Sequence[Event], random: Random, times: int, most: int) -> bool:
    table = Table(
        title=f"{len(events):,} events of {len({event.customer_id for event in events}):,} customers by {via}"
    )
    for heading in ("arrival", "records", "seconds"):
        table.add_column(heading, justify="left" if heading == "arrival" else "right")
    found, history = [], days(events)
    models = model_changes(history)
    with progress(console) as bar:
        for words, shuffle in (("in order, once", None), (f"shuffled, {times} times, random cuts", random)):
            async with opened(via) as place:
                parts = place.partitions
                records = (
                    in_order(history, parts, models)
                    if shuffle is None
                    else shuffled(events, parts, times, shuffle, models)
                )
                bar.begin(words, len(records))
                started = perf_counter()
                found.append(await digested(place, records, bar, shuffle, most))
                table.add_row(words, f"{len(records):,}", f"{perf_counter() - started:.1f}")
    console.print(table)
    for each in found:
        console.print(each, highlight=False, soft_wrap=True)
    same = len(set(found)) == 1
    console.print("[green]any order[/]: the digests are equal" if same else "[bold red]the digests differ[/]")
    return same


if __name__ == "__main__":
    typer.run(main)

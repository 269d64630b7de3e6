"""A preview held against the truth: what it says of a policy, and what the same policy does when it takes effect.

A history is scored up to a day. There a change of the policy is previewed; then it is issued through the log and time
passes to the horizon, by the service's own loop. Beside that a twin without the change goes through the same. Where
the two differ must be what the preview said, and the preview itself must not have changed a row.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Annotated, NamedTuple

import typer
from msgspec import DecodeError, json
from rich.table import Table

from bench.feed import Day, append, days, events_of, in_order
from bench.histories import cdnow, every
from bench.places import PLACES, Place, in_memory, opened, processed, scorer_at, scoring, writing
from bench.showing import Bar, progress
from bench.showing import console as terminal
from services.api.policies import Policies, Wanted
from services.api.policy_answers import preview_text
from services.api.previewing import Moved, Preview, Question, preview
from services.scorer.digest import digest
from shared.domain.alerts import AlertStatus
from shared.domain.controls import PolicyChange
from shared.domain.events import Event
from shared.domain.ids import SHARDS
from shared.domain.instants import DAY, Instant, rfc3339
from shared.domain.stages import Stage
from shared.ports.audit import Audit
from shared.ports.log import LogWriter

console = terminal()

UNSEEN = (AlertStatus.HELD, AlertStatus.MUTED, AlertStatus.WITHDRAWN)
SECONDS = 60.0

Lifecycle = tuple[str, str | None]
"""A customer, and the business line or None for the whole."""

AlertName = tuple[str, str, str | None, Instant]


class Truth(NamedTuple):
    """What is true in a store: everybody's stages, each with its instant, and the alerts that people see."""

    courses: Mapping[Lifecycle, Sequence[tuple[Instant, Stage]]]
    alerts: frozenset[AlertName]


class Effect(NamedTuple):
    """What a policy has done, or is said to do."""

    moves: frozenset[Moved]
    raised: frozenset[AlertName]
    withdrawn: frozenset[AlertName]


class Comparison(NamedTuple):
    """What was said, what came, and what it took."""

    asked: Question
    found: Preview
    foretold: Effect
    actual: Effect
    untouched: bool
    """Whether the store said the same before and after the preview."""
    seconds: float

    @property
    def holds(self) -> bool:
        """Whether the preview was the truth."""
        return self.foretold == self.actual and self.untouched


async def truth(audit: Audit) -> Truth:
    """What is true now."""
    courses: dict[Lifecycle, list[tuple[Instant, Stage]]] = {}
    alerts: set[AlertName] = set()
    for shard in range(SHARDS):
        async with audit.look(shard) as look:
            async for one in look.customers():
                standing = [placed for placed in one.transitions if placed.retracted_at is None]
                standing.sort(key=lambda placed: (placed.transition.effective_at, placed.number))
                name = one.known.customer_id
                for placed in standing:
                    moved = placed.transition
                    courses.setdefault((name, moved.line), []).append((moved.effective_at, moved.target))
                alerts |= {
                    (name, placed.alert.kind, placed.alert.line, placed.alert.effective_at)
                    for placed in one.alerts
                    if placed.alert.status not in UNSEEN
                }
    return Truth(courses, frozenset(alerts))


def effect(without: Truth, changed: Truth) -> Effect:
    """Where two stores differ."""
    moves = frozenset(
        moved
        for name in {**without.courses, **changed.courses}
        if (moved := _parted(name, without.courses.get(name, ()), changed.courses.get(name, ()))) is not None
    )
    return Effect(moves, changed.alerts - without.alerts, without.alerts - changed.alerts)


def foretold(found: Preview) -> Effect:
    """What a preview says, in the same terms."""
    raised, withdrawn = (
        frozenset((one.customer_id, one.alert.kind, one.alert.line, one.alert.effective_at) for one in listed)
        for listed in (found.raises, found.withdraws)
    )
    return Effect(frozenset(found.moves), raised, withdrawn)


def _parted(
    name: Lifecycle, without: Sequence[tuple[Instant, Stage]], changed: Sequence[tuple[Instant, Stage]]
) -> Moved | None:
    for at in sorted({at for at, _ in (*without, *changed)}):
        source, target = _stage(without, at), _stage(changed, at)
        if source is not target:
            return Moved(*name, source, target, at)
    return None


def _stage(course: Sequence[tuple[Instant, Stage]], at: Instant) -> Stage:
    return [Stage.TARGET, *(stage for since, stage in course if since <= at)][-1]


async def compared(
    place: Place, history: Sequence[Day], changes: Mapping[str, object], ahead: int, bar: Bar | None = None
) -> Comparison:
    """Score a history, preview a change, let it take effect, and let so many days pass; beside it the twin."""
    twin = in_memory(place.partitions)
    later = [Day((), Instant(history[-1].ends_at + day * DAY)) for day in range(1, ahead + 2)]
    async with at_work(place) as writer, at_work(twin) as other:
        await _through(place, writer, history, bar, "scoring")
        await _through(twin, other, history, bar, "scoring the twin")
        policies = Policies(place.queries, writer, SECONDS)
        change = policies.draft(await policies.register(), Wanted(changes=changes))
        asked = Question(change=change, horizon=later[-1].ends_at, most=10**9)
        before, started = await digest(place.audit), perf_counter()
        found = await preview(place.audit, asked)
        seconds = perf_counter() - started
        untouched = await digest(place.audit) == before
        await issued(policies, change)
        await _through(place, writer, later, bar, "taking effect")
        await _through(twin, other, later, bar, "the twin goes on")
        actual = effect(await truth(twin.audit), await truth(place.audit))
    return Comparison(asked, found, foretold(found), actual, untouched, seconds)


async def issued(policies: Policies, change: PolicyChange) -> None:
    """Make the previewed change through the log, at the instant that was previewed."""
    register = await policies.register()
    values = {name: getattr(change.policy, name) for name in change.policy.__struct_fields__}
    old = register.version(register.newest).policy
    changes = {name: value for name, value in values.items() if name != "version" and value != getattr(old, name)}
    register, version = await policies.issue(Wanted(changes=changes, effective_at=change.effective_at), register.newest)
    assert version.change == change
    assert not register.pending(version)


@asynccontextmanager
async def at_work(place: Place) -> AsyncIterator[LogWriter]:
    """A place with a writer, and a scorer that works."""
    async with writing(place) as writer, scoring([scorer_at(place, writer)]):
        yield writer


async def _through(place: Place, writer: LogWriter, history: Sequence[Day], bar: Bar | None, words: str) -> None:
    ends = await append(writer, in_order(history, place.partitions))
    if bar is not None:
        bar.begin(words, sum(ends.values()))
    await processed(place, ends, told=None if bar is None else bar.add)


def history_of(events: Sequence[Event], share: float) -> list[Day]:
    """The first part of a history, day by day."""
    told = days(events)
    return told[: max(1, round(len(told) * share))]


def main(
    via: Annotated[str, typer.Option(help=f"Where: {', '.join(PLACES)}.")] = "memory",
    sample: Annotated[int, typer.Option(help="Take every so-manieth customer only.", min=1)] = 1,
    share: Annotated[float, typer.Option(help="How much of it comes before the change.", min=0.01, max=1)] = 0.6,
    ahead: Annotated[int, typer.Option(help="Days from the change to the horizon.", min=0)] = 30,
    changes: Annotated[str, typer.Option(help="The change, as JSON.")] = '{"silent_r": 1.2, "dormant_r": 2.5}',
) -> None:
    """Preview a change of the policy on CDNOW, let it take effect, and compare; exit code 1 when they differ.

    Examples:

      python -m bench.preview
      python -m bench.preview --sample 10 --changes '{"silent_r": 2.0}' --ahead 90
    """
    try:
        change = json.decode(changes, type=dict[str, object])
    except DecodeError as error:
        raise typer.BadParameter(str(error), param_hint="--changes") from None
    rows = list(every(cdnow(), sample))
    outcome = asyncio.run(_run(via, history_of(events_of(rows), share), change, ahead))
    _show(outcome)
    if not outcome.holds:
        raise typer.Exit(1)


async def _run(via: str, history: Sequence[Day], changes: Mapping[str, object], ahead: int) -> Comparison:
    with progress(console) as bar:
        async with opened(via) as place:
            return await compared(place, history, changes, ahead, bar)


def _show(outcome: Comparison) -> None:
    found = outcome.found
    table = Table(title=f"{found.customers:,} customers folded twice in {outcome.seconds:.1f} s")
    for heading in ("", "foretold", "came true", "same"):
        table.add_column(heading, justify="left" if not heading else "right")
    for name in Effect._fields:
        said, came = getattr(outcome.foretold, name), getattr(outcome.actual, name)
        table.add_row(name, f"{len(said):,}", f"{len(came):,}", "yes" if said == came else "[bold red]no[/]")
    console.print(table)
    console.print(preview_text(outcome.asked, found, "en"))
    for one in sorted(outcome.foretold.moves ^ outcome.actual.moves, key=lambda one: (one.customer_id, one.at))[:5]:
        console.print(f"differs: {one.customer_id} {one.source} to {one.target} at {rfc3339(one.at)}")
    console.print("no row changed" if outcome.untouched else "[bold red]the preview changed rows[/]")


if __name__ == "__main__":
    typer.run(main)

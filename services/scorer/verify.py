"""Whether the invariants hold on a live database: those that INVARIANTS.md marks with a star."""

from collections.abc import Callable, Iterator

from msgspec import Struct, field

from services.scorer.refold import by_line, in_order, named
from services.scorer.score import is_behind
from shared.domain.alerts import Alert, AlertStatus
from shared.domain.controls import Governance
from shared.domain.ids import SHARDS
from shared.domain.instants import Instant, rfc3339
from shared.domain.lifecycle import Outcome, fold
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.ports.audit import Audit, Audited
from shared.ports.store import Numbered, Position


class Problem(Struct, frozen=True, kw_only=True):
    """An invariant that does not hold, for whom, and what was found."""

    invariant: str
    where: str
    found: str


class Report(Struct, kw_only=True):
    """What was looked at, and what is wrong with it."""

    customers: int = 0
    events: int = 0
    transitions: int = 0
    alerts: int = 0
    parked: int = 0
    behind: int = 0
    """Customers whom a walk has yet to take through a control: their state is of before it."""
    problems: list[Problem] = field(default_factory=list)


async def verify(audit: Audit, *, policy: Policy | None = None, told: Callable[[int], None] | None = None) -> Report:
    """Check I1 to I6, I8 and I15. Works on a running instance: each shard is read from one snapshot.

    While a walk is open, I3 and I6 are asked of the customers who are through already; `behind` counts the others.
    """
    report = Report()
    for shard in range(SHARDS):
        async with audit.look(shard) as look:
            position = await look.position() or Position(partition=0)
            governance = Governance.of(await look.controls(), policy)
            async for audited in look.customers():
                behind = is_behind(audited.known.customer, governance, position)
                report.problems.extend(_of_customer(audited, governance, position.stream_time, behind))
                _count(report, audited)
                report.behind += behind
        if told is not None:
            told(shard)
    await _of_store(audit, report)
    return report


async def _of_store(audit: Audit, report: Report) -> None:
    for gap in await audit.commit_gaps():
        report.problems.append(Problem(invariant="I4", where=f"partition {gap.partition}", found=gap.problem))
    for partition, number in await audit.outbox_gaps():
        found = f"a number is missing after {number}"
        report.problems.append(Problem(invariant="I8", where=f"partition {partition}", found=found))
    for tally in await audit.tally_gaps():
        report.problems.append(Problem(invariant="I15", where=f"partition {tally.partition}", found=tally.problem))
    for what, count in (await audit.misplaced()).items():
        if count:
            report.problems.append(Problem(invariant="I1", where=what, found=f"{count} rows"))


def _count(report: Report, audited: Audited) -> None:
    report.customers += 1
    report.events += len(audited.events)
    report.transitions += len(audited.transitions)
    report.alerts += len(audited.alerts)
    report.parked += audited.known.parked


def _of_customer(
    audited: Audited, governance: Governance, stream_time: Instant | None, behind: bool
) -> Iterator[Problem]:
    known = audited.known
    where = f"customer {known.customer_id!r}"
    numbers = sorted(placed.number for placed in audited.transitions)
    if numbers != list(range(1, known.numbered + 1)):
        yield Problem(
            invariant="I5", where=where, found=f"transitions are numbered {numbers}, not 1 to {known.numbered}"
        )
    if known.parked or behind:
        return
    yield from _of_timer(audited, stream_time, where)
    outcome = fold(known.customer_id, audited.events, governance, stream_time)
    yield from _of_fold(audited, outcome, where)


def _of_timer(audited: Audited, stream_time: Instant | None, where: str) -> Iterator[Problem]:
    due_at, timer_at = audited.known.customer.due_at, audited.timer_at
    if due_at is None:
        return
    if stream_time is not None and due_at <= stream_time:
        found = f"due at {rfc3339(due_at)}, though stream time is {rfc3339(stream_time)}"
        yield Problem(invariant="I6", where=where, found=found)
    if timer_at is None or timer_at > due_at:
        row = "none" if timer_at is None else rfc3339(timer_at)
        yield Problem(invariant="I6", where=where, found=f"due at {rfc3339(due_at)}, and the timer row says {row}")


def _of_fold(audited: Audited, outcome: Outcome, where: str) -> Iterator[Problem]:
    """I3: state, current transitions and current alerts are what the fold of the stored events gives."""
    state, folded = audited.known.customer, outcome.customer
    if state != folded:
        names = [name for name in state.__struct_fields__ if getattr(state, name) != getattr(folded, name)]
        yield Problem(
            invariant="I3", where=where, found=f"the stored state differs from the fold in {', '.join(names)}"
        )
    standing = in_order(
        [
            Numbered(
                customer_id=placed.customer_id,
                number=placed.number,
                transition=placed.transition,
                decided_at=placed.decided_at,
            )
            for placed in audited.transitions
            if placed.retracted_at is None
        ]
    )
    if by_line(one.transition for one in standing) != by_line(outcome.transitions):
        found = f"{len(standing)} current transitions are stored, the fold gives {len(outcome.transitions)} or others"
        yield Problem(invariant="I3", where=where, found=found)
    stages: dict[str | None, Stage] = {}
    for one in standing:
        line, stage = one.transition.line, stages.get(one.transition.line, Stage.TARGET)
        if one.transition.source is not stage:
            yield Problem(invariant="I6", where=where, found=f"transition {one.number} does not follow from {stage}")
        stages[line] = one.transition.target
    stored = [placed.alert for placed in audited.alerts if placed.alert.status is not AlertStatus.WITHDRAWN]
    if named(stored) != named(outcome.alerts):
        yield Problem(invariant="I3", where=where, found=f"alerts differ: {_differing(stored, outcome.alerts)}")


def _differing(stored: list[Alert], folded: list[Alert]) -> str:
    old, new = named(stored), named(folded)
    return ", ".join(
        f"{kind} of {rfc3339(Instant(at))}{' of ' + line if line else ''}"
        for line, kind, at in sorted(old.keys() | new.keys())
        if old.get((line, kind, at)) != new.get((line, kind, at))
    )

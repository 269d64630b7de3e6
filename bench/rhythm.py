"""What the churn model costs the scorer: the same records worked off with a model in force and without, turn about.

Real purchases with a tick at each midnight, so that customers come to be overdue and fall silent, from a
real Kafka broker into a real, durable PostgreSQL. The model is fitted to the same purchases.
"""

from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvloop
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from bench.scorer import Run, worked_off
from bench.workloads import as_records, recorded
from shared.adapters.kafka.cluster import KafkaCluster
from shared.adapters.kafka.server import KafkaServer
from shared.adapters.postgres.server import PostgresServer
from shared.domain.controls import Governance
from shared.domain.events import Event
from shared.domain.instants import DAY, Day
from shared.domain.lifecycle import fold
from shared.domain.policy import Policy
from shared.fitting.refit import refit
from shared.fitting.spells import gather
from shared.ports.log import Appending


def main(
    file: Annotated[Path | None, typer.Option(help="A purchase history; CDNOW where none is given.")] = None,
    rounds: Annotated[int, typer.Option(help="How often each of the two runs.", min=1)] = 3,
    partitions: Annotated[int, typer.Option(help="Partitions of the log.", min=1)] = 4,
) -> None:
    """Print events per second with and without a churn model in force, and their ratio."""
    uvloop.run(_compare(recorded(file), rounds, partitions))


async def _compare(events: list[Event], rounds: int, partitions: int) -> None:
    records, policy = list(as_records(events, partitions)), _policy(events)
    console, found = Console(), dict[str, list[Run]](without=[], rhythm=[])
    for turn in range(rounds):
        # Who goes first changes, for a machine that slows down or speeds up meanwhile.
        for name in sorted(found, reverse=turn % 2 == 1):
            found[name].append(await _run(records, partitions, policy if name == "rhythm" else None))
            console.print(f"{name}: {len(events) / found[name][-1].seconds:,.0f} events/s")
    console.print(_table(found, len(events)))


async def _run(records: list[Appending], partitions: int, policy: Policy | None) -> Run:
    with TemporaryDirectory(prefix="lifestage-bench-") as folder:
        Path(folder).chmod(0o755)
        kafka = await KafkaServer.start(Path(folder) / "kafka")
        postgres = await PostgresServer.start(Path(folder) / "postgres")
        try:
            cluster = KafkaCluster(bootstrap=kafka.bootstrap, partitions=partitions, replication=1)
            run, _, _ = await worked_off(cluster, postgres, records, partitions, policy=policy)
        finally:
            await kafka.stop()
            await postgres.stop()
    return run


def _policy(events: list[Event]) -> Policy:
    """The policy with a model that the history itself gives, and with its priors, as a refit puts them in force."""
    histories: dict[str, list[Event]] = {}
    for event in events:
        histories.setdefault(event.customer_id, []).append(event)
    states = [(name, fold(name, history, Governance()).customer) for name, history in histories.items()]
    fitted = refit(gather(states), Day(events[-1].occurred_at // DAY + 1), Policy(), None, "bench").model
    if fitted is None:
        raise SystemExit("this history is too short for a churn model: give a longer one")
    return replace(Policy(), churn=fitted.churn, mu0=fitted.mu0, sigma0=fitted.sigma0, model="bench")


def _table(found: dict[str, list[Run]], events: int) -> Table:
    table = Table(title=f"{events:,} events, each run from an empty database")
    for heading in ("", "events/s", "of without", "client us an event", "database us an event"):
        table.add_column(heading, justify="right")
    reference = events / fmean(run.seconds for run in found["without"])
    for name, runs in found.items():
        rate = events / fmean(run.seconds for run in runs)
        client, database = fmean(run.client_cpu for run in runs), fmean(run.database_cpu for run in runs)
        spent = (f"{seconds / events * 1e6:.1f}" for seconds in (client, database))
        table.add_row(name, f"{rate:,.0f}", f"{rate / reference:.2f}", *spent)
    return table


if __name__ == "__main__":
    typer.run(main)

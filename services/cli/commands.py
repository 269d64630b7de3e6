"""The commands that run services."""

import sys
from typing import Annotated

import typer

from services.api import main as answering
from services.cli import options, terminal
from services.cli import up as upping
from services.cli.options import LogFormat
from services.cli.services import change_tables, one_service
from services.ingest import main as ingesting
from services.scorer import main as scoring


@terminal.command
def up(
    data: options.Data = None,
    port: options.Port = None,
    host: options.Host = None,
    clock: options.Clock = None,
    log: options.Log = None,
    database_url: options.DatabaseUrl = None,
    kafka: options.Kafka = None,
    partitions: options.Partitions = None,
    replication: options.Replication = None,
    tick_seconds: options.TickSeconds = None,
    settling_seconds: options.SettlingSeconds = None,
    skew_seconds: options.SkewSeconds = None,
    log_seconds: options.LogSeconds = None,
    body_seconds: options.BodySeconds = None,
    in_flight: options.InFlight = None,
    survey_seconds: options.SurveySeconds = None,
    survey_apply: options.SurveyApply = None,
    refit_seconds: options.RefitSeconds = None,
    stop_seconds: options.StopSeconds = None,
    log_level: options.LogLevel = None,
    log_format: options.LogFormatOption = LogFormat.AUTO,
) -> None:
    """Start everything on this machine: ingest, scorer and api in one process, with PostgreSQL embedded.

    The first start makes the folder, the database and an admin key, which is shown once (or set LIFESTAGE_ADMIN_KEY).
    Ctrl-C or SIGTERM stops it; starting it again on the same folder goes on where it was, also after a crash.

    [bold]Examples[/]

      lifestage up
      lifestage up --data /srv/lifestage --port 9000
      lifestage up --clock test                 [dim]# time passes by POST /v1/clock alone: for trials and tests[/]
      lifestage up --log kafka                  [dim]# with a real Apache Kafka, started here as well[/]
      lifestage up --log kafka --kafka broker:9092 --database-url postgresql://me:secret@db/lifestage
    """
    settings = options.settings(locals())
    terminal.run(upping.up(settings, people=log_format is LogFormat.AUTO and sys.stdout.isatty()))


@terminal.command
def ingest(
    database_url: options.DatabaseUrl = None,
    log: options.Log = None,
    kafka: options.Kafka = None,
    partitions: options.Partitions = None,
    replication: options.Replication = None,
    host: options.Host = None,
    port: options.Port = None,
    clock: options.Clock = None,
    tick_seconds: options.TickSeconds = None,
    settling_seconds: options.SettlingSeconds = None,
    skew_seconds: options.SkewSeconds = None,
    log_seconds: options.LogSeconds = None,
    body_seconds: options.BodySeconds = None,
    in_flight: options.InFlight = None,
    stop_seconds: options.StopSeconds = None,
    log_level: options.LogLevel = None,
) -> None:
    """Run the door alone: takes events over HTTP, appends them to the log, and keeps the ticks going.

    Every option has its environment variable, which is how containers set them. Logs are lines of JSON on stdout.

    [bold]Examples[/]

      lifestage ingest --database-url postgresql://me:secret@db/lifestage --log kafka --kafka broker:9092
      LIFESTAGE_DATABASE_URL=… LIFESTAGE_LOG=kafka LIFESTAGE_KAFKA=broker:9092 lifestage ingest
    """
    terminal.run(one_service(ingesting.main, options.settings(locals())))


@terminal.command
def scorer(
    database_url: options.DatabaseUrl = None,
    log: options.Log = None,
    kafka: options.Kafka = None,
    partitions: options.Partitions = None,
    replication: options.Replication = None,
    host: options.Host = None,
    metrics_port: options.MetricsPort = None,
    clock: options.Clock = None,
    log_seconds: options.LogSeconds = None,
    survey_seconds: options.SurveySeconds = None,
    survey_apply: options.SurveyApply = None,
    refit_seconds: options.RefitSeconds = None,
    stop_seconds: options.StopSeconds = None,
    log_level: options.LogLevel = None,
) -> None:
    """Run a scorer alone: folds events, fires due times, publishes what was decided. Several share the partitions.

    [bold]Examples[/]

      lifestage scorer --database-url postgresql://me:secret@db/lifestage --log kafka --kafka broker:9092
      lifestage scorer --metrics-port 8091      [dim]# a second one beside it[/]
    """
    terminal.run(one_service(scoring.main, options.settings(locals())))


@terminal.command
def api(
    database_url: options.DatabaseUrl = None,
    log: options.Log = None,
    kafka: options.Kafka = None,
    partitions: options.Partitions = None,
    replication: options.Replication = None,
    host: options.Host = None,
    port: options.Port = None,
    clock: options.Clock = None,
    log_seconds: options.LogSeconds = None,
    body_seconds: options.BodySeconds = None,
    stop_seconds: options.StopSeconds = None,
    log_level: options.LogLevel = None,
) -> None:
    """Run the api alone: answers what the scorers have decided, and takes what people do with alerts.

    [bold]Examples[/]

      lifestage api --database-url postgresql://me:secret@db/lifestage --log kafka --kafka broker:9092 --port 8081
    """
    terminal.run(one_service(answering.main, options.settings(locals())))


@terminal.command
def migrate(
    database_url: options.DatabaseUrl = None,
    data: options.Data = None,
    down_to: Annotated[
        str | None, typer.Option("--down-to", metavar="REV", help="Take migrations back to this one, with their data.")
    ] = None,
) -> None:
    """Bring a database's tables to what this release expects. Safe to repeat; `up` does it by itself.

    [bold]Examples[/]

      lifestage migrate --database-url postgresql://me:secret@db/lifestage
      lifestage migrate --data lifestage-data
      lifestage migrate --down-to 0003          [dim]# before going back to an older release[/]
    """
    terminal.run(change_tables(options.settings(locals()), down_to))

"""The options of commands that run services. Each has its environment variable and its default from `Settings`."""

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from msgspec.structs import fields

from shared.config import Settings, variable

_DEFAULTS: Final = {field.name: field.default for field in fields(Settings)}


class ClockKind(StrEnum):
    """Where time comes from."""

    LIVE = "live"
    TEST = "test"


class LogKind(StrEnum):
    """What carries the records."""

    POSTGRES = "postgres"
    KAFKA = "kafka"


class Switch(StrEnum):
    """On or off."""

    OFF = "off"
    ON = "on"


class LogFormat(StrEnum):
    """How the program's own log is written."""

    AUTO = "auto"
    JSON = "json"


def setting(name: str, words: str, *flags: str, default: str | None = None) -> Any:
    """An option that stands for a setting; its default is shown as it is there, or in other words."""
    flags = flags or (f"--{name.replace('_', '-')}",)
    shown = f"{_DEFAULTS[name]:g}" if isinstance(_DEFAULTS[name], float) else str(_DEFAULTS[name])
    return typer.Option(*flags, envvar=variable(name), help=words, show_default=shown if default is None else default)


Data = Annotated[Path | None, setting("data", "Folder of the embedded servers and of the log file.")]
DatabaseUrl = Annotated[
    str | None,
    setting(
        "database_url",
        "PostgreSQL, as in postgresql://user:password@host:5432/name.",
        "--database",
        "--database-url",
        default="embedded in --data",
    ),
]
Log = Annotated[LogKind | None, setting("log", "What carries the records; fixed at the first start.")]
Kafka = Annotated[
    str | None, setting("kafka", "Kafka's bootstrap servers, where the log is there.", default="embedded in --data")
]
Partitions = Annotated[int | None, setting("partitions", "Partitions of the log, fixed at the first start.")]
Replication = Annotated[int | None, setting("replication", "Copies of each partition of new topics in Kafka.")]
Host = Annotated[str | None, setting("host", "Address to listen on.")]
Port = Annotated[int | None, setting("port", "Port to listen on; 0 takes a free one.")]
MetricsPort = Annotated[int | None, setting("metrics_port", "Port of /metrics, /livez and /readyz.")]
Clock = Annotated[
    ClockKind | None, setting("clock", "On a test clock time passes by POST /v1/clock alone; fixed at the first start.")
]
TickSeconds = Annotated[float | None, setting("tick_seconds", "Seconds between two ticks of a live clock.")]
SettlingSeconds = Annotated[
    float | None, setting("settling_seconds", "Seconds that ticks wait after a gap of over a minute.")
]
SkewSeconds = Annotated[float | None, setting("skew_seconds", "Seconds that an event may lie in the future.")]
LogSeconds = Annotated[float | None, setting("log_seconds", "Seconds that the log may take to acknowledge.")]
BodySeconds = Annotated[float | None, setting("body_seconds", "Seconds that a request's body may take.")]
InFlight = Annotated[int | None, setting("in_flight", "Events that may wait for the log at once; beyond it: 429.")]
StopSeconds = Annotated[float | None, setting("stop_seconds", "Seconds to finish what was begun when told to stop.")]
SurveySeconds = Annotated[
    float | None, setting("survey_seconds", "Seconds after which the newest survey is too old; 0 makes none.")
]
SurveyApply = Annotated[
    Switch | None, setting("survey_apply", "Whether the priors and figures that a survey finds take effect.")
]
RefitSeconds = Annotated[
    float | None,
    setting("refit_seconds", "Seconds after which the newest refit of the churn model is too old; 0 makes none."),
]
LogLevel = Annotated[str | None, setting("log_level", "debug, info, warning or error.")]
LogFormatOption = Annotated[
    LogFormat,
    typer.Option(
        "--log-format",
        envvar="LIFESTAGE_LOG_FORMAT",
        help="auto: at a terminal people see a banner, and the log goes to DATA/lifestage.log; json: all to stdout.",
    ),
]


def settings(given: Mapping[str, object]) -> Settings:
    """The settings of the environment, over which the options given go. Raises BadSetting."""
    named = {name: value for name, value in given.items() if name in Settings.__struct_fields__ and value is not None}
    return Settings.from_env({**os.environ, **{variable(name): str(value) for name, value in named.items()}})

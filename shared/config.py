"""What a process is told from outside: a frozen value, built once, from environment variables."""

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from msgspec import Struct, convert

from shared.domain.errors import LifestageError
from shared.domain.ids import SHARDS

T = TypeVar("T")


class BadSetting(LifestageError):
    """A variable holds something that cannot be used."""

    code = "bad_setting"

    def __init__(self, name: str, value: str, accepted: str) -> None:
        super().__init__(f"{name}={value!r} cannot be used: it must be {accepted}")


class Settings(Struct, frozen=True, kw_only=True):
    """Everything that can be set, with its default. Each field's variable is `LIFESTAGE_` and its name in capitals."""

    admin_key: str | None = None
    """The first admin key, if there is none yet; None lets one be made."""
    data: str = "lifestage-data"
    """The folder of the embedded servers."""
    database_url: str | None = None
    """PostgreSQL; None starts the embedded one in `data`."""
    log: str = "postgres"
    """`postgres` or `kafka`."""
    kafka: str | None = None
    """Bootstrap servers; None starts the embedded Kafka in `data` where `log` is `kafka`."""
    partitions: int = 4
    """Partitions of a new log; the start is refused if an old one has another number."""
    replication: int = 1
    """Copies of each partition, for topics that Kafka has yet to make."""
    host: str = "127.0.0.1"
    port: int = 8080
    metrics_port: int = 8090
    """Where the scorer answers `/metrics`, `/livez` and `/readyz`."""
    clock: str = "live"
    """`live`, or `test`: then time passes only by `POST /v1/clock`."""
    tick_seconds: float = 2.0
    settling_seconds: float = 600.0
    """How long ticks wait after a gap of over a minute."""
    skew_seconds: float = 600.0
    """How far in the future an event's time may lie."""
    log_seconds: float = 10.0
    """How long the log may take to acknowledge before the answer is `outcome_unknown`."""
    body_seconds: float = 15.0
    """How long a request's body may take to arrive."""
    in_flight: int = 20_000
    """Events that may wait for the log at once; beyond it the answer is 429."""
    stop_seconds: float = 20.0
    """How long a process that is told to stop may finish what it has begun."""
    log_level: str = "info"
    survey_seconds: float = 86_400.0
    """How old the newest survey may be before a scorer makes another; 0 makes none."""
    survey_apply: str = "off"
    """`on`: what a survey finds, priors of rhythm among it, takes effect through the log."""
    refit_seconds: float = 604_800.0
    """How old the newest refit of the churn model may be before a scorer makes another; 0 makes none."""

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """The settings that an environment gives; an empty variable counts as absent. Raises BadSetting."""
        given = {field: env.get(variable(field), "").strip() for field in cls.__struct_fields__}
        return convert({field: _READERS[field](variable(field), text) for field, text in given.items() if text}, cls)


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"LIFESTAGE_{field.upper()}"


Reader = Callable[[str, str], T]


def _text(name: str, value: str) -> str:
    return value


def _choice(*accepted: str) -> Reader[str]:
    def read(name: str, value: str) -> str:
        if value.lower() not in accepted:
            raise BadSetting(name, value, " or ".join(accepted))
        return value.lower()

    return read


def _number(low: float, high: float, unit: str) -> Reader[float]:
    def read(name: str, value: str) -> float:
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise BadSetting(name, value, f"{unit} from {low:g} to {high:g}")
        return number

    return read


def _whole(low: int, high: int, what: str) -> Reader[int]:
    def read(name: str, value: str) -> int:
        if not (value.isascii() and value.isdecimal() and low <= int(value[:20]) <= high):
            raise BadSetting(name, value, f"{what} from {low} to {high}")
        return int(value)

    return read


def _database(name: str, value: str) -> str:
    scheme, found, rest = value.partition("://")
    if not found or scheme not in ("postgresql", "postgres", "postgresql+asyncpg") or not rest:
        shown = f"{scheme}://…" if found else "…"  # what follows may be a password
        raise BadSetting(name, shown, "postgresql://user:password@host:port/database")
    return f"postgresql+asyncpg://{rest}"


def _servers(name: str, value: str) -> str:
    servers = [server.strip() for server in value.split(",")]
    for server in servers:
        host, _, port = server.rpartition(":")
        if not host or not port.isdecimal() or not 0 < int(port[:6]) < 65_536:
            raise BadSetting(name, value, "host:port, several of them separated by commas")
    return ",".join(servers)


def _secret(name: str, value: str) -> str:
    if len(value) > 256 or not value.isascii() or not value.isprintable() or " " in value:
        raise BadSetting(name, "…", "at most 256 printable ASCII characters without a blank")
    return value


_SECONDS: Final = _number(0, 86_400, "seconds")
_PATIENCE: Final = _number(0.1, 600, "seconds")
_PERIOD: Final = _number(0, 366 * 86_400, "seconds")

_READERS: Final[Mapping[str, Reader[object]]] = {
    "admin_key": _secret,
    "data": _text,
    "database_url": _database,
    "log": _choice("postgres", "kafka"),
    "kafka": _servers,
    "partitions": _whole(1, SHARDS, "a whole number"),
    "replication": _whole(1, 9, "a whole number"),
    "host": _text,
    "port": _whole(0, 65_535, "a port"),
    "metrics_port": _whole(0, 65_535, "a port"),
    "clock": _choice("live", "test"),
    "tick_seconds": _number(0.05, 60, "seconds"),
    "settling_seconds": _SECONDS,
    "skew_seconds": _SECONDS,
    "log_seconds": _PATIENCE,
    "body_seconds": _PATIENCE,
    "in_flight": _whole(1, 10_000_000, "a whole number"),
    "stop_seconds": _PATIENCE,
    "log_level": _choice("debug", "info", "warning", "error"),
    "survey_seconds": _PERIOD,
    "survey_apply": _choice("off", "on"),
    "refit_seconds": _PERIOD,
}

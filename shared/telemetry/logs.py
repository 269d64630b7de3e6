"""Logging: one JSON line per record, for our own loggers and for those of the libraries alike.

Code logs with the standard library, a constant message and its details in `extra=`:
`log.info("ticks held back", extra={"seconds": 600})`.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from msgspec import json
from structlog.typing import EventDict

_json: Final = json.Encoder(enc_hook=repr)

_QUIET: Final = ("aiokafka", "alembic", "asyncio", "httpcore", "httpx", "sqlalchemy", "uvicorn")
"""Libraries that tell more than an operator wants to know."""


_SELDOM_SECONDS: Final = 30.0


class _Seldom(logging.Filter):
    """Lets a library say the same thing once in a while: a broker that is away is otherwise told ten times a second."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in _QUIET:
            return True
        key = (record.name, str(record.msg)[:60])
        if record.created - self._said.get(key, 0.0) < _SELDOM_SECONDS:
            return False
        if len(self._said) > 1000:
            self._said.clear()
        self._said[key] = record.created
        return True


def configure(level: str = "info", stream: TextIO | None = None) -> None:
    """Send every record from `level` on to a stream (stderr if none is given), one JSON object per line.

    Of libraries only warnings and worse are kept, and of those the same only once in a while.

    Call it once, first of all; calling it again replaces the stream.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.addFilter(_Seldom())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
                structlog.stdlib.ExtraAdder(),
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_colour,
                structlog.processors.format_exc_info,
                structlog.processors.EventRenamer("message"),
                _line,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for name in _QUIET:
        library = logging.getLogger(name)
        library.handlers[:] = []
        library.propagate = True
        library.setLevel(max(logging.WARNING, root.level))


def _without_colour(logger: Any, method: str, record: EventDict) -> EventDict:
    record.pop("color_message", None)  # uvicorn's second copy of its message, with escapes for terminals
    return record


def _line(logger: Any, method: str, record: MutableMapping[str, Any]) -> str:
    first = {name: record.pop(name) for name in ("time", "level", "logger", "message") if name in record}
    try:
        return _json.encode({**first, **record}).decode()
    except (TypeError, ValueError, RecursionError):
        return _json.encode({name: ascii(value) for name, value in {**first, **record}.items()}).decode()

"""Logs: one JSON object per line, whoever logs and whatever is in it."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from shared.telemetry import logs

log = logging.getLogger("services.test")


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the lines go; what pytest had set up is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    lines = io.StringIO()
    logs.configure("info", lines)
    yield lines
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_record_is_a_line_with_its_message_and_its_details(stream: io.StringIO) -> None:
    log.info("ticks wait", extra={"seconds": 600, "partitions": [0, 3]})

    [line] = lines(stream)
    assert list(line)[:4] == ["time", "level", "logger", "message"]
    assert line["time"].endswith("Z")
    assert (line["level"], line["logger"], line["message"]) == ("info", "services.test", "ticks wait")
    assert (line["seconds"], line["partitions"]) == (600, [0, 3])


def test_an_exception_is_told_in_the_same_line(stream: io.StringIO) -> None:
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        log.exception("it failed")

    [line] = lines(stream)
    assert line["message"] == "it failed"
    assert "ValueError: broken\nin two" in line["exception"]


@pytest.mark.parametrize(
    "detail", [object(), b"\xff", {1, 2}, {(1, 2): 3}, "\ud800", float("nan"), ValueError("x"), "a\nb\x00\x1b[0m"]
)
def test_no_detail_whatever_breaks_the_line(stream: io.StringIO, detail: object) -> None:
    log.warning("odd", extra={"detail": detail})

    [line] = lines(stream)
    assert "odd" in line["message"]
    assert "detail" in line


def test_debugging_and_what_libraries_chat_about_is_left_out(stream: io.StringIO) -> None:
    log.debug("not asked for")
    logging.getLogger("aiokafka.consumer").info("joined")
    logging.getLogger("uvicorn.error").info("Started", extra={"color_message": "\x1b[1mStarted"})
    logging.getLogger("uvicorn.error").warning("odd", extra={"color_message": "\x1b[1modd"})

    [line] = lines(stream)
    assert (line["logger"], line["message"]) == ("uvicorn.error", "odd")
    assert "color_message" not in line


def test_what_a_library_says_over_and_over_is_told_once(stream: io.StringIO) -> None:
    for port in range(20):
        logging.getLogger("aiokafka.conn").error("Unable connect to %s", port)
        log.error("ours", extra={"port": port})

    assert [line["logger"] for line in lines(stream)].count("aiokafka.conn") == 1
    assert len(lines(stream)) == 21


def test_warnings_of_python_are_logged(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old", DeprecationWarning, stacklevel=1)

    [line] = lines(stream)
    assert line["logger"] == "py.warnings"
    assert "DeprecationWarning: old" in line["message"]

"""A fit in a process of its own: fed, awaited, and ended with whoever asked for it."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import IO, Final

from msgspec import DecodeError, Struct, json, msgpack

import services
from shared.adapters import launch
from shared.domain.errors import LifestageError
from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.fitting.report import Refit

PROGRAM: Final = "services.scorer.fitter"
FIT_SECONDS: Final = 1_800.0
"""How long a fit may take, with the reading of what it is made of."""
END_SECONDS: Final = 5.0
LENGTH_BYTES: Final = 4

# One thread: the sums come out the same on every machine, and the other processors stay with those who serve.
ONE_THREAD: Final = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Asked(Struct, frozen=True, kw_only=True):
    """What to fit: the first day that is not known, the policy with the model in force, and the model's version."""

    as_of: Day
    policy: Policy
    version: str
    customers: int
    """How many customers there are in all, those included that are not looked at."""


class FitFailed(LifestageError):
    """The process that fits ended without a refit."""

    code = "fit_failed"


async def fitted(asked: Asked, states: AsyncGenerator[bytes]) -> Refit:
    """The refit of customers' states; as many of them are read as are of use. Raises FitFailed."""
    process = await asyncio.create_subprocess_exec(
        *_command(), stdin=PIPE, stdout=PIPE, stderr=PIPE, env=_environment()
    )
    try:
        async with asyncio.timeout(FIT_SECONDS):
            complaint = asyncio.create_task(_read(process.stderr))
            await _feed(process, asked, states)
            told = await _read(process.stdout)
            code = await process.wait()
            if code:
                raise FitFailed(f"the fit ended with code {code}: {_last_line(await complaint)}")
            return json.decode(told, type=Refit)
    except TimeoutError as error:
        raise FitFailed(f"the fit was not done after {FIT_SECONDS:g} seconds") from error
    except DecodeError as error:
        raise FitFailed(f"the fit told something else than a refit: {error}") from error
    finally:
        await _end(process)


def framed(body: bytes) -> bytes:
    """A body behind its length."""
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def frames(source: IO[bytes]) -> Iterator[bytes]:
    """The bodies up to the empty one. Raises EOFError where they end before."""
    while length := int.from_bytes(_whole(source, LENGTH_BYTES), "big"):
        yield _whole(source, length)


def _whole(source: IO[bytes], count: int) -> bytes:
    found = source.read(count)
    if len(found) < count:
        raise EOFError("what was to be fitted ended before its end")
    return found


def _command() -> list[str]:
    """The program, which ends with us however we end."""
    helper = [sys.executable, "-I", "-S", launch.__file__]
    facts = [os.getpid(), int(signal.SIGKILL), -1, Path.cwd()]
    return [*helper, *map(str, facts), sys.executable, "-P", "-m", PROGRAM]


def _environment() -> dict[str, str]:
    """Ours, without what it needs not know, and with the place of our own packages, wherever we were started."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIFESTAGE_")}
    root = Path(services.__file__).resolve().parents[1]
    paths = [str(root), *filter(None, [ours.get("PYTHONPATH")])]
    return {**ours, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(paths)}


async def _feed(process: Process, asked: Asked, states: AsyncGenerator[bytes]) -> None:
    """Hand over what is asked and the states, until it has enough of them."""
    source = process.stdin
    assert source is not None, "it was asked for"
    # It closes its end once it has enough; that it failed its code tells.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        async with contextlib.aclosing(states):
            source.write(framed(msgpack.encode(asked)))
            async for body in states:
                source.write(framed(body))
                await source.drain()
            source.write(framed(b""))
            await source.drain()
    source.close()


async def _read(source: asyncio.StreamReader | None) -> bytes:
    assert source is not None, "it was asked for"
    return await source.read()


def _last_line(told: bytes) -> str:
    lines = told.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


async def _end(process: Process) -> None:
    """See to it that the process is gone."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        async with asyncio.timeout(END_SECONDS):
            await process.wait()

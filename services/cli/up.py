"""`lifestage up`: everything on one machine, in one process, on one folder."""

import asyncio
import logging
import os
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from socket import socket
from time import monotonic
from typing import Final

from msgspec import Struct
from rich.status import Status

from services.cli import terminal
from services.cli.banner import Started, address, announce, curl_lines, word_for_key
from services.cli.ground import Address, Ground, grounded, held_folder, leave_address
from services.cli.running import until_told
from services.cli.whole import Whole, assembled
from shared.adapters.compose import agree, bury_workers, database, reach
from shared.adapters.postgres.migrate import migrate
from shared.adapters.process import keep_short
from shared.config import Settings
from shared.ports.clock import now
from shared.telemetry import logs
from shared.web.auth import first_admin_key
from shared.web.server import listen, serve

POLL_SECONDS: Final = 0.02
REMIND_SECONDS: Final = 10.0

log: Final = logging.getLogger(__name__)


class Start(Struct, frozen=True, kw_only=True):
    """One start of an instance: its port and folder, whether a person looks on, and its two signals."""

    listener: socket
    folder: Path
    people: bool
    started: asyncio.Event
    stop: asyncio.Event


async def up(settings: Settings, *, people: bool) -> None:
    """Run an instance until told to stop; `people` says that a person looks on."""

    async def service(started: asyncio.Event, stop: asyncio.Event) -> None:
        async with held_folder(settings) as folder:
            with listen(settings.host, settings.port) as listener:  # before what takes longer
                start = Start(listener=listener, folder=folder, people=people, started=started, stop=stop)
                with logging_into(folder / "lifestage.log" if people else None, settings.log_level):
                    await _serve(settings, start)

    await until_told(service, settings.stop_seconds)


@contextmanager
def logging_into(file: Path | None, level: str) -> Iterator[None]:
    """Log into a file, or to stdout where none is given."""
    if file is None:
        logs.configure(level, sys.stdout)
        yield
        return
    keep_short(file)
    with file.open("a", encoding="utf-8") as stream:
        logs.configure(level, stream)
        try:
            yield
        finally:
            logs.configure(level)


async def _serve(settings: Settings, start: Start) -> None:
    with terminal.out.status("Starting …") if start.people else nullcontext() as waiting:
        async with grounded(settings) as ground:
            await reach(ground.settings)
            await migrate(database(ground.settings))
            await agree(ground.settings)
            alone = settings.database_url is None
            if alone:
                await bury_workers(ground.settings)
            async with assembled(ground.settings, start.stop, alone=alone) as whole:
                made = await first_admin_key(whole.keys, now(), settings.admin_key)
                start.started.set()
                await _run(ground, whole, start, _tell(ground.settings, whole, start, made, waiting))


async def _run(ground: Ground, whole: Whole, start: Start, telling: Coroutine[None, None, None]) -> None:
    """Run all parts until told to stop. Raises what ends one of them."""
    scorer_stop = asyncio.Event()
    try:
        async with asyncio.TaskGroup() as parts:
            parts.create_task(whole.scorer.run(scorer_stop))
            helpers = [parts.create_task(ground.watch()), parts.create_task(telling)]
            helpers += [parts.create_task(companion.run()) for companion in whole.companions]
            if whole.ticker is not None:
                helpers.append(parts.create_task(whole.ticker.run()))
            seconds = ground.settings.stop_seconds / 2
            await serve(whole.app, start.listener, until=start.stop, stop_seconds=seconds)
            for helper in helpers:
                helper.cancel()
            scorer_stop.set()  # last, because what is in flight over HTTP may wait for the scorer
    except BaseExceptionGroup:
        ground.check()  # a server that has ended is the reason for whatever failed first
        raise


async def _tell(
    settings: Settings,
    whole: Whole,
    start: Start,
    made: str | None,
    waiting: Status | None,
) -> None:
    """Announce the instance once all its parts are ready."""
    await _until_ready(whole)
    url = address(settings.host, start.listener.getsockname()[1])
    leave_address(start.folder, Address(url=url, pid=os.getpid(), kafka=settings.kafka))
    told = Started(
        url=url,
        data=str(start.folder),
        log=settings.log,
        clock=settings.clock,
        partitions=settings.partitions,
        admin_key=made if made != settings.admin_key else None,
        curl=curl_lines(url, await word_for_key(made, settings.admin_key, whole.keys)),
    )
    if waiting is not None:
        waiting.stop()
    announce(told, settings, start.people)
    log.info("started", extra={"url": url, "log": settings.log, "clock": settings.clock})


async def _until_ready(whole: Whole) -> None:
    remind_at = monotonic() + REMIND_SECONDS
    while True:
        reason = await whole.ready()
        if reason is None:
            return
        if monotonic() > remind_at:
            remind_at = monotonic() + REMIND_SECONDS
            log.warning("not ready yet", extra={"reason": reason})
        await asyncio.sleep(POLL_SECONDS)

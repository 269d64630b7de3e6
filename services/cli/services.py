"""One service as a process of its own, and the tables that all of them need."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable
from typing import Final

from services.cli import terminal
from services.cli.running import until_told
from services.cli.visiting import visited
from shared.adapters.compose import agree, database, pool, reach
from shared.adapters.postgres.engine import OPERATOR
from shared.adapters.postgres.keys import PostgresKeys
from shared.adapters.postgres.migrate import migrate, revert
from shared.config import Settings
from shared.ports.clock import now
from shared.telemetry import logs
from shared.web.auth import first_admin_key

log: Final = logging.getLogger(__name__)

Main = Callable[[Settings, asyncio.Event], Awaitable[None]]
"""A service's main: runs until told to stop."""


async def one_service(main: Main, settings: Settings) -> None:
    """Run one service until a signal ends it, after seeing that the database is the one it expects."""
    logs.configure(settings.log_level, sys.stdout)

    async def service(started: asyncio.Event, stop: asyncio.Event) -> None:
        await reach(settings)
        await agree(settings)
        await _admin_key(settings)
        started.set()
        await main(settings, stop)

    await until_told(service, settings.stop_seconds)


async def _admin_key(settings: Settings) -> None:
    """Where an admin key is given and there is no key yet, it becomes the first."""
    if settings.admin_key is None:
        return
    async with pool(settings, OPERATOR, size=1) as engine:
        if await first_admin_key(PostgresKeys(engine), now(), settings.admin_key) is not None:
            log.info("the admin key was stored")


async def change_tables(settings: Settings, down_to: str | None) -> None:
    """Bring the tables up to date, or take migrations back."""
    async with visited(settings) as known:
        if down_to is None:
            await migrate(database(known))
            terminal.out.print("the tables are up to date")
        else:
            await revert(database(known), down_to)
            terminal.out.print(f"the tables are back at {down_to}")

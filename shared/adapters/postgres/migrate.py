"""Bringing the tables of a database to what this program expects, however many processes want that at once."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.adapters.postgres.engine import CONNECT_SECONDS
from shared.domain.errors import LifestageError

MIGRATIONS: Final = Path(__file__).resolve().parents[3] / "deploy" / "migrations"

# Whoever comes second waits here, and then finds nothing left to do.
ALONE: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('lifestage.migrate', 0))")

# A table that a running service holds is waited for, but not for ever: everybody else queues up behind us.
PATIENCE: Final = text("SET LOCAL lock_timeout = '30s'")


class NoMigrations(LifestageError):
    """The migrations are not where this program looks for them."""

    code = "no_migrations"

    def __init__(self, folder: Path) -> None:
        super().__init__(f"there are no migrations in {folder}: Lifestage runs from a checkout, installed as editable")


async def migrate(url: str, revision: str = "head") -> None:
    """Upgrade the tables, in one transaction; nothing happens where they are up to date."""
    await _run(url, lambda config: command.upgrade(config, revision))


async def revert(url: str, revision: str = "base") -> None:
    """Take migrations back, and with the tables what they hold."""
    await _run(url, lambda config: command.downgrade(config, revision))


async def _run(url: str, change: Callable[[Config], None]) -> None:
    if not (MIGRATIONS / "env.py").exists():
        raise NoMigrations(MIGRATIONS)
    engine = create_async_engine(url, poolclass=NullPool, connect_args={"timeout": CONNECT_SECONDS})
    try:
        async with engine.begin() as connection:
            await connection.execute(ALONE)
            await connection.execute(PATIENCE)
            await connection.run_sync(_change, change)
    finally:
        await engine.dispose()


def _change(connection: Connection, change: Callable[[Config], None]) -> None:
    config = Config()
    # Alembic reads the option as a template, in which a percent sign stands for something else.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    change(config)

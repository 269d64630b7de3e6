"""Surveys in PostgreSQL, one row each, and the events of many customers in one statement."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Final

from msgspec import ValidationError, json
from sqlalchemy import BigInteger, Column, Identity, Table
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.adapters import codec
from shared.adapters.postgres.alone import alone
from shared.adapters.postgres.engine import connected
from shared.adapters.postgres.rows import columns, key_rows
from shared.adapters.postgres.tables import MOMENT, WORD, metadata
from shared.domain.events import Event
from shared.domain.instants import Instant
from shared.domain.survey.survey import Survey
from shared.ports.surveys import StoredSurvey

survey: Final = Table(
    "survey",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("as_of", MOMENT, nullable=False),
    Column("made_at", MOMENT, nullable=False),
    Column("body", WORD, nullable=False),
)

KEPT: Final = 400
"""Surveys that are kept: more than a year of daily ones."""

NEWEST: Final = "SELECT id, made_at, body FROM survey ORDER BY id DESC LIMIT 1"
MADE_AT: Final = "SELECT made_at FROM survey ORDER BY id DESC LIMIT 1"
ADD: Final = "INSERT INTO survey (as_of, made_at, body) VALUES ($1, $2, $3) RETURNING id"
FORGET: Final = "DELETE FROM survey WHERE id <= $1 - $2::bigint"
HISTORY: Final = "SELECT EXISTS (SELECT FROM customer)"

EVENTS_OF: Final = """
    SELECT customer_id, body FROM unnest($1::smallint[], $2::text[]) AS wanted (shard, customer_id)
    JOIN event USING (shard, customer_id)
"""


class PostgresSurveys:
    """Surveys over a pool of connections; making one takes a connection for itself."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def newest(self) -> StoredSurvey | None:
        """The newest survey; None also where another release has made it, whose figures are not ours."""
        async with connected(self._engine) as raw:
            found = await raw.fetchrow(NEWEST)
        if found is None:
            return None
        try:
            told = json.decode(found["body"], type=Survey)
        except ValidationError:
            return None
        return StoredSurvey(id=found["id"], made_at=found["made_at"], survey=told)

    async def made_at(self) -> Instant | None:
        """When the newest was made."""
        async with connected(self._engine) as raw:
            found: Instant | None = await raw.fetchval(MADE_AT)
        return found

    async def add(self, survey: Survey, made_at: Instant) -> StoredSurvey:
        """Keep a survey, and forget those that are too many."""
        async with connected(self._engine) as raw:
            number = await raw.fetchval(ADD, survey.as_of, made_at, json.encode(survey).decode())
            await raw.execute(FORGET, number, KEPT)
        return StoredSurvey(id=number, made_at=made_at, survey=survey)

    async def history(self) -> bool:
        """Whether there is any customer."""
        async with connected(self._engine) as raw:
            return bool(await raw.fetchval(HISTORY))

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """Whether nobody else in the fleet makes one meanwhile."""
        return alone(self._engine, "survey")

    async def events_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[Event]]:
        """All events of several customers."""
        if not customer_ids:
            return {}
        found = defaultdict(list)
        async with connected(self._engine) as raw:
            for name, body in await raw.fetch(EVENTS_OF, *columns(key_rows(customer_ids))):
                found[name].append(codec.decode_event(body))
        return found

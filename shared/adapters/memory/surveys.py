"""Surveys in memory."""

from collections.abc import Mapping, Sequence

from msgspec import json

from shared.adapters import codec
from shared.adapters.memory.alone import Turn
from shared.adapters.memory.tables import Tables
from shared.domain.events import Event
from shared.domain.instants import Instant
from shared.domain.survey.survey import Survey
from shared.ports.surveys import StoredSurvey


class MemorySurveys(Turn):
    """Surveys beside a store in memory. The newest is kept as bytes, so that nobody shares a value with it."""

    def __init__(self, tables: Tables) -> None:
        super().__init__()
        self._tables = tables
        self._newest: tuple[int, Instant, bytes] | None = None

    async def newest(self) -> StoredSurvey | None:
        """The newest survey."""
        if self._newest is None:
            return None
        number, made_at, body = self._newest
        return StoredSurvey(id=number, made_at=made_at, survey=json.decode(body, type=Survey))

    async def made_at(self) -> Instant | None:
        """When the newest was made."""
        return None if self._newest is None else self._newest[1]

    async def add(self, survey: Survey, made_at: Instant) -> StoredSurvey:
        """Keep a survey in the place of the one before."""
        number = 1 if self._newest is None else self._newest[0] + 1
        self._newest = (number, made_at, json.encode(survey))
        return StoredSurvey(id=number, made_at=made_at, survey=survey)

    async def history(self) -> bool:
        """Whether there is any customer."""
        return any(dossier.row is not None for dossier in self._tables.dossiers.values())

    async def events_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[Event]]:
        """All events of several customers."""
        held = {name: self._tables.dossiers[name] for name in customer_ids if name in self._tables.dossiers}
        return {
            name: [codec.decode_event(stored.body) for stored in dossier.events.values()]
            for name, dossier in held.items()
            if dossier.events
        }

"""Surveys as they are made and read, and the events of a page of customers, which the ledger is made of."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from shared.domain.events import Event
from shared.domain.instants import Instant
from shared.domain.survey.survey import Survey


class StoredSurvey(Struct, frozen=True, kw_only=True):
    """A survey with its number, which rises, and when it was made by the machine's clock."""

    id: int
    made_at: Instant
    survey: Survey


class Surveys(Protocol):
    """Where a survey is kept, for whoever makes it."""

    async def made_at(self) -> Instant | None:
        """When the newest survey was made, None where there is none."""

    async def add(self, survey: Survey, made_at: Instant) -> StoredSurvey:
        """Keep a survey; only the newest are kept for good."""

    async def history(self) -> bool:
        """Whether there is any customer to look at."""

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """For as long as a survey is made: whether nobody else in the fleet makes one."""


class Reports(Protocol):
    """What reports are answered from."""

    async def newest(self) -> StoredSurvey | None:
        """The newest survey; None where there is none that this release can read."""

    async def events_of(self, customer_ids: Sequence[str]) -> Mapping[str, Sequence[Event]]:
        """All events and actions of several customers in one question, in no order; who has none is left out."""

"""Refits of the churn model as they are made and read."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from msgspec import Struct

from shared.domain.instants import Instant
from shared.fitting.report import Refit


class StoredRefit(Struct, frozen=True, kw_only=True):
    """A refit with its number, which rises, and when it was made by the machine's clock."""

    id: int
    made_at: Instant
    refit: Refit
    effective_at: Instant | None = None
    """When its model takes effect; None where it was refused."""


class KeptModels(Protocol):
    """What people are told of refits. One that another release has made, and this one cannot read, is passed over."""

    async def newest(self, most: int, before: int | None = None) -> Sequence[StoredRefit]:
        """So many of the newest refits, the newest first; of those before a number, if one is given."""

    async def of(self, version: str) -> StoredRefit | None:
        """The refit that made a version of the model."""


class Models(KeptModels, Protocol):
    """Where refits are kept, for whoever makes one."""

    async def made_at(self) -> Instant | None:
        """When the newest refit was made, refused ones too; None where there is none."""

    async def number(self) -> int:
        """A number for the next refit, higher than all before. One that is not used is missed by nobody."""

    async def add(self, stored: StoredRefit) -> None:
        """Keep a refit; only the newest are kept for good."""

    async def accepted(self) -> StoredRefit | None:
        """The newest refit that was accepted."""

    def alone(self) -> AbstractAsyncContextManager[bool]:
        """For as long as a refit is made: whether nobody else in the fleet makes one."""

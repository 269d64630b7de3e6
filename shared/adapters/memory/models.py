"""Refits in memory."""

from collections.abc import Sequence

from msgspec import json

from shared.adapters.memory.alone import Turn
from shared.domain.instants import Instant
from shared.ports.models import StoredRefit


class MemoryModels(Turn):
    """Refits beside a store in memory. They are kept as bytes, so that nobody shares a value with them."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[int, bytes] = {}
        self._number = 0

    async def made_at(self) -> Instant | None:
        """When the newest refit was made."""
        return next((stored.made_at for stored in self._stored()), None)

    async def number(self) -> int:
        """A number for the next refit."""
        self._number += 1
        return self._number

    async def add(self, stored: StoredRefit) -> None:
        """Keep a refit."""
        self._kept[stored.id] = json.encode(stored)

    async def newest(self, most: int, before: int | None = None) -> Sequence[StoredRefit]:
        """So many of the newest refits."""
        return [stored for stored in self._stored() if before is None or stored.id < before][:most]

    async def accepted(self) -> StoredRefit | None:
        """The newest refit that was accepted."""
        return next((stored for stored in self._stored() if stored.refit.accepted), None)

    async def of(self, version: str) -> StoredRefit | None:
        """The refit that made a version of the model."""
        return next((stored for stored in self._stored() if stored.refit.version == version), None)

    def _stored(self) -> list[StoredRefit]:
        return [json.decode(body, type=StoredRefit) for _, body in sorted(self._kept.items(), reverse=True)]

"""The bearer keys of an instance, in memory."""

from collections.abc import Sequence

from msgspec import structs

from shared.domain.instants import Instant
from shared.ports.queries import ApiKey


class MemoryKeys:
    """Keys that are forgotten with the process."""

    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}

    async def find(self, hashed: bytes) -> ApiKey | None:
        """The key with this hash that is not revoked."""
        return next((key for key in self._keys.values() if key.hashed == hashed and key.revoked_at is None), None)

    async def add(self, key: ApiKey) -> None:
        """Store a new key."""
        if key.id in self._keys or any(other.hashed == key.hashed for other in self._keys.values()):
            raise ValueError(f"key {key.id!r} is there already, or another of the same secret")
        self._keys[key.id] = key

    async def every(self) -> Sequence[ApiKey]:
        """All keys, the oldest first."""
        return sorted(self._keys.values(), key=lambda key: (key.created_at, key.id))

    async def revoke(self, key_id: str, at: Instant) -> bool:
        """Revoke a key; one that was revoked before keeps its time."""
        key = self._keys.get(key_id)
        if key is None:
            return False
        if key.revoked_at is None:
            self._keys[key_id] = structs.replace(key, revoked_at=at)
        return True

    async def first(self, key: ApiKey) -> bool:
        """Store a key only where there is none yet, revoked ones included."""
        if self._keys:
            return False
        self._keys[key.id] = key
        return True

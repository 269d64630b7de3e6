"""Bearer keys: who may do what. Secrets are shown once; only their SHA-256 is kept and compared."""

import logging
from asyncio import timeout
from collections.abc import Awaitable, Callable, Collection, Mapping
from enum import StrEnum
from hashlib import sha256
from secrets import token_hex, token_urlsafe
from time import monotonic
from types import MappingProxyType
from typing import Final, NamedTuple, NoReturn

from starlette.requests import Request

from shared.domain.instants import Instant
from shared.ports.queries import ApiKey, Keys
from shared.web.problems import Problem

log = logging.getLogger(__name__)


class Scope(StrEnum):
    """What a key may be used for."""

    INGEST = "ingest"
    READ = "read"
    MANAGE = "manage"
    ADMIN = "admin"


GRANTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        Scope.INGEST: frozenset({Scope.INGEST}),
        Scope.READ: frozenset({Scope.READ}),
        Scope.MANAGE: frozenset({Scope.MANAGE, Scope.READ}),
        Scope.ADMIN: frozenset(Scope),
    }
)
"""What each scope lets a key do: admin everything, manage also read."""

FRESH_SECONDS: Final = 2.0
"""How long a key found is believed: a revoked one stops working within this time."""
GRACE_SECONDS: Final = 600.0
"""How long a key found is believed while the store of keys does not answer, so that events are still taken."""
_LOOKUP_SECONDS: Final = 3.0
_REMEMBERED: Final = 4096
_SHORT_SECRET: Final = 16


def hashed(secret: str) -> bytes:
    """What is kept of a secret."""
    return sha256(secret.encode()).digest()


def make_key(name: str, scopes: Collection[str], at: Instant, secret: str | None = None) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can tell again later. Raises ValueError for an unknown scope."""
    unknown = sorted(set(scopes) - set(GRANTS))
    if unknown or not scopes:
        raise ValueError(f"scopes {unknown} cannot be given: one or more of {', '.join(Scope)} are accepted")
    secret = secret or f"ls_{token_urlsafe(32)}"
    key = ApiKey(
        id=f"key_{token_hex(8)}", name=name, hashed=hashed(secret), scopes=frozenset(map(str, scopes)), created_at=at
    )
    return key, secret


async def first_admin_key(keys: Keys, at: Instant, given: str | None = None) -> str | None:
    """See to it that there is a key: the secret of the admin key if this call made it, None if there was one already.

    `given` (LIFESTAGE_ADMIN_KEY) becomes the secret; without it one is made, to be shown once.
    """
    key, secret = make_key("admin", [Scope.ADMIN], at, given)
    if not await keys.first(key):
        return None
    if len(secret) < _SHORT_SECRET:
        log.warning("the admin key is short and can be guessed", extra={"length": len(secret)})
    return secret


class _Found(NamedTuple):
    key: ApiKey | None
    at: float


class Guard:
    """Lets requests through whose key has the scope that is needed; keys are remembered for a very short time."""

    def __init__(self, keys: Keys, *, fresh: float = FRESH_SECONDS, time: Callable[[], float] = monotonic) -> None:
        self._keys = keys
        self._fresh = fresh
        self._time = time
        # Apart, so that somebody who tries secrets cannot push out the keys that are in use.
        self._known: dict[bytes, _Found] = {}
        self._unknown: dict[bytes, _Found] = {}

    def needs(self, scope: Scope) -> Callable[[Request], Awaitable[ApiKey]]:
        """A dependency for FastAPI that admits requests with the scope, and gives their key."""

        async def admitted(request: Request) -> ApiKey:
            return await self.admit(request.headers.get("authorization"), scope)

        return admitted

    async def admit(self, authorization: str | None, scope: Scope) -> ApiKey:
        """The key of an Authorization header. Raises Problem: 401 without a valid key, 403 without the scope."""
        scheme, _, secret = (authorization or "").partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            _unauthorized("a key is needed: send the header 'Authorization: Bearer <key>'")
        key = await self._find(sha256(secret.encode(errors="replace")).digest())
        if key is None:
            _unauthorized("the key is not valid")
        if not any(scope in GRANTS.get(held, ()) for held in key.scopes):
            raise Problem(403, "forbidden", f"the key lacks the scope {scope.value!r}")
        return key

    async def _find(self, digest: bytes) -> ApiKey | None:
        now = self._time()
        found = self._known.get(digest) or self._unknown.get(digest)
        if found is not None and now - found.at < self._fresh:
            return found.key
        try:
            async with timeout(_LOOKUP_SECONDS):
                key = await self._keys.find(digest)
        except Exception as error:
            if found is None or found.key is None or now - found.at > GRACE_SECONDS:
                log.warning("a key cannot be checked", extra={"error": repr(error)})
                message = "keys cannot be checked at the moment; try again"
                raise Problem(503, "unavailable", message, {"Retry-After": "1"}) from error
            log.warning("a key known from before is believed", extra={"error": repr(error), "key": found.key.id})
            return found.key
        self._remember(digest, _Found(key, now))
        return key

    def _remember(self, digest: bytes, found: _Found) -> None:
        self._known.pop(digest, None)
        self._unknown.pop(digest, None)
        shelf = self._unknown if found.key is None else self._known
        if len(shelf) >= _REMEMBERED:
            del shelf[next(iter(shelf))]
        shelf[digest] = found


def _unauthorized(message: str) -> NoReturn:
    raise Problem(401, "unauthorized", message, {"WWW-Authenticate": "Bearer"})

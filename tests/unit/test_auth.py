"""Keys: who gets in, how long a key is remembered, and what is never kept or told."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.instants import Instant
from shared.web.auth import FRESH_SECONDS, GRACE_SECONDS, Guard, Scope, first_admin_key, hashed, make_key
from shared.web.problems import Problem
from tests.e2e.door import KeyRing

AT = Instant(0)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


async def ring_with(*scopes: Scope) -> tuple[KeyRing, str]:
    """Keys with one of these scopes, and the header that shows it."""
    ring = KeyRing()
    key, secret = make_key("shop", scopes, AT)
    await ring.add(key)
    return ring, f"Bearer {secret}"


async def status(guard: Guard, header: str | None, scope: Scope) -> int:
    """How a request is answered: 200, or the problem's status."""
    try:
        await guard.admit(header, scope)
    except Problem as problem:
        return problem.status_code
    return 200


def test_a_secret_is_long_unguessable_and_not_kept() -> None:
    key, secret = make_key("shop", [Scope.INGEST], AT)
    _, other = make_key("shop", [Scope.INGEST], AT)

    assert secret.startswith("ls_")
    assert len(secret) >= 35
    assert secret != other
    assert key.hashed == hashed(secret)
    assert secret not in repr(key)


@pytest.mark.parametrize("scopes", [[], ["write"], ["ingest", "root"]])
def test_a_key_for_what_nobody_may_do_is_not_made(scopes: list[str]) -> None:
    with pytest.raises(ValueError, match="ingest, read, manage, admin are accepted"):
        make_key("shop", scopes, AT)


@pytest.mark.parametrize(
    ("held", "allowed"),
    [
        (Scope.INGEST, {Scope.INGEST}),
        (Scope.READ, {Scope.READ}),
        (Scope.MANAGE, {Scope.READ, Scope.MANAGE}),
        (Scope.ADMIN, set(Scope)),
    ],
)
async def test_a_scope_allows_what_it_says_and_nothing_else(held: Scope, allowed: set[Scope]) -> None:
    ring, header = await ring_with(held)

    found = {scope for scope in Scope if await status(Guard(ring), header, scope) == 200}

    assert found == allowed


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic abc", "Bearer ls_unknown", "Bearer \ud800"])
async def test_what_is_no_valid_key_gets_401(header: str | None) -> None:
    ring, _ = await ring_with(Scope.ADMIN)

    assert await status(Guard(ring), header, Scope.READ) == 401


@given(st.text(max_size=40))
async def test_no_header_whatever_opens_or_breaks_the_door(header: str) -> None:
    ring, _ = await ring_with(Scope.ADMIN)

    assert await status(Guard(ring), header, Scope.READ) == 401


async def test_the_scheme_is_read_in_any_case() -> None:
    ring, header = await ring_with(Scope.READ)

    assert await status(Guard(ring), header.replace("Bearer", "bEARER"), Scope.READ) == 200


async def test_a_key_is_looked_up_once_in_a_while_and_a_revoked_one_stops_within_seconds() -> None:
    ring, header = await ring_with(Scope.READ)
    watch = Watch()
    guard = Guard(ring, time=watch)

    before = [await status(guard, header, Scope.READ) for _ in range(3)]
    [key] = await ring.every()
    await ring.revoke(key.id, AT)
    watch.seconds += FRESH_SECONDS
    after = await status(guard, header, Scope.READ)

    assert (before, after, ring.asked) == ([200, 200, 200], 401, 2)


async def test_an_unknown_key_is_not_looked_up_again_and_again() -> None:
    ring, _ = await ring_with(Scope.READ)
    guard = Guard(ring)

    for _ in range(5):
        await status(guard, "Bearer ls_wrong", Scope.READ)

    assert ring.asked == 1


async def test_known_keys_are_believed_for_a_while_when_the_store_of_keys_is_away() -> None:
    ring, header = await ring_with(Scope.INGEST)
    watch = Watch()
    guard = Guard(ring, time=watch)
    await guard.admit(header, Scope.INGEST)
    ring.broken = True

    watch.seconds += GRACE_SECONDS
    soon = await status(guard, header, Scope.INGEST)
    stranger = await status(guard, "Bearer ls_other", Scope.INGEST)
    watch.seconds += 1
    later = await status(guard, header, Scope.INGEST)

    assert (soon, stranger, later) == (200, 503, 503)


async def test_whoever_tries_secrets_pushes_no_key_out_and_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.auth._REMEMBERED", 10)
    ring, header = await ring_with(Scope.READ)
    guard = Guard(ring)
    await guard.admit(header, Scope.READ)

    for number in range(50):
        await status(guard, f"Bearer ls_{number}", Scope.READ)
    ring.broken = True

    assert await status(guard, header, Scope.READ) == 200
    assert len(guard._unknown) == 10


async def test_the_first_admin_key_is_made_once_and_told_once() -> None:
    ring = KeyRing()

    secret = await first_admin_key(ring, AT)
    again = await first_admin_key(ring, AT)

    assert secret is not None
    assert again is None
    assert await status(Guard(ring), f"Bearer {secret}", Scope.ADMIN) == 200


async def test_a_given_admin_key_is_the_first_one_and_a_short_one_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ring = KeyRing()

    with caplog.at_level(logging.WARNING):
        secret = await first_admin_key(ring, AT, "mine")

    assert secret == "mine"
    assert await status(Guard(ring), "Bearer mine", Scope.ADMIN) == 200
    assert "short" in caplog.text
    assert "mine" not in caplog.text

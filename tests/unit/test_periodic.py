"""Work made again and again: it goes on after a failure, less and less often, and ends when it is cancelled."""

import asyncio

import pytest

from services.scorer.periodic import NotNow, Periodic
from shared.domain.instants import Instant


class Trouble:
    """Work that never succeeds."""

    name = "trouble"

    def __init__(self, error: Exception) -> None:
        self.error, self.looks = error, 0

    async def prepare(self) -> None:
        self.looks += 1

    async def made_at(self) -> Instant | None:
        return None

    async def history(self) -> bool:
        return True

    async def make(self) -> None:
        raise self.error


async def pauses(monkeypatch: pytest.MonkeyPatch, work: Trouble, count: int) -> list[float]:
    """How long it rested, so many times."""
    rested: list[float] = []

    async def rest(seconds: float) -> None:
        rested.append(seconds)
        if len(rested) == count:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", rest)
    with pytest.raises(asyncio.CancelledError):
        await Periodic(work, every=86_400, clock=lambda: Instant(86_400_000_000 * work.looks)).run()
    return rested


async def test_work_that_fails_is_made_again_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Trouble(RuntimeError("no memory"))

    rested = await pauses(monkeypatch, work, 10)

    assert rested == [10, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600, 3_600]
    assert work.looks == 9


async def test_work_that_cannot_be_done_yet_is_looked_at_every_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Trouble(NotNow("nobody is there"))

    assert await pauses(monkeypatch, work, 4) == [10, 60, 60, 60]


async def test_where_none_is_wanted_nothing_is_looked_at() -> None:
    work = Trouble(RuntimeError("no memory"))

    await asyncio.wait_for(Periodic(work, every=0, clock=lambda: Instant(0)).run(), 5)

    assert work.looks == 0

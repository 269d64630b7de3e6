"""Request bodies of all requests together: there is room for so many bytes, and it is given back."""

import asyncio

from starlette.types import Message, Receive, Scope, Send

from shared.web.bodies import BodyLimit
from shared.web.problems import Problem


class Reader:
    """An app that reads a body and keeps it until it is let go."""

    def __init__(self) -> None:
        self.read = asyncio.Event()
        self.done = asyncio.Event()
        self.problems: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await receive()
        except Problem as problem:
            self.problems.append(problem.status_code)
            return
        self.read.set()
        await self.done.wait()


async def post(limit: BodyLimit, size: int) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": bytes(size), "more_body": False}

    async def send(message: Message) -> None:
        """Nobody listens."""

    await limit({"type": "http", "method": "POST", "path": "/", "headers": []}, receive, send)


async def test_a_body_without_room_beside_the_others_gets_429_until_they_are_done() -> None:
    reader = Reader()
    limit = BodyLimit(reader, together=100)

    first = asyncio.create_task(post(limit, 60))
    await reader.read.wait()
    await post(limit, 60)
    refused = reader.problems[:]
    reader.done.set()
    await first
    await post(limit, 100)

    assert refused == [429]
    assert reader.problems == [429]

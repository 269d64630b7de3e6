"""A client in its own process: posts one body over and over on several connections, and tells how long it took."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import uvloop

_ACCEPTED: Final = 202


class Poster:
    """The client, from where it is used; its work is not counted as the server's."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def post(self, port: int, requests: int, connections: int) -> float:
        """Seconds that so many requests took."""
        orders, told = self._process.stdin, self._process.stdout
        if orders is None or told is None:
            raise RuntimeError("the client has no pipes")
        orders.write(f"{port} {requests} {connections}\n".encode())
        await orders.drain()
        return float(await told.readline())


@asynccontextmanager
async def poster(path: str, key: str, body: Path) -> AsyncIterator[Poster]:
    """A client that posts a body to a path, on whichever port of this machine it is told."""
    command = [sys.executable, "-m", "bench.posting", path, key, str(body)]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    try:
        yield Poster(process)
    finally:
        process.terminate()
        await process.wait()


async def _serve(path: str, key: str, body: bytes) -> None:
    lines = [f"POST {path} HTTP/1.1", "Host: here", f"Authorization: Bearer {key}", f"Content-Length: {len(body)}"]
    request = "\r\n".join([*lines, "", ""]).encode() + body
    while line := await asyncio.to_thread(sys.stdin.readline):
        port, requests, connections = map(int, line.split())
        begun = perf_counter()
        await asyncio.gather(*(_post(port, request, requests // connections) for _ in range(connections)))
        print(perf_counter() - begun, flush=True)


async def _post(port: int, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if int(head.split(b" ", 2)[1]) != _ACCEPTED:
            raise RuntimeError(head.decode())
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
    writer.close()


if __name__ == "__main__":
    uvloop.run(_serve(sys.argv[1], sys.argv[2], Path(sys.argv[3]).read_bytes()))

"""A client in its own process: posts one body over and over on several connections, and prints how long it took."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import uvloop


async def posted(address: str, path: str, key: str, body: Path, requests: int, connections: int) -> float:
    """Seconds that so many requests took, by a process of its own, so that its work is not counted as the server's."""
    command = [address, path, key, str(body), str(requests), str(connections)]
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.posting", *command, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await client.communicate()
    if client.returncode:
        raise RuntimeError(f"the client of {path} failed")
    return float(told)


async def _post(host: str, port: int, request: bytes, times: int) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status != 202:
            raise RuntimeError(f"answered with {status}")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.split(b":")[1]))
    writer.close()


async def _run(arguments: Sequence[str]) -> float:
    address, path, key, file, requests, connections = arguments
    body = await asyncio.to_thread(Path(file).read_bytes)
    lines = [
        f"POST {path} HTTP/1.1", f"Host: {address}", f"Authorization: Bearer {key}", "Content-Type: application/json",
        f"Content-Length: {len(body)}", "", "",
    ]  # fmt: skip
    request = "\r\n".join(lines).encode() + body
    host, _, port = address.rpartition(":")
    share = int(requests) // int(connections)
    begun = perf_counter()
    await asyncio.gather(*(_post(host, int(port), request, share) for _ in range(int(connections))))
    return perf_counter() - begun


if __name__ == "__main__":
    print(uvloop.run(_run(sys.argv[1:])))

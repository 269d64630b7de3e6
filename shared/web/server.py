"""Serving an app: one uvicorn on uvloop and httptools, which finishes what it has begun before it ends."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp


class Server(uvicorn.Server):
    """A server that leaves signals to the program, which may run several things."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises OSError naming the address when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise OSError(error.errno, f"cannot listen on {host} port {port}: {error.strerror}") from error


async def serve(app: ASGIApp, listener: socket.socket, *, until: asyncio.Event, stop_seconds: float = 20.0) -> None:
    """Serve until the event is set; then take no more connections and finish what is in flight, within a deadline."""
    config = uvicorn.Config(
        app,
        access_log=False,
        date_header=False,
        http="httptools",
        lifespan="off",
        log_config=None,
        loop="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=max(1, round(stop_seconds)),
        timeout_keep_alive=75,
        ws="none",
    )
    server = Server(config)
    spare_collector()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(until.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        serving.cancel()


def spare_collector() -> None:
    """Let the garbage collector leave alone what was loaded at the start, and come less often.

    Requests bring thousands of small objects that go by themselves; looking for cycles among them, and each time among
    everything that the process has ever imported, took a quarter of the time of a large request.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def until_signalled() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets. Call it in the main thread, inside the running loop."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    return told

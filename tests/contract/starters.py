"""A process that starts a server and is killed, to see what becomes of the server."""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.process import proc

PROGRAM = """
import asyncio, pathlib, sys
{imports}
async def main():
    server = await Server.start(pathlib.Path(sys.argv[1]))
    print({process_id}, flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Starter:
    """What the process has to know: how to import its `Server`, and how to ask for the process id."""

    imports: str
    process_id: str


async def outlives_its_starter(starter: Starter, folder: Path) -> bool:
    """Start a server in another process, kill that with -9, and tell whether the server lives on for 5 seconds."""
    program = PROGRAM.format(imports=starter.imports, process_id=starter.process_id)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(folder), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    server = int(await process.stdout.readline())
    process.kill()
    await process.wait()
    return not await _gone(server, within=5)


async def _gone(pid: int, *, within: float) -> bool:
    deadline = time.monotonic() + within
    while proc(pid, "cmdline"):
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True

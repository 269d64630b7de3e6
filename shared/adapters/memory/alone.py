"""Work that is done by one at a time, in one process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Turn:
    """Who may do the work: the first who asks, until it is done."""

    def __init__(self) -> None:
        self._taken = False

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[bool]:
        """Whether nobody else does it meanwhile."""
        first, self._taken = not self._taken, True
        try:
            yield first
        finally:
            if first:
                self._taken = False

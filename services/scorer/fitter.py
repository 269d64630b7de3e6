"""The fitting of a refit in a process of its own, so that nobody waits for it: states come in, the refit goes out.

Run as `python -m services.scorer.fitter`. On stdin it reads frames, each a length in four bytes and so many bytes:
what is asked, then one state after another, then an empty one. It closes stdin once it has enough. On stdout it
writes the refit as JSON.
"""

import os
import sys
from collections.abc import Iterator
from typing import IO, Final

from msgspec import Struct, json, msgpack

from shared.adapters import codec
from shared.domain.instants import Day
from shared.domain.policy import Policy

LENGTH_BYTES: Final = 4
NICE: Final = 10
"""So much lower is the priority of a fit than that of who serves."""


class Asked(Struct, frozen=True, kw_only=True):
    """What to fit: the first day that is not known, the policy with the model in force, and the model's version."""

    as_of: Day
    policy: Policy
    version: str
    customers: int
    """How many customers there are in all, those included that are not looked at."""


def framed(body: bytes) -> bytes:
    """A body behind its length."""
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


def frames(source: IO[bytes]) -> Iterator[bytes]:
    """The bodies up to the empty one. Raises EOFError where they end before."""
    while length := int.from_bytes(_read(source, LENGTH_BYTES), "big"):
        yield _read(source, length)


def _read(source: IO[bytes], count: int) -> bytes:
    found = source.read(count)
    if len(found) < count:
        raise EOFError("what was to be fitted ended before its end")
    return found


def main() -> None:
    """Fit what comes in."""
    # Loaded here, for whoever feeds this process reads its frames and needs no numpy.
    from shared.fitting.refit import refit
    from shared.fitting.spells import Gathering

    os.nice(NICE)
    told = frames(sys.stdin.buffer)
    asked = msgpack.decode(next(told), type=Asked)
    gathering, read = Gathering(), 0
    for body in told:
        customer, read = codec.decode_customer(body), read + 1
        if customer.occasions or customer.habit_before is not None:
            gathering.add(customer)
        if gathering.full:
            break
    sys.stdin.close()
    # Of those who never bought nothing is told: of the others as many are looked at as of all.
    buyers = round(gathering.customers * asked.customers / read) if gathering.full else None
    found = refit(gathering.told(buyers), asked.as_of, asked.policy, asked.policy.churn, asked.version)
    sys.stdout.buffer.write(json.encode(found))


if __name__ == "__main__":
    main()

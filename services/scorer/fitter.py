"""The program that fits, `python -m services.scorer.fitter`: states come in, a refit goes out.

On stdin it reads frames: what is asked, then one state after another, then an empty one. It closes stdin once it has
enough. On stdout it writes the refit as JSON.
"""

import os
import sys
from collections.abc import Iterator
from typing import Final

from msgspec import json, msgpack

from services.scorer.fitting import Asked, frames
from shared.adapters import codec
from shared.fitting.refit import refit
from shared.fitting.spells import Gathering, Histories

NICE: Final = 10
"""So much lower is the priority of a fit than that of who serves."""


def gathered(states: Iterator[bytes], customers: int) -> Histories:
    """What the states of so many customers tell, the parked and those that have not bought included among these.

    As many are read as are of use. The sample's share is that of the customers that have bought: there are as many of
    these among those that are not read as among those that are.
    """
    gathering, read = Gathering(), 0
    for body in states:
        customer, read = codec.decode_customer(body), read + 1
        if customer.occasions or customer.habit_before is not None:
            gathering.add(customer)
        if gathering.full:
            return gathering.told(round(gathering.customers * customers / read))
    return gathering.told()


def main() -> None:
    """Fit what comes in."""
    os.nice(NICE)
    told = frames(sys.stdin.buffer)
    asked = msgpack.decode(next(told), type=Asked)
    histories = gathered(told, asked.customers)
    sys.stdin.close()
    found = refit(histories, asked.as_of, asked.policy, asked.policy.churn, asked.version)
    sys.stdout.buffer.write(json.encode(found))


if __name__ == "__main__":
    main()

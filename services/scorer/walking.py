"""The walk over a partition's customers that a control sets off: when it goes on, and who comes next (ADR 11)."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from services.scorer.intake import Entered
from services.scorer.score import out_of_step
from shared.domain.controls import Governance, Tick
from shared.domain.ids import shard_of
from shared.domain.instants import SECOND, Instant
from shared.ports.store import Known, Position, Unit, Walk

PORTION: Final = 500
"""Customers walked at a live tick, fewer where they must be folded again: an input of theirs counts like a customer.

The order of the outbox depends on it: with another number a log read again tells the same in another order.
"""

BEGINNING: Final = (0, "")

Place = tuple[int, str]


class Stretch(Struct, frozen=True, kw_only=True):
    """The next customers of a walk, and where it stands after them; None when everybody has been walked."""

    customers: Sequence[Known]
    onward: Walk | None


def set_off(at: Instant, under_way: Walk | None) -> Walk:
    """A walk for a control: from the beginning, or once around from where an open walk stands.

    So everybody is reached within one round after the newest control, however often one comes.
    """
    if under_way is None:
        return Walk(effective_at=at, shard=0, customer_id="")
    shard, customer_id = under_way.shard, under_way.customer_id
    return Walk(effective_at=at, shard=shard, customer_id=customer_id, from_shard=shard, from_customer_id=customer_id)


def walks_on(position: Position) -> bool:
    """Whether a walk goes on before any further record: it has its turn, or nobody's events come meanwhile."""
    return position.walk is not None and (position.walk.turn or not position.live)


def live_after(batch: Sequence[Entered], live: bool) -> bool:
    """Whether the newest tick was a live one."""
    return next((one.entry.at is None for one in reversed(batch) if isinstance(one.entry, Tick)), live)


def enters_second(at: Instant, position: Position) -> bool:
    """Whether a tick is the first in its second: only that one gives a walk its turn, however many write ticks."""
    return position.stream_time is None or at // SECOND > position.stream_time // SECOND


async def stretch(unit: Unit, walk: Walk, most: int, governance: Governance) -> Stretch:
    """Read the customers that come next, at most so many."""
    start, here = (walk.from_shard, walk.from_customer_id), (walk.shard, walk.customer_id)
    if here == BEGINNING:
        # A walk that went around is never left there: this one was set off anew, by a migration perhaps.
        start = BEGINNING
    found = await unit.walk(*here, most)
    if not found and BEGINNING < start <= here:
        here = BEGINNING
        found = await unit.walk(*here, most)
    around = here < start
    ahead = [known for known in found if _place(known) <= start] if around else found
    taken = _affordable(ahead, most, governance)
    ended = len(taken) == len(ahead) < most and (around or start == BEGINNING)
    if not taken or ended or (around and _place(taken[-1]) == start):
        return Stretch(customers=taken, onward=None)
    return Stretch(customers=taken, onward=_at(walk.effective_at, _place(taken[-1]), start))


def _affordable(customers: Sequence[Known], most: int, governance: Governance) -> Sequence[Known]:
    """As many as one transaction is for, one at least: whoever is folded again takes as long as many others."""
    spent = 0
    for count, known in enumerate(customers):
        spent += 1 + known.customer.inputs if out_of_step(known.customer, governance) else 1
        if spent > most and count:
            return customers[:count]
    return customers


def _at(effective_at: Instant, here: Place, start: Place) -> Walk:
    return Walk(
        effective_at=effective_at,
        shard=here[0],
        customer_id=here[1],
        from_shard=start[0],
        from_customer_id=start[1],
    )


def _place(known: Known) -> Place:
    return shard_of(known.customer_id), known.customer_id

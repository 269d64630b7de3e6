"""A customer's timeline: events, changes of stage and alerts merged, the newest first, a page at a time."""

from collections.abc import Sequence

from msgspec import Struct

from services.api.cursors import EntryPlace
from shared.domain.events import Event
from shared.domain.instants import Instant
from shared.ports.queries import PlacedAlert, PlacedTransition, Queries

Told = Event | PlacedTransition | PlacedAlert

_EVENT, _TRANSITION, _ALERT = range(3)


class Page(Struct, frozen=True, kw_only=True):
    """Some entries, and the place of the last one if more follow."""

    entries: Sequence[Told]
    last: EntryPlace | None


async def page(queries: Queries, customer_id: str, after: EntryPlace | None, most: int) -> Page:
    """The entries that come after a place, at most so many."""
    told: list[Told] = [
        *await _events(queries, customer_id, after, most + 1),
        *await queries.transitions(customer_id),
        *await queries.alerts_of(customer_id),
    ]
    placed = sorted(((place(one), one) for one in told), key=lambda pair: pair[0], reverse=True)
    following = [pair for pair in placed if after is None or pair[0] < after]
    shown = following[:most]
    return Page(entries=[one for _, one in shown], last=shown[-1][0] if len(following) > most else None)


def place(told: Told) -> EntryPlace:
    """Where an entry stands. At one instant causes come before effects, in the order of time."""
    match told:
        case PlacedTransition():
            return EntryPlace(told.transition.effective_at, _TRANSITION, f"{told.number:012d}", "")
        case PlacedAlert():
            return EntryPlace(told.alert.effective_at, _ALERT, told.id, "")
        case _:
            return EntryPlace(told.occurred_at, _EVENT, told.id, told.source)


async def _events(queries: Queries, customer_id: str, after: EntryPlace | None, most: int) -> Sequence[Event]:
    """At least so many events after a place, if there are, and perhaps some before it."""
    if after is None:
        return await queries.events(customer_id, most=most)
    if after.rank > _EVENT:
        return await queries.events(customer_id, before=(Instant(after.at + 1), ""), most=most)
    # Events of several sources may share time and id: a page of the store never ends between them, ours may.
    here = (Instant(after.at), after.name)
    alike = await queries.events(customer_id, before=(here[0], f"{after.name}\x01"), most=1)
    rest = await queries.events(customer_id, before=here, most=most)
    return [*(event for event in alike if (event.occurred_at, event.id) == here), *rest]

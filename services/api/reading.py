"""Reading one customer: its committed view with the rule that governs it, the case for its measures, its story."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Final, TypeVar

from msgspec import Struct

from services.api.errors import BadAsOf, NotYetKnown, ParkedCustomer
from shared.domain.alerts import Alert, AlertStatus
from shared.domain.controls import Book, Governance
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.errors import UnknownCustomer
from shared.domain.events import ACTIONS, Event
from shared.domain.ids import CUSTOMER_ID_LENGTH, partition_of, shard_of
from shared.domain.instants import EARLIEST, Instant
from shared.domain.lifecycle import Outcome, fold
from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.rules import customer_type
from shared.ports.queries import CustomerView, PlacedAlert, PlacedTransition, Queries

_TRIES: Final = 5
_NOT_CURRENT: Final = (AlertStatus.HELD, AlertStatus.WITHDRAWN)

T = TypeVar("T")


class Standing(Struct, frozen=True, kw_only=True):
    """A customer as it stands at `view.as_of`, the rule in force for it, and its newest change of stage."""

    view: CustomerView
    book: Book
    newest: Transition | None

    @property
    def policy(self) -> Policy:
        """The policy in force, before what lines and industries have otherwise."""
        return self.book.policy

    def policy_of(self, line: str | None) -> Policy:
        """The policy that a line is folded by; None: the whole relationship."""
        context = self.view.customer.context
        return self.book.of_line(line, None if context is None else context.industry)


class Story(Struct, frozen=True, kw_only=True):
    """Everything decided of a customer, and what folding its events again makes of it; None for a parked customer."""

    standing: Standing
    transitions: Sequence[PlacedTransition]
    refolded: Outcome | None

    @property
    def ordered(self) -> Sequence[PlacedTransition]:
        """The transitions in the order in which they were decided: at one instant one leads on from another."""
        again = [] if self.refolded is None else self.refolded.transitions
        places = {
            id(placed): again.index(placed.transition) for placed in self.transitions if placed.transition in again
        }
        return sorted(
            self.transitions,
            key=lambda one: (one.transition.effective_at, places.get(id(one), len(again)), one.number),
        )

    @property
    def reproduced(self) -> bool | None:
        """Whether folding again gives exactly the decisions that stand, and the stage that the customer is at."""
        if self.refolded is None:
            return None
        current = [placed for placed in self.transitions if placed.retracted_at is None]
        again = self.refolded
        return (
            all(placed.transition in again.transitions for placed in current)
            and len(current) == len(again.transitions)
            and again.customer.stage is self.standing.view.customer.stage
        )

    def reproduces(self, placed: PlacedTransition) -> bool | None:
        """Whether folding again gives this decision too."""
        return None if self.refolded is None else placed.transition in self.refolded.transitions


class Stored(Struct, frozen=True, kw_only=True):
    """Everything that is stored of a customer; of a parked one no events, for they cannot be folded."""

    events: Sequence[Event]
    transitions: Sequence[PlacedTransition]
    alerts: Sequence[PlacedAlert]
    governance: Governance


class Reader:
    """Answers questions about customers from what is committed."""

    def __init__(self, queries: Queries, partitions: int) -> None:
        self._queries = queries
        self.partitions = partitions

    async def view(self, customer_id: str) -> CustomerView:
        """The customer as committed. Raises UnknownCustomer."""
        view = await self._queries.customer(customer_id) if possible(customer_id) else None
        if view is None:
            raise UnknownCustomer(customer_id[:CUSTOMER_ID_LENGTH])
        return view

    async def standing(self, customer_id: str) -> Standing:
        """Where the customer stands now. Raises UnknownCustomer."""
        [standing] = await self.standings([await self.view(customer_id)])
        return standing

    async def standings(self, views: Sequence[CustomerView]) -> list[Standing]:
        """Where customers stand, given their views."""
        # Rules are read after the views: those a customer has been taken through are then among them.
        partitions = {self._partition(view.customer_id) for view in views}
        rules = {partition: Governance.of(await self._queries.controls(partition)) for partition in partitions}
        moved = await self._queries.transitions_of([view.customer_id for view in views if view.customer.transitions])
        return [
            Standing(
                view=view,
                book=_book(rules[self._partition(view.customer_id)], view.customer),
                newest=newest(moved.get(view.customer_id, ()), view.customer),
            )
            for view in views
        ]

    async def case(self, customer_id: str, as_of: Instant | None = None) -> tuple[Standing, Case]:
        """Where the customer stands, and what its measures look at; now, or at a past instant, as is known now.

        Raises UnknownCustomer, ParkedCustomer, BadAsOf for the future, NotYetKnown.
        """
        return await (self._present(customer_id) if as_of is None else self._past(customer_id, as_of))

    async def story(self, customer_id: str) -> Story:
        """Everything decided of a customer, and all of it decided again. Raises UnknownCustomer."""
        view, stored = await self._settled(customer_id, self._stored)
        refolded = None
        if not view.parked:
            refolded = await asyncio.to_thread(fold, customer_id, stored.events, stored.governance, view.as_of)
        return Story(standing=_standing(view, stored), transitions=stored.transitions, refolded=refolded)

    async def _present(self, customer_id: str) -> tuple[Standing, Case]:
        view, stored = await self._settled(customer_id, self._stored)
        if view.parked:
            raise ParkedCustomer(customer_id)
        standing = _standing(view, stored)
        decided = [placed.transition for placed in stored.transitions if placed.retracted_at is None]
        return standing, case_of(standing, stored.events, decided, [placed.alert for placed in stored.alerts])

    async def _past(self, customer_id: str, at: Instant) -> tuple[Standing, Case]:
        async def read(view: CustomerView) -> tuple[Sequence[Event], Governance]:
            if view.as_of is None or at > view.as_of:
                raise BadAsOf.ahead(at, view.as_of or EARLIEST)
            if at < EARLIEST:
                raise NotYetKnown(customer_id, EARLIEST)
            if view.parked:
                raise ParkedCustomer(customer_id)
            return await self._queries.events(customer_id, before=(Instant(at + 1), "")), await self._governance(view)

        view, (events, governance) = await self._settled(customer_id, read)
        if all(isinstance(event, ACTIONS) for event in events):
            raise NotYetKnown(customer_id, at)
        then = await asyncio.to_thread(fold, customer_id, events, governance, at)
        book = _book(governance, then.customer)
        placed = CustomerView(
            customer_id=customer_id,
            customer=then.customer,
            type=customer_type(then.customer, book.policy),
            version=view.version,
            parked=False,
            as_of=at,
        )
        last = _newest_of_whole(then.transitions)
        standing = Standing(view=placed, book=book, newest=last)
        return standing, case_of(standing, events, then.transitions, then.alerts)

    async def _settled(self, customer_id: str, read: Callable[[CustomerView], Awaitable[T]]) -> tuple[CustomerView, T]:
        """What was read of a customer, and the view that it belongs to. Raises UnknownCustomer."""
        view = await self.view(customer_id)
        for _ in range(_TRIES):
            found = await read(view)
            # What was read belongs together only if nothing was committed in between.
            before, view = view, await self.view(customer_id)
            if view.version == before.version:
                break
        return view, found

    async def _stored(self, view: CustomerView) -> Stored:
        return Stored(
            events=[] if view.parked else await self._queries.events(view.customer_id),
            transitions=await self._queries.transitions(view.customer_id),
            alerts=await self._queries.alerts_of(view.customer_id),
            governance=await self._governance(view),
        )

    async def _governance(self, view: CustomerView) -> Governance:
        return Governance.of(await self._queries.controls(self._partition(view.customer_id)))

    def _partition(self, customer_id: str) -> int:
        return partition_of(shard_of(customer_id), self.partitions)


def case_of(
    standing: Standing, events: Iterable[Event], transitions: Sequence[Transition], alerts: Iterable[Alert]
) -> Case:
    """What the measures of a customer look at, as of where it stands: of the current transitions those of the whole."""
    view = standing.view
    return Case(
        view.customer_id,
        [event for event in events if not isinstance(event, ACTIONS)],
        view.customer,
        standing.policy,
        view.as_of or EARLIEST,
        transitions=[transition for transition in transitions if transition.line is None],
        alerts=[alert for alert in alerts if alert.status not in _NOT_CURRENT],
    )


def possible(name: str) -> bool:
    """Whether a name can be one that an event mentions: 1 to 256 characters, without NUL and lone surrogates."""
    return 0 < len(name) <= CUSTOMER_ID_LENGTH and "\0" not in name and not any("\ud800" <= c <= "\udfff" for c in name)


def newest(transitions: Iterable[PlacedTransition], customer: Customer) -> Transition | None:
    """The current transition that led to the customer's stage; another may have come since the customer was read."""

    def fits(placed: PlacedTransition) -> tuple[bool, Instant, bool, int]:
        led_here, at = placed.transition.target is customer.stage, placed.transition.effective_at
        return (led_here and at == customer.since, at, led_here, placed.number)

    last = max((placed for placed in transitions if _stands_for_whole(placed)), key=fits, default=None)
    return None if last is None else last.transition


def _standing(view: CustomerView, stored: Stored) -> Standing:
    last = newest(stored.transitions, view.customer)
    return Standing(view=view, book=_book(stored.governance, view.customer), newest=last)


def _book(governance: Governance, customer: Customer) -> Book:
    return governance.books[min(customer.controls, len(governance.books) - 1)]


def _stands_for_whole(placed: PlacedTransition) -> bool:
    return placed.retracted_at is None and placed.transition.line is None


def _newest_of_whole(transitions: Sequence[Transition]) -> Transition | None:
    return next((one for one in reversed(transitions) if one.line is None), None)

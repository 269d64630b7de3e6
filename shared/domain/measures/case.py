"""What a measure may look at: one customer's events in their order, its folded state, the policy, and a time."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

from shared.domain.alerts import Alert
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.events import Event, Profile, order_key
from shared.domain.instants import DAY, Day, Instant, local_day
from shared.domain.policy import Policy
from shared.domain.population import Population

E = TypeVar("E", bound=Event)
T = TypeVar("T")


class Case:
    """A customer as the measures see it, as of an instant. Nothing in it is changed by anybody.

    `events` are all of the customer's events up to `as_of`, in the order of the fold, without what people did with
    alerts. `transitions` and `alerts` are the current ones. `policy` is the one in force for the customer.
    """

    __slots__ = ("_by_type", "_found", "_profile", "alerts", "as_of", "customer_id", "events", "policy", "state",
                 "transitions")  # fmt: skip

    def __init__(
        self,
        customer_id: str,
        events: Sequence[Event],
        state: Customer,
        policy: Policy,
        as_of: Instant,
        *,
        transitions: Sequence[Transition] = (),
        alerts: Sequence[Alert] = (),
    ) -> None:
        self.customer_id = customer_id
        self.events: tuple[Event, ...] = tuple(
            sorted((event for event in events if event.occurred_at <= as_of), key=order_key)
        )
        self.state = state
        self.policy = policy
        self.as_of = as_of
        self.transitions = tuple(transitions)
        self.alerts = tuple(alerts)
        by_type: dict[type, list[Event]] = {}
        for event in self.events:
            by_type.setdefault(type(event), []).append(event)
        self._by_type = by_type
        self._profile: dict[str, object] | None = None
        self._found: dict[Callable[..., Any], Any] = {}

    def once(self, find: Callable[["Case"], T]) -> T:
        """What a function finds in this case; it is asked once, and whoever asks after that must not change it."""
        if find not in self._found:
            self._found[find] = find(self)
        return cast(T, self._found[find])

    @property
    def population(self) -> Population:
        """What is known of all customers; empty until a population job has run."""
        return self.policy.population

    def of(self, kind: type[E], *, days: float | None = None) -> list[E]:
        """The events of a type, the oldest first; of the last so many days where asked."""
        since = -1 if days is None else self.as_of - days * DAY
        return [event for event in self._by_type.get(kind, ()) if isinstance(event, kind) and event.occurred_at > since]

    def day(self, at: Instant) -> Day:
        """The local day of an instant, in the policy's time zone."""
        return local_day(at, self.policy.time_zone)

    @property
    def today(self) -> Day:
        """The local day of `as_of`."""
        return self.day(self.as_of)

    def profile(self, name: str) -> object | None:
        """What the newest profile event that names a member says of it; None where none does."""
        if self._profile is None:
            known: dict[str, object] = {}
            dates: dict[str, str] = {}
            for event in self.of(Profile):
                for member in ("industry", "region", "level", "owner", "lead_source", "preferred_channel",
                               "preferred_payment", "external_rating"):  # fmt: skip
                    value = getattr(event, member)
                    if value is not None:
                        known[member] = value
                if event.dates:
                    dates.update(event.dates)
                    known["dates"] = dates
            self._profile = known
        return self._profile.get(name)

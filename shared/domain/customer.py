"""What is known of a customer: the bounded state that the fold carries from event to event."""

from collections.abc import Iterable
from enum import StrEnum
from struct import Struct as Layout
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from shared.domain.alerts import Alert
from shared.domain.context import Context
from shared.domain.events import OrderKey
from shared.domain.habit import Habit
from shared.domain.instants import Day, Instant
from shared.domain.packed import amount_of, number_of, numbers, pack_numbers
from shared.domain.stages import Stage

Tier = Literal["A", "B", "C"]


class CustomerType(StrEnum):
    """How far the relationship has come beside its stage (001-8, 001-11 … 001-13)."""

    TARGET = "target"
    POTENTIAL = "potential"
    NEW = "new"
    ESTABLISHED = "established"
    NEW_LINE = "new_line"


class Occasion(Struct, frozen=True, array_like=True, gc=False):
    """A local day with purchases. `amount` is net, in minor units of its currency; unknown without a rate."""

    day: Day
    amount: int | None
    gap: int = 0
    """Days since the occasion before it in this cycle; 0 for the first."""


class Opinion(Struct, frozen=True, array_like=True, gc=False):
    """One judgement of the customer on us, from -1 (bad) to 1 (good)."""

    at: Instant
    x: float


class Order(NamedTuple):
    """A recent order, so that a refund can find the occasion that it nets. `mark` is a hash of the order id.

    `amount` is what is left to refund; None where it is unknown, or refunded in full.
    """

    mark: int
    day: Day
    amount: int | None


_ORDER: Final = Layout("<Iiq")


def pack_orders(orders: Iterable[Order]) -> bytes:
    """Orders as bytes, sixteen for each: most events only carry them along."""
    return b"".join(_ORDER.pack(order.mark, order.day, number_of(order.amount)) for order in orders)


def add_order(packed: bytes, order: Order, most: int) -> bytes:
    """Packed orders with a newer one, at most so many."""
    return (packed + pack_orders((order,)))[-most * _ORDER.size :]


class Pledge(Struct, frozen=True, array_like=True, gc=False):
    """A running contract: until `ends_at`, or open-ended. `warned`: its end has been told ahead (004-18)."""

    name: str
    ends_at: Instant | None
    penalty: bool = False
    exclusive: bool = False
    warned: bool = False


class Waiting(Struct, frozen=True, array_like=True, gc=False):
    """Something that waits for the firm: an open inquiry or an open complaint."""

    event_id: str
    at: Instant
    overdue: bool = False


class Customer(Struct, array_like=True, gc=False):
    """One customer's lifecycle, O(1) in the length of its history: of the whole relationship, and of each line in it.

    A line is a customer of its own (001-13); what is known of the relationship as a whole stays empty there: where the
    order of decisions has come to, inputs, controls, backfill, and lines.
    Only `lifecycle` changes one, always a copy that it made itself; everywhere else it is read as a value.
    """

    stage: Stage = Stage.TARGET
    since: Instant = Instant(0)
    cycle: int = 0
    origin: Stage | None = None
    """The stage that decline fell from: recovery leads back to it."""

    decided: OrderKey | None = None
    """The place in the order of the newest decision: what comes before it is late."""
    newest_at: Instant | None = None
    """The newest `occurred_at` of an event (not of an action)."""
    inputs: int = 0
    transitions: int = 0
    """How many this lifecycle has been through, those of its lines not counted."""
    alerts_raised: int = 0
    controls: int = 0
    """How many controls this customer has been taken through, and the id of the last: told apart from later ones."""
    control: str = ""
    backfilled_until: Instant = Instant(0)

    # Rhythm: running sums over ln(gap in days), all cycles; and over gaps of this cycle.
    gaps: int = 0
    log_sum: float = 0.0
    log_squares: float = 0.0
    median_gap: float = 0.0
    """m of CONCEPTS: exp(mu), days."""
    long_gap: float = 0.0
    """Q of CONCEPTS: the customer's own long gap, days."""
    last_gap_r: float | None = None
    """r of the gap that the newest occasion ended."""
    cycle_gaps: int = 0
    cycle_gap_sum: int = 0
    cycle_gap_squares: int = 0

    # Occasions of all cycles that the memory still holds; figures of the current cycle.
    currency: str | None = None
    occasions: tuple[Occasion, ...] = ()
    last_at: Instant | None = None
    """When the last purchase was; None when refunds have left nothing but days."""
    packed_bought_at: bytes = b""
    packed_orders: bytes = b""
    cycle_first_day: Day | None = None
    cycle_occasions: int = 0
    forgotten_day: Day | None = None
    """The newest day that the memory has dropped: windows that reach it are unknown."""
    habit_before: Habit | None = None
    """How the customer had bought up to that day."""
    packed_volumes: bytes = b""
    carried_refund: int = 0
    sharp_hits: int = 0
    sharp_hits_before: int = 0
    gradual_hits: int = 0
    gradual_hits_before: int = 0
    stepped: bool = False
    """Whether this occasion has had its one upward step."""
    line: str | None = None
    """The line of the newest purchase."""
    source: str | None = None
    """Who told of the newest purchase: while that source is silent, so is the customer without meaning anything."""
    margin: int | None = None
    """What the firm has earned in all, minor units of `currency`; None while no purchase told its cost."""
    costed: int = 0
    """How much of what was bought told its cost, minor units of `currency`."""
    tier: Tier | None = None
    """A, B or C by margin among all customers (004-4); None until a population job has told the borders."""
    widened_at: Instant | None = None
    """The newest purchase of a line that was new then: cross buying (000-8)."""

    # What people say and what is open.
    opinions: tuple[Opinion, ...] = ()
    opinion_window: float = 0.0
    """W as of the newest opinion, days: it sets how fast opinions fade."""
    dissatisfied: bool = False
    complaints: tuple[Waiting, ...] = ()
    inquiries: tuple[Waiting, ...] = ()
    inquired_at: Instant | None = None
    lost: bool = False
    """A lost prospect: a sub-state (001-9)."""
    waking: bool = False
    leaving: bool = False
    contact_at: Instant | None = None
    """The newest two-way contact."""
    receivables: dict[str, int] = {}
    pledges: tuple[Pledge, ...] = ()
    pledged: bool = False
    """Whether this cycle has seen an explicit pledge or a referral (001-5)."""

    # Decline and its silence.
    declined_level: float | None = None
    occasions_in_decline: int = 0
    silence_raised: bool = False
    silent_at: Instant | None = None
    """When the churn model in force will call it silent; None until it is overdue, and searched for then."""

    alerts: tuple[Alert, ...] = ()
    """The alerts that are not closed."""
    closed: dict[str, Instant] = {}
    """When the last alert of each kind was closed, for the cool-down."""
    due_at: Instant | None = None
    """When continued silence will next change something, what it is, and for which of several alerts or inquiries."""
    due_what: int = 0
    due_place: int = 0
    due_line: str | None = None
    """The line that it will change; None for the relationship as a whole."""

    context: Context | None = None
    lines: dict[str, "Customer"] = {}
    """The lifecycle of each business line, in the order of their names."""

    @property
    def bought_at(self) -> tuple[Instant, ...]:
        """When the last purchase of each of the newest 8 occasions was."""
        return tuple(map(Instant, numbers(self.packed_bought_at)))

    @bought_at.setter
    def bought_at(self, instants: tuple[Instant, ...]) -> None:
        self.packed_bought_at = pack_numbers(instants)
        self.last_at = instants[-1] if instants else None

    @property
    def orders(self) -> tuple[Order, ...]:
        """The newest 16 orders."""
        unpacked = _ORDER.iter_unpack(self.packed_orders)
        return tuple(Order(mark, Day(day), amount_of(amount)) for mark, day, amount in unpacked)

    @orders.setter
    def orders(self, orders: Iterable[Order]) -> None:
        self.packed_orders = pack_orders(orders)

    @property
    def volumes(self) -> tuple[int | None, ...]:
        """A0 at each of the last 8 occasions of the cycle, minor units."""
        return tuple(map(amount_of, numbers(self.packed_volumes)))

    @volumes.setter
    def volumes(self, volumes: tuple[int | None, ...]) -> None:
        self.packed_volumes = pack_numbers(map(number_of, volumes))

    @property
    def decisions(self) -> int:
        """How many transitions the whole relationship and its lines have been through."""
        return self.transitions + sum(line.transitions for line in self.lines.values())

    @property
    def every_alert(self) -> tuple[Alert, ...]:
        """The alerts that are not closed, of the relationship and of its lines."""
        if not self.lines:
            return self.alerts
        return (*self.alerts, *(alert for line in self.lines.values() for alert in line.alerts))

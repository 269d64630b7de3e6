"""Which snapshot may stand for a customer's earlier history, and what comes after it: one rule for every store."""

from shared.domain.customer import Customer
from shared.domain.events import Event, order_key
from shared.domain.instants import EARLIEST, Instant


def taken_at(snapshot: Customer) -> Instant:
    """The time of a snapshot's newest input, right after which it was taken."""
    return EARLIEST if snapshot.decided is None else Instant(snapshot.decided[0])


def comes_after(event: Event, checkpoint: Customer | None) -> bool:
    """Whether a checkpoint has not seen this input: several can lie at the instant at which it was taken."""
    return checkpoint is None or checkpoint.decided is None or order_key(event) > checkpoint.decided

"""What every event carries, whatever it tells."""

from typing import Annotated, Any

from msgspec import Meta, Struct

from shared.domain.ids import CUSTOMER_ID_LENGTH, CustomerId, EventId
from shared.domain.instants import Stamp


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type"):
    """What every event carries. `received_at` is ingest's receipt, `claimed_at` the sender's time if it was set back.

    `(source, id)` and the customer name an event; `extra` keeps members of `data` that we give no meaning to.
    """

    id: Annotated[EventId, Meta(min_length=1, max_length=256)]
    source: Annotated[str, Meta(min_length=1, max_length=128)]
    customer_id: Annotated[CustomerId, Meta(min_length=1, max_length=CUSTOMER_ID_LENGTH)]
    occurred_at: Stamp
    received_at: Stamp
    claimed_at: Stamp | None = None
    line: str | None = None
    backfill: bool = False
    extra: dict[str, Any] | None = None

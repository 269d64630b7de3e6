"""What senders may put into `data`: what every type of event has in common. DESIGN §3 has the table."""

from typing import Any, ClassVar

from msgspec import Struct
from msgspec.structs import asdict

from services.ingest.formats.values import Extra, Stamped, When
from shared.domain import events


def common(stamp: Stamped, when: When) -> dict[str, Any]:
    """The members that every event of ours has, for its constructor."""
    return {
        "id": stamp.id,
        "source": stamp.source,
        "customer_id": stamp.customer_id,
        "line": stamp.line,
        "backfill": stamp.backfill,
        **asdict(when),
    }


class Posted(Struct, kw_only=True, gc=False):
    """The data of one type of event. Members that it does not name are kept in `extra`, never refused."""

    becomes: ClassVar[type[events.Event]]

    def event(self, stamp: Stamped, when: When, extra: Extra) -> events.Event:
        """The event of ours. Raises Refused."""
        return self.becomes(**common(stamp, when), extra=extra, **self.members())

    def members(self) -> dict[str, Any]:
        """The event's own members, amounts in minor units and times as instants."""
        return asdict(self)

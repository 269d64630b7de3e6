"""What people do with an alert: records in the customer's partition like any event (DESIGN, "Alerts")."""

from shared.domain.alerts import Outcome
from shared.domain.facts.base import Fact
from shared.domain.instants import Stamp


class Acknowledge(Fact, frozen=True, kw_only=True, tag="alert_acknowledged"):
    """A person saw an alert. `occurred_at` is the `as_of` that the api had answered with; `at` orders several."""

    alert_id: str
    actor: str
    at: Stamp


class Snooze(Fact, frozen=True, kw_only=True, tag="alert_snoozed"):
    """A person put an alert off until an instant."""

    alert_id: str
    actor: str
    at: Stamp
    until: Stamp


class Resolve(Fact, frozen=True, kw_only=True, tag="alert_resolved"):
    """A person closed an alert and said how it went."""

    alert_id: str
    actor: str
    at: Stamp
    outcome: Outcome

"""The book that a batch keeps: customers as they change, what was decided, numbered and told, what must be written."""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from services.scorer.messages import alert_message, transition_message
from services.scorer.refold import AlertName, Alerts, Correction, name_of, named
from shared.adapters.codec import encode_customer
from shared.domain.alerts import Alert, AlertStatus
from shared.domain.controls import Governance
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.instants import Instant
from shared.domain.lifecycle import Outcome
from shared.domain.policy import Policy
from shared.domain.rules import customer_type
from shared.domain.volume import level
from shared.ports.store import (
    Base,
    Changes,
    History,
    Known,
    Message,
    Numbered,
    Parked,
    RaisedAlert,
    Retraction,
    Saved,
    Snapshot,
)

SNAPSHOT_EVERY = 128
"""Inputs between two snapshots of a customer with a long history."""


class Tally(Struct, kw_only=True):
    """What a batch did, for the metrics."""

    transitions: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    alerts: Counter[tuple[str, str]] = field(default_factory=Counter)
    retractions: int = 0
    refolds: int = 0
    timers: int = 0
    walked: int = 0
    parked: int = 0


class Ledger:
    """Collects a batch's decisions. Nothing in it is shared with anybody until the batch commits."""

    def __init__(
        self, known: Mapping[str, Known], histories: Mapping[str, History], outbox: int, governance: Governance
    ) -> None:
        self.known = dict(known)
        self.changes = Changes()
        self.tally = Tally()
        self.outbox = outbox
        self.governance = governance
        self._touched: set[str] = set()
        self._stood = {name: history.transitions for name, history in histories.items()}
        self._alerts_stood = {name: named(history.alerts) for name, history in histories.items()}
        self._alerts: dict[tuple[str, AlertName], RaisedAlert] = {}

    def customer(self, customer_id: str) -> Known:
        """The customer's row as it stands now; a new one for a customer not seen before."""
        known = self.known.get(customer_id)
        if known is None:
            known = self.known[customer_id] = Known(customer_id=customer_id, customer=Customer())
        return known

    def stood(self, customer_id: str) -> tuple[Sequence[Numbered], Alerts]:
        """The decisions that stand now of a customer whose history is loaded."""
        return self._stood[customer_id], self._alerts_stood[customer_id]

    @staticmethod
    def numbered(
        known: Known, numbers: Sequence[int], transitions: Sequence[Transition], decided_at: Instant
    ) -> list[Numbered]:
        """Transitions that were decided before, with the numbers that they were given then."""
        return [
            Numbered(customer_id=known.customer_id, number=number, transition=transition, decided_at=decided_at)
            for number, transition in zip(numbers, transitions, strict=True)
        ]

    def stepped(self, known: Known, outcome: Outcome, decided_at: Instant) -> None:
        """An event was folded in: its decisions are new, and so is the base."""
        numbers = [self._number(known, transition, decided_at) for transition in outcome.transitions]
        self._rebase(known, outcome, numbers)
        if outcome.alerts:
            self._raise(known.customer_id, outcome.alerts, decided_at)

    def passed(self, known: Known, outcome: Outcome, decided_at: Instant) -> None:
        """Time has passed: its decisions are new, the base stays, or is the state until now."""
        base = known.base or Base(known.state or encode_customer(known.customer), ())
        numbers = [self._number(known, transition, decided_at) for transition in outcome.transitions]
        known.base = Base(base.state, (*base.since, *numbers))
        known.customer, known.state = outcome.customer, None
        self._touched.add(known.customer_id)
        self._raise(known.customer_id, outcome.alerts, decided_at)

    def corrected(self, known: Known, outcome: Outcome, correction: Correction, decided_at: Instant) -> None:
        """The customer was folded again: take back what no longer holds, then add what is new."""
        self.tally.refolds += 1
        for old in correction.retracted:
            self._retract(old, decided_at)
        numbers = [
            self._number(known, transition, decided_at) if old is None else old.number
            for transition, old in zip(outcome.transitions, correction.placed, strict=True)
        ]
        self._rebase(known, outcome, numbers)
        self._raise(known.customer_id, correction.alerts, decided_at)

    def forget_snapshots(self, customer_id: str, inputs: int) -> None:
        """A late event came before the snapshots after more inputs than these; those of this batch are no better."""
        self.changes.stale_snapshots[customer_id] = inputs
        self.changes.snapshots = [
            one for one in self.changes.snapshots if one.customer_id != customer_id or one.customer.inputs <= inputs
        ]

    def rearm(self, known: Known) -> None:
        """The timer row came due: write it anew, or drop it."""
        known.armed_at = None if known.parked else known.customer.due_at
        self.changes.timers[known.customer_id] = known.armed_at

    def park(self, customer_id: str, error: Exception, decided_at: Instant, event_id: str | None) -> None:
        """The fold raised: keep the customer as it is, and raise it to operators."""
        known = self.customer(customer_id)
        known.parked = True
        self.rearm(known)
        self._touched.add(customer_id)
        self.tally.parked += 1
        self.changes.parked.append(
            Parked(
                customer_id=customer_id,
                error=f"{type(error).__name__}: {error}",
                parked_at=decided_at,
                event_id=event_id,
            )
        )

    def unpark(self, known: Known) -> None:
        """An operator asked for another try."""
        known.parked = False
        self.changes.unparked.append(known.customer_id)

    def finish(self) -> None:
        """Write down the rows of the customers that changed, and their timers where they are due earlier."""
        for customer_id in self._touched:
            known = self.known[customer_id]
            due_at = None if known.parked else known.customer.due_at
            if due_at is not None and (known.armed_at is None or due_at < known.armed_at):
                self.rearm(known)
            known.version += 1
            usual = level(known.customer)
            self.changes.customers.append(
                Saved(
                    known=known,
                    type=customer_type(known.customer, self._policy(known)),
                    level=None if usual is None else round(usual),
                    currency=known.customer.currency,
                )
            )
        self.changes.alerts = list(self._alerts.values())

    def _policy(self, known: Known) -> Policy:
        books = self.governance.books
        return books[min(known.customer.controls, len(books) - 1)].policy

    def _rebase(self, known: Known, outcome: Outcome, numbers: list[int]) -> None:
        known.customer, known.state = outcome.customer, None
        known.base = None
        newest = outcome.customer
        if outcome.base is not None:
            newest = outcome.base
            since = outcome.customer.decisions - outcome.base.decisions
            known.base = Base(encode_customer(outcome.base), tuple(numbers[len(numbers) - since :]))
        if newest.inputs % SNAPSHOT_EVERY == 0:
            self.changes.snapshots.append(Snapshot(customer_id=known.customer_id, customer=newest))
        self._touched.add(known.customer_id)

    def _number(self, known: Known, transition: Transition, decided_at: Instant) -> int:
        known.numbered += 1
        numbered = Numbered(
            customer_id=known.customer_id, number=known.numbered, transition=transition, decided_at=decided_at
        )
        self.changes.transitions.append(numbered)
        self.tally.transitions[transition.source, transition.target, transition.cause] += 1
        if known.customer_id in self._stood:
            self._stood[known.customer_id] = [*self._stood[known.customer_id], numbered]
        if not transition.muted:
            self._tell(known.customer_id, transition_message(numbered))
        return numbered.number

    def _retract(self, old: Numbered, decided_at: Instant) -> None:
        self.changes.retractions.append(
            Retraction(customer_id=old.customer_id, number=old.number, retracted_at=decided_at)
        )
        self.tally.retractions += 1
        if old.customer_id in self._stood:
            self._stood[old.customer_id] = [one for one in self._stood[old.customer_id] if one.number != old.number]
        if not old.transition.muted:
            self._tell(old.customer_id, transition_message(old, retracted=True))

    def _raise(self, customer_id: str, alerts: Sequence[Alert], changed_at: Instant) -> None:
        for alert in alerts:
            raised, name = RaisedAlert(customer_id=customer_id, alert=alert, changed_at=changed_at), name_of(alert)
            self._alerts[customer_id, name] = raised
            self.tally.alerts[alert.kind, alert.status] += 1
            if customer_id in self._alerts_stood:
                stood = {**self._alerts_stood[customer_id], name: alert}
                if alert.status is AlertStatus.WITHDRAWN:
                    del stood[name]
                self._alerts_stood[customer_id] = stood
            if alert.status is not AlertStatus.MUTED:
                self._tell(customer_id, alert_message(raised, self._policy(self.known[customer_id])))

    def _tell(self, customer_id: str, message: tuple[str, bytes]) -> None:
        topic, payload = message
        self.outbox += 1
        self.changes.messages.append(Message(number=self.outbox, topic=topic, customer_id=customer_id, payload=payload))

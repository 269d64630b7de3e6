"""A customer being folded: the state in work, and what has been decided on the way."""

from collections.abc import Iterable

from msgspec.structs import replace

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Evidence, Outcome, Severity, severity_of
from shared.domain.controls import Book, Governance
from shared.domain.customer import Customer
from shared.domain.decisions import Guard, Reason, Transition
from shared.domain.ids import AlertId, alert_id
from shared.domain.instants import DAY, Instant, due, local_day
from shared.domain.policy import Policy
from shared.domain.relationship import relationship_level_of
from shared.domain.stages import CUSTOMER_STAGES, Signal, Stage, next_stage, opens_cycle
from shared.domain.volume import level

OWN_END = frozenset(
    {
        AlertKind.DORMANT,
        AlertKind.UNANSWERED_INQUIRY,
        AlertKind.UNRESOLVED_COMPLAINT,
        AlertKind.RIVAL,
        AlertKind.LOCK_IN_EXPIRING,
    }
)
"""Alerts that end when what they are about ends."""
MANAGED = frozenset(AlertKind) - OWN_END
"""Alerts about a customer who may be leaving: they end with the decline, whichever way it goes."""


class Draft:
    """One customer in work. Owns its copy of the state, so that nobody sees it change.

    `whole` is the relationship, `customer` the lifecycle in work: the whole, or that of the line `line` (`turn_to`).
    """

    __slots__ = (
        "alerts",
        "book",
        "customer",
        "customer_id",
        "governance",
        "line",
        "opened",
        "policy",
        "slope",
        "transitions",
        "whole",
        "widens",
    )

    def __init__(self, customer_id: str, customer: Customer, governance: Governance) -> None:
        self.customer_id = customer_id
        self.whole = self.customer = replace(customer)
        self.line: str | None = None
        self.governance = governance
        self.book: Book = governance.books[customer.controls]
        self.policy: Policy = self.book.policy if self.book.plain else self.policy_of(None)
        self.opened: set[str] = set()
        """The lines that this draft has its own copies of."""
        self.widens = False
        """Whether the purchase in work is the first of a line: cross buying (000-8)."""
        self.slope: float | None = None
        """The trend of volume at the purchase in work, where it was judged."""
        self.transitions: list[Transition] = []
        self.alerts: dict[tuple[str, str, Instant], Alert] = {}

    def policy_of(self, line: str | None) -> Policy:
        """The policy in force for a line."""
        context = self.whole.context
        return self.book.of_line(line, None if context is None else context.industry)

    def turn_to(self, line: str | None) -> None:
        """Take a line's lifecycle in work, a new one where it has none; None for the whole relationship."""
        if line is None:
            self.customer = self.whole
        else:
            self.customer = self._open(line)
        self.line, self.policy = line, self.policy_of(line)

    def _open(self, line: str) -> Customer:
        whole = self.whole
        if line not in self.opened:
            held = whole.lines.get(line)
            own = Customer() if held is None else replace(held)
            lines = {**whole.lines, line: own}
            whole.lines = lines if held is not None else dict(sorted(lines.items()))
            self.opened.add(line)
        return whole.lines[line]

    def move(
        self,
        signal: Signal,
        at: Instant,
        cause: str,
        concept: str,
        guards: tuple[Guard, ...] = (),
        event_ids: tuple[str, ...] = (),
    ) -> bool:
        """Follow the table. False when it says that nothing changes."""
        customer = self.customer
        source, target = customer.stage, next_stage(customer.stage, signal)
        if source is target:
            return False
        if source is Stage.TARGET or opens_cycle(source, signal):
            begin_cycle(customer)
        if target is Stage.DECLINE:
            customer.origin, customer.declined_level, customer.occasions_in_decline = source, level(customer), 0
        if target in CUSTOMER_STAGES:
            customer.stepped = True
            customer.origin = customer.declined_level = None
        customer.stage, customer.since, customer.waking = target, at, False
        customer.transitions += 1
        policy = self.policy
        reason = Reason(
            signal=signal,
            concept=concept,
            guards=guards,
            event_ids=event_ids,
            policy=policy.version,
            model=policy.model,
        )
        self.transitions.append(
            Transition(
                source=source,
                target=target,
                effective_at=at,
                cause=cause,
                cycle=customer.cycle,
                reason=reason,
                line=self.line,
                relationship_level=None if self.line is not None else self._relationship_level(at),
                muted=at < self.whole.backfilled_until,
            )
        )
        self._follow(target, at)
        return True

    def _relationship_level(self, at: Instant) -> float | None:
        found = relationship_level_of(self.whole, local_day(at, self.policy.time_zone), self.policy)
        return None if found is None else round(found.points, 1)

    def _follow(self, target: Stage, at: Instant) -> None:
        """What a move means for the alerts that are open."""
        match target:
            case Stage.EXPLORATION | Stage.FORMATION | Stage.STABILITY:
                self.close(MANAGED | {AlertKind.DORMANT}, at, Outcome.RETURNED)
            case Stage.DORMANT:
                self.close(MANAGED, at, Outcome.DORMANT)
            case Stage.ENDED:
                self.close(frozenset(AlertKind), at, Outcome.LOST)
            case _:
                pass

    def alarm(
        self, kind: AlertKind, at: Instant, reason: str, evidence: Evidence, lapses_at: Instant | None = None
    ) -> None:
        """Raise an alert, unless one of its kind is open; within the cool-down it is held until that ends.

        What the whole relationship is alarmed about is not said again of each line.
        """
        customer, policy = self.customer, self.policy
        if any(alert.kind is kind for alert in self.whole.alerts):
            return
        if self.line is not None and any(alert.kind is kind for alert in customer.alerts):
            return
        stage, tier = customer.origin or customer.stage, self.whole.tier
        severity = severity_of(kind, stage, tier)
        alert = Alert(
            kind=kind,
            effective_at=at,
            number=0,
            severity=severity,
            status=AlertStatus.HELD,
            reason=reason,
            stage=stage,
            deadline=at,
            evidence=evidence,
            line=self.line,
            tier=tier,
            lapses_at=lapses_at,
        )
        closed_at = customer.closed.get(kind)
        ready_at = at if closed_at is None else max(at, due(closed_at + policy.cool_down_days * DAY))
        if ready_at > at:
            customer.alerts = (*customer.alerts, replace(alert, until=ready_at))
        else:
            self.show(alert, at)

    def show(self, alert: Alert, at: Instant) -> None:
        """Open an alert for people to see, or mute it when it belongs to an imported history."""
        customer, whole, policy = self.customer, self.whole, self.policy
        whole.alerts_raised += 1
        urgent = alert.severity in (Severity.HIGH, Severity.CRITICAL)
        days = policy.urgent_deadline_days if urgent else policy.deadline_days
        opened = replace(
            alert, number=whole.alerts_raised, status=AlertStatus.OPEN, deadline=due(at + days * DAY), until=None
        )
        customer.alerts = (*customer.alerts, opened)
        self._emit(opened)
        if opened.effective_at < whole.backfilled_until:
            self.mute(opened)

    def amend(self, alert: Alert, changed: Alert) -> None:
        """Replace an open alert by a changed version of itself."""
        self.customer.alerts = tuple(changed if one is alert else one for one in self.customer.alerts)
        self._emit(changed)

    def close(self, kinds: Iterable[AlertKind], at: Instant, outcome: Outcome) -> None:
        """Resolve the open alerts of some kinds; the held ones have come to nothing."""
        if not self.customer.alerts:
            return
        for alert in self.customer.alerts:
            if alert.kind in kinds:
                self._drop(alert)
                if alert.status is not AlertStatus.HELD:
                    self._closed(alert, at, outcome)

    def settle(self, alert: Alert, at: Instant, actor: str, acted_at: Instant, outcome: Outcome) -> None:
        """Resolve one alert because a person said so."""
        self._drop(alert)
        self._closed(replace(alert, actor=actor, acted_at=acted_at), at, outcome)

    def lapse(self, alert: Alert, at: Instant) -> None:
        """An alert no longer matters; one that was held has come to nothing."""
        self._drop(alert)
        if alert.status is not AlertStatus.HELD:
            self._closed(alert, at, Outcome.LAPSED)

    def mute(self, alert: Alert) -> None:
        """Keep an alert of an imported history from everybody's sight."""
        self._drop(alert)
        self._emit(replace(alert, status=AlertStatus.MUTED, until=None))

    def find(self, named: str) -> Alert | None:
        """The open alert of this id; its lifecycle is then the one in work."""
        for one in self.whole.every_alert:
            if self.id_of(one) == named:
                self.turn_to(one.line)
                return one
        return None

    def id_of(self, alert: Alert) -> AlertId:
        """The alert's name."""
        return alert_id(self.customer_id, alert.line, alert.kind, alert.effective_at)

    def _drop(self, alert: Alert) -> None:
        self.customer.alerts = tuple(one for one in self.customer.alerts if one is not alert)

    def _closed(self, alert: Alert, at: Instant, outcome: Outcome) -> None:
        self.customer.closed = {**self.customer.closed, alert.kind: at}
        self._emit(replace(alert, status=AlertStatus.RESOLVED, outcome=outcome, closed_at=at, until=None))

    def _emit(self, alert: Alert) -> None:
        self.alerts[alert.line or "", alert.kind, alert.effective_at] = alert


def begin_cycle(customer: Customer) -> None:
    """A new cycle: N, T, CV, level, opinions and pledges of the old one no longer count; rhythm stays."""
    customer.cycle += 1
    customer.cycle_first_day = None
    customer.cycle_occasions = customer.cycle_gaps = customer.cycle_gap_sum = customer.cycle_gap_squares = 0
    customer.last_gap_r = customer.origin = customer.declined_level = None
    customer.packed_volumes = b""
    customer.widened_at = None
    customer.opinions = ()
    customer.complaints = ()
    customer.sharp_hits = customer.sharp_hits_before = customer.gradual_hits = customer.gradual_hits_before = 0
    customer.dissatisfied = customer.leaving = customer.pledged = customer.lost = customer.silence_raised = False

"""How the alerts of each rule turned out: raised, acted on, resolved, bought after, and how often they were right."""

from collections.abc import Mapping

from msgspec import Struct, field

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Outcome
from shared.domain.events import Contact
from shared.domain.instants import DAY
from shared.domain.policy import Policy
from shared.domain.survey.groups import Groups
from shared.domain.survey.person import Person
from shared.domain.survey.tiers import Borders, Spread, Tier


class Rule(Struct, kw_only=True):
    """The alerts of one kind. Held ones were shown to nobody and are not counted; withdrawn ones only as such.

    `acknowledged` are those that somebody acted on. `judged` are those whose time has passed: so many days since they
    became true, or a person's word on how they ended. `bought` of them were followed by a purchase within those days.
    `right` of them were not disproved: not called a false alarm, and without a purchase that came though nobody had
    acted, answered or been in touch. `precision` = right / judged.
    """

    kind: AlertKind
    raised: int = 0
    muted: int = 0
    withdrawn: int = 0
    acknowledged: int = 0
    resolved: dict[Outcome, int] = field(default_factory=dict)
    judged: int = 0
    bought: int = 0
    right: int = 0
    precision: float | None = None


class Alarms(Struct, frozen=True, kw_only=True):
    """Every rule that has raised an alert; a purchase counts within `days`."""

    days: float
    rules: list[Rule]


class AlarmsTally:
    """Counts each customer's alerts by kind, and purchases after them by reason and tier."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._rules: dict[AlertKind, Rule] = {}
        self._reasons = Groups(_Reason)

    def add(self, person: Person) -> None:
        """Count a customer's alerts."""
        for alert in person.alerts:
            if alert.status is not AlertStatus.HELD:
                self._alert(person, alert)

    def told(self) -> Alarms:
        """The rules by their kinds."""
        for rule in self._rules.values():
            rule.precision = rule.right / rule.judged if rule.judged else None
        return Alarms(days=self._policy.report_bought_days, rules=[rule for _, rule in sorted(self._rules.items())])

    def saved(self, borders: Mapping[str, Borders]) -> dict[str, float]:
        """002-14: the share of alerts after which the customer bought again, by reason, and by reason and tier."""
        found: dict[str, float] = {}
        least = max(1, self._policy.report_group_customers)
        for word, reason in self._reasons.named():
            if reason.every.heads >= least:
                found[word] = reason.again.heads / reason.every.heads
            again = {part.tier: part.heads for part in reason.again.by_tier(borders)}
            for part in reason.every.by_tier(borders):
                if part.tier is not Tier.UNKNOWN and part.heads >= least:
                    found[f"{word}/{part.tier}"] = again.get(part.tier, 0) / part.heads
        return found

    def _alert(self, person: Person, alert: Alert) -> None:
        rule = self._rules.setdefault(alert.kind, Rule(kind=alert.kind))
        rule.raised += 1
        if alert.status is AlertStatus.WITHDRAWN:
            rule.withdrawn += 1
            return
        rule.muted += alert.status is AlertStatus.MUTED
        rule.acknowledged += alert.actor is not None
        if alert.outcome is not None:
            rule.resolved[alert.outcome] = rule.resolved.get(alert.outcome, 0) + 1
        self._judge(rule, person, alert)

    def _judge(self, rule: Rule, person: Person, alert: Alert) -> None:
        until = alert.effective_at + self._policy.report_bought_days * DAY
        bought = any(alert.effective_at < deal.at <= until for deal in person.deals)
        if until > person.case.as_of and not (alert.actor is not None and alert.outcome is not None):
            return
        rule.judged += 1
        rule.bought += bought
        rule.right += alert.outcome is not Outcome.FALSE_ALARM and not (bought and not _acted(person, alert, until))
        reason = self._reasons.of(alert.reason)
        reason.every.add(person)
        if bought:
            reason.again.add(person)


def _acted(person: Person, alert: Alert, until: float) -> bool:
    """Whether anybody did something about it: said so, answered, or was in touch with the customer in that time."""
    if alert.actor is not None or alert.outcome is Outcome.ANSWERED:
        return True
    return any(alert.effective_at <= touch.occurred_at <= until for touch in person.case.of(Contact))


class _Reason:
    def __init__(self) -> None:
        self.every = Spread()
        self.again = Spread()

"""Folding a customer again: which earlier decisions stand, which are taken back, which are new."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.alerts import Alert, AlertStatus
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.stages import Stage
from shared.ports.store import Numbered

AlertName = tuple[str, str, int]
"""(line, kind, effective_at); the line is empty for the whole relationship."""
Alerts = dict[AlertName, Alert]


def named(alerts: Iterable[Alert]) -> Alerts:
    """Alerts by what tells a customer's alerts apart. Those held back by a cool-down are not decided yet."""
    return {name_of(alert): alert for alert in alerts if alert.status is not AlertStatus.HELD}


def name_of(alert: Alert) -> AlertName:
    """What tells an alert of a customer from its others."""
    return alert.line or "", alert.kind, alert.effective_at


class Correction(Struct, frozen=True, kw_only=True):
    """The difference between what stood and what is now true.

    `placed` goes with the transitions that are now true: the number that one had already, or None for a new one.
    """

    retracted: list[Numbered]
    placed: list[Numbered | None]
    alerts: list[Alert]


def correct(
    stood: Sequence[Numbered], transitions: Sequence[Transition], alerts_stood: Alerts, alerts: Alerts
) -> Correction:
    """What must be taken back and what must be added, so that exactly the new decisions stand.

    A decision that comes out the same, with the same values, keeps its number and is not mentioned again. Alerts come
    in the order of their episodes, however they were loaded.
    """
    left = list(stood)
    placed: list[Numbered | None] = []
    for transition in transitions:
        same = next((old for old in left if old.transition == transition), None)
        placed.append(same)
        if same is not None:
            left.remove(same)
    changed = [alert for name, alert in sorted(alerts.items(), key=_episode) if alerts_stood.get(name) != alert]
    withdrawn = [
        replace(alert, status=AlertStatus.WITHDRAWN, until=None)
        for name, alert in sorted(alerts_stood.items(), key=_episode)
        if name not in alerts
    ]
    return Correction(retracted=left, placed=placed, alerts=[*withdrawn, *changed])


def _episode(named_alert: tuple[AlertName, Alert]) -> tuple[int, str, str]:
    (line, kind, effective_at), _ = named_alert
    return effective_at, kind, line


def transitions_after(checkpoint: Customer | None, stood: Sequence[Numbered]) -> list[Numbered]:
    """The transitions decided after a checkpoint: of each lifecycle all but the first so many, in the fold's order."""
    ordered = in_order(stood)
    if checkpoint is None:
        return ordered
    done: dict[str | None, int] = {line: own.transitions for line, own in checkpoint.lines.items()}
    done[None] = checkpoint.transitions
    after: list[Numbered] = []
    for one in ordered:
        if done.get(one.transition.line, 0) > 0:
            done[one.transition.line] -= 1
        else:
            after.append(one)
    return after


def alerts_after(checkpoint: Customer | None, stood: Alerts) -> Alerts:
    """The alerts that what follows a checkpoint decides on: open at it, or raised later."""
    if checkpoint is None:
        return stood
    held = named(checkpoint.every_alert)
    return {name: alert for name, alert in stood.items() if name in held or alert.number > checkpoint.alerts_raised}


def in_order(transitions: Iterable[Numbered]) -> list[Numbered]:
    """Transitions in the order of the fold: by time, and within a lifecycle each from where the one before led."""
    ordered: list[Numbered] = []
    stages: dict[str | None, Stage] = {}
    by_time = sorted(transitions, key=_place)
    for _, same in groupby(by_time, lambda one: (one.transition.effective_at, one.transition.line)):
        together = list(same)
        line = together[0].transition.line
        chained = len(together) > 1 and _chained(stages.get(line, Stage.TARGET), together)
        ordered += chained or together
        stages[line] = ordered[-1].transition.target
    return ordered


def by_line(transitions: Iterable[Transition]) -> dict[str | None, list[Transition]]:
    """The transitions of each lifecycle, in the order given: between lifecycles there is none at one instant."""
    found: dict[str | None, list[Transition]] = {}
    for transition in transitions:
        found.setdefault(transition.line, []).append(transition)
    return found


def _place(one: Numbered) -> tuple[int, str, int]:
    return one.transition.effective_at, one.transition.line or "", one.number


def _chained(stage: Stage, left: Sequence[Numbered]) -> list[Numbered] | None:
    """All of them in a row that begins at a stage, or None: one that comes back to a stage goes before one that leaves.

    Those of one instant are few. Their numbers say in which order they were decided, which late events may change.
    """
    if not left:
        return []
    for place, one in enumerate(left):
        if one.transition.source is stage:
            rest = _chained(one.transition.target, [*left[:place], *left[place + 1 :]])
            if rest is not None:
                return [one, *rest]
    return None

"""Hypothesis strategies: histories of all event types, with actions on their alerts, and controls.

Times lie on a coarse grid, so that events often share an instant, a day, or a due time.
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any, Final

from hypothesis import strategies as st
from msgspec import Struct

from shared.domain import events
from shared.domain.alerts import Outcome
from shared.domain.controls import Control, FeedChange, Governance, Model, ModelChange, PolicyChange, Release
from shared.domain.events import OWN_SOURCE, Event
from shared.domain.ids import CustomerId, EventId, alert_id
from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.lifecycle import fold
from shared.domain.policy import Overrides, Policy
from tests.builders import BEGIN
from tests.makers import MAKERS, SELLERS, head_of
from tests.models import MODELS

NAMES = ("anna", "bo", "chen")
HOUR = 3_600 * SECOND

# How fast things follow one another: all of a heap, as they come, or so regularly that stability is within reach.
# Same instant, within a second, within a day, then days; 30 and 120 days are Q's floor and four windows.
PACES = (
    (0, 0, 0, 1, SECOND, DAY, 30 * DAY),
    (0, 1, SECOND, 5 * HOUR, DAY, DAY, 3 * DAY, 10 * DAY, 29 * DAY, 30 * DAY, 45 * DAY, 120 * DAY, 400 * DAY),
    (0, 5 * HOUR, DAY, 9 * DAY, 10 * DAY, 10 * DAY, 11 * DAY, 12 * DAY),
)

RATES = {"USD": 0.5, "JPY": 0.0078125}
EASY = Policy(
    version=6,
    mu0=1.0,
    prior_weight=0.5,
    window_floor_days=4.0,
    window_gaps=0.5,
    volume_gaps=1,
    volume_hits=1,
    sharp_drop=0.9,
    gradual_drop=0.5,
    formation_occasions=1,
    stability_occasions=2,
    stability_days=5.0,
    stability_variation=9.0,
    stability_depth=0.1,
    stability_satisfaction=-1.0,
)
SHOES_LATER: Final[dict[str, Overrides]] = {"shoes": {"churn_threshold": 0.7, "churn_floor_days": 20.0}}
POLICIES = (
    Policy(),
    Policy(version=2, long_gap_floor_days=5.0, long_gap_sigmas=0.5, cool_down_days=0.0),
    Policy(version=3, base_currency="EUR", rates=RATES, volume_rules=False),
    Policy(version=4, base_currency="USD", rates={"EUR": 2.0}, formation_occasions=1, stability_occasions=2),
    Policy(version=5, time_zone="Pacific/Auckland", stability_days=20.0, stability_variation=9.0, volume_gaps=1),
    EASY,
    Policy(version=7, dormant_r=1.6, ended_r=1.7, answer_hours=1.0, choosing_days=1.0, cool_down_days=1.0),
    Policy(version=8, long_gap_floor_days=90.0, sigma0=0.2, dissatisfied_below=0.0, settled_opinions=1),
    Policy(version=9, churn_threshold=0.4, churn_horizon_days=20.0, churn_floor_days=0.0),
    Policy(version=10, churn_horizon_days=30.0, alerts_per_week=5.0, lines=SHOES_LATER),
)


class History(Struct, frozen=True, kw_only=True):
    """What happened to some customers, the first policy, and the controls."""

    events: list[Event]
    policy: Policy
    controls: list[Control]

    def governance(self) -> Governance:
        """What governs in the end."""
        return Governance.of(self.controls, self.policy)

    def of(self, customer_id: str) -> list[Event]:
        """One customer's events."""
        return [event for event in self.events if event.customer_id == customer_id]

    def customers(self) -> list[str]:
        """Everyone who did something."""
        return sorted({event.customer_id for event in self.events})

    def end(self) -> Instant:
        """The time of the newest event."""
        return max(event.occurred_at for event in self.events)


@st.composite
def histories(draw: st.DrawFn, most: int = 24, customers: int = 2, controlled: bool = True) -> History:
    """A few customers' events and the actions on the alerts that these raise."""
    controls = draw(st.lists(control(), max_size=3, unique_by=lambda one: one.id)) if controlled else []
    policy = draw(st.sampled_from((*POLICIES, EASY, EASY)))
    governance = Governance.of(controls, policy)
    told: list[Event] = []
    for name in NAMES[: draw(st.integers(1, customers))]:
        facts = draw(facts_of(name, most))
        told += facts
        told += draw(actions_on(name, facts, governance))
    return History(events=told, policy=policy, controls=controls)


@st.composite
def facts_of(draw: st.DrawFn, name: str, most: int) -> list[Event]:
    """One customer's events, without actions."""
    gaps = st.sampled_from(draw(st.sampled_from(PACES)))
    makers = st.sampled_from(draw(st.sampled_from((MAKERS, SELLERS))))
    found: list[Event] = []
    for place, offset in enumerate(
        accumulate(draw(gaps) for _ in range(draw(st.sampled_from((1, 4, most // 2, most, most)))))
    ):
        make = draw(makers)
        found.append(make(draw, head_of(draw, name, place, Instant(BEGIN + offset)), place))
    return found


@st.composite
def actions_on(draw: st.DrawFn, name: str, facts: Sequence[Event], governance: Governance) -> list[Event]:
    """What people do with the alerts that a history raises in the end; some of it again and again."""
    raised = fold(name, facts, governance, Instant(facts[-1].occurred_at + 400 * DAY)).alerts
    if not raised:
        return []
    acted: list[Event] = []
    for place in range(draw(st.integers(0, 4))):
        alert = draw(st.sampled_from(raised))
        at = Instant(alert.effective_at + draw(st.sampled_from((0, 0, SECOND, DAY, 10 * DAY, 60 * DAY))))
        head: dict[str, Any] = {
            "id": EventId(f"{name}-action-{place}"),
            "source": OWN_SOURCE,
            "customer_id": CustomerId(name),
            "occurred_at": at,
            "received_at": at,
            "alert_id": alert_id(name, alert.line, alert.kind, alert.effective_at),
            "actor": "eva",
            "at": Instant(at + draw(st.integers(0, 3))),
        }
        match draw(st.integers(0, 2)):
            case 0:
                acted.append(events.Acknowledge(**head))
            case 1:
                length = draw(st.sampled_from((-DAY, 0, 1, DAY, 30 * DAY)))
                acted.append(events.Snooze(**head, until=Instant(at + length)))
            case _:
                acted.append(events.Resolve(**head, outcome=draw(st.sampled_from(Outcome))))
    return acted


@st.composite
def control(draw: st.DrawFn) -> Control:
    """A policy, a model or a release that takes effect some time."""
    at = Instant(BEGIN + draw(st.sampled_from((-DAY, 0, DAY, 10 * DAY, 30 * DAY, 33 * DAY + 1, 90 * DAY, 300 * DAY))))
    match draw(st.integers(0, 5)):
        case 5:
            source, silent = draw(st.sampled_from(("shop", "crm"))), draw(st.booleans())
            name = f"feed-{source}-{'silent' if silent else 'speaks'}"
            return FeedChange(id=name, effective_at=at, source=source, silent=silent)
        case 0 | 1:
            number, churn = draw(st.integers(0, 1)), draw(st.sampled_from((None, *MODELS)))
            model = Model(version=f"m{number}", mu0=draw(st.sampled_from((1.0, 3.0, 5.0))), sigma0=0.8, churn=churn)
            return ModelChange(id=f"model-{number}", effective_at=at, model=model)
        case 2:
            return Release(id="release-2", effective_at=at, fold_version=2)
        case _:
            policy = draw(st.sampled_from(POLICIES))
            return PolicyChange(id=f"policy-{policy.version}", effective_at=at, policy=policy)

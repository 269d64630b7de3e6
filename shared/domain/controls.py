"""What governs decisions: ticks, policy changes and models, which reach every partition through the log."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field, structs

from shared.domain.instants import Instant, Stamp
from shared.domain.policy import Policy


class Tick(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type", tag="tick"):
    """Time passed. Without `at` the tick's time is the log's append time (a live system)."""

    at: Stamp | None = None


class PolicyChange(Struct, frozen=True, kw_only=True, tag_field="type", tag="policy"):
    """A version of the policy takes effect at an instant."""

    id: str
    effective_at: Stamp
    policy: Policy


class Model(Struct, frozen=True, kw_only=True, gc=False):
    """What a population job found: the priors of rhythm, which take the place of the policy's.

    `mu0` and `sigma0` are mean and sd of ln(gap in days) over the population (CONCEPTS, Primitives).
    """

    version: str
    mu0: float
    sigma0: float


class ModelChange(Struct, frozen=True, kw_only=True, tag_field="type", tag="model"):
    """A fitted model takes effect at an instant."""

    id: str
    effective_at: Stamp
    model: Model


class Release(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", tag="release"):
    """A version of the program whose fold differs takes effect: every customer is folded again."""

    id: str
    effective_at: Stamp
    fold_version: int


Control = PolicyChange | ModelChange | Release
CONTROLS: Final = (PolicyChange, ModelChange, Release)
"""The same, for `isinstance`: to make the union anew for each record of the log takes longer than to ask."""


class Retry(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", tag="retry"):
    """An operator asks that a parked customer be folded again."""

    customer_id: str


NEVER: Final = 1 << 63
"""Later than every instant: when the control after the last one takes effect."""
FOLD_VERSION: Final = 1
"""Raised by every change to what the fold computes (DESIGN "Releases")."""


class Governance(Struct, frozen=True, kw_only=True):
    """The policies in force over time. `effective[i]` begins the rule of `policies[i]`; the first is from the start."""

    policies: tuple[Policy, ...] = field(default_factory=lambda: (Policy(),))
    controls: tuple[Control, ...] = ()
    coming: tuple[int, ...] = (NEVER,)
    """When the control after the first so many takes effect."""

    @classmethod
    def of(cls, controls: Sequence[Control], first: Policy | None = None) -> "Governance":
        """The rule that a set of controls makes, whatever order they came in; repeats of an id are ignored."""
        policy = first or Policy()
        distinct = {control.id: control for control in reversed(controls)}
        ordered = sorted(distinct.values(), key=lambda control: (control.effective_at, control.id))
        policies = [policy]
        for control in ordered:
            policy = _governed(policy, control)
            policies.append(policy)
        coming = (*(control.effective_at for control in ordered), NEVER)
        return cls(policies=tuple(policies), controls=tuple(ordered), coming=coming)

    def applied_at(self, at: Instant) -> int:
        """How many controls are in force after everything at an instant."""
        return bisect_right(self.controls, at, key=lambda control: control.effective_at)

    def applied_before(self, at: Instant) -> int:
        """How many controls are in force for an event at an instant: events come before controls."""
        return bisect_right(self.controls, at - 1, key=lambda control: control.effective_at)

    def in_step(self, applied: int, last: str, decided_at: Instant) -> bool:
        """Whether a customer that went through so many controls, `last` the newest, has missed none.

        A control that arrives late sorts in among those already applied; then the customer is folded again.
        """
        if applied > len(self.controls) or (applied and self.controls[applied - 1].id != last):
            return False
        coming = self.next_at(applied)
        return coming is None or coming > decided_at

    def next_at(self, applied: int) -> Instant | None:
        """When the control after the first `applied` ones takes effect."""
        at = self.coming[applied]
        return None if at == NEVER else Instant(at)


def cause_of(control: Control) -> str:
    """What a transition says that moved it."""
    match control:
        case PolicyChange():
            return "policy"
        case ModelChange():
            return "model"
        case Release():
            return "release"


def _governed(policy: Policy, control: Control) -> Policy:
    match control:
        case PolicyChange():
            # A new policy keeps the model in force: priors come from the population, thresholds from people.
            return (
                structs.replace(control.policy, model=policy.model, mu0=policy.mu0, sigma0=policy.sigma0)
                if (policy.model)
                else control.policy
            )
        case ModelChange():
            model = control.model
            return structs.replace(policy, model=model.version, mu0=model.mu0, sigma0=model.sigma0)
        case Release():
            return policy

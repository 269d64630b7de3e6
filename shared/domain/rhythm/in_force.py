"""Which fitted churn model speaks at a time."""

from collections.abc import Sequence

from shared.domain.controls import Control, Governance, ModelChange
from shared.domain.instants import Instant


def churn_change(controls: Sequence[Control], at: Instant) -> ModelChange | None:
    """The change that brought the churn model in force at an instant; None while the fallback speaks."""
    governance = Governance.of(controls)
    for control in reversed(governance.controls[: governance.applied_at(at)]):
        if isinstance(control, ModelChange) and control.model.churn is not None:
            return control
    return None

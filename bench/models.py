"""Churn models that take effect while a history goes by, as refits issue them: what is true must not depend on how."""

from collections.abc import Sequence
from typing import Final

from bench.feed import Day
from shared.domain.controls import Model, ModelChange
from shared.domain.policy import DEFAULT, MU0
from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import ChurnModel, Members
from shared.domain.rhythm.hazard import Hazard

_HAZARD: Final = Hazard(
    intercept=-0.1,
    weights=(0.25, 0.2, -0.55, -0.2, -0.2, 0.19, 0.3, -0.45, 0.95, -0.3),
    centres=(0.6, 0.1, 2.1, 2.1, 0.8, 3.2, 1.6, 0.7, -2.9, 0.3),
)
_MBG_NBD: Final = Attrition(kind="mbg_nbd", r=0.604, alpha=8.041, a=0.640, b=1.182)
_PARETO_NBD: Final = Attrition(kind="pareto_nbd", r=0.607, alpha=12.446, a=0.357, b=6.123)
_MODELS: Final = (
    ChurnModel(
        members=Members(usual_gap=63.0, classic=_MBG_NBD, hazard=_HAZARD, weight=0.5), horizon_days=90.0, threshold=0.85
    ),
    ChurnModel(members=Members(usual_gap=70.0, classic=_PARETO_NBD), horizon_days=90.0, threshold=0.75),
)
"""The first says of everybody anew when it will be silent; the second lowers the threshold and moves whoever is due."""


def model_changes(history: Sequence[Day]) -> list[ModelChange]:
    """Each of the models in its turn, at the end of a day of the second half of a history."""
    return [
        ModelChange(
            id=f"model-{number}",
            effective_at=history[len(history) * (3 + number) // 5].ends_at,
            model=Model(version=f"bench-{number}", mu0=MU0, sigma0=DEFAULT.sigma0, churn=churn),
        )
        for number, churn in enumerate(_MODELS)
    ]

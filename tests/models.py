"""Churn models for tests, with parameters as fits find them on real purchases, and some for shops that sell faster."""

from typing import Final

from msgspec.structs import replace

from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import ChurnModel, Members
from shared.domain.rhythm.hazard import Hazard

MBG = Attrition(kind="mbg_nbd", r=0.604, alpha=8.041, a=0.640, b=1.182)
PARETO = Attrition(kind="pareto_nbd", r=0.607, alpha=12.446, a=0.357, b=6.123)
HAZARD = Hazard(
    intercept=-0.1,
    weights=(0.25, 0.2, -0.55, -0.2, -0.2, 0.19, 0.3, -0.45, 0.95, -0.3),
    centres=(0.6, 0.1, 2.1, 2.1, 0.8, 3.2, 1.6, 0.7, -2.9, 0.3),
)
MEMBERS = Members(usual_gap=63.0, classic=MBG, hazard=HAZARD, weight=0.4)
MODEL = ChurnModel(members=MEMBERS, horizon_days=90.0, threshold=0.8)

KEEN = ChurnModel(
    members=Members(usual_gap=4.0, classic=PARETO),
    horizon_days=30.0,
    threshold=0.35,
    lines={
        "shoes": Members(usual_gap=2.0, hazard=HAZARD),
        "bags": Members(usual_gap=30.0, classic=MBG, hazard=HAZARD, weight=0.9),
    },
)
"""Calls a customer silent soon, after a few days in the line of shoes."""
CALM = ChurnModel(members=Members(usual_gap=20.0, hazard=HAZARD), horizon_days=60.0, threshold=0.9)
"""Calls a customer silent late, or never."""
MODELS: Final = (MODEL, KEEN, CALM)


def surer(threshold: float) -> ChurnModel:
    """`MODEL` with another threshold."""
    return replace(MODEL, threshold=threshold)

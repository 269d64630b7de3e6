"""The churn model behind the OpenAPI document's examples: in force before anything happened."""

from typing import Final

from services.api.times import instant_of
from shared.domain.controls import Model, ModelChange
from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import ChurnModel, Members, WeakSign
from shared.domain.rhythm.hazard import Hazard

_MEMBERS: Final = Members(
    usual_gap=28.0,
    classic=Attrition(kind="mbg_nbd", r=0.9, alpha=2.5, a=0.8, b=1.3),
    hazard=Hazard(
        intercept=-1.0,
        weights=(0.25, 0.2, -0.55, -0.2, -0.2, 0.19, 0.3, -0.45, 0.95, -0.3),
        centres=(0.6, 0.1, 1.7, 1.7, 0.8, 2.9, 1.4, 0.6, -2.2, 0.3),
    ),
    weight=0.4,
)
_SLOWING: Final = WeakSign(code="slowing", with_it=0.58, without=0.49, customers=212)
MODEL: Final = ModelChange(
    id="refit-1",
    effective_at=instant_of("2026-01-02T03:00:00Z"),
    model=Model(
        version="refit-1",
        mu0=3.0,
        sigma0=1.0,
        churn=ChurnModel(members=_MEMBERS, horizon_days=90.0, threshold=0.8, weak_signs=(_SLOWING,)),
    ),
)

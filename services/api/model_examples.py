"""Examples of the churn model for the OpenAPI document: a refit that was accepted, and a refused one after it."""

from typing import Any, Final

from services.api import model_answers
from services.api.example_history import AS_OF
from services.api.model_answers import Standing
from shared.domain.controls import Model, ModelChange
from shared.domain.instants import DAY, SECOND, Day, Instant
from shared.domain.policy import DEFAULT
from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import ChurnModel, Members
from shared.domain.rhythm.hazard import FEATURES, Hazard
from shared.fitting.figures import Bin, Lift, Score
from shared.fitting.report import BackTest, Refit, Report
from shared.ports.models import StoredRefit

_TODAY: Final = Day(AS_OF // DAY)
_EFFECTIVE_AT: Final = Instant(AS_OF - 9 * DAY)

_MEMBERS: Final = Members(
    usual_gap=58.4,
    classic=Attrition(kind="mbg_nbd", r=0.52, alpha=6.19, a=0.89, b=1.61),
    hazard=Hazard(
        intercept=-2.71,
        weights=(0.31, -0.12, -0.04, -0.05, -0.21, 0.09, 0.08, -0.11, 0.74, -0.06),
        centres=(0.0,) * len(FEATURES),
    ),
    weight=0.41,
)
_TEST: Final = BackTest(
    cutoff=Day(_TODAY - 99),
    horizon_days=90,
    customers=1_842,
    churn=0.71,
    weight=0.32,
    scores={
        "classic": Score(auc=0.768, log_loss=0.391, ece=0.041, mean_p=0.694),
        "hazard": Score(auc=0.777, log_loss=0.388, ece=0.036, mean_p=0.702),
        "blend": Score(auc=0.776, log_loss=0.386, ece=0.032, mean_p=0.699),
        "silence": Score(auc=0.763),
        "silence_over_mean": Score(auc=0.712),
        "constant": Score(auc=0.5, log_loss=0.602, ece=0.0, mean_p=0.71),
    },
    calibration=(Bin(mean_p=0.34, share=0.31, customers=402), Bin(mean_p=0.86, share=0.88, customers=1_440)),
    lift=(Lift(called=0.1, found=0.14), Lift(called=1.0, found=1.0)),
    drift={"repeats": 0.02, "mean_interval": 0.06},
)
_SAID: Final = (
    "Fitted to 4120 repeat purchases of 2357 customers. A back-test over 90 days with 1842 customers gave log-loss"
    " 0.386 (one probability for everybody: 0.602)."
)


def answers() -> dict[str, dict[str, Any]]:
    """An example answer of every operation, by its name."""
    model = Model(
        version="refit-6",
        mu0=3.4,
        sigma0=0.9,
        churn=ChurnModel(members=_MEMBERS, horizon_days=90.0, threshold=0.83),
    )
    report = Report(
        customers=2_357,
        repeats=4_120,
        sampled=1.0,
        back_test=_TEST,
        kind="mbg_nbd",
        log_likelihood=-9_582.4,
        members=_MEMBERS,
        threshold=0.83,
        alerts_per_week=11.5,
        lines={"drinks": 812},
    )
    accepted = Refit(
        version="refit-6",
        as_of=Day(_TODAY - 9),
        accepted=True,
        reason="accepted",
        said=_SAID,
        report=report,
        model=model,
    )
    refused = Refit(
        version="refit-7",
        as_of=_TODAY,
        accepted=False,
        reason="too_little_history",
        said="64 repeat purchases in all, and a fit needs 100. The model in force stays.",
        report=Report(customers=2_357, repeats=64, sampled=1.0),
    )
    first = StoredRefit(id=6, made_at=Instant(_EFFECTIVE_AT - 3 * SECOND), effective_at=_EFFECTIVE_AT, refit=accepted)
    second = StoredRefit(id=7, made_at=AS_OF, refit=refused)
    change = ModelChange(id="refit-6", effective_at=_EFFECTIVE_AT, model=model)
    standing = Standing(as_of=AS_OF, change=change, policy=DEFAULT)
    told = {
        "list_models": model_answers.page_answer(standing, [second, first], None, "en"),
        "current_model": model_answers.current_answer(standing, first, second, "en"),
    }
    return {name: answer.model_dump(mode="json") for name, answer in told.items()}

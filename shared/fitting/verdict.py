"""Whether a refit may take effect, and what people are told."""

from typing import Final

from shared.domain.policy import Policy
from shared.domain.rhythm.churn import ChurnModel
from shared.fitting.backtest import LEAST_REPEATS
from shared.fitting.figures import Score
from shared.fitting.members import Fitted, finite
from shared.fitting.report import BackTest, Reason, Report

WORST_CALIBRATION: Final = 0.2
"""Expected calibration error beyond which probabilities mean nothing."""
WORSE: Final = 0.02
"""How much more log-loss than the model in force a new one may have."""


def verdict(fitted: Fitted, test: BackTest | None) -> Reason:
    """Why a refit is refused, or that it is accepted. What could not be tested is taken on trust."""
    if not finite(fitted):
        return "not_finite"
    return "accepted" if test is None else _tested(test)


def _tested(test: BackTest) -> Reason:
    blend, constant = test.scores["blend"], test.scores["constant"]
    if blend.log_loss is None or blend.ece is None:
        return "not_finite"
    if 0 < test.churn < 1 and _worse(blend, constant, by=0.0):
        return "no_skill"
    if blend.ece > WORST_CALIBRATION:
        return "not_calibrated"
    in_force = test.scores.get("in_force")
    if in_force is not None and _worse(blend, in_force, by=WORSE):
        return "worse_than_in_force"
    return "accepted"


def _worse(one: Score, other: Score, by: float) -> bool:
    """Whether the first does not beat the second, however little, or is worse by more than some log-loss."""
    if one.log_loss is None or other.log_loss is None:
        return False
    return one.log_loss >= other.log_loss + by


def said(reason: Reason, report: Report, policy: Policy, in_force: ChurnModel | None) -> str:
    """What came of a refit, in a sentence or two."""
    if reason == "accepted":
        return _accepted(report)
    return f"{_refused(reason, report)} {_instead(policy, in_force)}"


def _accepted(report: Report) -> str:
    test = report.back_test
    if test is None:
        return (
            f"Fitted to {report.repeats} repeat purchases of {report.customers} customers. Too few of them are old "
            f"enough for a back-test, so that the classic model speaks alone, untested."
        )
    return (
        f"Fitted to {report.repeats} repeat purchases of {report.customers} customers. A back-test over "
        f"{test.horizon_days} days with {test.customers} customers gave log-loss {_figure(test, 'blend')} "
        f"(one probability for everybody: {_figure(test, 'constant')})."
    )


def _refused(reason: Reason, report: Report) -> str:
    test = report.back_test
    match reason:
        case "too_little_history":
            return f"{report.repeats} repeat purchases in all, and a fit needs {LEAST_REPEATS}."
        case "not_finite" | "accepted":
            return "The fit found no finite parameters."
        case "no_skill":
            return (
                f"In the back-test the model's log-loss was {_figure(test, 'blend')}, no better than "
                f"{_figure(test, 'constant')}, that of one probability for everybody."
            )
        case "not_calibrated":
            ece = test.scores["blend"].ece if test is not None else None
            return f"In the back-test the model's probabilities were off by {_number(ece)} on average."
        case "worse_than_in_force":
            return (
                f"In the back-test the model's log-loss was {_figure(test, 'blend')}, that of the model in force "
                f"{_figure(test, 'in_force')}."
            )


def _instead(policy: Policy, in_force: ChurnModel | None) -> str:
    if in_force is not None:
        return "The model in force stays."
    prior = "the population's" if policy.model is not None else "the policy's"
    return (
        f"Until then silence is held against each customer's own long gap, which begins from {prior} prior "
        f"(mean of ln days {policy.mu0:.2f}, deviation {policy.sigma0:.2f})."
    )


def _figure(test: BackTest | None, name: str) -> str:
    found = None if test is None else test.scores.get(name)
    return _number(None if found is None else found.log_loss)


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"

"""Whether a refit may take effect: each way to be refused, and its sentence."""

import pytest
from msgspec.structs import replace

from shared.domain.instants import Day
from shared.domain.policy import DEFAULT
from shared.domain.rhythm.attrition import Attrition
from shared.domain.rhythm.churn import Members
from shared.fitting.figures import Score
from shared.fitting.members import Fitted
from shared.fitting.report import BackTest, Reason, Report
from shared.fitting.verdict import said, verdict

FITTED = Fitted(
    Members(usual_gap=30.0, classic=Attrition(kind="mbg_nbd", r=0.5, alpha=5.0, a=0.7, b=2.4)), log_likelihood=-10.0
)
TEST = BackTest(
    cutoff=Day(10_000),
    horizon_days=90,
    customers=1_000,
    churn=0.7,
    weight=0.4,
    scores={"blend": Score(log_loss=0.5, ece=0.05), "constant": Score(log_loss=0.6), "in_force": Score(log_loss=0.49)},
    calibration=(),
    lift=(),
    drift={},
)


def with_blend(**figures: float) -> BackTest:
    """The back-test with other figures of the blend."""
    return replace(TEST, scores=TEST.scores | {"blend": replace(TEST.scores["blend"], **figures)})


@pytest.mark.parametrize(
    ("test", "reason", "words"),
    [
        (TEST, "accepted", "A back-test over 90 days with 1000 customers gave log-loss 0.500"),
        (None, "accepted", "untested"),
        (with_blend(log_loss=0.6), "no_skill", "log-loss was 0.600, no better than 0.600"),
        (with_blend(ece=0.201), "not_calibrated", "off by 0.201 on average"),
        (with_blend(log_loss=0.51), "worse_than_in_force", "log-loss was 0.510, that of the model in force 0.490"),
        (with_blend(log_loss=0.509), "accepted", "log-loss 0.509"),
        (
            replace(
                with_blend(log_loss=0.7),
                churn=1.0,
                scores={"blend": Score(log_loss=0.01, ece=0.01), "constant": Score(log_loss=0.0)},
            ),
            "accepted",
            "log-loss 0.010",
        ),
    ],
)
def test_a_back_test_decides(test: BackTest | None, reason: Reason, words: str) -> None:
    found = verdict(FITTED, test)

    assert found == reason
    assert words in said(found, Report(customers=1_000, repeats=5_000, sampled=1.0, back_test=test), DEFAULT, None)


@pytest.mark.parametrize("broken", [float("nan"), float("inf")])
def test_parameters_that_are_no_numbers_are_refused(broken: float) -> None:
    classic = Attrition(kind="mbg_nbd", r=broken, alpha=5.0, a=0.7, b=2.4)

    found = verdict(FITTED._replace(members=Members(usual_gap=30.0, classic=classic)), TEST)

    assert found == "not_finite"
    assert "no finite parameters" in said(found, Report(customers=1, repeats=200, sampled=1.0), DEFAULT, None)

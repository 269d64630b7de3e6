"""The churn model as the API answers it."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from msgspec import Struct

from services.api.labels import Language
from services.api.model_labels import SCORERS, STATES, VERDICTS, fallback_text, model_text, refit_text
from services.api.schemas import models as schemas
from services.api.times import stamp
from shared.domain.controls import ModelChange
from shared.domain.instants import DAY, Day, Instant
from shared.domain.policy import Policy
from shared.domain.rhythm.churn import Members
from shared.domain.rhythm.hazard import FEATURES
from shared.domain.rhythm.silent import threshold_of
from shared.fitting.report import BackTest
from shared.ports.models import StoredRefit

_EPOCH: Final = date(1970, 1, 1).toordinal()


class Standing(Struct, frozen=True, kw_only=True):
    """What is in force at the time that all partitions have reached."""

    as_of: Instant | None
    change: ModelChange | None
    """What brought the churn model in force; None while the fallback speaks."""
    policy: Policy

    @property
    def version(self) -> str | None:
        """The version of the model in force."""
        return None if self.change is None else self.change.model.version


def page_answer(
    standing: Standing, found: Sequence[StoredRefit], following: str | None, language: Language
) -> schemas.ModelPage:
    """A page of refits."""
    return schemas.ModelPage(
        as_of=_stamp(standing.as_of),
        in_force=standing.version,
        items=[refit_answer(stored, standing, language) for stored in found],
        next=following,
    )


def current_answer(
    standing: Standing, made: StoredRefit | None, newest: StoredRefit | None, language: Language
) -> schemas.CurrentModel:
    """What judges silence now; `made` is the refit that the model in force came of, where it is still kept."""
    change, refit = standing.change, None if newest is None else newest.refit
    churn = None if change is None else change.model.churn
    policy = standing.policy
    return schemas.CurrentModel(
        as_of=_stamp(standing.as_of),
        speaks="fallback" if change is None else "model",
        version=standing.version,
        effective_at=None if change is None else stamp(change.effective_at),
        age_days=_age(standing),
        horizon_days=None if churn is None else churn.horizon_days,
        threshold=None if churn is None else threshold_of(churn, policy),
        text=fallback_text(policy, refit, language)
        if change is None
        else model_text(change.model.version, refit, language),
        prior=schemas.Prior(mu0=policy.mu0, sigma0=policy.sigma0),
        refit=None if made is None else refit_answer(made, standing, language),
        newest=None if refit is None else refit.reason,
    )


def refit_answer(stored: StoredRefit, standing: Standing, language: Language) -> schemas.ModelRefit:
    """A refit with what it rests on."""
    refit, report, state = stored.refit, stored.refit.report, _state(stored, standing)
    return schemas.ModelRefit(
        id=stored.id,
        version=refit.version,
        made_at=stamp(stored.made_at),
        as_of=_date(refit.as_of),
        state=state,
        state_label=STATES[state].says(language),
        effective_at=_stamp(stored.effective_at),
        verdict=refit.reason,
        label=VERDICTS[refit.reason].says(language),
        text=refit_text(refit, language),
        customers=report.customers,
        repeats=report.repeats,
        sampled=report.sampled,
        log_likelihood=report.log_likelihood,
        members=None if report.members is None else _members(report.members),
        threshold=report.threshold,
        alerts_per_week=report.alerts_per_week,
        lines=[schemas.FittedLine(line=line, repeats=repeats) for line, repeats in report.lines.items()],
        back_test=None if report.back_test is None else _back_test(report.back_test, language),
    )


def _state(stored: StoredRefit, standing: Standing) -> schemas.RefitState:
    if stored.effective_at is None:
        return "refused"
    if stored.refit.version == standing.version:
        return "in_force"
    return "scheduled" if standing.as_of is None or stored.effective_at > standing.as_of else "past"


def _age(standing: Standing) -> float | None:
    if standing.as_of is None or standing.change is None:
        return None
    return round((standing.as_of - standing.change.effective_at) / DAY, 3)


def _back_test(test: BackTest, language: Language) -> schemas.BackTest:
    return schemas.BackTest(
        cutoff=_date(test.cutoff),
        horizon_days=test.horizon_days,
        customers=test.customers,
        churn_share=test.churn,
        weight=test.weight,
        scores=[
            schemas.MemberScore(
                member=member,
                label=SCORERS[member].says(language),
                auc=score.auc,
                log_loss=score.log_loss,
                calibration_error=score.ece,
                mean_p=score.mean_p,
            )
            for member, score in test.scores.items()
        ],
        calibration=[
            schemas.CalibrationBin(mean_p=one.mean_p, share=one.share, customers=one.customers)
            for one in test.calibration
        ],
        lift=[schemas.LiftPoint(called=one.called, found=one.found) for one in test.lift],
        drift=[schemas.FeatureDrift(feature=feature, stability=index) for feature, index in test.drift.items()],
        worst_drift=max(test.drift.values(), default=None),
    )


def _members(members: Members) -> schemas.FittedMembers:
    classic, hazard = members.classic, members.hazard
    return schemas.FittedMembers(
        usual_gap_days=members.usual_gap,
        weight=members.weight,
        classic=None
        if classic is None
        else schemas.ClassicMember(kind=classic.kind, r=classic.r, alpha=classic.alpha, a=classic.a, b=classic.b),
        hazard=None
        if hazard is None
        else schemas.HazardMember(intercept=hazard.intercept, weights=dict(zip(FEATURES, hazard.weights, strict=True))),
    )


def _date(day: Day) -> str:
    return date.fromordinal(_EPOCH + day).isoformat()


def _stamp(at: Instant | None) -> str | None:
    return None if at is None else stamp(at)

"""A refit: members fitted to everything known, weighed by a back-test that they have to pass, and a threshold."""

from math import sqrt
from typing import NamedTuple

import numpy as np
from msgspec import structs
from msgspec.structs import replace

from shared.domain.controls import Model
from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.rhythm.churn import ChurnModel, Members
from shared.fitting.backtest import LEAST_REPEATS, back_test, cut
from shared.fitting.blend import weighed
from shared.fitting.budget import alerts_per_week, budgeted
from shared.fitting.members import Fitted, finite, fit_lines, fit_members, repeats_of
from shared.fitting.report import BackTest, Reason, Refit, Report
from shared.fitting.signs import weak_signs
from shared.fitting.spells import Histories, Spells
from shared.fitting.verdict import said, verdict


class Asked(NamedTuple):
    """What a refit is asked for."""

    as_of: Day
    policy: Policy
    in_force: ChurnModel | None
    version: str


def refit(histories: Histories, as_of_day: Day, policy: Policy, in_force: ChurnModel | None, version: str) -> Refit:
    """Fit a churn model to what was known at a local day's first instant, and say whether it may take effect.

    The same histories, policy and model in force give the same refit. Whatever the histories, nothing in it is
    infinite or not a number, and nothing is raised.
    """
    asked = Asked(as_of_day, policy, in_force, version)
    with np.errstate(all="ignore"):
        known = histories.whole.known_at(as_of_day)
        newest = known.newest()
        report = Report(customers=len(newest.day), repeats=repeats_of(newest), sampled=histories.share)
        if report.repeats < LEAST_REPEATS:
            return _told(asked, "too_little_history", report, None)
        return _fitted(asked, histories, known, report)


def _fitted(asked: Asked, histories: Histories, known: Spells, report: Report) -> Refit:
    """What comes of a history that is long enough."""
    at = cut(known, asked.as_of, asked.policy.churn_horizon_days)
    test = None if at is None else back_test(at, known, asked.as_of, asked.in_force)
    fitted = fit_members(known, asked.as_of)
    report = _with_fit(report, fitted, test)
    reason = verdict(fitted, test)
    if reason == "not_finite":
        return _told(asked, reason, report, None)
    members = _chosen(fitted.members, test)
    lines = fit_lines(histories.lines, asked.as_of, members)
    mu0, sigma0 = _priors(asked, known.newest())
    policy = structs.replace(asked.policy, mu0=mu0, sigma0=sigma0)
    threshold = budgeted(members, known, asked.as_of, policy, histories.share)
    shown = threshold if policy.churn_threshold is None else policy.churn_threshold
    report = replace(
        report,
        members=members,
        threshold=shown,
        alerts_per_week=alerts_per_week(members, known, asked.as_of, policy, shown) / histories.share,
        lines={line: repeats for line, (_, repeats) in lines.items()},
    )
    churn = ChurnModel(
        members=members,
        horizon_days=asked.policy.churn_horizon_days if at is None else float(at.horizon),
        threshold=threshold,
        lines={line: own for line, (own, _) in lines.items()},
        weak_signs=() if at is None else weak_signs(at),
    )
    return _told(asked, reason, report, Model(version=asked.version, mu0=mu0, sigma0=sigma0, churn=churn))


def _chosen(fitted: Members, test: BackTest | None) -> Members:
    """Weighed as tested; the classic model alone where nothing could be tested."""
    if test is None:
        return Members(usual_gap=fitted.usual_gap, classic=fitted.classic)
    return weighed(fitted, test.weight)


def _with_fit(report: Report, fitted: Fitted, test: BackTest | None) -> Report:
    classic = fitted.members.classic
    if classic is None or not finite(fitted):
        return replace(report, back_test=test)
    return replace(report, back_test=test, kind=classic.kind, log_likelihood=fitted.log_likelihood)


def _priors(asked: Asked, newest: Spells) -> tuple[float, float]:
    """The prior of gaps: mean and deviation of ln(gap), the policy's where too few are known."""
    gaps = repeats_of(newest)
    mean = float(newest.log_sum.sum()) / gaps
    deviation = sqrt(max(0.0, float(newest.log_squares.sum()) / gaps - mean * mean))
    if deviation < LEAST_DEVIATION:
        return asked.policy.mu0, asked.policy.sigma0
    return mean, deviation


LEAST_DEVIATION = 1e-6
"""Where gaps are all alike, nothing is known of how far they spread."""


def _told(asked: Asked, reason: Reason, report: Report, model: Model | None) -> Refit:
    accepted = reason == "accepted"
    return Refit(
        version=asked.version,
        as_of=asked.as_of,
        accepted=accepted,
        reason=reason,
        said=said(reason, report, asked.policy, asked.in_force),
        report=report,
        model=model if accepted else None,
    )

"""The metrics of the churn model, which any scorer shows from what is stored."""

from collections.abc import Mapping
from math import nan

from msgspec import Struct

from shared.telemetry.catalogue import Catalogue


class ModelFigures(Struct, frozen=True, kw_only=True):
    """How the churn model in force and the newest refits stand. What is not known is None."""

    age: float | None
    """Seconds since the model in force was fitted; None where the fallback speaks."""
    log_loss: Mapping[str, float]
    calibration_error: float | None
    drift: float | None
    last_accepted: bool | None
    """Whether the newest refit was accepted; None where there is none."""
    refused: int


class ModelMetrics:
    """The churn model: what is in force, how it did in the newest back-test, and what became of refits."""

    def __init__(self, catalogue: Catalogue) -> None:
        gauge = catalogue.gauge
        self._age = gauge("model_age_seconds", "Time since the churn model in force was fitted; NaN where none is.")
        self._fallback = gauge("model_fallback", "1 while no churn model is in force and the fallback speaks, else 0.")
        self._log_loss = gauge(
            "model_log_loss", "Log-loss in the newest back-test; silence speaks in no odds.", "member"
        )
        self._error = gauge(
            "model_calibration_error", "Expected calibration error in the newest back-test of what speaks."
        )
        self._drift = gauge(
            "model_drift", "Population stability index of the feature that moved most, newest back-test."
        )
        self._success = gauge("model_last_refit_success", "1 where the newest refit was accepted, 0 where refused.")
        self._refused = gauge("model_refused_refits", "Refits refused since the newest accepted one.")
        self._every = gauge(
            "model_refit_interval_seconds", "How old the newest refit may be; 0: this process makes none."
        )
        self._refits = catalogue.counter("refits", "Refits that this process made, by what became of them.", "outcome")
        for one in (self._age, self._error, self._drift, self._success):
            one.set(nan)

    def refits_every(self, seconds: float) -> None:
        """This process makes a refit once the newest is so old."""
        self._every.set(seconds)

    def refitted(self, outcome: str) -> None:
        """A refit was accepted or refused, or it failed."""
        self._refits.labels(outcome).inc()

    def stands(self, figures: ModelFigures) -> None:
        """What the store tells now."""
        self._fallback.set(figures.age is None)
        self._refused.set(figures.refused)
        known = (
            (self._age, figures.age),
            (self._error, figures.calibration_error),
            (self._drift, figures.drift),
            (self._success, figures.last_accepted),
        )
        for gauge, value in known:
            gauge.set(nan if value is None else value)
        self._log_loss.clear()
        for member, loss in figures.log_loss.items():
            self._log_loss.labels(member).set(loss)

"""What is asked of the domain: the policy under test, from options and a file of changes."""

from collections.abc import Sequence
from typing import Final

from msgspec import DecodeError, json

from services.cli.backtest.history import History
from services.cli.backtest.plan import AlertPlan, BadPlan, Plan
from shared.domain.policies import changed
from shared.domain.policy import DEFAULT, Policy
from shared.domain.policy_fields import FIELDS

OWN_OPTIONS: Final = {"churn_horizon_days": "--horizon", "churn_silence_days": "--gap"}


def setting(text: str) -> tuple[str, object]:
    """A field and its value, from `field=value`; a value that is no JSON is a text. Raises BadPlan."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadPlan(f"--set {text!r} is not a field and its value: field=value is accepted, as in silent_r=1.4")
    try:
        return name.strip(), json.decode(value)
    except DecodeError:
        return name.strip(), value


def settings_of(texts: Sequence[str], file: dict[str, object]) -> dict[str, object]:
    """The changes of a file and those of the command line, which go first. Raises BadPlan."""
    given = {**file, **dict(map(setting, texts))}
    for name, option in OWN_OPTIONS.items():
        if name in given:
            raise BadPlan(f"{name} is what {option} says here: use that option instead")
    return given


def policy_of(plan: Plan, given: dict[str, object], history: History, currency: str, zone_name: str) -> Policy:
    """The policy under test: the plan's horizon, and as many alerts as silences of its gap begin; else as given.

    Raises BadPolicy.
    """
    asked: dict[str, object] = {"churn_horizon_days": float(plan.horizon), "time_zone": zone_name}
    if isinstance(plan, AlertPlan):
        asked["churn_silence_days"] = float(plan.gap)
    if history.partly_priced:
        asked["base_currency"] = currency
    wanted = {**asked, **given}
    differing = {name: value for name, value in wanted.items() if name not in FIELDS or value != getattr(DEFAULT, name)}
    return changed(DEFAULT, differing, DEFAULT.version) if differing else DEFAULT

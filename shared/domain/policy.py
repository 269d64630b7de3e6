"""Every threshold, with its unit, default and source, as one versioned value."""

from typing import Annotated, Final

from msgspec import Meta, Struct

MU0: Final = 3.4011973816621555
"""ln 30: the prior's median gap is 30 days (CONCEPTS, Primitives)."""

Positive = Annotated[float, Meta(gt=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
Signed = Annotated[float, Meta(ge=-1, le=1)]
Count = Annotated[int, Meta(ge=1)]


class Policy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers that govern a customer's lifecycle. Defaults are CONCEPTS "Primitives" and "Machine"."""

    version: int = 1
    model: str | None = None
    time_zone: str = "UTC"
    base_currency: str | None = None
    rates: dict[str, float] = {}
    """Units of the base currency for one unit of each other currency."""

    # Rhythm: how quiet is too quiet (CONCEPTS, Primitives: m, Q, r).
    mu0: float = MU0
    sigma0: Positive = 1.2
    prior_weight: Positive = 3.0
    long_gap_sigmas: Positive = 1.5
    long_gap_floor_days: Positive = 30.0
    long_gap_r: Positive = 1.5
    """What r is when silence has lasted as long as the customer's own long gap: the unit of the next three."""
    silent_r: Positive = 1.5
    dormant_r: Positive = 3.0
    ended_r: Positive = 6.0

    # Windows and volume (Primitives: W, A0, A1, tau, level; 002-13).
    window_floor_days: Positive = 30.0
    window_gaps: Positive = 2.0
    trend_longest_gap_days: Positive = 180.0
    volume_rules: bool = True
    sharp_drop: Share = 0.4
    gradual_drop: float = -0.15
    volume_gaps: Count = 4
    volume_hits: Count = 2

    # Satisfaction (Primitives: s; 000-5, 000-14).
    complaint_opinion: Signed = -0.8
    resolved_opinion: Signed = 0.5
    refund_opinion: Signed = -0.4
    dissatisfied_below: Signed = -0.3
    settled_opinions: Count = 2
    """Opinions that satisfaction needs in formation and stability before it counts."""

    # Upward moves (Machine; 001-5, 002-17). Durable goods: 2 and 3 occasions.
    formation_occasions: Count = 3
    formation_satisfaction: Signed = 0.0
    stability_occasions: Count = 6
    stability_days: Positive = 180.0
    stability_variation: Positive = 1.0
    stability_depth: Share = 0.5
    stability_satisfaction: Signed = 0.3
    recovery_depth: Share = 0.5

    # Prospects and answers (001-9, 002-6).
    answer_hours: Positive = 24.0
    choosing_days: Positive = 14.0
    lost_prospect_times: Positive = 3.0

    # Alerts.
    cool_down_days: Annotated[float, Meta(ge=0)] = 14.0
    deadline_days: Positive = 7.0
    urgent_deadline_days: Positive = 2.0


DEFAULT: Final = Policy()

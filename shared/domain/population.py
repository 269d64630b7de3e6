"""Figures of all customers together: what a population job found, and what one customer is held against."""

from msgspec import Struct


class Figures(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Figures of one group: everybody, a business line, or an industry. None: too few customers to tell.

    `mu0` and `sigma0` are mean and sd of ln(gap in days) (CONCEPTS, Primitives); amounts are in minor units of the base
    currency; `choosing_days` is the median time from the first inquiry to the purchase; `survival` is the share of
    customers that bought again within a year of a purchase.
    """

    customers: int = 0
    mu0: float | None = None
    sigma0: float | None = None
    median_first_order: float | None = None
    volume_60: float | None = None
    """The 60th percentile of A0, the volume of the last window (001-6)."""
    choosing_days: float | None = None
    median_tenure_days: float | None = None
    survival: float | None = None


class Population(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of all customers, as of a survey (`shared.domain.survey`). Empty until one has taken effect.

    `tier_a` and `tier_c` are margins over the history, minor units of `currency`: at or above the first a customer is
    tier A, below the second tier C (004-4). `saved` are shares of alerts after which the customer bought again, by
    reason code, and by reason and tier as in `dissatisfied/A` (002-14). `conversion` are odds of becoming a customer
    by cell, as in `industry=food/level=gold` (001-10).
    """

    version: str | None = None
    currency: str | None = None
    everybody: Figures = Figures()
    lines: dict[str, Figures] = {}
    industries: dict[str, Figures] = {}
    tier_a: float | None = None
    tier_c: float | None = None
    saved: dict[str, float] = {}
    conversion: dict[str, float] = {}

"""Every threshold, with its unit, range, default and source, as one versioned value."""

from typing import Final

from msgspec import field

from shared.domain.population import Population
from shared.domain.thresholds.lifecycle import MU0
from shared.domain.thresholds.reports import ReportsThresholds

__all__ = ["DEFAULT", "MU0", "Policy"]


class Policy(ReportsThresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers that govern a customer's lifecycle. Defaults are CONCEPTS "Primitives" and "Machine".

    The thresholds are told part by part in `thresholds`, each part adding to the one before it.
    `model` and `population` are not set by people: a model control puts them in, and a new policy keeps them.
    """

    version: int = 1
    model: str | None = None
    population: Population = Population()
    time_zone: str = "UTC"
    base_currency: str | None = None
    rates: dict[str, float] = field(default_factory=dict)
    """Units of the base currency for one unit of each other currency."""


DEFAULT: Final = Policy()

"""Every threshold, with its unit, range, default and source, as one versioned value."""

from typing import Final

from msgspec import field, structs

from shared.domain.population import Population
from shared.domain.rhythm.churn import ChurnModel
from shared.domain.thresholds.lifecycle import MU0
from shared.domain.thresholds.reports import ReportsThresholds

__all__ = ["DEFAULT", "MU0", "Overrides", "Policy", "derived", "named"]

Overrides = dict[str, float | int | bool]
"""Other values of thresholds, by their names."""


class Policy(ReportsThresholds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The numbers that govern a customer's lifecycle. Defaults are CONCEPTS "Primitives" and "Machine".

    The thresholds are told part by part in `thresholds`, each part adding to the one before it.
    `model`, `population` and `churn` are not set by people: a model control puts them in, and a new policy keeps them.
    """

    version: int = 1
    model: str | None = None
    population: Population = Population()
    churn: ChurnModel | None = None
    time_zone: str = "UTC"
    base_currency: str | None = None
    rates: dict[str, float] = field(default_factory=dict)
    """Units of the base currency for one unit of each other currency."""
    calendar: dict[str, str] = field(default_factory=dict)
    """Seasons in which more or less is bought than usual, by their names (`shared.domain.rhythm.calendar`)."""
    lines: dict[str, Overrides] = field(default_factory=dict)
    """Thresholds that are others for a business line, by its name."""
    industries: dict[str, Overrides] = field(default_factory=dict)
    """Thresholds that are others for an industry; where both are given, the line's go first."""


DEFAULT: Final = Policy()


def derived(policy: Policy, line: str | None, industry: str | None) -> Policy:
    """The policy of a business line and an industry: what both override, and the priors that the population gives."""
    population = policy.population
    priors: Overrides = {}
    for figures in (population.industries.get(industry or ""), population.lines.get(line or "")):
        if figures is not None and figures.mu0 is not None and figures.sigma0 is not None:
            priors = {"mu0": figures.mu0, "sigma0": figures.sigma0}
    churn = None if policy.churn is None else policy.churn.of(line)
    of_line, of_industry = policy.lines.get(line or "", {}), policy.industries.get(industry or "", {})
    return structs.replace(policy, **{**priors, **of_industry, **of_line}, churn=churn)


def named(policy: Policy) -> tuple[frozenset[str], frozenset[str]]:
    """The lines and the industries that a policy has something else for."""
    population = policy.population
    modelled = () if policy.churn is None else policy.churn.lines
    return frozenset({*policy.lines, *population.lines, *modelled}), frozenset(
        {*policy.industries, *population.industries}
    )

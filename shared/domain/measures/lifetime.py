"""What a customer is worth in the long run: what it brought, and what the next year is expected to bring."""

from collections.abc import Callable
from math import erfc, log, sqrt
from typing import Final

from msgspec import Struct

from shared.domain.customer import Customer
from shared.domain.instants import DAY
from shared.domain.measures.books import A_PURCHASE_WITH_COST, A_RATE, earned, margin_of, revenue_of
from shared.domain.measures.case import Case
from shared.domain.measures.deals import Deal, deals
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import last_purchase
from shared.domain.stages import Stage

RHYTHM: Final = "own rhythm, prior of the policy"
RHYTHM_AND_POPULATION: Final = "own rhythm, prior of the population"
POPULATION: Final = "survival of the population"
ENDED: Final = "ended: nothing more"
"""The methods by which a coming year is foretold, as `parts` name them."""


class Survival(Struct, frozen=True, kw_only=True):
    """The chance that a customer will buy again, from 0 to 1, and the method that tells it."""

    chance: float
    method: str


@measure(
    "004-2",
    card=Card.VALUE,
    unit="money",
    en="Lifetime value",
    zh="客户生命周期价值",
    amounts=("historic_margin", "expected_margin", "mean_of_a_purchase_day"),
)
def lifetime_value(case: Case) -> Reading:
    """Margin so far + mean margin of a purchase day * 365 d / m * chance that the customer buys again (004-2).

    `method` names where the chance comes from, see `survival`. Unknown without costs: `lifetime_revenue` is the same
    of revenue.
    """
    return _lifetime(case, margin_of, A_PURCHASE_WITH_COST, "historic_margin", "expected_margin")


@measure(
    "004-2",
    card=Card.VALUE,
    unit="money",
    low=0,
    en="Lifetime revenue",
    zh="客户生命周期销售额",
    amounts=("historic_revenue", "expected_revenue", "mean_of_a_purchase_day"),
)
def lifetime_revenue(case: Case) -> Reading:
    """Revenue so far + mean amount of a purchase day * 365 d / m * chance that the customer buys again (004-2)."""
    return _lifetime(case, revenue_of, f"a purchase, and {A_RATE}", "historic_revenue", "expected_revenue")


@measure(
    "004-2",
    card=Card.VALUE,
    unit="money",
    en="Margin expected in a year",
    zh="未来一年预期毛利",
    amounts=("mean_of_a_purchase_day",),
)
def expected_margin(case: Case) -> Reading:
    """Mean margin of a purchase day * 365 d / m * chance that the customer buys again (004-2, 002-14)."""
    whole = lifetime_value(case)
    expected = whole.parts.get("expected_margin")
    if expected is None:
        return unknown(*whole.missing)
    parts = {name: part for name, part in whole.parts.items() if name not in ("historic_margin", "expected_margin")}
    return known(expected, coverage=whole.coverage, evidence=whole.evidence, missing=whole.missing, parts=parts)


@measure("004-2", card=Card.VALUE, unit="share", low=0, high=1, en="Chance of buying again", zh="再次购买的可能性")
def buys_again(case: Case) -> Reading:
    """The chance that the customer will buy again, by its own rhythm and the population (004-2); parts name the
    method."""
    found = survival(case)
    if found is None:
        return unknown(*_for_survival(case))
    return known(found.chance, parts={"method": found.method})


def survival(case: Case) -> Survival | None:
    """The chance that a customer will buy again; None where neither its own rhythm nor the population tells.

    From three gaps on: p S / (p S + 1 - p), with S = P(a gap of its own rhythm lasts longer than the silence so far),
    gaps lognormal with the mu and sigma of CONCEPTS "Primitives", and p the survival of the population or else the
    policy's prior. With fewer gaps the survival of the population alone. An ended relationship has no chance.
    """
    state, prior = case.state, _survival_of_population(case)
    if state.stage is Stage.ENDED:
        return Survival(chance=0.0, method=ENDED)
    last = last_purchase(state)
    if last is not None and state.gaps >= case.policy.own_survival_gaps:
        longer = _lasts_longer(state, (case.as_of - last) / DAY, case.policy)
        if prior is None:
            return Survival(chance=_alive(case.policy.survival_prior, longer), method=RHYTHM)
        return Survival(chance=_alive(prior, longer), method=RHYTHM_AND_POPULATION)
    return None if prior is None else Survival(chance=prior, method=POPULATION)


def _lifetime(case: Case, worth: Callable[[Deal], int | None], lacks: str, past: str, coming: str) -> Reading:
    found = deals(case)
    so_far = earned(found, worth)
    if so_far is None:
        return unknown(lacks)
    told = [(deal.day, amount) for deal in found if not deal.refunded and (amount := worth(deal)) is not None]
    parts: dict[str, Scalar | None] = {past: float(so_far.amount)}
    chance = survival(case)
    if not told or chance is None:
        return unknown(*(_for_survival(case) if told else ("a purchase that was not refunded",)), parts=parts)
    mean = sum(amount for _, amount in told) / len({day for day, _ in told})
    yearly = case.policy.long_view_days / case.state.median_gap
    expected = mean * yearly * chance.chance
    parts |= {
        coming: expected,
        "mean_of_a_purchase_day": mean,
        "purchase_days_a_year": yearly,
        "buys_again": chance.chance,
        "method": chance.method,
    }
    return known(so_far.amount + expected, coverage=so_far.coverage, evidence=so_far.evidence, parts=parts)


def _survival_of_population(case: Case) -> float | None:
    """That of the customer's industry, else of everybody."""
    industry = case.profile("industry")
    figures = case.population.industries.get(industry) if isinstance(industry, str) else None
    own = None if figures is None else figures.survival
    return case.population.everybody.survival if own is None else own


def _lasts_longer(state: Customer, silence: float, policy: Policy) -> float:
    """P(gap > silence) of a lognormal gap."""
    if silence <= 0:
        return 1.0
    return erfc((log(silence) - log(state.median_gap)) / (_spread(state, policy) * sqrt(2))) / 2


def _spread(state: Customer, policy: Policy) -> float:
    """Sigma of ln(gap), shrunk to the prior (CONCEPTS, Primitives)."""
    mu, weight = log(state.median_gap), policy.prior_weight
    own = max(0.0, state.log_squares - 2 * mu * state.log_sum + state.gaps * mu * mu)
    return sqrt((own + weight * (policy.sigma0**2 + (mu - policy.mu0) ** 2)) / (state.gaps + weight))


def _alive(prior: float, longer: float) -> float:
    silent = prior * longer
    # Who always comes back (a prior of 1) is not given up, however unlikely the silence.
    return prior if prior >= 1 else silent / (silent + 1 - prior)


def _for_survival(case: Case) -> tuple[str, ...]:
    return (f"{case.policy.own_survival_gaps} gaps between purchase days", "a population job's survival")

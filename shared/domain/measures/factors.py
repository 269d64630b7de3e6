"""The factors that decide whether a new or an old customer stays, each from signals that fade, and rivals."""

from collections.abc import Iterable, Mapping, Sequence
from math import exp2
from typing import NamedTuple

from shared.domain.events import Competitor, Inquiry, PriceChange
from shared.domain.instants import DAY, Instant
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import of_cycle
from shared.domain.measures.deals import ids, window_days
from shared.domain.measures.perception import RATED, rated
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.reactions import UNMET_NEED
from shared.domain.rhythm.gaps import tenure_days
from shared.domain.stages import Stage


class Hint(NamedTuple):
    """One signal of a factor, -1 (bad for the tie) to 1 (good), when, and the event that gave it."""

    at: Instant
    x: float
    event_id: str


def is_old(case: Case) -> bool:
    """001-12: N at least what formation asks for, and T at least W."""
    enough = case.state.cycle_occasions >= case.policy.formation_occasions
    return enough and tenure_days(case.state, case.today) >= window_days(case)


@measure("001-12", card=Card.CUSTOMER, unit="flag", en="Old customer", zh="老客户")
def old_customer(case: Case) -> Reading:
    """Whether N >= `formation_occasions` (3) and T >= W: basic trust is there (001-12)."""
    if not case.state.cycle_occasions:
        return unknown("a purchase")
    tenure = float(tenure_days(case.state, case.today))
    parts = {"occasions": float(case.state.cycle_occasions), "tenure_days": tenure, "window_days": window_days(case)}
    return known(is_old(case), parts={**parts})


@measure("001-11", card=Card.CUSTOMER, unit="score", low=-1, high=1, en="Factors of a new customer",
         zh="新客户影响因素")  # fmt: skip
def new_customer_factors(case: Case) -> Reading:
    """sum(w f) / sum(w) over five factors of a customer who is not old yet, w = 2^(-age/half-life) (001-11).

    Perceived quality, service and value (ratings, 002-20), tariffs (our price changes, rivals' offers, 20 % counting
    as 1), and the state of the need (new needs 1, unmet ones -1). Each is the faded mean of its signals.
    """
    if not case.state.cycle_occasions or is_old(case):
        return unknown("a first purchase: these are the factors of a customer who is not old yet")
    perceived = {group: _perceived(case, group) for group in RATED}
    return _composed(case, {**perceived, "tariff": _tariffs(case), "need": _needs(case)})


@measure("001-12", card=Card.CUSTOMER, unit="score", low=-1, high=1, en="Factors of an old customer",
         zh="老客户影响因素")  # fmt: skip
def old_customer_factors(case: Case) -> Reading:
    """sum(w f) / sum(w) over three factors of an old customer, w = 2^(-age/half-life) (001-12).

    Service (ratings, 002-20), new needs (1 for each inquiry about one), and rivals (-1 for each that came up).
    """
    if not is_old(case):
        return unknown("more purchases: these are the factors of an old customer")
    needs = [hint for hint in _needs(case) if hint.x > 0]
    rivals = [Hint(one.occurred_at, -1.0, one.id) for one in of_cycle(case, Competitor)]
    return _composed(case, {"service": _perceived(case, "service"), "new_need": needs, "rival": rivals})


@measure("002-21", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Pull of a rival's offer", zh="竞争报价的吸引力")
def rival_offer(case: Case) -> Reading:
    """Strongest offer of the last 60 days: how much cheaper, /100, twice that in exploration, at most 1 (002-21)."""
    offers = [one for one in case.of(Competitor, days=case.policy.rival_days) if one.kind == "offer"]
    priced = [(one.price_delta, one) for one in offers if one.price_delta is not None]
    count = float(len(offers))
    if not priced:
        return unknown("a rival's offer with price_delta", evidence=ids(offers), parts={"offers": count})
    delta, offer = min(priced, key=lambda one: one[0])
    times = case.policy.rival_exploration_times if case.state.stage is Stage.EXPLORATION else 1.0
    pull = min(1.0, max(0.0, -delta) / 100 * times)
    return known(pull, evidence=(offer.id,), parts={"price_delta": delta, "offers": count, "times": times})


@measure("002-21", card=Card.CUSTOMER, unit="flag", en="Outgrown", zh="需求超出供给")
def outgrown(case: Case) -> Reading:
    """Whether an inquiry of the last W was about a need that we do not meet (intent `unmet_need`) (002-21)."""
    recent = [one for one in case.of(Inquiry, days=window_days(case)) if one.intent is not None]
    if not recent:
        return unknown("an inquiry with its intent")
    unmet = [one for one in recent if one.intent == UNMET_NEED]
    return known(bool(unmet), evidence=ids(unmet or recent))


def _perceived(case: Case, group: str) -> list[Hint]:
    told = rated(case)
    hints = [Hint(one.at, one.x, one.event.id) for name in RATED[group] for one in told[name]]
    return sorted(hints)


def _tariffs(case: Case) -> list[Hint]:
    """A price rise, or a cheaper rival, speaks against us; the opposite for us."""
    full = case.policy.tariff_full_percent
    ours = [Hint(one.occurred_at, _bounded(-one.percent / full), one.id) for one in of_cycle(case, PriceChange)]
    theirs = [
        Hint(one.occurred_at, _bounded(one.price_delta / full), one.id)
        for one in of_cycle(case, Competitor)
        if one.price_delta is not None
    ]
    return sorted(ours + theirs)


def _needs(case: Case) -> list[Hint]:
    says = {"new_need": 1.0, UNMET_NEED: -1.0}
    inquiries = of_cycle(case, Inquiry)
    return [Hint(one.occurred_at, says[one.intent], one.id) for one in inquiries if one.intent in says]


def _composed(case: Case, factors: Mapping[str, Sequence[Hint]]) -> Reading:
    """The mean of factors, each counting as much as its newest signal still weighs."""
    oldest = case.as_of - case.policy.signal_half_lives * case.policy.signal_half_life_days * DAY
    heard = {name: [hint for hint in hints if hint.at >= oldest] for name, hints in factors.items()}
    means = {name: _faded(case, hints) if hints else None for name, hints in heard.items()}
    newest = [Hint(hints[-1].at, means[name] or 0.0, name) for name, hints in heard.items() if hints]
    silent = tuple(name for name, mean in means.items() if mean is None)
    if not newest:
        return unknown(*silent, parts={**means})
    hints = sorted(hint for some in heard.values() for hint in some)
    return known(
        _faded(case, newest),
        coverage=len(newest) / len(factors),
        missing=silent,
        evidence=tuple(hint.event_id for hint in hints),
        parts={**means},
    )


def _faded(case: Case, hints: Iterable[Hint]) -> float:
    """The mean of signals, weights halving every half-life before the newest of them."""
    held = list(hints)
    newest, half_life = max(hint.at for hint in held), case.policy.signal_half_life_days * DAY
    weights = [exp2((hint.at - newest) / half_life) for hint in held]
    return sum(weight * hint.x for weight, hint in zip(weights, held, strict=True)) / sum(weights)


def _bounded(x: float) -> float:
    return max(-1.0, min(1.0, x))

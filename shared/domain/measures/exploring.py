"""How far the two sides have tested each other, and how much of a customer is still uncertain."""

from itertools import accumulate

from shared.domain.events import Contract, Cost, Delivery, Feedback, Invoice, Payment, Profile, Wallet
from shared.domain.instants import Instant
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import in_order, of_cycle
from shared.domain.measures.deals import deals, ids
from shared.domain.measures.prospects import industry_match
from shared.domain.measures.reading import Reading, known, mean_of, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.stages import Stage


@measure("001-3", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Exploration checklist", zh="考察清单完成度")
def exploration_checklist(case: Case) -> Reading:
    """Share of the known items that are met: fit, good faith, performance, terms (001-3).

    Fit: the industry is served. Good faith: everything due was paid on time. Performance: everything was delivered on
    time. Terms: a contract was at least drafted.
    """
    fit = industry_match(case)
    paid, delivered, contracts = paid_on_time(case), of_cycle(case, Delivery), of_cycle(case, Contract)
    items: dict[str, bool | None] = {
        "fit": None if fit.value is None else bool(fit.value),
        "good_faith": all(paid) if paid else None,
        "performance": all(one.on_time for one in delivered) if delivered else None,
        "terms": True if contracts else None,
    }
    found = mean_of({name: None if met is None else float(met) for name, met in items.items()}, *_ASKED.values())
    missing = tuple(_ASKED[name] for name, met in items.items() if met is None)
    if found.value is None:
        return unknown(*missing, parts={**items})
    evidence = ids(in_order(of_cycle(case, Payment), delivered, contracts))
    return known(found.value, coverage=found.coverage, evidence=evidence, missing=missing, parts={**items})


_ASKED = {
    "fit": "a profile with the industry, and served_industries in the policy",
    "good_faith": "an invoice or a payment with due_at",
    "performance": "a delivery with on_time",
    "terms": "a contract, if only of the kind draft",
}


def paid_on_time(case: Case) -> list[bool]:
    """Whether each amount of this cycle that came due was paid by then (001-3).

    A payment with `due_at` speaks for itself. What was paid settles invoices in the order of their issue, by currency;
    one that is neither due nor paid yet says nothing.
    """
    told = [one.occurred_at <= one.due_at for one in of_cycle(case, Payment) if one.due_at is not None]
    for currency in sorted({one.currency for one in case.of(Invoice)}):
        invoices = [one for one in case.of(Invoice) if one.currency == currency]
        owed = accumulate(one.amount for one in invoices)
        for invoice, so_far in zip(invoices, owed, strict=True):
            if invoice.due_at is None:
                continue
            covered = _paid(case, currency, invoice.due_at) >= so_far
            if covered or invoice.due_at <= case.as_of:
                told.append(covered)
    return told


@measure("002-5", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Uncertainty", zh="不确定性")
def uncertainty(case: Case) -> Reading:
    """1 - coverage * min(N, 3)/3; coverage: the share of opinions, costs, deliveries, budget, profile known (002-5)."""
    if case.state.stage is Stage.TARGET:
        return unknown("an inquiry or a purchase")
    costs = bool(case.of(Cost)) or any(deal.cost is not None for deal in deals(case))
    held = {
        "opinions": bool(case.state.opinions),
        "costs": costs,
        "deliveries": bool(case.of(Delivery)),
        "wallet": bool(case.of(Wallet)),
        "profile": bool(case.of(Profile)),
    }
    coverage = sum(held.values()) / len(held)
    seen = min(case.state.cycle_occasions / case.policy.uncertainty_occasions, 1.0)
    missing = tuple(name for name, there in held.items() if not there)
    heard = in_order(case.of(Profile), case.of(Wallet), case.of(Cost), case.of(Delivery), case.of(Feedback))
    return known(1 - coverage * seen, evidence=ids(heard), missing=missing, parts={**held})


def _paid(case: Case, currency: str, until: Instant) -> int:
    return sum(one.amount for one in case.of(Payment) if one.currency == currency and one.occurred_at <= until)

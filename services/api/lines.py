"""Business lines, and what is still open, as the API answers them."""

from collections.abc import Mapping
from typing import Final

from services.api.labels import STAGES, Label, Language
from services.api.money import money_answer
from services.api.reading import Standing
from services.api.risk import risk_answer
from services.api.schemas.lines import Line, OpenItem
from services.api.times import stamp
from shared.domain.customer import Customer
from shared.domain.instants import Instant
from shared.domain.opinions import satisfaction
from shared.domain.policy import Policy
from shared.domain.rhythm.silent import foreseen
from shared.domain.silence import Due, next_deadline
from shared.domain.stages import Stage
from shared.domain.volume import level

ITEMS: Final[Mapping[str, Label]] = {
    "receivable": Label("Open invoices", "未结账款"),
    "contract": Label("A running contract", "在执行合同"),
    "order": Label("An order not delivered yet", "未交付订单"),
}


def lines_answer(standing: Standing, language: Language) -> list[Line]:
    """Every line, the one that matters most first (001-13: the roll-up)."""
    ordered = sorted(standing.view.customer.lines.items(), key=lambda held: (-_worth(held[1]), held[0]))
    return [_line(name, own, standing, place == 0, language) for place, (name, own) in enumerate(ordered)]


def open_items_answer(customer: Customer, at: Instant, language: Language) -> list[OpenItem]:
    """What is open between the firm and the customer: an end waits for it (002-16)."""
    owed = [
        _item("receivable", currency, language, money=(amount, currency))
        for currency, amount in sorted(customer.receivables.items())
    ]
    running = [
        _item("contract", pledge.name, language, until=pledge.ends_at)
        for pledge in customer.pledges
        if pledge.ends_at is None or pledge.ends_at > at
    ]
    promised = () if customer.context is None else customer.context.promised
    return [*owed, *running, *(_item("order", one.order_id, language, until=one.by) for one in promised)]


def _line(name: str, held: Customer, standing: Standing, main: bool, language: Language) -> Line:
    policy, model = standing.policy_of(name), standing.policy.churn
    own = foreseen(held, policy) if held.due_what == Due.OVERDUE else held
    s, known, due_at = satisfaction(own), own.stage is not Stage.TARGET, _due_at(own, policy)
    borrowed = model is not None and name not in model.lines
    return Line(
        line=name,
        stage=own.stage if known else None,
        label=STAGES[own.stage].says(language),
        since=stamp(own.since) if known else None,
        cycle=own.cycle,
        origin=own.origin,
        occasions=own.cycle_occasions,
        level=money_answer(level(own), own.currency),
        margin=money_answer(own.margin, own.currency),
        satisfaction=None if s is None else round(s, 3),
        inherited_trust=None if own.context is None else _rounded(own.context.inherited_trust),
        due_at=None if due_at is None else stamp(due_at),
        risk=risk_answer(own, standing.view.as_of, policy, language, borrowed=borrowed),
        main=main,
    )


def _due_at(own: Customer, policy: Policy) -> Instant | None:
    """When silence will next change something, which a timer that only asks the churn model does not."""
    if own.due_what != Due.OVERDUE:
        return own.due_at
    coming = next_deadline(own, policy, {}, own.due_at)
    return None if coming is None else coming.at


def _worth(own: Customer) -> float:
    """What a line earns; what it sells where no order tells what it cost."""
    return float(own.margin) if own.margin is not None else level(own) or 0.0


def _item(
    kind: str,
    name: str,
    language: Language,
    *,
    money: tuple[int, str] | None = None,
    until: Instant | None = None,
) -> OpenItem:
    return OpenItem(
        kind=kind,
        label=ITEMS[kind].says(language),
        name=name,
        amount=None if money is None else money_answer(*money),
        until=None if until is None else stamp(until),
    )


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, 3)

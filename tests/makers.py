"""One event of each type, drawn for a history: whatever senders may post."""

from typing import Any, Final

from hypothesis import strategies as st

from shared.domain import events
from shared.domain.events import Event
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import DAY, Instant

CURRENCIES: Final = ("EUR", "EUR", "EUR", "USD", "JPY")
FLAGS: Final = ("addon", "service", "upgrade", "consumable", "customised")
MAYBE: Final = st.sampled_from((None, True, False))


def head_of(draw: st.DrawFn, name: str, place: int, at: Instant) -> dict[str, Any]:
    backfill = draw(st.integers(0, 9)) == 0
    return {
        "id": EventId(f"{name}-{place}"),
        "source": draw(st.sampled_from(("shop", "crm"))),
        "customer_id": CustomerId(name),
        "occurred_at": at,
        "received_at": Instant(at + draw(st.sampled_from((0, 50 * DAY))) if backfill else at),
        "backfill": backfill,
        "line": draw(st.sampled_from((None, "shoes", "bags"))),
    }


def _money(draw: st.DrawFn) -> dict[str, Any]:
    return {"amount": draw(st.sampled_from((0, 1, 50, 100, 100, 1000))), "currency": draw(st.sampled_from(CURRENCIES))}


def _purchase(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    paid = _money(draw)
    items: tuple[events.Item, ...] = ()
    if draw(st.integers(0, 3)) == 0:
        line = draw(st.sampled_from((None, "shoes", "bags")))
        flags: dict[str, Any] = {
            name: draw(st.booleans()) for name in ("addon", "service", "upgrade", "consumable", "customised")
        }
        cost = draw(st.sampled_from((None, 0, 40)))
        bare = events.Item(product=draw(st.sampled_from((None, "boot"))), line=line, quantity=2.0, cost=cost, **flags)
        items = (bare, events.Item(line="bags", amount=paid["amount"], list_amount=paid["amount"] + 5))
    return events.Purchase(
        **head,
        **paid,
        items=items,
        cost=draw(st.sampled_from((None, None, 0, 60))),
        reorder=draw(st.booleans()),
        deliver_by=draw(st.sampled_from((None, None, Instant(head["occurred_at"] + 5 * DAY)))),
        order_id=f"order-{place - draw(st.integers(0, 1))}",
    )


def _refund(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    order = _order(draw, place)
    return events.Refund(**head, **_money(draw), order_id=order, reason=draw(st.sampled_from((None, "defect", "late"))))


def _inquiry(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    kind: Any = draw(st.sampled_from(("view", "ask", "quote", "sample", "negotiate", None)))
    intent = draw(st.sampled_from((None, None, "demo", "new_need", "unmet_need")))
    channel = draw(st.sampled_from((None, "ad", "referral")))
    return events.Inquiry(**head, kind=kind, intent=intent, channel=channel, budget_confirmed=draw(MAYBE))


def _answer(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.InquiryAnswered(**head, inquiry_id=_earlier(draw, head, place))


def _rejection(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.QuoteRejected(**head, inquiry_id=_earlier(draw, head, place))


def _invoice(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    due_at = draw(st.sampled_from((None, 0, 10 * DAY)))
    owed = None if due_at is None else Instant(head["occurred_at"] + due_at)
    return events.Invoice(**head, **_money(draw), due_at=owed, order_id=_order(draw, place))


def _payment(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Payment(**head, **_money(draw), order_id=_order(draw, place))


def _feedback(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    part = draw(st.sampled_from((None, "quality.function", "service.fit", "value.quality_price", "packaging")))
    about: dict[str, Any] = {
        "level": draw(st.sampled_from((None, "material", "spiritual"))),
        "object": "product",
        "part": part,
    }
    if draw(st.integers(0, 4)) == 0:
        return events.Feedback(**head, **about, expected=3.0, perceived=draw(st.sampled_from((1.0, 3.0, 5.0))))
    return events.Feedback(**head, **about, rating=draw(st.sampled_from((1.0, 2.0, 3.0, 5.0))))


def _complaint(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Complaint(**head, claim=draw(st.sampled_from((None, "tolerant", "legal"))))


def _resolved(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.ComplaintResolved(**head, complaint_id=_earlier(draw, head, place))


def _contract(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    ends_at = draw(st.sampled_from((None, 0, DAY, 200 * DAY)))
    return events.Contract(
        **head,
        contract_id=draw(st.sampled_from((None, "a", "b"))),
        ends_at=None if ends_at is None else Instant(head["occurred_at"] + ends_at),
        kind=draw(st.sampled_from((None, "membership", "draft"))),
        penalty=draw(st.booleans()),
        exclusive=draw(st.booleans()),
    )


def _contract_ended(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.ContractEnded(**head, contract_id=draw(st.sampled_from((None, "a", "b"))))


def _end_intent(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.EndIntent(**head)


def _ended(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Ended(**head)


def _referral(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Referral(**head, converted=draw(st.booleans()))


def _contact(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    direction = draw(st.sampled_from((None, "two_way", "outbound", "inbound")))
    cost = draw(st.sampled_from((None, 30)))
    action = draw(st.sampled_from((None, "special_appreciation", "group_activity")))
    currency = None if cost is None else draw(st.sampled_from(CURRENCIES))
    return events.Contact(**head, direction=direction, cost=cost, currency=currency, action=action, channel="mail")


def _delivery(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    duty = draw(st.sampled_from((None, "installation")))
    return events.Delivery(**head, on_time=draw(st.booleans()), order_id=_order(draw, place), duty=duty)


def _price_change(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.PriceChange(**head, percent=draw(st.sampled_from((-10.0, 0.0, 8.0))))


def _praise(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Praise(**head)


def _competitor(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    kind: Any = draw(st.sampled_from((None, "mention", "offer", "trial", "switch")))
    return events.Competitor(**head, kind=kind, price_delta=draw(st.sampled_from((None, -20.0, 5.0))))


def _wallet(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    money = _money(draw)
    total, currency = money["amount"], money["currency"]
    return events.Wallet(**head, period=f"2024-Q{place % 4 + 1}", total_spend=total, currency=currency)


def _value(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    what = draw(st.sampled_from((None, "product", "service", "person", "image", "reward", "edi")))
    return events.Value(**head, **_money(draw), what=what)


def _cost(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    what = draw(st.sampled_from((None, "money", "time", "energy", "sensory", "integration", "training")))
    return events.Cost(**head, **_money(draw), what=what, by=draw(st.sampled_from((None, "firm", "customer"))))


def _consent(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Consent(**head, purpose="profiling", granted=draw(st.booleans()))


def _profile(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Profile(
        **head,
        industry=draw(st.sampled_from((None, "food"))),
        region=draw(st.sampled_from((None, "north"))),
        dates=draw(st.sampled_from((None, {"founded": "02-29"}))),
        stage=draw(st.sampled_from((None, None, None, "prospect", "formation", "stability"))),
    )


def _alias(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Alias(**head, other_id="anna-2")


def _other(draw: st.DrawFn, head: dict[str, Any], place: int) -> Event:
    return events.Other(**head, name="page_view")


def _order(draw: st.DrawFn, place: int) -> str | None:
    return draw(st.none() | st.integers(0, place).map("order-{}".format))


def _earlier(draw: st.DrawFn, head: dict[str, Any], place: int) -> str | None:
    """The id of an earlier event of the customer, or none."""
    return draw(st.none() | st.integers(0, place).map((head["customer_id"] + "-{}").format))


MAKERS = (
    *(_purchase,) * 12,
    *(_refund,) * 3,
    _complaint,
    _inquiry,
    _inquiry,
    _answer,
    _rejection,
    _invoice,
    _payment,
    _feedback,
    _feedback,
    _resolved,
    _contract,
    _contract_ended,
    _end_intent,
    _ended,
    _referral,
    _contact,
    _other,
    _delivery,
    _price_change,
    _praise,
    _competitor,
    _wallet,
    _value,
    _cost,
    _consent,
    _profile,
    _alias,
)
SELLERS = (*(_purchase,) * 20, _refund, _feedback, _contract, _complaint, _resolved, _inquiry)

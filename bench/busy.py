"""A customer of whom much is known: so many events of every type, spread over three years."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any, Final

from shared.domain import events
from shared.domain.events import Event
from shared.domain.ids import CustomerId, EventId
from shared.domain.instants import DAY, SECOND, Instant

SPAN_DAYS: Final = 3 * 365
CURRENCY: Final = "USD"
LINES: Final = ("food", "tools", "paper")

Members = Callable[[Random, int], Mapping[str, Any]]


def busy(name: str, count: int, since: Instant, seed: int = 1) -> list[Event]:
    """The events of one customer in the order of time, all of them after an instant."""
    random = Random(seed)
    kinds = [*_MEMBERS, *random.choices(list(_MEMBERS), [_WEIGHTS.get(kind, 1) for kind in _MEMBERS], k=count)][:count]
    random.shuffle(kinds)
    step = SPAN_DAYS * DAY // count
    found: list[Event] = []
    for number, kind in enumerate(kinds):
        at = Instant(since + (number + 1) * step)
        head = {
            "id": EventId(f"busy-{number}"),
            "source": "bench",
            "customer_id": CustomerId(name),
            "occurred_at": at,
            "received_at": Instant(at + SECOND),
            "line": random.choice(LINES),
        }
        found.append(kind(**head, **_MEMBERS[kind](random, number)))
    return found


def _amount(random: Random) -> dict[str, Any]:
    return {"amount": random.randint(10_00, 500_00), "currency": CURRENCY}


def _purchase(random: Random, number: int) -> dict[str, Any]:
    amounts = [random.randint(5_00, 200_00) for _ in range(random.randint(1, 3))]
    items = tuple(
        events.Item(
            product=f"product-{random.randint(1, 12)}",
            line=random.choice(LINES),
            quantity=1.0,
            amount=amount,
            cost=amount * 7 // 10,
            addon=random.random() < 0.1,
            service=random.random() < 0.1,
            consumable=random.random() < 0.3,
        )
        for amount in amounts
    )
    return {"order_id": f"o{number}", "amount": sum(amounts), "currency": CURRENCY, "items": items, "channel": "shop"}


_MEMBERS: Final[Mapping[Callable[..., Event], Members]] = {
    events.Purchase: _purchase,
    events.Inquiry: lambda random, _: {"channel": "web", "kind": random.choice(("view", "ask", "quote"))},
    events.InquiryAnswered: lambda _, number: {"inquiry_id": f"busy-{number - 1}"},
    events.QuoteRejected: lambda *_: {"reason": "price"},
    events.Refund: lambda random, _: {"amount": random.randint(1_00, 20_00), "currency": CURRENCY},
    events.Invoice: lambda random, _: _amount(random),
    events.Payment: lambda random, _: _amount(random),
    events.Delivery: lambda random, _: {"on_time": random.random() < 0.9},
    events.Feedback: lambda random, _: {
        "rating": float(random.randint(3, 5)),
        "expected": 3.0,
        "perceived": float(random.randint(2, 5)),
        "object": random.choice(("product", "service")),
    },
    events.Complaint: lambda *_: {"severity": "low", "claim": "tolerant"},
    events.ComplaintResolved: lambda *_: {},
    events.Praise: lambda *_: {"object": "service"},
    events.Referral: lambda random, _: {"converted": random.random() < 0.5},
    events.Competitor: lambda random, _: {"kind": random.choice(("mention", "offer")), "price_delta": -5.0},
    events.PriceChange: lambda random, _: {"percent": random.choice((-2.0, 3.0))},
    events.Wallet: lambda _, number: {"period": f"p{number}", "total_spend": 5_000_00, "currency": CURRENCY},
    events.Contract: lambda _, number: {"kind": "renewal", "contract_id": f"c{number}"},
    events.ContractEnded: lambda *_: {},
    events.Contact: lambda random, _: {
        "direction": random.choice(("in", "out")),
        "channel": "phone",
        "cost": 4_00,
        "currency": CURRENCY,
    },
    events.Value: lambda random, _: {"amount": random.randint(1_00, 9_00), "currency": CURRENCY, "what": "service"},
    events.Cost: lambda random, _: {"amount": random.randint(1_00, 9_00), "currency": CURRENCY, "what": "time"},
    events.Consent: lambda *_: {"purpose": "profiling", "granted": True},
    events.Profile: lambda *_: {"industry": "food", "region": "north", "level": "gold"},
    events.Other: lambda *_: {"name": "page_view"},
}
_WEIGHTS: Final[Mapping[Callable[..., Event], int]] = {
    events.Purchase: 30,
    events.Inquiry: 8,
    events.Delivery: 8,
    events.Feedback: 8,
    events.Contact: 8,
    events.Payment: 4,
    events.Other: 8,
}
"""How many times as often as the rarest a type comes."""

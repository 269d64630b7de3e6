"""What a customer pays against the list, and what those it recommended us to bring."""

from collections.abc import Iterable

from shared.domain.events import Referral, Value
from shared.domain.measures.books import own_amount
from shared.domain.measures.case import Case
from shared.domain.measures.deals import Deal, deals, ids, window_days
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure

A_LIST_PRICE = "list prices of items, or the discount of an order"


@measure("002-11", card=Card.VALUE, unit="share", low=0, high=1, en="Bought at list price", zh="按标价购买的比例")
def list_price_share(case: Case) -> Reading:
    """Amount bought at or above list price / amount whose list price is known (002-11); coverage is the share of deals
    that it is known of. An order without list prices counts whole: at list price when its discount is 0."""
    found = _kept(case)
    told = [deal for deal in found if _priced(deal)]
    share = _share(told)
    if share is None:
        return unknown(A_LIST_PRICE)
    return known(share, coverage=len(told) / len(found), evidence=ids(deal.event for deal in told))


@measure(
    "002-11", card=Card.VALUE, unit="share", low=-1, high=1, en="Change of list-price share", zh="标价购买比例的变化"
)
def list_price_change(case: Case) -> Reading:
    """Share bought at list price in the last W, less the share before (002-11): above 0 the customer pays more."""
    since = case.today - window_days(case)
    found = _kept(case)
    recent = _share([deal for deal in found if deal.day > since])
    before = _share([deal for deal in found if deal.day <= since])
    parts = {"recent": recent, "before": before}
    if recent is None or before is None:
        return unknown(f"{A_LIST_PRICE}, in this window and before", parts={**parts})
    return known(recent - before, parts={**parts}, evidence=ids(deal.event for deal in found if _priced(deal)))


@measure("002-11", card=Card.VALUE, unit="money", low=0, en="Value of referrals", zh="推荐带来的间接收益")
def reference_value(case: Case) -> Reading:
    """Margin from the customers whom this one brought (002-11): the sum of value events with `what` = `referral`.

    `referrals` and `converted` count who was told of us, and who of them became a customer. What those spend is in
    their own histories, so that it is unknown here until it is sent; coverage is entries / converted referrals.
    """
    referrals = case.of(Referral)
    converted = [one for one in referrals if one.converted]
    entries = [one for one in case.of(Value) if one.what == "referral"]
    amounts = [(one, own_amount(case, one.amount, one.currency)) for one in entries]
    told = [(one, amount) for one, amount in amounts if amount is not None]
    parts = {"referrals": float(len(referrals)), "converted": float(len(converted))}
    if not told:
        lacks = "a converted referral, and the margin it brought" if not converted else "the margin they brought"
        return unknown(f"{lacks}: a value event with what = referral", evidence=ids(converted), parts={**parts})
    return known(
        float(sum(amount for _, amount in told)),
        coverage=min(1.0, len(told) / max(1, len(converted))),
        evidence=ids(one for one, _ in told),
        parts={**parts},
    )


def _kept(case: Case) -> list[Deal]:
    return [deal for deal in deals(case) if not deal.refunded and deal.amount is not None]


def _share(found: Iterable[Deal]) -> float | None:
    """The part bought at list price; None where no list price, or no amount at all, is known."""
    prices = [price for deal in found for price in _priced(deal)]
    whole = sum(weight for weight, _ in prices)
    return sum(weight for weight, full in prices if full) / whole if whole else None


def _priced(deal: Deal) -> list[tuple[float, bool]]:
    """Shares of a deal's amount whose list price is known, as (minor units, whether the list price was paid)."""
    event = deal.event
    items = [
        (item.amount, item.amount >= item.list_amount)
        for item in event.items
        if item.amount and item.list_amount is not None
    ]
    named = sum(amount for amount, _ in items)
    if not items:
        return [] if event.discount is None or not deal.amount else [(deal.amount, event.discount == 0)]
    # Items are in the order's currency: they share out what is left of the order in the customer's.
    whole = max(event.amount, named)
    return [((deal.amount or 0) * amount / whole, full) for amount, full in items]

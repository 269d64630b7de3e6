"""The memory of what was bought: purchases become occasions, refunds net them."""

from typing import TypeVar
from zlib import crc32

from msgspec.structs import replace

from shared.domain import money
from shared.domain.customer import Customer, Occasion, Order, add_order
from shared.domain.events import Purchase, Refund
from shared.domain.habit import habit_of
from shared.domain.instants import Day, Instant, local_day
from shared.domain.packed import add_number, number_of, replace_number
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import add_gap, attune, drop_gap, r_of, silence_r
from shared.domain.volume import REMEMBERED_VOLUMES

REMEMBERED_DAYS = 128
REMEMBERED_OCCASIONS = 64
REMEMBERED_ORDERS = 16

T = TypeVar("T")


def add_purchase(customer: Customer, event: Purchase, policy: Policy) -> bool:
    """Count a purchase; True when it opens a new occasion rather than adding to today's."""
    day = local_day(event.occurred_at, policy.time_zone)
    amount = _net_of_carried(customer, _in_own_currency(customer, event.amount, event.currency, policy))
    today = customer.occasions[-1] if customer.cycle_occasions and customer.occasions else None
    fresh = today is None or today.day != day
    if today is not None and not fresh:
        summed = None if amount is None or today.amount is None else today.amount + amount
        customer.occasions = (*customer.occasions[:-1], Occasion(day, summed, today.gap))
        customer.packed_bought_at = replace_number(customer.packed_bought_at, event.occurred_at)
        customer.last_at = event.occurred_at
    else:
        _add_occasion(customer, day, amount, event.occurred_at, policy)
    order = Order(_mark(event.order_id), day, amount)
    customer.packed_orders = add_order(customer.packed_orders, order, REMEMBERED_ORDERS)
    customer.line, customer.source = event.line, event.source
    customer.silent_at = None
    if event.cost is not None or event.items:
        _earn(customer, event, policy)
    return fresh


def net_refund(customer: Customer, event: Refund, policy: Policy) -> None:
    """Net the order that the refund names, else the newest earlier occasions; carry what is left.

    An occasion that is netted to nothing stops counting from now on (DESIGN "Exact meaning: Refunds").
    """
    rest = _in_own_currency(customer, event.amount, event.currency, policy)
    customer.silent_at = None
    if not rest:
        return
    _give_back(customer, rest)
    ended = _newest_gap(customer)
    if has_order(customer, event.order_id):
        rest = _net_orders(customer, rest, _mark(event.order_id))
    else:
        rest = _net_newest(customer, rest)
    customer.carried_refund += rest
    attune(customer, policy)
    if _newest_gap(customer) != ended:
        _look_back(customer, policy)


def _add_occasion(customer: Customer, day: Day, amount: int | None, at: Instant, policy: Policy) -> None:
    gap = 0
    customer.last_gap_r = silence_r(customer, at, policy)
    if customer.cycle_occasions and customer.occasions:
        gap = max(1, day - customer.occasions[-1].day)
        add_gap(customer, gap)
        customer.cycle_gaps += 1
        customer.cycle_gap_sum += gap
        customer.cycle_gap_squares += gap * gap
    elif not customer.cycle_occasions:
        customer.cycle_first_day = day
    customer.cycle_occasions += 1
    customer.occasions = (*customer.occasions, Occasion(day, amount, gap))
    customer.packed_bought_at = add_number(customer.packed_bought_at, at, REMEMBERED_VOLUMES)
    customer.last_at = at
    _forget(customer)
    attune(customer, policy)


def _forget(customer: Customer) -> None:
    """Keep 128 local days or 64 occasions, whichever is more."""
    surplus = len(customer.occasions) - REMEMBERED_OCCASIONS
    if surplus <= 0:
        return
    horizon = customer.occasions[-1].day - REMEMBERED_DAYS
    dropped = 0
    while dropped < surplus and customer.occasions[dropped].day <= horizon:
        dropped += 1
    if dropped:
        customer.forgotten_day = customer.occasions[dropped - 1].day
        customer.habit_before = habit_of(customer.occasions[:dropped], customer.habit_before)
        customer.occasions = customer.occasions[dropped:]


def note_volume(customer: Customer, now: int | None, fresh: bool) -> None:
    """Keep the volume at an occasion; a later purchase of the same day replaces it."""
    if fresh:
        customer.packed_volumes = add_number(customer.packed_volumes, number_of(now), REMEMBERED_VOLUMES)
    else:
        customer.packed_volumes = replace_number(customer.packed_volumes, number_of(now))


def _earn(customer: Customer, event: Purchase, policy: Policy) -> None:
    """Add up what orders that tell their cost have earned."""
    cost = cost_of(event)
    if cost is None:
        return
    paid, spent = (_in_own_currency(customer, minor, event.currency, policy) for minor in (event.amount, cost))
    if paid is not None and spent is not None:
        customer.margin = (customer.margin or 0) + paid - spent
        customer.costed += paid


def cost_of(event: Purchase) -> int | None:
    """What an order cost the firm: as it says, or its items; minor units of its currency, None where unknown."""
    if event.cost is not None or not event.items:
        return event.cost
    costs = [item.cost for item in event.items if item.cost is not None]
    return sum(costs) if len(costs) == len(event.items) else None


def _give_back(customer: Customer, refunded: int) -> None:
    """What was earned with refunded orders is earned no more, at the average margin: the goods come back."""
    if customer.margin is not None and customer.costed > 0:
        given = min(refunded, customer.costed)
        customer.margin -= round(customer.margin * given / customer.costed)
        customer.costed -= given


def has_order(customer: Customer, order_id: str | None) -> bool:
    """Whether an order is among the remembered ones."""
    return order_id is not None and any(order.mark == _mark(order_id) for order in customer.orders)


def _in_own_currency(customer: Customer, amount: int, currency: str, policy: Policy) -> int | None:
    """The amount in the currency that this customer is counted in; None without a rate."""
    own = policy.base_currency or customer.currency or currency
    if own != customer.currency:
        if customer.currency is not None:
            _forget_amounts(customer)
        customer.currency = own
    if currency == own:
        return amount
    rate = policy.rates.get(currency) if policy.base_currency else None
    return None if rate is None else money.convert(amount, currency, own, rate)


def _forget_amounts(customer: Customer) -> None:
    """Amounts are never added across currencies: after a change of the base the old ones are unknown."""
    customer.occasions = tuple(replace(occasion, amount=None) for occasion in customer.occasions)
    customer.orders = tuple(order._replace(amount=None) for order in customer.orders)
    customer.volumes = ()
    if customer.habit_before is not None:
        customer.habit_before = replace(customer.habit_before, amounts=0, amount_sum=0)
    customer.declined_level = customer.margin = None
    customer.carried_refund = customer.costed = 0


def _net_of_carried(customer: Customer, amount: int | None) -> int | None:
    if not customer.carried_refund or amount is None:
        return amount
    used = min(customer.carried_refund, amount)
    customer.carried_refund -= used
    return amount - used


def _mark(order_id: str | None) -> int:
    return crc32((order_id or "").encode())


def _net_orders(customer: Customer, rest: int, mark: int) -> int:
    orders = list(customer.orders)
    for place in reversed(range(len(orders))):
        order = orders[place]
        if order.mark == mark and order.amount:
            used = min(rest, order.amount)
            orders[place] = Order(mark, order.day, order.amount - used or None)
            customer.orders = orders
            rest -= used
            _reduce(customer, order.day, used)
    return rest


def _net_newest(customer: Customer, rest: int) -> int:
    for occasion in reversed(customer.occasions):
        if rest <= 0:
            break
        used = min(rest, occasion.amount or 0)
        if used:
            rest -= used
            _reduce_orders(customer, occasion.day, used)
            _reduce(customer, occasion.day, used)
    return rest


def _reduce_orders(customer: Customer, day: Day, amount: int) -> None:
    kept = list(customer.orders)
    for place in reversed(range(len(kept))):
        order = kept[place]
        if order.day == day and order.amount and amount > 0:
            used = min(amount, order.amount)
            kept[place] = Order(order.mark, day, order.amount - used or None)
            amount -= used
    customer.orders = tuple(kept)


def _reduce(customer: Customer, day: Day, amount: int) -> None:
    for place in reversed(range(len(customer.occasions))):
        occasion = customer.occasions[place]
        if occasion.day == day and occasion.amount is not None:
            left = max(0, occasion.amount - amount)
            if left or _bought_for_nothing(customer, day):
                netted = Occasion(day, left, occasion.gap)
                customer.occasions = (*customer.occasions[:place], netted, *customer.occasions[place + 1 :])
            else:
                _remove(customer, place)
            return


def _bought_for_nothing(customer: Customer, day: Day) -> bool:
    """Whether a purchase of that day cost nothing: it counts, and no refund can undo it."""
    return any(order.day == day and order.amount == 0 for order in customer.orders)


def _remove(customer: Customer, place: int) -> None:
    """Take an emptied occasion out: its neighbours now follow one another."""
    emptied = customer.occasions[place]
    after = customer.occasions[place + 1 : place + 2]
    from_end = len(customer.occasions) - place
    current = from_end <= customer.cycle_occasions
    closed = [gap for gap in (emptied.gap, after[0].gap if after else 0) if gap]
    opened = emptied.gap + after[0].gap if len(closed) == 2 else 0
    _replace_gaps(customer, closed, opened, current)
    follower = tuple(replace(next_one, gap=opened) for next_one in after)
    customer.occasions = (*customer.occasions[:place], *follower, *customer.occasions[place + 2 :])
    customer.bought_at = _without(customer.bought_at, from_end)
    if not current:
        return
    customer.cycle_occasions -= 1
    customer.occasions_in_decline -= from_end <= customer.occasions_in_decline
    customer.volumes = _without(customer.volumes, from_end)
    if emptied.day == customer.cycle_first_day:
        customer.cycle_first_day = follower[0].day if follower else None
    if not after:
        customer.sharp_hits, customer.gradual_hits = customer.sharp_hits_before, customer.gradual_hits_before


def _without(newest: tuple[T, ...], from_end: int) -> tuple[T, ...]:
    """What was noted at the newest occasions, without the one so far from the end."""
    cut = len(newest) - from_end
    return newest if cut < 0 else (*newest[:cut], *newest[cut + 1 :])


def _newest_gap(customer: Customer) -> tuple[Day, int] | None:
    return (customer.occasions[-1].day, customer.occasions[-1].gap) if customer.occasions else None


def _look_back(customer: Customer, policy: Policy) -> None:
    """Another gap is the one just ended: an occasion was emptied at one of its ends."""
    before, newest = customer.bought_at[-2:-1], customer.bought_at[-1:]
    known = customer.cycle_occasions > 1 and before and newest
    customer.last_gap_r = r_of(newest[0] - before[0], customer, policy) if known else None


def _replace_gaps(customer: Customer, closed: list[int], opened: int, current: bool) -> None:
    for gap in closed:
        drop_gap(customer, gap)
    if opened:
        add_gap(customer, opened)
    if current:
        customer.cycle_gaps += bool(opened) - len(closed)
        customer.cycle_gap_sum += opened - sum(closed)
        customer.cycle_gap_squares += opened * opened - sum(gap * gap for gap in closed)

"""The memory of what was bought: purchases become occasions, refunds net them."""

from zlib import crc32

from msgspec.structs import replace

from shared.domain import money
from shared.domain.customer import Customer, LineUse, Occasion, Order
from shared.domain.events import Purchase, Refund
from shared.domain.instants import Day, local_day
from shared.domain.policy import Policy
from shared.domain.rhythm import add_gap, attune, drop_gap, silence_r, window
from shared.domain.volume import VOLUMES, volume

REMEMBERED_DAYS = 128
REMEMBERED_OCCASIONS = 64
REMEMBERED_ORDERS = 24
REMEMBERED_LINES = 12


def add_purchase(customer: Customer, event: Purchase, policy: Policy) -> bool:
    """Count a purchase; True when it opens a new occasion rather than adding to today's."""
    day = local_day(event.occurred_at, policy.time_zone)
    amount = _net_of_carried(customer, _in_own_currency(customer, event.amount, event.currency, policy))
    today = customer.occasions[-1] if customer.cycle_occasions else None
    fresh = today is None or today.day != day
    if today is not None and not fresh:
        summed = None if amount is None or today.amount is None else today.amount + amount
        merged = Occasion(day, summed, max(today.last_at, event.occurred_at), today.gap)
        customer.occasions = (*customer.occasions[:-1], merged)
    else:
        _add_occasion(customer, Occasion(day, amount, event.occurred_at), policy)
    customer.orders = (*customer.orders, Order(_mark(event.order_id), day, amount))[-REMEMBERED_ORDERS:]
    _use_line(customer, event.line, day, fresh)
    _note_volume(customer, day, fresh, policy)
    return fresh


def net_refund(customer: Customer, event: Refund, policy: Policy) -> None:
    """Net the order that the refund names, else the newest earlier occasions; carry what is left.

    An occasion that is netted to nothing stops counting from now on (DESIGN "Exact meaning: Refunds").
    """
    rest = _in_own_currency(customer, event.amount, event.currency, policy)
    if not rest:
        return
    rest = (
        _net_orders(customer, rest, _mark(event.order_id))
        if _names_an_order(customer, event)
        else (_net_newest(customer, rest))
    )
    customer.carried_refund += rest
    attune(customer, policy)


def _add_occasion(customer: Customer, occasion: Occasion, policy: Policy) -> None:
    if customer.cycle_occasions:
        gap = max(1, occasion.day - customer.occasions[-1].day)
        customer.last_gap_r = silence_r(customer, occasion.last_at, policy)
        occasion = Occasion(occasion.day, occasion.amount, occasion.last_at, gap)
        add_gap(customer, gap)
        customer.cycle_gaps += 1
        customer.cycle_gap_sum += gap
        customer.cycle_gap_squares += gap * gap
    else:
        customer.cycle_first_day = occasion.day
        customer.last_gap_r = None
    customer.cycle_occasions += 1
    customer.occasions = (*customer.occasions, occasion)
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
        customer.occasions = customer.occasions[dropped:]


def _note_volume(customer: Customer, day: Day, fresh: bool, policy: Policy) -> None:
    now = volume(customer, day, window(customer, policy))
    kept = customer.volumes if fresh else customer.volumes[:-1]
    customer.volumes = (*kept, now)[-VOLUMES:]


def _use_line(customer: Customer, line: str | None, day: Day, fresh: bool) -> None:
    customer.line = line
    if line is None:
        return
    for place, used in enumerate(customer.lines):
        if used.line == line:
            more = fresh or used.last_day != day
            grown = LineUse(line, used.first_day, used.occasions + more, day)
            customer.lines = (*customer.lines[:place], grown, *customer.lines[place + 1 :])
            return
    customer.lines = (*customer.lines, LineUse(line, day, 1, day))[-REMEMBERED_LINES:]


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
    customer.orders = tuple(replace(order, amount=None) for order in customer.orders)
    customer.volumes = ()
    customer.declined_level = None
    customer.carried_refund = 0


def _net_of_carried(customer: Customer, amount: int | None) -> int | None:
    if not customer.carried_refund or amount is None:
        return amount
    used = min(customer.carried_refund, amount)
    customer.carried_refund -= used
    return amount - used


def _mark(order_id: str | None) -> int:
    return crc32((order_id or "").encode())


def _names_an_order(customer: Customer, event: Refund) -> bool:
    mark = _mark(event.order_id)
    return event.order_id is not None and any(order.mark == mark for order in customer.orders)


def _net_orders(customer: Customer, rest: int, mark: int) -> int:
    for place in reversed(range(len(customer.orders))):
        order = customer.orders[place]
        if order.mark == mark and order.amount:
            used = min(rest, order.amount)
            left = replace(order, amount=order.amount - used)
            customer.orders = (*customer.orders[:place], left, *customer.orders[place + 1 :])
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
        if kept[place].day == day and amount > 0:
            used = min(amount, kept[place].amount or 0)
            kept[place] = replace(kept[place], amount=(kept[place].amount or 0) - used)
            amount -= used
    customer.orders = tuple(kept)


def _reduce(customer: Customer, day: Day, amount: int) -> None:
    for place in reversed(range(len(customer.occasions))):
        occasion = customer.occasions[place]
        if occasion.day == day and occasion.amount is not None:
            left = occasion.amount - amount
            if left > 0:
                netted = replace(occasion, amount=left)
                customer.occasions = (*customer.occasions[:place], netted, *customer.occasions[place + 1 :])
            else:
                _remove(customer, place)
            return


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
    if not current:
        return
    customer.cycle_occasions -= 1
    if from_end <= len(customer.volumes):
        cut = len(customer.volumes) - from_end
        customer.volumes = (*customer.volumes[:cut], *customer.volumes[cut + 1 :])
    if emptied.day == customer.cycle_first_day:
        customer.cycle_first_day = follower[0].day if follower else None
    if not after:
        customer.sharp_hits, customer.gradual_hits = customer.sharp_hits_before, customer.gradual_hits_before


def _replace_gaps(customer: Customer, closed: list[int], opened: int, current: bool) -> None:
    for gap in closed:
        drop_gap(customer, gap)
    if opened:
        add_gap(customer, opened)
    if current:
        customer.cycle_gaps += bool(opened) - len(closed)
        customer.cycle_gap_sum += opened - sum(closed)
        customer.cycle_gap_squares += opened * opened - sum(gap * gap for gap in closed)

"""Silence is an event with a due time: it comes when it is due, once, and never from a backlog or an outage."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from shared.domain.alerts import AlertKind, AlertStatus
from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.stages import Stage
from tests.e2e.shop import Shop, open_shop, purchase

START = Instant(20_000 * DAY + 9 * 3_600 * SECOND)
HOUR = 3_600 * SECOND


@pytest.fixture
async def shop(database_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url) as opened:
        yield opened


def after(at: Instant, length: int) -> Instant:
    return Instant(at + length)


async def declined_at(shop: Shop, customer_id: str) -> list[Instant]:
    """When the customer fell into decline, by what stands now."""
    return [
        placed.transition.effective_at
        for placed in await shop.transitions(customer_id)
        if placed.transition.target is Stage.DECLINE and placed.retracted_at is None
    ]


async def silence_alerts(shop: Shop, customer_id: str) -> list[tuple[Instant, AlertStatus]]:
    return [
        (placed.alert.effective_at, placed.alert.status)
        for placed in await shop.alerts(customer_id)
        if placed.alert.kind is AlertKind.SILENCE
    ]


async def buys_and_is_due(shop: Shop, customer_id: str, *times: Instant) -> Instant:
    """The customer buys at these times and is then silent; when that will change something."""
    await shop.post(*(purchase(customer_id, at) for at in times))
    await shop.caught_up()
    due_at = (await shop.customer(customer_id)).due_at
    assert due_at is not None
    return due_at


async def test_with_ticks_alone_decline_and_alert_come_at_the_due_time_to_the_second_and_once(shop: Shop) -> None:
    async with shop.scorers():
        due_at = await buys_and_is_due(shop, "anna", START)

        await shop.tick(after(due_at, -SECOND))
        await shop.caught_up()
        stage_before, alerts_before = (await shop.customer("anna")).stage, await shop.alerts("anna")
        await shop.tick(due_at, due_at, after(due_at, SECOND), *(after(due_at, day * DAY) for day in range(1, 4)))

    assert (stage_before, alerts_before) == (Stage.EXPLORATION, [])
    assert due_at % SECOND == 0
    assert await declined_at(shop, "anna") == [due_at]
    assert await silence_alerts(shop, "anna") == [(due_at, AlertStatus.OPEN)]
    assert [message.target for message in shop.told_of_transitions()] == [Stage.EXPLORATION, Stage.DECLINE]
    assert [message.status for message in shop.told_of_alerts()] == [AlertStatus.OPEN]


async def test_a_coarse_tick_is_no_excuse_for_a_coarse_time(shop: Shop) -> None:
    names = [f"customer-{number}" for number in range(40)]

    async with shop.scorers():
        due = {}
        for number, name in enumerate(names):
            days = [place * 17 * DAY + number * 911 * SECOND for place in range(1 + number % 3)]
            due[name] = await buys_and_is_due(shop, name, *(after(START, day) for day in days))
        for day in range(60, 200):
            await shop.tick(after(START, day * DAY))

    for name in names:
        assert await declined_at(shop, name) == [due[name]]
        assert [at for at, _ in await silence_alerts(shop, name)] == [due[name]]


async def test_scorers_off_for_three_days_with_purchases_waiting_declare_nobody_silent(shop: Shop) -> None:
    async with shop.scorers():
        returns = await buys_and_is_due(shop, "returns", START, after(START, 20 * DAY))
        leaves = await buys_and_is_due(shop, "leaves", START, after(START, 20 * DAY))
        await shop.tick(after(returns, -DAY))

    for hour in range(0, 72, 3):
        if hour == 21:
            await shop.post(purchase("returns", after(returns, -3 * HOUR)))
        await shop.tick(after(returns, -DAY + hour * HOUR))
    async with shop.scorers():
        pass

    assert await declined_at(shop, "returns") == []
    assert [placed.retracted_at for placed in await shop.transitions("returns")] == [None] * 2
    assert await shop.alerts("returns") == []
    assert await declined_at(shop, "leaves") == [leaves]
    assert "returns" not in {message.customer_id for message in shop.told_of_alerts()}


async def test_while_ticks_are_off_for_two_hours_nothing_fires(shop: Shop) -> None:
    async with shop.scorers():
        due_at = await buys_and_is_due(shop, "anna", START)
        await shop.tick(after(due_at, -HOUR))
        seen = []
        for minute in range(-50, 70, 10):
            await shop.post(purchase(f"other-{minute}", after(due_at, minute * 60 * SECOND)))
            await shop.caught_up()
            seen.append((await shop.customer("anna")).stage)
        await shop.tick(after(due_at, HOUR))

    assert set(seen) == {Stage.EXPLORATION}
    assert await declined_at(shop, "anna") == [due_at]
    assert await silence_alerts(shop, "anna") == [(due_at, AlertStatus.OPEN)]


async def test_a_purchase_at_the_due_instant_beats_the_timer(shop: Shop) -> None:
    async with shop.scorers():
        due_at = await buys_and_is_due(shop, "anna", START)
        await shop.post(purchase("anna", due_at))
        await shop.tick(due_at, after(due_at, DAY))

    stages = [placed.transition.target for placed in await shop.transitions("anna")]
    assert Stage.DECLINE not in stages
    assert all(earlier != later for earlier, later in pairwise(stages))

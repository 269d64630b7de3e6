"""A late purchase disproves a decline: it is taken back in the open, and the world hears of it once."""

from shared.domain.alerts import AlertStatus
from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.stages import Stage
from tests.e2e.shop import open_shop, purchase

START = Instant(20_000 * DAY + 9 * 3_600 * SECOND)


async def test_a_purchase_older_than_the_decline_it_disproves_takes_it_back_with_one_correction_each(
    database_url: str,
) -> None:
    async with open_shop(database_url) as shop:
        async with shop.scorers():
            await shop.post(purchase("anna", START))
            await shop.caught_up()
            due_at = (await shop.customer("anna")).due_at
            assert due_at is not None
            await shop.tick(due_at, Instant(due_at + DAY))
        declined = await shop.transitions("anna")
        told_before = len(shop.told_of_transitions()), len(shop.told_of_alerts())

        async with shop.scorers():
            await shop.post(purchase("anna", Instant(due_at - DAY)))

        fell = next(placed for placed in declined if placed.transition.target is Stage.DECLINE)
        assert (fell.transition.effective_at, fell.retracted_at) == (due_at, None)
        assert (await shop.customer("anna")).stage is Stage.EXPLORATION
        shown = {placed.number: placed for placed in await shop.transitions("anna")}
        assert shown[fell.number].transition == fell.transition
        assert shown[fell.number].retracted_at is not None
        assert [number for number, placed in shown.items() if placed.retracted_at is not None] == [fell.number]
        assert [(placed.alert.effective_at, placed.alert.status) for placed in await shop.alerts("anna")] == [
            (due_at, AlertStatus.WITHDRAWN)
        ]
        corrections = shop.told_of_transitions()[told_before[0] :], shop.told_of_alerts()[told_before[1] :]
        assert [(message.number, message.retracted) for message in corrections[0]] == [(fell.number, True)]
        assert [message.status for message in corrections[1]] == [AlertStatus.WITHDRAWN]


async def test_a_late_purchase_that_moves_the_due_time_moves_the_decline_and_says_so(database_url: str) -> None:
    async with open_shop(database_url) as shop:
        async with shop.scorers():
            await shop.post(purchase("anna", START))
            await shop.caught_up()
            due_at = (await shop.customer("anna")).due_at
            assert due_at is not None
            await shop.tick(Instant(due_at + DAY))
        told_before = len(shop.told_of_transitions()), len(shop.told_of_alerts())

        async with shop.scorers():
            await shop.post(purchase("anna", Instant(START + SECOND)))

        standing = [placed for placed in await shop.transitions("anna") if placed.retracted_at is None]
        assert [placed.transition.target for placed in standing] == [Stage.EXPLORATION, Stage.DECLINE]
        assert standing[-1].transition.effective_at == due_at + SECOND
        corrections = shop.told_of_transitions()[told_before[0] :], shop.told_of_alerts()[told_before[1] :]
        assert [message.retracted for message in corrections[0]] == [True, False]
        assert [message.status for message in corrections[1]] == [AlertStatus.WITHDRAWN, AlertStatus.OPEN]

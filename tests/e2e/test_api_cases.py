"""The case that a customer's measures look at: what belongs to it, and that it is of one piece."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from services.api.reading import Reader
from services.api.times import instant_of
from shared.adapters.memory.store import MemoryStore
from shared.domain.alerts import AlertStatus
from shared.domain.controls import PolicyChange
from shared.domain.events import Event, Purchase
from shared.domain.instants import Instant
from shared.domain.policy import Policy
from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, PARTITIONS, House, bought, complained

LATER = "2026-05-31T00:00:00Z"


class Interrupted(MemoryStore):
    """A store to which something is committed whenever somebody has read events, so many times."""

    def __init__(self) -> None:
        super().__init__(PARTITIONS)
        self.meanwhile: list[Callable[[], Awaitable[None]]] = []

    async def events(
        self, customer_id: str, *, before: tuple[Instant, str] | None = None, most: int | None = None
    ) -> Sequence[Event]:
        found = await super().events(customer_id, before=before, most=most)
        if self.meanwhile:
            await self.meanwhile.pop()()
        return found


def reader_of(house: House) -> Reader:
    return Reader(house.store, PARTITIONS)


@pytest.mark.parametrize("as_of", [None, DAYS[2]])
async def test_what_is_committed_while_a_case_is_read_is_in_all_of_it(as_of: str | None) -> None:
    store = Interrupted()
    house = House(store=store)
    await house.told(bought("anna", DAYS[0]), bought("anna", DAYS[2]))
    store.meanwhile.append(lambda: house.told(bought("anna", DAYS[1])))

    standing, case = await reader_of(house).case("anna", None if as_of is None else instant_of(as_of))

    assert [event.id for event in case.of(Purchase)] == [f"order {day[:10]}" for day in DAYS]
    assert case.state.cycle_occasions == standing.view.customer.cycle_occasions == 3
    assert standing.view.version == (await reader_of(house).view("anna")).version


async def test_what_was_taken_back_is_in_no_case() -> None:
    house = House()
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.passed(LATER)
    await house.told(bought("anna", "2026-04-10T10:00:00Z"))

    standing, case = await reader_of(house).case("anna")

    kept = [placed for placed in await house.store.transitions("anna") if placed.retracted_at is None]
    assert len(kept) < len(await house.store.transitions("anna"))
    assert list(case.transitions) == [placed.transition for placed in kept]
    assert AlertStatus.WITHDRAWN in {placed.alert.status for placed in await house.store.alerts_of("anna")}
    assert AlertStatus.WITHDRAWN not in {alert.status for alert in case.alerts}
    assert case.as_of == standing.view.as_of == instant_of(LATER)


@pytest.mark.parametrize("as_of", [None, DAYS[2]])
async def test_a_case_tells_the_moves_of_the_whole_relationship_and_not_those_of_its_lines(as_of: str | None) -> None:
    house = House()
    await house.told(*(bought("anna", day, line="tea") for day in DAYS))

    _, case = await reader_of(house).case("anna", None if as_of is None else instant_of(as_of))

    assert {placed.transition.line for placed in await house.store.transitions("anna")} == {None, "tea"}
    assert [one.target.value for one in case.transitions] == ["exploration", "formation"]


async def test_what_people_did_with_an_alert_shows_in_the_alert_and_is_no_event() -> None:
    house = House(prompt=True)
    await house.told(bought("anna", DAYS[0]), complained("anna", DAYS[1]))
    async with await house.client(Scope.MANAGE) as manager:
        [alert] = (await manager.get("/v1/alerts")).json()["items"]
        await manager.post(f"/v1/alerts/{alert['id']}/acknowledge")

    _, case = await reader_of(house).case("anna")

    assert len(await house.store.events("anna")) == 3
    assert [type(event).__name__ for event in case.events] == ["Purchase", "Complaint"]
    assert [one.status for one in case.alerts] == [AlertStatus.ACKNOWLEDGED]


async def test_a_case_of_now_is_the_case_as_of_now() -> None:
    house = House()
    await house.told(*(bought("anna", day) for day in DAYS), complained("anna", "2026-02-10T08:00:00Z"))
    await house.passed(LATER)

    _, now = await reader_of(house).case("anna")
    _, then = await reader_of(house).case("anna", instant_of(LATER))

    assert (then.events, then.state, then.transitions) == (now.events, now.state, now.transitions)
    assert sorted(then.alerts, key=lambda one: one.number) == sorted(now.alerts, key=lambda one: one.number)


async def test_a_case_follows_the_policy_in_force_at_its_time() -> None:
    house = House()
    change = PolicyChange(id="p2", effective_at=instant_of("2026-01-25T00:00:00Z"), policy=Policy(version=2))
    await house.governed(change)
    await house.told(*(bought("anna", day) for day in DAYS))

    _, before = await reader_of(house).case("anna", instant_of(DAYS[1]))
    _, after = await reader_of(house).case("anna")

    assert (before.policy.version, len(before.events)) == (1, 2)
    assert (after.policy.version, len(after.events)) == (2, 3)

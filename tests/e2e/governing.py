"""A house in which people change the policy: its time, a customer in formation, and what tests do with both."""

from typing import Final

import httpx

from tests.e2e.api_house import DAYS, PARTITIONS, Answer, House, bought

AS_OF: Final = "2026-04-20T00:00:00Z"
SOON: Final = "2026-04-20T00:00:10Z"
"""When a version takes effect that does not say when."""


async def governed_house() -> House:
    """A house whose time has come, and a customer that is not silent for long enough yet."""
    house = House()
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.passed(AS_OF)
    return house


async def change(client: httpx.AsyncClient, based_on: int = 1, **changes: object) -> Answer:
    """A change that is taken."""
    response = await client.post("/v1/policies", json={"changes": changes, "based_on": based_on})
    assert response.status_code == 200, response.text
    answer: Answer = response.json()
    return answer


async def held(house: House) -> list[list[str]]:
    """The ids of the controls that each partition has taken in."""
    return [[one.id for one in await house.store.controls(partition)] for partition in range(PARTITIONS)]


def problem(response: httpx.Response) -> tuple[int, str, str]:
    told = response.json()
    return response.status_code, told["code"], told["message"]

"""A customer's cards through HTTP, on both stores: what is measured, in which words, and what is not known."""

from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

import httpx
import pytest

from shared.adapters.postgres.engine import SCORER, make_engine
from shared.adapters.postgres.migrate import migrate
from shared.adapters.postgres.queries import PostgresQueries
from shared.adapters.postgres.store import PostgresStore
from shared.domain.measures.registry import Card, of_card
from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, PARTITIONS, House, answered, asked, bought, noted, rated

AS_OF: Final = "2026-03-01T00:00:00Z"
CARDS: Final = [card for card in Card if card is not Card.CUSTOMER]
STORY: Final = (
    asked("anna", "2026-01-04T12:00:00Z"),
    *(bought("anna", day, 12_50) for day in DAYS),
    rated("anna", "2026-01-20T08:00:00Z", expected=3.0, perceived=4.0),
)


class Whole(PostgresStore, PostgresQueries):
    """A store in PostgreSQL with everything that can be asked of it."""


@pytest.fixture
def memory_house() -> House:
    """An api on an empty store in memory."""
    return House()


@pytest.fixture
async def postgres_house(empty_database_url: str) -> AsyncIterator[House]:
    """An api on an empty store in PostgreSQL."""
    await migrate(empty_database_url)
    engine = make_engine(empty_database_url, SCORER)
    yield House(store=Whole(engine, PARTITIONS))
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def house(request: pytest.FixtureRequest) -> House:
    """An api on an empty store of either kind."""
    chosen: House = request.getfixturevalue(f"{request.param}_house")
    return chosen


@pytest.fixture
async def reader(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.READ) as client:
        yield client


@pytest.fixture
async def anna(house: House) -> None:
    """A customer in formation with an opinion, and the time a month later."""
    await house.told(*STORY)
    await house.passed(AS_OF)


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_card_holds_its_measures_in_the_language_that_is_asked_for(
    reader: httpx.AsyncClient, card: Card, language: str
) -> None:
    response = await reader.get(f"/v1/customers/anna/{card}", headers={"Accept-Language": language})

    answer = response.json()
    assert list(answer) == ["customer_id", "as_of", "version", "measures"]
    assert (answer["customer_id"], answer["as_of"]) == ("anna", AS_OF)
    assert {name: one["label"] for name, one in answer["measures"].items()} == {
        one.name: one.zh if language == "zh" else one.en for one in of_card(card)
    }
    assert all(one["name"] == name and one["concepts"] for name, one in answer["measures"].items())
    assert response.headers["etag"] == f'W/"{answer["version"]}"'
    assert (response.headers["content-language"], response.headers["vary"]) == (language, "Accept-Language")


@pytest.mark.usefixtures("anna")
async def test_a_customer_is_measured_with_coverage_and_evidence(reader: httpx.AsyncClient) -> None:
    """003-1 and 000-6, by hand: 55 days from the first purchase on; 0.4 * 3/6 + 0.3 * 1.2/2 + 0.3 * 55/180."""
    customer = await answered(reader, "/v1/customers/anna")
    loyalty = await answered(reader, "/v1/customers/anna/loyalty")

    trust, tenure = customer["measures"]["trust"], loyalty["measures"]["tenure"]
    assert (trust["value"], trust["unit"], trust["coverage"]) == (pytest.approx(0.471667), "share", 1.0)
    assert trust["parts"] == pytest.approx({"repetition": 0.5, "satisfaction": 0.6, "tenure": 0.305556})
    assert (tenure["value"], tenure["unit"], tenure["evidence"]) == (55.0, "days", ["order 2026-01-05"])
    assert set(customer["measures"]) == {one.name for one in of_card(Card.CUSTOMER)}


async def test_of_somebody_who_has_not_bought_what_is_unknown_is_null_and_says_what_is_missing(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.told(noted("tom", DAYS[0]))

    customer = await answered(reader, "/v1/customers/tom")
    cards = [await answered(reader, f"/v1/customers/tom/{card}") for card in CARDS]

    trust, tenure = customer["measures"]["trust"], cards[0]["measures"]["tenure"]
    assert (trust["value"], trust["coverage"], trust["missing"]) == (None, 0.0, ["a purchase"])
    assert (tenure["value"], tenure["coverage"], tenure["missing"]) == (None, 0.0, ["a purchase"])
    for one in (measure for card in (customer, *cards) for measure in card["measures"].values()):
        assert one["value"] is not None or (one["missing"] and one["word_label"] is None)


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("name", ["bob", "x" * 257, "a%00b", "%FF", "anna%2Fvalue"])
async def test_a_card_of_somebody_unknown_is_a_problem(memory_house: House, card: Card, name: str) -> None:
    await memory_house.told(*STORY)
    async with await memory_house.client(Scope.READ) as reader:
        response = await reader.get(f"/v1/customers/{name}/{card}")

    assert (response.status_code, response.json()["code"]) == (404, "unknown_customer")
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["a/b", "a/value", "value", "loyalty", "客户/loyalty", "/", "x" * 256])
async def test_an_id_may_hold_a_slash_or_be_called_like_a_card(memory_house: House, name: str) -> None:
    await memory_house.told(bought(name, DAYS[0], id="1"), bought("a", DAYS[1]))
    path = f"/v1/customers/{quote(name, safe='')}"
    async with await memory_house.client(Scope.READ) as reader:
        found = [await answered(reader, path), *[await answered(reader, f"{path}/{card}") for card in CARDS]]

    assert [one["customer_id"] for one in found] == [name] * 5


@pytest.mark.usefixtures("anna")
async def test_a_past_card_is_the_card_of_that_time(house: House, reader: httpx.AsyncClient) -> None:
    now = await answered(reader, "/v1/customers/anna/loyalty")
    same = await answered(reader, "/v1/customers/anna/loyalty", as_of=AS_OF)
    early = await answered(reader, "/v1/customers/anna/loyalty", as_of="2026-01-15T00:00:00Z")
    whole = await answered(reader, "/v1/customers/anna", as_of="2026-01-15T00:00:00Z")

    assert same == now
    assert early["measures"]["tenure"]["value"] == 10.0
    # 0.4 * 1/6 and 0.3 * 10/180 of 0.7: the opinion came later.
    assert whole["measures"]["trust"]["value"] == pytest.approx(0.119048)
    assert whole["measures"]["trust"]["coverage"] == 0.7


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize(
    ("as_of", "status", "code"),
    [
        ("2026-03-01T00:00:01Z", 400, "bad_as_of"),
        ("yesterday", 400, "bad_as_of"),
        ("2026-01-04T11:59:59Z", 404, "not_yet_known"),
    ],
)
async def test_a_card_cannot_be_told_of_every_instant(
    reader: httpx.AsyncClient, as_of: str, status: int, code: str
) -> None:
    response = await reader.get("/v1/customers/anna/value", params={"as_of": as_of})

    assert (response.status_code, response.json()["code"]) == (status, code)


@pytest.mark.parametrize("card", CARDS)
async def test_a_parked_customer_has_no_cards_and_no_measures(memory_house: House, card: Card) -> None:
    await memory_house.told(bought("anna", DAYS[0]), rated("anna", DAYS[1], scale=1.0), bought("anna", DAYS[2]))
    async with await memory_house.client(Scope.READ) as reader:
        customer = await answered(reader, "/v1/customers/anna")
        response = await reader.get(f"/v1/customers/anna/{card}")

    assert (customer["parked"], customer["measures"]) == (True, None)
    assert (response.status_code, response.json()["code"]) == (409, "parked_customer")


async def test_a_card_needs_a_key(memory_house: House) -> None:
    async with await memory_house.client() as nobody:
        response = await nobody.get("/v1/customers/anna/loyalty")

    assert response.status_code == 401

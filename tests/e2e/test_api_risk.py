"""Risk through HTTP: by the churn model in force, by the customer's own gaps without one, for lines, and explained."""

from collections.abc import AsyncIterator
from typing import Final

import httpx
import pytest
from msgspec.structs import replace

from services.api.times import instant_of
from shared.domain.controls import Model, ModelChange
from shared.domain.rhythm.churn import ChurnModel, WeakSign
from shared.web.auth import Scope
from tests.e2e.api_house import DAYS, Answer, House, answered, asked, bought
from tests.models import MEMBERS, MODEL

EARLY: Final = "2026-01-02T03:00:00Z"
AS_OF: Final = "2026-03-01T10:00:00Z"
LATE: Final = "2026-12-01T00:00:00Z"
CLASSIC: Final = replace(MODEL, members=replace(MEMBERS, hazard=None))
"""Asked alone it finds the customers of these tests silent within the year."""


def fitted(name: str, churn: ChurnModel = MODEL, at: str = EARLY) -> ModelChange:
    return ModelChange(
        id=name, effective_at=instant_of(at), model=Model(version=name, mu0=3.4, sigma0=1.2, churn=churn)
    )


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def reader(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.READ) as client:
        yield client


async def test_with_every_customer_comes_its_risk_its_next_purchase_its_alert_and_why(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.governed(fitted("refit-1"))
    await house.told(*(bought("anna", day, 12_50) for day in DAYS))
    await house.passed(AS_OF)

    customer = await answered(reader, "/v1/customers/anna")

    risk, details = customer["risk"], customer["risk"]["details"]
    assert (risk["by"], risk["horizon_days"], risk["silence_days"]) == ("churn_model", 90, 27)
    assert details["p_after_purchase"] < risk["p_no_purchase"] < details["threshold"] == 0.8
    assert (details["model"], details["weight"]) == ("refit-1", 0.4)
    assert details["hazard"] < risk["p_no_purchase"] < details["classic"]
    assert details["overdue_days"] == pytest.approx((28 + 2 * 63) / 4)
    assert instant_of(details["expected_at"]) > instant_of(AS_OF)
    assert (customer["next"]["at"], customer["next"]["because"]) == (risk["due_at"], "silent")
    assert "overdue and likely to buy no more" in customer["next"]["text"]
    assert {(one["name"], one["against"]) for one in details["because"]} >= {("silence", "own"), ("silence", "others")}
    assert risk["text"].startswith("By churn model refit-1 it buys nothing in the next 90 days with ")
    assert f"an alert comes at {risk['due_at']}" in risk["text"]


async def test_the_alert_comes_at_the_second_that_was_foretold(house: House, reader: httpx.AsyncClient) -> None:
    await house.governed(fitted("refit-1", CLASSIC))
    await house.told(*(bought("anna", day, 12_50, line="tea") for day in DAYS))
    await house.passed(AS_OF)
    before = await answered(reader, "/v1/customers/anna")
    await house.passed("2026-06-05T00:00:00Z")

    after = await answered(reader, "/v1/customers/anna")
    alerts = (await answered(reader, "/v1/alerts", kind="silence"))["items"]

    [line] = before["lines"]
    assert line["due_at"] == line["risk"]["due_at"] == before["risk"]["due_at"]
    assert {alert["effective_at"] for alert in alerts} == {before["risk"]["due_at"]}
    assert (after["risk"]["due_at"], after["lines"][0]["risk"]["due_at"]) == (None, None)


async def test_what_a_model_decided_is_explained_with_both_guards_and_run_again_by_the_model_of_then(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.governed(fitted("refit-1", CLASSIC))
    await house.told(*(bought("anna", day, 12_50) for day in DAYS))
    await house.passed(LATE)
    await house.governed(fitted("refit-2", replace(CLASSIC, members=replace(CLASSIC.members, usual_gap=90.0)), LATE))
    await house.passed("2026-12-02T00:00:00Z")

    explanation = await answered(reader, "/v1/customers/anna/explain")
    customer = await answered(reader, "/v1/customers/anna")

    [step] = [one for one in explanation["transitions"] if one["why"]["signal"] == "silent"]
    chance, silence = step["why"]["guards"]
    assert (chance["name"], chance["threshold"], chance["holds"]) == ("p_no_purchase", 0.8, True)
    assert chance["value"] == pytest.approx(0.8, abs=1e-6)
    assert (silence["name"], silence["unit"], silence["threshold"]) == ("silence_days", "days", 38.5)
    assert (step["why"]["model"], step["reproduced"], explanation["reproduced"]) == ("refit-1", True, True)
    assert step["agreement"] == "Folded again from the stored events, by churn model refit-1: the same decision."
    assert step["why"]["text"].startswith("The customer is overdue and likely to buy no more: probability of ")
    assert customer["risk"]["details"]["model"] == "refit-2"


async def test_without_a_model_the_own_gaps_speak_and_it_is_said(house: House, reader: httpx.AsyncClient) -> None:
    await house.told(*(bought("anna", day, line="tea") for day in DAYS))
    await house.passed(AS_OF)

    customer = await answered(reader, "/v1/customers/anna")

    risk, details = customer["risk"], customer["risk"]["details"]
    assert risk["by"] == customer["lines"][0]["risk"]["by"] == "gap_distribution"
    assert risk["text"].startswith(
        "No churn model is in force: none has been fitted yet, or there was too little history for one."
    )
    assert 0 < risk["p_no_purchase"] < 1
    assert (details["model"], details["threshold"], details["because"], details["weak_signs"]) == (None, None, [], [])
    assert (details["r_threshold"], risk["due_at"]) == (1.5, customer["next"]["at"])
    assert customer["lines"][0]["due_at"] == customer["lines"][0]["risk"]["due_at"]


async def test_a_line_with_too_little_history_says_whose_model_speaks_for_it(
    house: House, reader: httpx.AsyncClient
) -> None:
    own = replace(MEMBERS, usual_gap=30.0, hazard=None)
    await house.governed(fitted("refit-1", replace(MODEL, lines={"tea": own})))
    await house.told(*(bought("anna", day, line="tea") for day in DAYS))
    await house.told(*(bought("anna", day, line="rum", id=f"rum {day}") for day in DAYS))
    await house.passed(AS_OF)

    customer = await answered(reader, "/v1/customers/anna")

    lines: dict[str, Answer] = {line["line"]: line for line in customer["lines"]}
    assert lines["tea"]["risk"]["text"].startswith("By churn model refit-1 ")
    assert lines["rum"]["risk"]["text"].startswith("This line has too little history for a model of its own.")
    assert lines["rum"]["risk"]["p_no_purchase"] < lines["tea"]["risk"]["p_no_purchase"]
    assert lines["tea"]["risk"]["p_no_purchase"] == pytest.approx(customer["risk"]["details"]["classic"])
    assert lines["tea"]["risk"]["details"] is None


async def test_a_weak_sign_is_told_with_its_odds_and_raises_no_alert(house: House, reader: httpx.AsyncClient) -> None:
    sign = WeakSign(code="slowing", with_it=0.5812, without=0.4904, customers=120)
    days = [f"2026-01-{day:02}T10:00:00Z" for day in (5, 8, 11, 14, 17)]
    await house.governed(fitted("refit-1", replace(MODEL, weak_signs=(sign,))))
    await house.told(*(bought("anna", day) for day in (*days, "2026-02-28T10:00:00Z")))
    await house.passed(AS_OF)

    customer = await answered(reader, "/v1/customers/anna")

    [told] = customer["risk"]["details"]["weak_signs"]
    assert (told["code"], told["with_it"], told["without"], told["days"]) == ("slowing", 0.5812, 0.4904, 90)
    assert told["text"] == (
        "Buys at longer intervals than it used to: of customers like this 58 % bought no more within 90 days,"
        " of others 49 %."
    )
    assert customer["alerts"] == []


async def test_who_only_asked_has_no_risk_and_who_bought_once_is_never_sure(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.governed(fitted("refit-1"))
    await house.told(asked("pia", DAYS[0]), bought("tom", DAYS[0]))
    await house.passed(AS_OF)

    pia, tom = [await answered(reader, f"/v1/customers/{name}") for name in ("pia", "tom")]

    assert pia["risk"] is None
    assert 0.2 < tom["risk"]["p_no_purchase"] < 1


async def test_risk_is_told_as_of_a_past_instant_by_what_was_in_force_then(
    house: House, reader: httpx.AsyncClient
) -> None:
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.governed(fitted("refit-1", at="2026-02-20T00:00:00Z"))
    await house.passed(AS_OF)

    then = await answered(reader, "/v1/customers/anna", as_of="2026-02-19T00:00:00Z")
    now = await answered(reader, "/v1/customers/anna")

    assert (then["risk"]["by"], now["risk"]["by"]) == ("gap_distribution", "churn_model")
    assert then["risk"]["silence_days"] == pytest.approx(16.583, abs=0.001)


async def test_risk_is_told_in_chinese(house: House, reader: httpx.AsyncClient) -> None:
    await house.governed(fitted("refit-1"))
    await house.told(*(bought("anna", day) for day in DAYS))
    await house.passed(AS_OF)

    response = await reader.get("/v1/customers/anna", headers={"Accept-Language": "zh"})

    risk = response.json()["risk"]
    assert risk["text"].startswith("按流失模型 refit-1，此后 90 天内不再购买的概率为 ")
    assert all("天内不购买的几率乘以" in one["text"] for one in risk["details"]["because"])

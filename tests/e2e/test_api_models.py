"""The churn model over HTTP: what judges silence now and why, and every refit with its back-test."""

from collections.abc import AsyncIterator, Mapping
from typing import get_args

import httpx
import pytest
from msgspec import structs

from services.api import model_labels
from services.api.labels import Label
from services.api.schemas.models import CurrentModel, ModelPage, RefitState
from shared.domain.instants import DAY, Instant, rfc3339
from shared.domain.policy import DEFAULT
from shared.fitting.report import Reason
from shared.web.auth import Scope
from tests.builders import day, purchases
from tests.e2e.api_house import House, answered, walked
from tests.unit.refits.bed import UNTIL, shop

NOW = rfc3339(day(UNTIL))
LATER = rfc3339(day(UNTIL + 2))


@pytest.fixture
async def house() -> House:
    house = House()
    await house.told(*shop(), *purchases(1, 11, 21))
    return house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    async with await house.client(Scope.READ) as client:
        yield client


async def test_before_time_has_begun_nothing_is_in_force(client: httpx.AsyncClient) -> None:
    current = await answered(client, "/v1/models/current")
    page = await answered(client, "/v1/models")

    assert (current["as_of"], current["speaks"], current["newest"]) == (None, "fallback", None)
    assert page == {"as_of": None, "in_force": None, "items": [], "next": None}


async def test_before_the_first_refit_the_fallback_speaks_and_says_why(house: House, client: httpx.AsyncClient) -> None:
    await house.passed(NOW)

    current = await answered(client, "/v1/models/current")

    assert (current["as_of"], current["speaks"], current["version"], current["refit"]) == (NOW, "fallback", None, None)
    assert current["text"] == (
        "No refit has been made yet. Until there is a model, silence is held against each customer's own long gap,"
        f" which begins from the policy's prior (mean of ln days {DEFAULT.mu0:.2f},"
        f" deviation {DEFAULT.sigma0:.2f})."
    )
    assert current["prior"] == {"mu0": DEFAULT.mu0, "sigma0": DEFAULT.sigma0}


async def test_an_accepted_model_is_in_force_once_its_time_has_come(house: House, client: httpx.AsyncClient) -> None:
    await house.passed(NOW)
    stored = await house.refitted()
    before = await answered(client, "/v1/models/current")
    await house.passed(LATER)

    current = await answered(client, "/v1/models/current")
    page = await answered(client, "/v1/models")

    assert stored.refit.accepted, stored.refit.said
    assert (before["speaks"], before["newest"]) == ("fallback", "accepted")
    assert before["text"].startswith("The model refit-1 takes effect in a moment.")
    assert (current["speaks"], current["version"], current["text"]) == (
        "model", "refit-1", "The model refit-1 is in force."
    )  # fmt: skip
    assert current["age_days"] == pytest.approx(2, abs=0.001)
    assert stored.refit.model is not None
    assert stored.refit.model.churn is not None
    assert current["threshold"] == stored.refit.model.churn.threshold
    assert page["in_force"] == "refit-1"
    assert page["items"] == [current["refit"]]
    assert CurrentModel.model_validate(current)
    assert ModelPage.model_validate(page)


async def test_a_refit_tells_what_it_rests_on(house: House, client: httpx.AsyncClient) -> None:
    await house.passed(NOW)
    stored = await house.refitted()

    [told] = (await answered(client, "/v1/models"))["items"]

    report = stored.refit.report
    assert report.back_test is not None
    assert (told["state"], told["verdict"], told["text"]) == ("scheduled", "accepted", stored.refit.said)
    assert told["as_of"] == NOW[:10]
    assert (told["customers"], told["repeats"], told["sampled"]) == (report.customers, report.repeats, 1.0)
    scores = {score["member"]: score for score in told["back_test"]["scores"]}
    assert scores.keys() == report.back_test.scores.keys()
    assert scores["blend"]["log_loss"] == report.back_test.scores["blend"].log_loss
    assert (scores["silence"]["label"], scores["silence"]["log_loss"]) == ("Silence alone", None)
    assert sum(one["customers"] for one in told["back_test"]["calibration"]) == report.back_test.customers
    assert told["back_test"]["worst_drift"] == max(report.back_test.drift.values())
    assert told["members"]["classic"]["kind"] in ("mbg_nbd", "pareto_nbd")


async def test_a_refused_refit_is_told_and_the_old_model_stays(house: House, client: httpx.AsyncClient) -> None:
    await house.passed(NOW)
    first = await house.refitted()
    await house.passed(LATER)
    refused = structs.replace(
        first.refit, version="refit-9", accepted=False, reason="worse_than_in_force", said="It was worse.", model=None
    )
    made_at = Instant(day(UNTIL) + DAY)
    await house.memory.models.add(structs.replace(first, id=9, made_at=made_at, effective_at=None, refit=refused))

    current = await answered(client, "/v1/models/current")
    page = await answered(client, "/v1/models")

    assert (current["version"], current["newest"]) == ("refit-1", "worse_than_in_force")
    assert current["text"] == (
        "The model refit-1 is in force. The newest refit, refit-9, was refused: worse than the model in force."
    )
    assert [(one["version"], one["state"]) for one in page["items"]] == [
        ("refit-9", "refused"),
        ("refit-1", "in_force"),
    ]


async def test_with_too_little_history_the_fallback_says_so_in_both_languages() -> None:
    house = House()
    await house.told(*purchases(1, 11, 21))
    await house.passed(NOW)
    await house.refitted()

    async with await house.client(Scope.READ) as client:
        english = await answered(client, "/v1/models/current")
        client.headers["Accept-Language"] = "zh"
        chinese = await answered(client, "/v1/models/current")
        [item] = (await answered(client, "/v1/models"))["items"]

    assert english["text"].startswith("The newest refit, refit-1, was refused: too little history. Until there")
    assert chinese["text"].startswith("最近一次拟合 refit-1 未采用：历史数据太少。在有模型之前")
    assert (item["label"], item["state_label"]) == ("未采用：历史数据太少", "未采用")
    assert item["text"] == "未采用：历史数据太少。依据 1 位客户的 2 次重复购买。"


async def test_refits_are_listed_page_by_page(house: House, client: httpx.AsyncClient) -> None:
    await house.passed(NOW)
    first = await house.refitted()
    for number in (2, 3, 4, 5):
        await house.memory.models.add(structs.replace(first, id=number))

    items = await walked(client, "/v1/models", limit=2)

    assert [item["id"] for item in items] == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/current"])
async def test_models_take_a_key_that_reads(path: str) -> None:
    house = House()
    async with await house.client() as nobody, await house.client(Scope.INGEST) as ingest:
        codes = [(await client.get(path)).status_code for client in (nobody, ingest)]

    assert codes == [401, 403]


@pytest.mark.parametrize(
    ("words", "table"),
    [
        (get_args(Reason), model_labels.VERDICTS),
        (get_args(RefitState), model_labels.STATES),
        (
            ("classic", "hazard", "blend", "in_force", "silence", "silence_over_mean", "constant"),
            model_labels.SCORERS,
        ),
    ],
)
def test_every_word_of_the_model_has_a_label(words: tuple[str, ...], table: Mapping[str, Label]) -> None:
    assert set(table) == set(words)
    assert all(label.en and label.zh for label in table.values())

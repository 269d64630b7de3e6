"""Risk in words: every fact, sign and fallback in every language."""

from collections.abc import Iterable, Mapping
from math import log
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from services.api import risk_labels
from services.api.labels import Label, Language
from services.api.risk_labels import mover_text, risk_text, weak_sign_text
from shared.domain.rhythm.churn import Members, WeakSign
from shared.domain.rhythm.movers import Mover, Name, movers
from shared.domain.rhythm.reading import Risk
from shared.domain.rhythm.silent import habit
from shared.domain.rhythm.weak import SIGNS
from tests.builders import day, fold_story, purchases
from tests.models import MEMBERS

QUIET = Risk(
    by="churn_model",
    p_no_purchase=0.615,
    horizon_days=90,
    silence_days=40,
    alert_at=day(100),
    alert_silence_days=100,
)
NEVER = Risk(
    by="gap_distribution",
    p_no_purchase=0.25,
    horizon_days=90,
    silence_days=40,
    alert_at=None,
    alert_silence_days=None,
)


@pytest.mark.parametrize(("words", "table"), [(get_args(Name), risk_labels.MOVERS), (SIGNS, risk_labels.WEAK_SIGNS)])
def test_every_fact_and_sign_has_a_label_in_every_language(words: Iterable[str], table: Mapping[Any, Label]) -> None:
    assert set(table) == set(words)
    assert all(label.en and label.zh for label in table.values())


def test_the_sentence_says_which_model_speaks_and_when_the_alert_comes() -> None:
    assert risk_text(QUIET, "refit-7", "en") == (
        "By churn model refit-7 it buys nothing in the next 90 days with 61.5 % probability."
        " If it stays silent, an alert comes at 2024-04-10T00:00:00Z, after 100 days of silence."
    )
    assert risk_text(QUIET, "refit-7", "zh") == (
        "按流失模型 refit-7，此后 90 天内不再购买的概率为 61.5 %。"
        "若持续沉默，将于 2024-04-10T00:00:00Z（沉默 100 天时）发出告警。"
    )


def test_the_sentence_says_which_fallback_speaks() -> None:
    assert risk_text(NEVER, None, "en") == (
        "No churn model is in force: none has been fitted yet, or there was too little history for one. By the"
        " customer's own gaps it buys nothing in the next 90 days with 25 % probability."
    )
    assert risk_text(NEVER, None, "zh").startswith("没有生效的流失模型：尚未拟合，或历史数据太少。")
    assert risk_text(QUIET, "refit-7", "en", borrowed=True).startswith(
        "This line has too little history for a model of its own. By that of the whole relationship it buys nothing"
    )
    assert risk_text(QUIET, "refit-7", "zh", borrowed=True).startswith("该业务线历史太少，没有自己的模型。")


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("members", [MEMBERS, replace(MEMBERS, hazard=None), replace(MEMBERS, classic=None)])
def test_every_fact_makes_a_sentence(members: Members, language: Language) -> None:
    known = habit(fold_story(purchases(0, 10, 30, 35)).customer)
    assert known is not None

    found = movers(members, known, 40.0, 90.0)

    assert len(found) >= 3
    for one in found:
        assert mover_text(one, one.value, one.compared_with, "days", language)


def test_a_fact_says_by_what_factor_it_moved_the_odds() -> None:
    late = Mover(name="silence", against="own", value=60, compared_with=31.2, part=log(2), days=90)
    paid = Mover(name="amount", against="others", value=25_00, compared_with=12_50, part=-log(4), days=7)

    assert mover_text(late, 60, 31.2, "days", "en") == (
        "silence so far: 60 days, its own mean interval: 31.2 days; odds of buying nothing in the next 90 days times 2"
    )
    assert mover_text(paid, 25, 12.5, "EUR", "zh") == (
        "每个购买日的金额：25 EUR，其他客户：12.5 EUR；此后 7 天内不购买的几率乘以 0.25"
    )


def test_a_weak_sign_says_its_odds_beside_those_of_others() -> None:
    sign = WeakSign(code="shrinking", with_it=0.526, without=0.5, customers=80)

    assert weak_sign_text(sign, 90, "en") == (
        "Buys for less than it used to: of customers like this 53 % bought no more within 90 days, of others 50 %."
    )
    assert weak_sign_text(sign, 90, "zh") == (
        "购买金额比以往更低：此类客户中 53 % 在 90 天内不再购买，其他客户为 50 %。"
    )

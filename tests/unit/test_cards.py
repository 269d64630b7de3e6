"""Measures as the API words them: amounts in major units, words with labels, unknown as null."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings

from services.api.measuring import CARDS, measure_answer, measures_answer
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import fold
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import EVERY_PART, MEASURES, Card, Measure
from tests.builders import purchase, purchases
from tests.histories import History, histories
from tests.unit.measures.cases import case_of


def made(
    reading: Reading,
    unit: str,
    words: Mapping[str, tuple[str, str]] | None = None,
    amounts: tuple[str, ...] = (),
) -> Measure:
    """A measure that always says the same."""
    return Measure(
        name="depth", concepts=("001-6",), card=Card.VALUE, unit=unit, low=None, high=None, en="Depth", zh="深度",
        words=dict(words or {}), function=lambda _: reading,
        amounts=amounts,
    )  # fmt: skip


@pytest.fixture
def anna() -> Case:
    return case_of(*purchases(0, 10), until=20)


def test_an_amount_is_told_in_major_units_beside_its_currency(anna: Case) -> None:
    answer = measure_answer(made(known(1_234_56.0), "money"), anna, "en")

    assert answer.model_dump()["value"] == {"amount": "1234.56", "currency": "EUR"}


@pytest.mark.parametrize(("currency", "minor", "told"), [("JPY", 1_234.0, "1234"), ("KWD", 1_234.4, "1.234")])
def test_an_amount_has_as_many_decimals_as_its_currency(currency: str, minor: float, told: str) -> None:
    case = case_of(purchase(0, currency=currency), until=1)

    answer = measure_answer(made(known(minor), "money"), case, "en")

    assert answer.model_dump()["value"] == {"amount": told, "currency": currency}


def test_an_amount_without_a_currency_is_unknown() -> None:
    answer = measure_answer(made(known(12.0), "money"), case_of(until=1), "en")

    assert (answer.value, answer.coverage, answer.missing) == (None, 0, ["an amount with its currency"])


@pytest.mark.parametrize(
    ("unit", "value", "told"),
    [
        ("share", 1 / 3, 0.333333),
        ("score", -1e-9, 0.0),
        ("count", 3, 3.0),
        ("count", 1, 1.0),
        ("count", 0, 0.0),
        ("flag", True, True),
        ("flag", False, False),
        ("word", "deep", "deep"),
    ],
)
def test_what_is_no_amount_is_told_as_it_is(anna: Case, unit: str, value: Scalar, told: Scalar) -> None:
    answer = measure_answer(made(known(value), unit, {"deep": ("Deep", "深")}), anna, "en")

    assert answer.value == told
    assert type(answer.value) is type(told)


@pytest.mark.parametrize(("language", "label", "word"), [("en", "Depth", "Deep"), ("zh", "深度", "深")])
def test_a_measure_and_its_word_have_labels_in_both_languages(anna: Case, language: str, label: str, word: str) -> None:
    measure = made(known("deep"), "word", {"deep": ("Deep", "深")})

    answer = measure_answer(measure, anna, "zh" if language == "zh" else "en")

    assert (answer.name, answer.label, answer.value, answer.word_label) == ("depth", label, "deep", word)
    assert answer.concepts == ["001-6"]


def test_what_is_unknown_is_null_and_says_what_is_missing_and_what_is_known_of_it(anna: Case) -> None:
    reading = unknown("a cost of each order", evidence=("order 1",), parts={"orders": 1, "cost": None})

    answer = measure_answer(made(reading, "money"), anna, "en")

    assert (answer.value, answer.word_label, answer.coverage) == (None, None, 0)
    assert (answer.missing, answer.evidence) == (["a cost of each order"], ["order 1"])
    assert answer.model_dump_json().endswith('"parts":{"orders":1.0,"cost":null}}')


@pytest.mark.parametrize(
    ("amounts", "p"), [(("margin", "cost"), 0.5), (EVERY_PART, {"amount": "0.00", "currency": "EUR"})]
)
def test_the_parts_that_a_measure_names_as_amounts_are_told_as_such(
    anna: Case, amounts: tuple[str, ...], p: Scalar
) -> None:
    reading = known("deep", parts={"margin": 12_50.0, "cost": None, "p": 0.5, "from": "a prior"})

    answer = measure_answer(made(reading, "word", {"deep": ("Deep", "深")}, amounts), anna, "en")

    assert answer.model_dump()["parts"] == {
        "margin": {"amount": "12.50", "currency": "EUR"},
        "cost": None,
        "p": p,
        "from": "a prior",
    }


def test_every_card_has_its_measures_and_no_measure_is_left_out(anna: Case) -> None:
    told = [name for card in Card for name in measures_answer(card, anna, "en")]

    assert sorted(told) == sorted(MEASURES)
    assert {*CARDS, Card.CUSTOMER} == set(Card)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories(customers=1, most=24))
def test_whatever_happened_every_measure_can_be_answered_in_json(history: History) -> None:
    name = history.events[0].customer_id
    as_of = Instant(history.end() + 40 * DAY)
    governance = history.governance()
    folded = fold(name, history.events, governance, as_of)
    policy = governance.policies[folded.customer.controls]
    case = Case(name, history.events, folded.customer, policy, as_of)

    for card in Card:
        for answer in measures_answer(card, case, "zh").values():
            json.dumps(answer.model_dump(mode="json"), allow_nan=False)

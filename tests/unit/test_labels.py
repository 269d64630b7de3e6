"""Every word that programs read has a label in every language, and every decision a sentence."""

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, get_args

import pytest
from msgspec.structs import replace

from services.api import labels, sentences
from services.api.labels import Label, Language, preferred
from services.api.schemas.customers import SubState
from shared.domain import need, rules
from shared.domain.alerts import AlertKind, AlertStatus, Mode, Outcome, ReasonCode, Severity
from shared.domain.context import Context, Owed
from shared.domain.customer import Customer, CustomerType
from shared.domain.decisions import Guard, Reason
from shared.domain.events import Event, Other
from shared.domain.instants import Instant
from shared.domain.outlook import Way
from shared.domain.policy import DEFAULT
from shared.domain.stages import Signal, Stage
from tests.builders import fold_story, purchases
from tests.models import MODEL

TABLES: list[tuple[Iterable[str], Mapping[Any, Label]]] = [
    (Stage, labels.STAGES),
    (CustomerType, labels.TYPES),
    (AlertKind, labels.KINDS),
    (Severity, labels.SEVERITIES),
    (AlertStatus, labels.STATUSES),
    (Outcome, labels.OUTCOMES),
    (Signal, labels.SIGNALS),
    (("event", "silence", "import", "policy", "model", "release"), labels.CAUSES),
    ((*ReasonCode, "unanswered_inquiry"), labels.REASONS),
    (get_args(SubState), labels.SUB_STATES),
    (Mode, labels.MODES),
]


def guards() -> set[str]:
    """The name of every guard that the rules know."""
    asked = Customer(margin=1, context=Context(owed=(Owed("a", "EUR", 1, None),)))
    known: dict[str, object] = {
        "customer": asked, "line": Customer(),
        "at": Instant(0), "policy": DEFAULT, "share": None,
    }  # fmt: skip
    found = set()
    named = [*inspect.getmembers(rules, inspect.isfunction), *inspect.getmembers(need, inspect.isfunction)]
    for _, rule in named:
        parameters = inspect.signature(rule).parameters
        if inspect.signature(rule).return_annotation in (Guard, Guard | None) and set(parameters) <= set(known):
            for leaving in (False, True):
                customer = replace(asked, leaving=leaving)
                given = [customer if name == "customer" else known[name] for name in parameters]
                found.add(rule(*given).name)
    policies = (DEFAULT, replace(DEFAULT, churn=MODEL))
    bought = fold_story(purchases(0)).customer
    return found | {guard.name for policy in policies for guard in rules.silent(bought, Instant(0), policy)}


@pytest.mark.parametrize(("words", "table"), TABLES)
def test_every_word_has_a_label_in_every_language(words: Iterable[str], table: Mapping[str, Label]) -> None:
    assert set(table) == set(words)
    assert all(label.en and label.zh for label in table.values())


def test_every_guard_has_a_label() -> None:
    assert set(labels.GUARDS) == guards()


def test_every_event_type_has_a_label() -> None:
    types = {kind.__struct_config__.tag for kind in get_args(Event) if kind is not Other}

    assert set(labels.EVENTS) == types


def test_the_stages_and_types_are_called_what_the_theory_calls_them() -> None:
    stages = [labels.STAGES[stage].zh for stage in Stage]
    types = [labels.TYPES[kind].zh for kind in CustomerType]

    assert stages == ["目标客户", "潜在客户", "考察期", "形成期", "稳定期", "退化期", "休眠", "终止"]
    assert types == ["目标客户", "潜在客户", "新客户", "老客户", "新业务的新客户"]


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,zh;q=0.5", "en"),
        ("de, zh-Hant;q=0.4, en;q=0.3", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("zh;q=much", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_best_of_ours_that_is_accepted(header: str | None, language: Language) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize("language", get_args(Language))
@pytest.mark.parametrize("signal", Signal)
def test_every_signal_makes_a_sentence(signal: Signal, language: Language) -> None:
    reason = Reason(signal=signal, concept="000-6")

    said = sentences.why(reason, "event", "EUR", language)

    assert said.endswith("." if language == "en" else "。")


def test_what_a_policy_moved_does_not_read_as_if_the_customer_had_acted() -> None:
    reason = Reason(signal=Signal.SILENT, concept="002-13")

    assert "by a change of the policy, not by the customer" in sentences.why(reason, "policy", None, "en")
    assert "因策略变更，而非客户行为" in sentences.why(reason, "policy", None, "zh")


def test_a_guard_tells_an_amount_in_major_units() -> None:
    guard = Guard(name="volume", concept="000-14", value=1250, threshold=2000.5, holds=False)

    assert sentences.guard_text(guard, "USD", "en") == "recent volume: 12.50 USD (at least 20.00 USD)"
    assert sentences.guard_text(guard, "JPY", "zh") == "近期交易量：1250 JPY（至少 2000 JPY）"


def test_dissatisfaction_is_the_one_guard_on_satisfaction_that_must_lie_below() -> None:
    unhappy = Guard(name="satisfaction", concept="000-5", value=-0.8, threshold=-0.3, holds=True)
    unknown = Guard(name="satisfaction", concept="000-4", value=None, threshold=0, holds=True)

    assert sentences.guard_text(unhappy, None, "en") == "satisfaction (-1 to 1): -0.8 (below -0.3)"
    assert sentences.guard_text(unknown, None, "en") == (
        "satisfaction (-1 to 1): unknown, which does not stand in the way"
    )


def test_a_way_back_says_what_it_takes_and_until_when() -> None:
    declined = Customer(stage=Stage.DECLINE, origin=Stage.FORMATION, median_gap=12.25)
    before = Instant(1_772_600_767_000_000)
    enough = Way(stage=Stage.FORMATION, by="purchase", at_least=1250, currency="USD", before=before)
    twice = Way(stage=Stage.FORMATION, by="two_purchases")

    assert sentences.change(declined, enough, "en") == (
        "Back to formation with purchases of at least 12.50 USD before 2026-03-04T05:06:07Z."
    )
    assert sentences.change(declined, enough, "zh") == (
        "在 2026-03-04T05:06:07Z 之前，购买总额至少 12.50 USD，即回到形成期。"
    )
    assert sentences.change(declined, twice, "en") == "Back to formation with two purchases at most 12.25 days apart."

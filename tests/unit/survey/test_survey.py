"""The whole survey: it takes whatever happened, can be written and read, and does not depend on the order."""

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import json

from services.api import report_labels
from services.api.labels import Label, Language
from shared.domain.events import ACTIONS
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import fold
from shared.domain.measures.case import Case
from shared.domain.paths import PathType
from shared.domain.policy import Policy
from shared.domain.survey import ledger, winning
from shared.domain.survey.checks import Check
from shared.domain.survey.keeping import Contentment
from shared.domain.survey.mouth import VOICES
from shared.domain.survey.person import Person
from shared.domain.survey.survey import Survey, Surveying
from shared.domain.survey.tiers import Tier
from tests.builders import complaint, day, inquiry, purchases
from tests.histories import History, histories
from tests.unit.survey.people import FEW, person, sale


def surveyed(*people: Person, policy: Policy = FEW, as_of: Instant | None = None) -> Survey:
    surveying = Surveying(policy)
    for one in people:
        surveying.add(one)
    return surveying.told(as_of or day(400))


def people_of(history: History, silence: int) -> list[Person]:
    found = []
    for name in history.customers():
        told, governance = history.of(name), history.governance()
        as_of = Instant(max(event.occurred_at for event in told) + silence * DAY)
        folded = fold(name, told, governance, as_of)
        facts = [event for event in told if not isinstance(event, ACTIONS)]
        policy = governance.policies[folded.customer.controls]
        case = Case(name, facts, folded.customer, policy, as_of, transitions=folded.transitions, alerts=folded.alerts)
        found.append(Person(case, [event for event in told if isinstance(event, ACTIONS)]))
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories(customers=3, most=24), st.sampled_from((0, 1, 40, 400)))
def test_whatever_happened_the_survey_can_be_made_written_and_read(history: History, silence: int) -> None:
    people = people_of(history, silence)
    as_of = max(one.case.as_of for one in people)

    told = surveyed(*people, as_of=as_of)

    assert json.decode(json.encode(told), type=Survey) == told
    assert told.customers == len(people)
    assert sum(part.heads for part in told.moves.paths) == len(people)
    assert told.winning.everybody.targets == len(people)
    for groups in told.winning.by.values():
        assert sum(won.customers for won in groups) == told.winning.everybody.customers
    assert sum(part.heads for part in told.worth.tiers) == told.worth.customers


def test_nobody_makes_an_empty_survey() -> None:
    told = surveyed()

    assert (told.customers, told.gaps, told.moves.moves, told.alarms.rules, told.mouth) == (0, 0, [], [], [])
    assert told.population.everybody.customers == 0
    assert [check.holds for check in told.checks] == [None, None]


def test_the_population_is_told_with_tiers_and_odds() -> None:
    people = [
        person(inquiry(0), sale(1, 100_00, 60_00), sale(11, 100_00, 60_00), until=20),
        person(sale(1, 100_00, 90_00), complaint(2), until=40),
    ]

    told = surveyed(*people)

    population = told.population
    assert (population.version, population.currency, told.gaps) == (None, "EUR", 1)
    assert (population.tier_a, population.tier_c) == (80_00, 80_00)
    assert population.everybody.customers == 2
    assert population.saved == {"dissatisfied": 0.0, "dissatisfied/C": 0.0}


def test_without_margins_there_are_no_tiers_in_the_population() -> None:
    told = surveyed(person(purchases(0, 10), until=20), person(purchases(0, 10), until=20))

    assert (told.population.tier_a, told.population.tier_c) == (None, None)


def test_everything_of_a_survey_is_the_same_whatever_the_order() -> None:
    people = [person(sale(0, 100_00, cost), sale(gap), until=300) for gap, cost in ((7, 90_00), (21, 50_00), (90, 0))]

    assert surveyed(*people) == surveyed(*reversed(people))


def test_every_word_of_the_reports_has_a_label_in_both_languages() -> None:
    tables: list[tuple[Iterable[str], Mapping[Any, Label]]] = [
        (Tier, report_labels.TIERS),
        (PathType, report_labels.PATHS),
        (Contentment, report_labels.SAID),
        (VOICES, report_labels.VOICES),
        ((*winning.DIMENSIONS, *ledger.DIMENSIONS), report_labels.DIMENSIONS),
        (("inquiry", "contact", "price_cut", "by_itself"), report_labels.WAKE_CAUSES),
    ]

    for words, labels in tables:
        assert set(labels) == set(words)
        assert all(label.en and label.zh for label in labels.values())


def test_every_check_makes_a_sentence_whatever_its_outcome() -> None:
    texts = {
        report_labels.check_text(Check(code=code, concept="002-18", holds=holds), language)
        for code in report_labels.CHECKS
        for holds in (True, False, None)
        for language in get_args(Language)
    }

    assert len(texts) == 2 * (2 * len(report_labels.CHECKS) + 1)
    assert report_labels.mouth_text("praise", True, "en").startswith("Praise per hundred")
    assert "表扬" in report_labels.mouth_text("praise", False, "zh")

"""What holds for every measure there is: unknown stays unknown, values lie in their bounds, words have labels."""

from math import isfinite

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.events import ACTIONS
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import fold
from shared.domain.measures.all import MEASURES
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading
from shared.domain.policy import Policy
from tests.builders import BEGIN
from tests.histories import History, histories


def check(name: str, found: Reading) -> None:
    """A value within its bounds, or unknown with what is missing."""
    one = MEASURES[name]
    if found.value is None:
        assert found.missing, f"{name} is unknown and does not say what is missing"
        assert found.coverage == 0
        return
    assert 0 < found.coverage <= 1, f"{name} is known with a coverage of {found.coverage}"
    if one.unit == "word":
        assert found.value in one.words, f"{name} says {found.value!r}, which has no label"
    elif one.unit == "flag":
        assert isinstance(found.value, bool), f"{name} is a flag and says {found.value!r}"
    else:
        number = found.number
        assert number is not None
        assert isfinite(number), f"{name} says {number}"
        assert one.low is None or number >= one.low - 1e-9, f"{name} says {number}, below {one.low}"
        assert one.high is None or number <= one.high + 1e-9, f"{name} says {number}, above {one.high}"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories(customers=1, most=24), st.sampled_from((0, 1, 40, 400)))
def test_whatever_happened_no_measure_raises_or_leaves_its_bounds(history: History, silence: int) -> None:
    name = history.events[0].customer_id
    told = [event for event in history.of(name) if not isinstance(event, ACTIONS)]
    as_of = Instant(max(event.occurred_at for event in told) + silence * DAY)
    governance = history.governance()
    folded = fold(name, told, governance, as_of)
    policy = governance.policies[folded.customer.controls]
    case = Case(
        name,
        told,
        folded.customer,
        policy,
        as_of,
        transitions=[one for one in folded.transitions if one.line is None],
        alerts=folded.alerts,
    )

    for one in MEASURES.values():
        check(one.name, one.function(case))


def test_of_a_customer_of_whom_nothing_is_known_no_measure_says_a_number() -> None:
    """Missing input is unknown, never 0; what a measure counts may be none where it needs nothing to be sent."""
    governance = History(events=[], policy=Policy(), controls=[]).governance()
    folded = fold("anna", [], governance, BEGIN)
    case = Case("anna", [], folded.customer, governance.policies[0], BEGIN)

    for one in MEASURES.values():
        found = one.function(case)
        check(one.name, found)
        assert found.value is None or one.unit in ("count", "flag", "word"), f"{one.name} says {found.value}"


@pytest.mark.parametrize("name", sorted(MEASURES))
def test_every_measure_says_what_it_is_with_its_number_and_both_labels(name: str) -> None:
    one = MEASURES[name]

    assert one.concepts
    assert one.en
    assert one.zh
    doc = one.function.__doc__ or ""
    assert all(number in doc or number in one.concepts for number in one.concepts)
    assert one.says.strip()
    if one.unit == "word":
        assert one.words
        assert all(en and zh for en, zh in one.words.values())

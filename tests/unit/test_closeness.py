"""How close a customer stands to each stage next to its own (002-23)."""

from typing import Any

import pytest

from shared.domain.closeness import closeness, fulfilment
from shared.domain.customer import Customer, Occasion, Opinion, Waiting
from shared.domain.decisions import Guard
from shared.domain.instants import DAY, Day, Instant
from shared.domain.policy import DEFAULT, Policy
from shared.domain.stages import Stage

BEGIN = 20_000


def buyer(stage: Stage, **more: Any) -> Customer:
    """Somebody who bought once, at the beginning of a day; Q is 150 days, m is 30."""
    at = Instant(BEGIN * DAY)
    known: dict[str, Any] = {
        "stage": stage,
        "long_gap": 150.0,
        "median_gap": 30.0,
        "cycle_occasions": 1,
        "cycle_first_day": Day(BEGIN),
        "occasions": (Occasion(Day(BEGIN), 100),),
        "last_at": at,
        "opinion_window": 60.0,
    }
    return Customer(**{**known, **more})


def near(customer: Customer, days: float = 0, policy: Policy = DEFAULT) -> dict[Stage, float]:
    return dict(closeness(customer, Instant(round((BEGIN + days) * DAY)), policy))


def opinions(*xs: float) -> tuple[Opinion, ...]:
    return tuple(Opinion(Instant(BEGIN * DAY), x) for x in xs)


def test_whoever_neither_asked_nor_bought_is_close_to_nothing() -> None:
    """002-23: a target has no stage, hence no neighbour."""
    assert near(Customer()) == {}


@pytest.mark.parametrize(("days", "close"), [(0, 0), (75, 0.5), (150, 1), (200, 1)])
@pytest.mark.parametrize("stage", [Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY])
def test_silence_brings_every_customer_closer_to_decline(stage: Stage, days: float, close: float) -> None:
    """002-23: r over 1.5."""
    assert near(buyer(stage), days)[Stage.DECLINE] == pytest.approx(close)


def test_without_any_purchase_left_there_is_no_silence() -> None:
    """002-23: all was refunded."""
    assert near(buyer(Stage.EXPLORATION, cycle_occasions=0), 100)[Stage.DECLINE] == 0


def test_the_least_fulfilled_guard_says_how_close_formation_is() -> None:
    """002-23: two of three occasions; but an open complaint bars the way wholly."""
    twice = buyer(Stage.EXPLORATION, cycle_occasions=2)
    complaining = buyer(Stage.EXPLORATION, cycle_occasions=3, complaints=(Waiting("c", Instant(0)),))

    assert near(twice)[Stage.FORMATION] == pytest.approx(2 / 3)
    assert near(complaining)[Stage.FORMATION] == 0
    assert near(buyer(Stage.EXPLORATION, cycle_occasions=3))[Stage.FORMATION] == 1


def test_stability_is_as_close_as_its_least_fulfilled_guard() -> None:
    """002-23: of 180 days of tenure 45 are there; all other guards hold."""
    grown = buyer(
        Stage.FORMATION, cycle_occasions=6, cycle_gaps=2, cycle_gap_sum=20, cycle_gap_squares=200, pledged=True
    )
    grown.volumes = (100,)

    assert near(grown, 45)[Stage.STABILITY] == pytest.approx(0.25)


@pytest.mark.parametrize(("s", "close"), [(0.0, 0), (0.5, 0), (-0.15, 0.5), (-0.3, 1), (-0.31, 1)])
def test_unhappiness_brings_a_customer_closer_to_decline(s: float, close: float) -> None:
    """002-23: s over the threshold of dissatisfaction, where both are below 0."""
    assert near(buyer(Stage.EXPLORATION, opinions=opinions(s)))[Stage.DECLINE] == pytest.approx(close)


@pytest.mark.parametrize("stage", [Stage.FORMATION, Stage.STABILITY])
def test_in_a_grown_relationship_one_opinion_does_not_count(stage: Stage) -> None:
    """002-23: nor does it for the rule itself."""
    assert near(buyer(stage, opinions=opinions(-0.15)))[Stage.DECLINE] == 0
    assert near(buyer(stage, opinions=opinions(-0.15, -0.15)))[Stage.DECLINE] == pytest.approx(0.5)


def test_where_any_displeasure_is_dissatisfaction_it_is_at_the_boundary() -> None:
    """002-23: a threshold of 0 leaves no way between content and dissatisfied."""
    strict = Policy(dissatisfied_below=0.0)

    assert near(buyer(Stage.EXPLORATION, opinions=opinions(-0.01)), policy=strict)[Stage.DECLINE] == 1
    assert near(buyer(Stage.EXPLORATION, opinions=opinions(0.0)), policy=strict)[Stage.DECLINE] == 0


@pytest.mark.parametrize(("sharp", "gradual", "close"), [(0, 0, 0), (1, 0, 0.5), (0, 1, 0.5), (2, 0, 1), (3, 0, 1)])
def test_falling_volume_brings_a_customer_closer_to_decline(sharp: int, gradual: int, close: float) -> None:
    """002-23: occasions at which it had fallen, of the two that it takes."""
    assert near(buyer(Stage.STABILITY, sharp_hits=sharp, gradual_hits=gradual))[Stage.DECLINE] == close


@pytest.mark.parametrize(("days", "close"), [(150, 0.5), (300, 1), (301, 1)])
def test_silence_in_decline_leads_to_dormancy(days: float, close: float) -> None:
    """002-23: r over 3."""
    assert near(buyer(Stage.DECLINE, origin=Stage.FORMATION), days)[Stage.DORMANT] == pytest.approx(close)


def test_recovery_is_as_close_as_what_was_bought_again() -> None:
    """002-23: 100 of the 50 % of 400 that recovery asks for; or the first of two purchases."""
    half = buyer(Stage.DECLINE, origin=Stage.STABILITY, declined_level=400.0)
    again = buyer(Stage.DECLINE, origin=Stage.STABILITY, declined_level=4000.0, occasions_in_decline=1)
    often = buyer(Stage.DECLINE, origin=Stage.STABILITY, occasions_in_decline=3)
    angry = buyer(Stage.DECLINE, origin=Stage.STABILITY, declined_level=100.0, dissatisfied=True)

    assert near(half)[Stage.STABILITY] == pytest.approx(0.5)
    assert near(again)[Stage.STABILITY] == pytest.approx(0.5)
    assert near(often)[Stage.STABILITY] == 1
    assert near(angry)[Stage.STABILITY] == 0


def test_whoever_said_that_it_leaves_is_close_to_the_end() -> None:
    """002-23: what is still open is all that holds it."""
    declared = near(buyer(Stage.DECLINE, origin=Stage.FORMATION, leaving=True))

    assert declared == {Stage.ENDED: 1, Stage.FORMATION: 0}
    assert near(buyer(Stage.DORMANT, leaving=True))[Stage.ENDED] == 1


def test_the_worse_neighbour_comes_first() -> None:
    """002-23: of two that are as close, the warning counts."""
    assert list(near(buyer(Stage.DECLINE, origin=Stage.FORMATION))) == [Stage.DORMANT, Stage.FORMATION]
    assert list(near(buyer(Stage.DECLINE))) == [Stage.DORMANT, Stage.EXPLORATION]


@pytest.mark.parametrize(("waking", "close"), [(False, 0), (True, 1)])
def test_a_sleeper_that_asks_is_about_to_wake(waking: bool, close: float) -> None:
    """002-23: and goes on towards the end by r over 6 until it buys."""
    assert near(buyer(Stage.DORMANT, waking=waking), 300) == {Stage.ENDED: pytest.approx(0.5), Stage.EXPLORATION: close}


@pytest.mark.parametrize(("days", "close"), [(0, 1), (10.5, 0.75), (42, 0), (50, 0)])
def test_a_prospect_is_as_close_to_buying_as_its_inquiry_is_fresh(days: float, close: float) -> None:
    """002-23: what is left of three times the choosing time of 14 days."""
    asking = Customer(stage=Stage.PROSPECT, inquired_at=Instant(BEGIN * DAY))

    assert near(asking, days) == {Stage.EXPLORATION: pytest.approx(close)}


def test_a_lost_prospect_is_close_to_nothing() -> None:
    """002-23: nor is one that never asked."""
    lost = Customer(stage=Stage.PROSPECT, inquired_at=Instant(BEGIN * DAY), lost=True)

    assert near(lost) == {Stage.EXPLORATION: 0}
    assert near(Customer(stage=Stage.PROSPECT)) == {Stage.EXPLORATION: 0}
    assert near(buyer(Stage.ENDED)) == {Stage.EXPLORATION: 0}


@pytest.mark.parametrize(
    ("name", "value", "threshold", "holds", "degree"),
    [
        ("occasions", 2, 3, False, 2 / 3),
        ("occasions", 9, 3, True, 1),
        ("occasions", None, 3, False, 0),
        ("volume", 10, None, False, 0),
        ("volume", -10, 100, False, 0),
        ("gap_variation", 1.5, 1.0, False, 2 / 3),
        ("open_complaints", 1, 0, False, 0),
        ("satisfaction", -0.5, 0.0, False, 0.5),
        ("satisfaction", 0.04, 0.3, False, 0.8),
        ("depth", 0.0, 0.0, False, 0),
    ],
)
def test_a_guard_is_fulfilled_in_part(
    name: str, value: float | None, threshold: float | None, holds: bool, degree: float
) -> None:
    """002-23: the value over the threshold, or the reverse where it must lie below; satisfaction from -1 on."""
    guard = Guard(name=name, concept="002-23", value=value, threshold=threshold, holds=holds)

    assert fulfilment(guard) == pytest.approx(degree)

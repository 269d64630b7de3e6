"""How high a relationship stands."""

import pytest
from msgspec.structs import replace

from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import ANNA, inquiry, purchase, purchases, rating
from tests.unit.measures.cases import case_of, reading


def at_stage(stage: Stage, policy: Policy | None = None) -> Case:
    """A customer put at a stage, of whom neither trust nor depth is known."""
    told = case_of(inquiry(0), until=1, policy=policy)
    return Case(ANNA, told.events, replace(told.state, stage=stage), told.policy, told.as_of)


@pytest.mark.parametrize(
    ("stage", "base"),
    [
        (Stage.PROSPECT, 5),
        (Stage.EXPLORATION, 20),
        (Stage.FORMATION, 40),
        (Stage.STABILITY, 60),
        (Stage.DECLINE, 15),
        (Stage.DORMANT, 5),
        (Stage.ENDED, 0),
    ],
)
def test_every_stage_has_its_own_base(stage: Stage, base: float) -> None:
    """002-3: with trust and depth unknown the base stands alone, and the coverage is a third."""
    found = reading("relationship_level", at_stage(stage))

    assert found.value == base
    assert found.coverage == pytest.approx(1 / 3)
    assert found.missing == ("trust: a purchase", "depth: amounts")
    assert found.parts == {"base": base, "trust": None, "depth": None}


def test_the_bases_are_those_of_the_policy() -> None:
    """002-3: each is a threshold of its own."""
    moved = Policy(
        level_prospect=1, level_exploration=2, level_formation=3, level_stability=4, level_decline=5, level_dormant=6,
        level_ended=7,
    )  # fmt: skip
    stages = [stage for stage in Stage if stage is not Stage.TARGET]

    assert [reading("relationship_level", at_stage(stage, moved)).value for stage in stages] == [1, 2, 3, 4, 5, 6, 7]


def test_the_level_adds_trust_and_depth_to_the_base() -> None:
    """002-3: exploration 20, trust of one purchase, and D = 1 for 20 more."""
    case = case_of(purchase(0), rating(1, 1.0), until=18)
    trust = (0.4 / 6 + 0.3 + 0.3 * 18 / 180) / 1.0

    found = reading("relationship_level", case)

    assert found.value == pytest.approx(20 + 20 * trust + 20)
    assert found.coverage == 1
    assert found.missing == ()
    assert found.parts == {"base": 20, "trust": pytest.approx(trust), "depth": 1}


def test_what_is_unknown_of_the_two_is_stood_for_by_the_other() -> None:
    """002-3: without amounts depth is unknown: trust counts for both, 40 in all."""
    policy = Policy(base_currency="EUR")
    case = case_of(purchase(0, currency="USD"), rating(1, 1.0), until=18, policy=policy)
    trust = 0.4 / 6 + 0.3 + 0.3 * 18 / 180

    found = reading("relationship_level", case)

    assert found.parts["depth"] is None
    assert found.value == pytest.approx(20 + 40 * trust)
    assert found.coverage == pytest.approx(2 / 3)
    assert found.missing == ("depth: amounts",)


def test_the_weights_of_trust_and_depth_may_differ() -> None:
    """002-3: trust adds 30, depth 10."""
    case = case_of(purchase(0), rating(1, 1.0), until=18, policy=Policy(level_trust=30, level_depth=10))

    assert reading("relationship_level", case).value == pytest.approx(20 + 30 * (0.4 / 6 + 0.33) + 10)


def test_the_level_ends_at_100_and_may_do_without_weights() -> None:
    """002-3: a policy whose parts add up to more; one that gives trust and depth nothing."""
    regular = purchases(*range(0, 200, 10))
    high = Policy(level_stability=90, level_formation=90)
    bare = Policy(level_trust=0, level_depth=0)

    assert reading("relationship_level", case_of(regular, until=195, policy=high)).value == 100
    assert reading("relationship_level", case_of(purchase(0), until=1, policy=bare)).value == 20


def test_who_neither_asked_nor_bought_has_no_level() -> None:
    """002-3: a target stands nowhere yet."""
    found = reading("relationship_level", case_of(until=1))

    assert found.value is None
    assert found.missing == ("an inquiry or a purchase",)

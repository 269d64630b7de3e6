"""The transition matrix, the courses of relationships, and how sleepers wake: small stories, counted by hand."""

import pytest

from shared.domain.decisions import Reason, Transition
from shared.domain.events import PriceChange
from shared.domain.instants import DAY
from shared.domain.paths import PathType, path_of
from shared.domain.policy import DEFAULT, Policy
from shared.domain.stages import Signal, Stage
from shared.domain.survey.moves import MovesTally, PathPart, WakeCause, wake_cause
from shared.domain.survey.tiers import Borders, Tier, TierPart
from tests.builders import contact, day, inquiry, rating
from tests.unit.survey.people import FEW, head, person, sale

TARGET, PROSPECT, EXPLORATION, FORMATION = Stage.TARGET, Stage.PROSPECT, Stage.EXPLORATION, Stage.FORMATION
STABILITY, DECLINE, DORMANT, ENDED = Stage.STABILITY, Stage.DECLINE, Stage.DORMANT, Stage.ENDED


def course(*stages: Stage, cycles: int = 0) -> list[Transition]:
    """Moves from stage to stage; the last so many belong to a second cycle."""
    reason = Reason(signal=Signal.PURCHASED, concept="001-11")
    pairs = list(zip((TARGET, *stages), stages, strict=False))
    return [
        Transition(
            source=source,
            target=target,
            effective_at=day(place),
            cause="event",
            cycle=2 if place >= len(pairs) - cycles else 1,
            reason=reason,
        )
        for place, (source, target) in enumerate(pairs)
    ]


def price_cut(at: float, percent: float = -10) -> PriceChange:
    return PriceChange(**head(at, "price"), percent=percent)


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        (course(), PathType.NOT_BOUGHT),
        (course(PROSPECT), PathType.NOT_BOUGHT),
        (course(EXPLORATION), PathType.STILL_CLIMBING),
        (course(EXPLORATION, DECLINE), PathType.NEVER_PAST_EXPLORATION),
        (course(EXPLORATION, DECLINE, DORMANT), PathType.NEVER_PAST_EXPLORATION),
        (course(EXPLORATION, FORMATION), PathType.STILL_CLIMBING),
        (course(EXPLORATION, FORMATION, STABILITY), PathType.STILL_CLIMBING),
        (course(EXPLORATION, FORMATION, DECLINE), PathType.FELL_IN_FORMATION),
        (course(EXPLORATION, FORMATION, DECLINE, DORMANT), PathType.FELL_IN_FORMATION),
        (course(EXPLORATION, FORMATION, STABILITY, DECLINE, DORMANT, ENDED), PathType.LONG_STABLE_THEN_FELL),
        (course(EXPLORATION, FORMATION, DECLINE, FORMATION), PathType.RECOVERED),
        (course(EXPLORATION, DECLINE, EXPLORATION), PathType.RECOVERED),
        (course(EXPLORATION, FORMATION, DECLINE, FORMATION, STABILITY, DECLINE), PathType.LONG_STABLE_THEN_FELL),
        (course(EXPLORATION, DECLINE, DORMANT, EXPLORATION, cycles=1), PathType.CYCLIC),
        (course(EXPLORATION, DECLINE, ENDED, PROSPECT, cycles=1), PathType.NEVER_PAST_EXPLORATION),
        (course(EXPLORATION, DECLINE, EXPLORATION, FORMATION, DECLINE), PathType.FELL_IN_FORMATION),
    ],
)
def test_the_path_type_is_told_from_the_stages_passed_through(moves: list[Transition], expected: PathType) -> None:
    """001-7: which types of relationships degenerate, and where."""
    assert path_of(moves) is expected


def test_moves_are_counted_in_heads_and_margin_by_tier_and_path() -> None:
    """001-7: a matrix in heads and margin."""
    tally = MovesTally(FEW)
    for one in (person(sale(0, 100_00, 60_00), until=1), person(sale(0, 90_00, 80_00), until=1)):
        tally.add(one)
    tally.add(person(inquiry(0), until=1))

    told = tally.told({"EUR": Borders(a=40_00, c=40_00)})

    first, asked = told.moves
    assert (first.source, first.target, first.heads, first.margin) == (TARGET, EXPLORATION, 2, {"EUR": 50_00})
    assert first.by_tier == [
        TierPart(tier=Tier.A, heads=1, margin={"EUR": 40_00}),
        TierPart(tier=Tier.C, heads=1, margin={"EUR": 10_00}),
    ]
    assert first.by_path == [PathPart(path=PathType.STILL_CLIMBING, heads=2, margin={"EUR": 50_00})]
    assert (asked.target, asked.heads, asked.margin) == (PROSPECT, 1, {})
    assert asked.by_tier == [TierPart(tier=Tier.UNKNOWN, heads=1, margin={})]
    assert [(part.path, part.heads) for part in told.paths] == [
        (PathType.NOT_BOUGHT, 1),
        (PathType.STILL_CLIMBING, 2),
    ]


def test_the_moves_of_a_line_are_not_moves_of_the_relationship() -> None:
    """001-13: each line has a lifecycle of its own; the matrix is of the whole relationship."""
    tally = MovesTally(FEW)
    tally.add(person(sale(0, line="tea"), sale(1, line="cups"), until=2))

    [move] = tally.told({}).moves

    assert (move.source, move.target, move.heads) == (TARGET, EXPLORATION, 1)


def test_without_borders_a_known_margin_belongs_to_no_tier() -> None:
    tally = MovesTally(FEW)
    tally.add(person(sale(0, 100_00, 60_00), until=1))

    [move] = tally.told({}).moves

    assert move.by_tier == [TierPart(tier=Tier.UNKNOWN, heads=1, margin={"EUR": 40_00})]


def test_the_wake_rate_is_of_the_times_that_a_customer_fell_asleep() -> None:
    """004-11: wake rate, days to wake, and the cause. Without a gap Q is 181.5 days; two of them make a sleeper."""
    tally = MovesTally(FEW)
    woken, sleeping = person(sale(0), sale(500), until=501), person(sale(0), until=501)
    [asleep] = [move.effective_at for move in woken.case.transitions if move.target is DORMANT]
    for one in (woken, sleeping):
        tally.add(one)

    told = tally.told({})

    days = 500 - (asleep - day(0)) / DAY
    assert (told.dormancies, told.woken, told.wake_rate) == (2, 1, 0.5)
    assert told.wake_days == pytest.approx(days)
    assert days == pytest.approx(500 - 363, abs=0.1)
    assert told.causes == [WakeCause(cause="by_itself", count=1, median_days=told.wake_days)]


def test_causes_come_with_the_most_frequent_first_then_by_name() -> None:
    """004-11: causes of waking."""
    tally = MovesTally(FEW)
    for extra in ([], [inquiry(499)], [contact(499)], [contact(498)]):
        tally.add(person(sale(0), *extra, sale(500), until=501))

    causes = [(one.cause, one.count) for one in tally.told({}).causes]

    assert causes == [("contact", 2), ("by_itself", 1), ("inquiry", 1)]


def test_who_never_slept_has_no_wake_rate() -> None:
    tally = MovesTally(FEW)
    tally.add(person(sale(0), until=1))

    told = tally.told({})

    assert (told.dormancies, told.woken, told.wake_rate, told.wake_days, told.causes) == (0, 0, None, None, [])


def test_a_waking_purchase_is_put_down_to_the_newest_of_what_came_shortly_before_it() -> None:
    """004-11: 唤醒 and its cause."""
    story = [sale(0), contact(970), inquiry(980), price_cut(990), price_cut(995, percent=5), sale(1000)]
    someone = person(story, until=1000)

    def cause(awake: float, asleep: float = 900, policy: Policy = DEFAULT) -> str:
        return wake_cause(someone, day(asleep), day(awake), policy)

    assert cause(1000) == "price_cut"
    assert cause(989) == "inquiry"
    assert cause(979) == "contact"
    assert cause(1020) == "price_cut"
    assert cause(1020.1) == "by_itself"
    assert cause(1000, asleep=990) == "price_cut"
    assert cause(1000, asleep=990.1) == "by_itself"
    assert cause(980, policy=Policy(report_wake_days=9.9)) == "inquiry"
    assert cause(969) == "by_itself"


def test_opinions_do_not_wake() -> None:
    someone = person(sale(0), rating(999, 1), until=1000)

    assert wake_cause(someone, day(900), day(1000), FEW) == "by_itself"

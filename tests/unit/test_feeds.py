"""Sources that fall silent: known by their own usual rate, and then their customers' silence means nothing."""

import pytest

from shared.domain.alerts import AlertKind
from shared.domain.controls import FeedChange
from shared.domain.feeds import DAY_HOURS, fell_silent, heard, held_until, speaks_again, usual
from shared.domain.instants import LATEST, Instant
from shared.domain.policy import DEFAULT
from shared.domain.stages import Stage
from tests.builders import alerts_of, day, days_in, fold_story, last, path, purchase, purchases

NOW = 100 * DAY_HOURS


def steady(per_hour: int = 10, days: int = 30, until: int = NOW) -> dict[int, int]:
    """A source that tells as much every hour, until an hour (not included)."""
    return dict.fromkeys(range(NOW - days * DAY_HOURS, until), per_hour)


def test_the_usual_rate_is_the_median_of_the_same_hours_of_the_days_before() -> None:
    busy = {**steady(), **dict.fromkeys(range(NOW - 24 - 6, NOW - 24), 1_000)}

    assert usual(steady(), NOW, DEFAULT) == 60
    assert usual(busy, NOW, DEFAULT) == 60


@pytest.mark.parametrize(("days", "known"), [(7, 60.0), (6, None)])
def test_a_source_must_have_been_heard_for_a_week(days: int, known: float | None) -> None:
    assert usual(steady(days=days), NOW, DEFAULT) == known


@pytest.mark.parametrize(("left", "silent"), [(0, True), (3, True), (4, False)])
def test_a_source_is_silent_at_a_twentieth_of_its_usual_rate(left: int, silent: bool) -> None:
    hours = {**steady(until=NOW - 6), NOW - 2: left}

    assert fell_silent(hours, NOW, DEFAULT) is silent


@pytest.mark.parametrize(("per_hour", "silent"), [(3, False), (4, True)])
def test_a_source_that_tells_little_is_not_judged(per_hour: int, silent: bool) -> None:
    assert fell_silent(steady(per_hour, until=NOW - 6), NOW, DEFAULT) is silent


def test_what_the_running_hour_has_brought_counts_too() -> None:
    assert not fell_silent({**steady(until=NOW - 6), NOW: 4}, NOW, DEFAULT)


@pytest.mark.parametrize(("last_hour", "this_hour", "back"), [(0, 3, False), (1, 3, True), (4, 0, True)])
def test_a_source_speaks_again_with_more_than_a_silent_one_tells(last_hour: int, this_hour: int, back: bool) -> None:
    hours = {**steady(until=NOW - 30), NOW - 1: last_hour, NOW: this_hour}

    assert speaks_again(hours, NOW, DEFAULT) is back


def test_of_a_source_without_a_usual_rate_anything_is_a_word() -> None:
    assert speaks_again({NOW: 1}, NOW, DEFAULT)
    assert not speaks_again({NOW - 2: 1}, NOW, DEFAULT)


def test_silences_follow_one_another_and_what_is_said_twice_changes_nothing() -> None:
    once = heard({}, "shop", Instant(10), silent=True)
    again = heard(once, "shop", Instant(20), silent=True)
    over = heard(again, "shop", Instant(30), silent=False)

    assert once == {"shop": ((10, LATEST),)}
    assert again == once
    assert over == {"shop": ((10, 30),)}
    assert heard(over, "shop", Instant(40), silent=False) == over
    assert heard({}, "shop", Instant(40), silent=False) == {}


@pytest.mark.parametrize(("at", "judged"), [(9, 9), (10, 30), (29, 30), (30, 30), (49, 49), (50, None)])
def test_what_falls_into_a_silence_is_judged_when_it_ends(at: int, judged: int | None) -> None:
    feeds = {"shop": ((Instant(10), Instant(30)), (Instant(50), LATEST))}

    assert held_until(feeds, "shop", Instant(at)) == judged
    assert held_until(feeds, "crm", Instant(at)) == at
    assert held_until(feeds, None, Instant(at)) == at


def feed(at: float, *, silent: bool, source: str = "shop") -> FeedChange:
    return FeedChange(id=f"{source} {at}", effective_at=day(at), source=source, silent=silent)


BUYER = purchases(0, 10, 20, 30)


def test_while_a_source_is_silent_nobody_that_it_tells_of_falls_silent() -> None:
    held = fold_story(BUYER, until=500, controls=[feed(40, silent=True)])

    assert path(held)[-1] is Stage.FORMATION
    assert held.alerts == []


def test_what_was_held_back_is_judged_when_the_source_speaks_again() -> None:
    folded = fold_story(BUYER, until=500, controls=[feed(40, silent=True), feed(400, silent=False)])

    declined = next(one for one in folded.transitions if one.target is Stage.DECLINE)
    assert (declined.cause, days_in(declined.effective_at)) == ("silence", 400)
    assert (AlertKind.SILENCE, "resolved") in alerts_of(folded)


def test_who_bought_meanwhile_was_never_silent() -> None:
    late = purchase(390)

    folded = fold_story(BUYER, late, until=395, controls=[feed(40, silent=True), feed(394, silent=False)])

    assert path(folded) == [Stage.EXPLORATION, Stage.FORMATION]
    assert folded.alerts == []


def test_the_silence_of_another_source_changes_nothing() -> None:
    folded = fold_story(BUYER, until=500, controls=[feed(40, silent=True, source="crm")])

    assert last(folded).target is not Stage.FORMATION

"""Sources that fall silent: what their silences are, and how long they hold a customer's own silence back."""

from typing import Final

import pytest

from shared.domain.alerts import AlertKind
from shared.domain.feeds import KEPT, Feeds, fell_silent, heard, held_until, hour_of, speaks_again, usual
from shared.domain.instants import LATEST, SECOND, Instant
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import alert_of, alerts_of, day, days_in, feed_from, fold_story, last, path, purchase, purchases

QUICK = Policy(long_gap_sigmas=0.0001)
"""Q is its floor of thirty days."""


def at(*times: int) -> tuple[Instant, ...]:
    return tuple(map(Instant, times))


def test_a_source_that_falls_silent_is_so_until_it_speaks_again() -> None:
    """004-13: a broken feed is a fact about us, not about the customer."""
    silent = heard({}, "shop", Instant(5), silent=True)
    speaking = heard(silent, "shop", Instant(9), silent=False)

    assert silent == {"shop": ((5, LATEST),)}
    assert speaking == {"shop": ((5, 9),)}


@pytest.mark.parametrize(
    "feeds",
    [{"shop": ((Instant(5), LATEST),)}, {"shop": ((Instant(5), Instant(9)),)}, {"desk": ((Instant(1), LATEST),)}],
)
def test_what_is_said_twice_changes_nothing(feeds: Feeds) -> None:
    name = next(iter(feeds))
    lasting = feeds[name][-1][1] == LATEST

    assert heard(feeds, name, Instant(99), silent=lasting) is feeds


def test_a_source_that_never_fell_silent_has_nothing_to_end() -> None:
    assert heard({}, "shop", Instant(9), silent=False) == {}


def test_each_source_has_silences_of_its_own() -> None:
    feeds = heard(heard({}, "shop", Instant(5), silent=True), "desk", Instant(7), silent=True)

    assert heard(feeds, "shop", Instant(9), silent=False) == {"shop": ((5, 9),), "desk": ((7, LATEST),)}


def test_a_second_silence_follows_the_first() -> None:
    feeds: Feeds = {}
    for time, silent in ((1, True), (2, False), (3, True), (4, False), (5, True)):
        feeds = heard(feeds, "shop", Instant(time), silent=silent)

    assert feeds["shop"] == ((1, 2), (3, 4), (5, LATEST))


def test_the_newest_eight_silences_are_kept() -> None:
    feeds: Feeds = {}
    for time in range(0, 20, 2):
        feeds = heard(heard(feeds, "shop", Instant(time), silent=True), "shop", Instant(time + 1), silent=False)

    assert KEPT == 8
    assert [begin for begin, _ in feeds["shop"]] == [4, 6, 8, 10, 12, 14, 16, 18]


@pytest.mark.parametrize(
    ("due", "judged"),
    [(9, 9), (10, 20), (15, 20), (19, 20), (20, 20), (25, 25), (29, 29), (30, None), (1_000, None)],
)
def test_what_is_due_during_a_silence_is_judged_once_the_source_speaks_again(due: int, judged: int | None) -> None:
    """004-13: silent from 10 until before 20, and from 30 on."""
    feeds: Feeds = {"shop": ((Instant(10), Instant(20)), (Instant(30), LATEST))}

    assert held_until(feeds, "shop", Instant(due)) == judged
    assert held_until(feeds, "desk", Instant(due)) == due
    assert held_until(feeds, None, Instant(due)) == due
    assert held_until({}, "shop", Instant(due)) == due


def test_a_customer_is_not_silent_while_its_shop_is() -> None:
    """004-11, DESIGN "After an outage": bought last on day 20, quiet for thirty days on day 50."""
    story = purchases(0, 10, 20)

    held = fold_story(story, until=80, policy=QUICK, controls=[feed_from(40, silent=True)])
    judged = fold_story(
        story, until=80, policy=QUICK, controls=[feed_from(40, silent=True), feed_from(60, silent=False)]
    )

    assert path(held) == [Stage.EXPLORATION, Stage.FORMATION]
    assert alerts_of(held) == []
    assert (last(judged).target, days_in(last(judged).effective_at)) == (Stage.DECLINE, 60)
    assert days_in(alert_of(judged, AlertKind.SILENCE).effective_at) == 60


@pytest.mark.parametrize(("fell_silent", "declined"), [(50, None), (51, 50)])
def test_a_silence_due_at_the_very_instant_at_which_the_source_falls_silent_is_held(
    fell_silent: int, declined: int | None
) -> None:
    """DESIGN, Order: at one instant controls come before timers."""
    folded = fold_story(purchases(0, 10, 20), until=55, policy=QUICK, controls=[feed_from(fell_silent, silent=True)])

    assert (days_in(last(folded).effective_at) if last(folded).target is Stage.DECLINE else None) == declined


def test_the_silence_of_another_source_holds_nothing() -> None:
    folded = fold_story(
        purchases(0, 10, 20), until=55, policy=QUICK, controls=[feed_from(40, silent=True, source="desk")]
    )

    assert last(folded).target is Stage.DECLINE


def test_it_is_the_source_of_the_newest_purchase_that_counts() -> None:
    story = [*purchases(0, 10), purchase(20, source="desk")]

    assert (
        last(fold_story(story, until=55, policy=QUICK, controls=[feed_from(40, silent=True)])).target is Stage.DECLINE
    )
    assert path(fold_story(story, until=55, policy=QUICK, controls=[feed_from(40, silent=True, source="desk")])) == [
        Stage.EXPLORATION,
        Stage.FORMATION,
    ]


def test_a_customer_that_buys_during_the_silence_starts_to_be_quiet_anew() -> None:
    """What reached us in spite of it counts: thirty days after day 55 are day 85."""
    folded = fold_story(
        purchases(0, 10, 20, 55),
        until=100,
        policy=QUICK,
        controls=[feed_from(40, silent=True), feed_from(60, silent=False)],
    )

    assert days_in(last(folded).effective_at) == 85


def test_dormancy_is_held_too() -> None:
    """004-11: in decline since day 50, dormant at r of three, day 110, while the shop is silent until day 120."""
    folded = fold_story(
        purchases(0, 10, 20),
        until=130,
        policy=QUICK,
        controls=[feed_from(60, silent=True), feed_from(120, silent=False)],
    )

    assert (last(folded).target, last(folded).effective_at) == (Stage.DORMANT, day(120))


DAYS: Final = 24
NOW: Final = 1_000 * DAYS
"""An hour; the span that is looked at is its policy's six hours before it."""


def test_an_hour_is_counted_from_1970() -> None:
    assert [hour_of(Instant(seconds * SECOND)) for seconds in (0, 3_599, 3_600, 7_199, 7_200)] == [0, 0, 1, 1, 2]


def test_the_usual_rate_counts_the_span_before_the_running_hour_on_each_day() -> None:
    """DESIGN "After an outage": five in the oldest hour of the span, two in the newest, others outside of it."""
    hours = {
        NOW - day * DAYS - back: events for day in range(1, 8) for back, events in ((7, 100), (6, 5), (1, 2), (0, 100))
    }

    assert usual(hours, NOW, Policy()) == 7


def test_the_usual_rate_is_that_of_at_most_fourteen_days() -> None:
    """Ten a day in the last eight of fourteen days, and a hundred a day before them: the median is ten."""
    busy_before = {NOW - day * DAYS - 1: 10 if day <= 8 else 100 for day in range(1, 40)}
    busy_now = {NOW - day * DAYS - 1: 10 if day <= 6 else 100 for day in range(1, 40)}

    assert usual(busy_before, NOW, Policy()) == 10
    assert usual(busy_now, NOW, Policy()) == 100


def test_the_oldest_day_counts_as_well_as_the_newest() -> None:
    """Seven days: four of them brought nine events, the newest three nothing; without the oldest it were a tie."""
    hours = {NOW - day * DAYS - 1: 9 if day > 3 else 0 for day in range(1, 8)}

    assert usual(hours, NOW, Policy()) == 9


def test_a_source_that_told_nothing_for_two_hours_has_not_spoken() -> None:
    hours = {NOW - day * DAYS - 1: 20 for day in range(2, 10)}

    assert not speaks_again(hours, NOW, Policy())
    assert not speaks_again({**hours, NOW: 1}, NOW, Policy())
    assert speaks_again({**hours, NOW: 1, NOW - 1: 1}, NOW, Policy())
    assert speaks_again({**hours, NOW - 1: 2}, NOW, Policy())
    assert speaks_again({**hours, NOW: 2}, NOW, Policy())


@pytest.mark.parametrize(("usually", "judged"), [(20, True), (19, False)])
def test_a_source_is_judged_from_twenty_usual_events_on(usually: int, judged: bool) -> None:
    hours = {NOW - day * DAYS - 1: usually for day in range(1, 10)} | {NOW - 1: 0}

    assert fell_silent(hours, NOW, Policy()) is judged

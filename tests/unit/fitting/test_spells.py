"""Spells are replayed from what the fold remembers."""

from dataclasses import astuple

import numpy as np
import pytest

from shared.domain.habit import habit_of
from shared.domain.instants import Day
from shared.domain.rhythm.silent import habit
from shared.fitting import spells as of_spells
from shared.fitting.spells import NEVER, Gathering, spells_of
from tests.builders import fold_story, purchase, purchases
from tests.unit.fitting.shops import Shopper, remembered, shop, shopper


def test_each_purchase_day_begins_a_spell_that_the_next_one_ends() -> None:
    known = shop(shopper(100, 103, 110), shopper(105)).whole

    assert known.customer.tolist() == [0, 0, 0, 1]
    assert known.day.tolist() == [100, 103, 110, 105]
    assert known.next.tolist() == [103, 110, NEVER, NEVER]
    assert known.repeats.tolist() == [0, 1, 2, 0]
    assert known.first.tolist() == [100, 100, 100, 105]
    assert known.amount_sum.tolist() == [1000, 2000, 3000, 1000]


def test_a_spell_holds_what_was_known_right_after_its_purchase() -> None:
    anna = shopper(100, 103, 110, 140)

    replayed = [spell.habit for spell in spells_of(anna)]

    assert replayed == [habit_of(anna.occasions[:count]) for count in range(1, 5)]


def test_days_that_the_memory_dropped_are_known_as_a_habit_only() -> None:
    anna = shopper(100, 103, 110, 140)
    forgetful = Shopper(anna.occasions[2:], habit_of(anna.occasions[:2]))

    assert list(spells_of(forgetful)) == list(spells_of(anna))[1:]


def test_a_folded_customer_is_read_as_the_fold_sees_it() -> None:
    anna = fold_story(purchases(*range(0, 300, 2))).customer

    newest = remembered(anna).whole.newest()

    seen = habit(anna)
    assert seen is not None
    assert anna.habit_before is not None, "the memory holds fewer than 150 days"
    assert newest.repeats.tolist() == [seen.repeats] == [149]
    assert newest.log_squares.tolist() == [seen.log_squares]


def test_lines_have_spells_of_their_own() -> None:
    anna = fold_story([purchase(0, line="tea"), purchase(5, line="cups"), purchase(20, line="tea")]).customer

    known = remembered(anna)

    assert known.whole.repeats.tolist() == [0, 1, 2]
    assert {line: own.repeats.tolist() for line, own in known.lines.items()} == {"cups": [0], "tea": [0, 1]}


def test_what_came_at_or_after_a_day_is_not_known_at_its_first_instant() -> None:
    known = shop(shopper(100, 103, 110), shopper(105), shopper(104, 106)).whole.known_at(Day(105))

    assert known.day.tolist() == [100, 103, 104]
    assert known.next.tolist() == [103, NEVER, NEVER]


def test_the_newest_spells_are_the_last_of_each_customer() -> None:
    known = shop(shopper(100, 103), shopper(), shopper(105)).whole

    assert known.newest().day.tolist() == [103, 105]
    assert known.where(np.zeros(3, dtype=bool)).newest().day.tolist() == []


def test_a_sample_says_what_share_of_all_customers_it_is() -> None:
    assert shop(shopper(100), shopper(), of=8).share == 0.25
    assert shop(shopper(100), shopper()).share == 1.0


def test_a_sample_that_is_full_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_spells, "SAMPLE_CUSTOMERS", 2)
    gathering = Gathering()

    for day in (100, 101, 102):
        gathering.add(shopper(day))

    assert gathering.full
    assert gathering.told(4).whole.day.tolist() == [100, 101]
    assert gathering.told(4).share == 0.5


def test_a_sample_is_full_when_it_holds_enough_spells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_spells, "MOST_SPELLS", 5)

    known = shop(*(shopper(*range(100, 103)) for _ in range(9)))

    assert len(known.whole.day) == 6, "the second customer fills it"


def test_the_same_customers_make_the_same_histories() -> None:
    one, other = (shop(shopper(1, 5, 9), shopper(2, lines={"a": shopper(2)}), of=3) for _ in range(2))

    assert repr(astuple(one)) == repr(astuple(other))

"""How much of its budget a customer spends with us."""

import pytest

from shared.domain.instants import Day
from shared.domain.measures.named_periods import period_named
from shared.domain.policy import Policy
from tests.builders import purchase, purchases
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import wallet

JANUARY = 19_723
"""2024-01-01 as days since 1970-01-01: day 0 of the stories."""


@pytest.mark.parametrize(
    ("word", "first", "days"),
    [
        ("2024", 0, 366),
        ("2024-H1", 0, 182),
        ("2024-H2", 182, 184),
        ("2024-Q1", 0, 91),
        ("2024 q4", 274, 92),
        ("2024Q2", 91, 91),
        ("2024-01", 0, 31),
        ("2024/12", 335, 31),
        (" 2024-M2 ", 31, 29),
        ("2023", -365, 365),
        ("1970", -JANUARY, 365),
    ],
)
def test_a_period_is_read_as_people_write_it(word: str, first: int, days: int) -> None:
    """003-3: years, halves, quarters and months."""
    found = period_named(word)

    assert found is not None
    assert found.first == JANUARY + first
    assert found.days == days


@pytest.mark.parametrize("word", ["", "Q1", "last year", "2024-Q5", "2024-Q0", "2024-13", "2024-00", "2024-H3", "1969",
                                  "9000", "20245", "2024-1", "2024-M13"])  # fmt: skip
def test_a_word_that_names_no_period_is_not_guessed(word: str) -> None:
    """003-3: it is compared with the last year instead."""
    assert period_named(word) is None


def test_the_last_period_that_can_be_named_is_the_year_8999() -> None:
    """003-3: the calendar of the program ends."""
    assert period_named("8999") is not None
    assert period_named("8999-12") is not None


@pytest.mark.parametrize(("today", "elapsed"), [(-1, 0), (0, 1), (30, 31), (31, 31), (90, 31)])
def test_days_that_have_begun_have_elapsed(today: int, elapsed: int) -> None:
    """003-3: of January, seen from a day."""
    found = period_named("2024-01")

    assert found is not None
    assert found.elapsed(Day(JANUARY + today)) == elapsed


def test_the_share_of_wallet_is_what_we_got_of_the_budget_of_the_period() -> None:
    """003-3: of a budget of 400 for the first quarter 100 came to us; days 91 and -1 are outside."""
    story = [*purchases(0, amount=60_00), *purchases(90, amount=40_00), *purchases(-1, 91, amount=900_00)]
    budget = wallet(5, "2024-Q1", 400_00, estimated=True)

    found, lost = (reading(name, case_of(story, budget, until=100)) for name in ("wallet_share", "lost_share"))

    assert found.value == 0.25
    assert found.coverage == 1
    assert found.missing == ()
    assert found.evidence == ("wallet 2024-Q1 of day 5",)
    assert found.parts == {
        "own": 100_00,
        "budget": 400_00,
        "source": "crm",
        "date": "2024-01-06T00:00:00Z",
        "estimated": True,
        "period": "2024-Q1",
        "line": None,
        "compared": "the period",
    }
    assert lost.value == 0.75
    assert (lost.parts, lost.evidence, lost.coverage) == (found.parts, found.evidence, 1)


def test_of_a_period_that_runs_the_part_gone_by_is_covered() -> None:
    """003-3: on day 45 46 of 91 days have begun."""
    case = case_of(purchase(1, 100_00), wallet(5, "2024-Q1", 400_00), until=45)

    found = reading("wallet_share", case)

    assert found.coverage == pytest.approx(46 / 91)
    assert found.missing == ("the rest of the period",)
    assert reading("lost_share", case).coverage == found.coverage
    assert reading("lost_share", case).missing == found.missing


@pytest.mark.parametrize(("bought", "share"), [(35, 0.0), (36, 0.5)])
def test_a_word_that_names_no_period_is_compared_with_the_last_year_and_says_so(bought: int, share: float) -> None:
    """003-3: on day 400 the last 365 days begin with day 36."""
    case = case_of(purchase(bought, 100_00), wallet(5, "a year", 200_00), until=400)

    found = reading("wallet_share", case)

    assert found.value == share
    assert found.coverage == 1
    assert found.parts["compared"] == "the last 365 days"


def test_the_newest_budget_that_has_begun_counts_and_that_of_all_before_that_of_a_line() -> None:
    """003-3: a budget for a year to come does not count yet, one for shoes only where there is no other."""
    story = [purchase(1, 100_00), wallet(3, "2024", 1_000_00), wallet(4, "2024", 500_00), wallet(5, "2025", 1)]
    shoes = [purchase(2, 30_00), wallet(6, "2024", 60_00, line="shoes")]

    found = reading("wallet_share", case_of(story, shoes, until=10))

    assert found.value == pytest.approx(130 / 500)


def test_a_budget_of_a_line_is_held_against_that_line() -> None:
    """003-3: nothing was bought of shoes, so that their share is unknown; later half of it is."""
    shoes = wallet(6, "2024", 60_00, line="shoes")

    unsold = reading("wallet_share", case_of(purchase(2, 100_00), shoes, until=10))
    sold = reading("wallet_share", case_of(purchase(2, 100_00), purchase(7, 30_00, line="shoes"), shoes, until=10))

    assert unsold.value is None
    assert sold.value == 0.5
    assert sold.parts["line"] == "shoes"


def test_who_spends_more_than_the_budget_gives_us_all_of_it() -> None:
    """003-3: an estimate may be too low; the share is at most 1, parts show both amounts."""
    case = case_of(purchase(1, 100_00), wallet(5, "2024-Q1", 80_00), until=100)

    assert reading("wallet_share", case).value == 1
    assert reading("lost_share", case).value == 0
    assert reading("wallet_share", case).parts["own"] == 100_00


def test_without_a_budget_the_share_is_unknown_and_so_is_what_is_lost() -> None:
    """003-3: no budget, one of 0, one to come, none without a rate, or no purchase ever."""
    none = case_of(purchase(1), until=10)
    to_come = case_of(purchase(1), wallet(5, "2025", 80_00), until=10)
    nought = case_of(purchase(1), wallet(5, "2024", 0), until=10)
    foreign = case_of(purchase(1), wallet(5, "2024", 80_00, currency="USD"), until=10)
    unsold = case_of(wallet(5, "2024", 80_00), until=10)
    unsold_in_base = case_of(wallet(5, "2024", 80_00), until=10, policy=Policy(base_currency="EUR"))

    for case in (none, to_come):
        assert reading("wallet_share", case).missing == ("a wallet event with the budget of a period that has begun",)
    for case in (nought, foreign, unsold, unsold_in_base):
        for name in ("wallet_share", "lost_share"):
            assert reading(name, case).missing == (
                "a budget above 0, a purchase, and a rate of exchange for every currency, or a base currency",
            )
            assert reading(name, case).parts["period"] == "2024"
    assert reading("lost_share", none).value is None


@pytest.mark.parametrize(
    ("budget", "amount", "word"),
    [
        (300_00, 150_00, "trust_up"),
        (315_00, 106_00, "trust_up"),
        (315_00, 105_00, "steady"),
        (285_00, 95_00, "steady"),
        (300_00, 94_00, "trust_down"),
        (316_00, 106_00, "loyalty_up"),
        (316_00, 105_00, "left_behind"),
        (400_00, 50_00, "left_behind"),
        (284_00, 150_00, "trust_up"),
        (284_00, 100_00, "trust_up"),
        (284_00, 94_00, "need_shrinks"),
    ],
)
def test_spend_against_budget_tells_trust_from_loyalty(budget: int, amount: int, word: str) -> None:
    """003-10: January had a budget of 300 and brought 100, March, as long, another; 5 % is no change."""
    case = case_of(
        wallet(0, "2024-01", 300_00),
        purchase(9, 100_00),
        purchase(40, 900_00),
        wallet(60, "2024-03", budget),
        purchase(69, amount),
        until=95,
    )

    found = reading("spend_case", case)

    assert found.value == word
    assert found.parts == {
        "budget_before": pytest.approx(30_000 / 31),
        "budget": pytest.approx(budget / 31),
        "amount_before": pytest.approx(10_000 / 31),
        "amount": pytest.approx(amount / 31),
    }
    assert found.evidence == ("wallet 2024-01 of day 0", "wallet 2024-03 of day 60")


def test_spend_of_a_period_that_runs_is_that_of_its_days_so_far() -> None:
    """003-10: ten days into February 40 were bought, as fast as the 124 of January."""
    case = case_of(
        wallet(0, "2024-01", 310_00), purchase(9, 124_00), wallet(31, "2024-02", 290_00), purchase(35, 40_00), until=40
    )

    found = reading("spend_case", case)

    assert found.parts["amount_before"] == 4_00
    assert found.parts["amount"] == 4_00
    assert found.value == "steady"


def test_the_newest_word_on_a_period_counts_and_periods_within_another_are_not_compared() -> None:
    """003-10: January is corrected to 620; the quarter that holds February is not held against it."""
    january = [wallet(0, "2024-01", 300_00), wallet(1, "2024-01", 620_00)]
    february, quarter = wallet(31, "2024-02", 290_00), wallet(32, "2024-Q1", 900_00)
    bought = purchases(9, 35)

    corrected = reading("spend_case", case_of(january, february, bought, until=60))
    overlapping = reading("spend_case", case_of(january, february, quarter, bought, until=60))

    assert corrected.parts["budget_before"] == 20_00
    assert overlapping.value is None


def test_a_case_of_spend_needs_two_periods_of_one_budget() -> None:
    """003-10: one period, one that is not named, one to come, one of another line."""
    january = wallet(0, "2024-01", 300_00)
    others = (
        wallet(31, "2024-01", 300_00),
        wallet(31, "next", 300_00),
        wallet(31, "2024-03", 300_00),
        wallet(31, "2024-02", 300_00, line="shoes"),
    )

    for other in others:
        found = reading("spend_case", case_of(january, other, purchase(9), until=40))

        assert found.value is None
        assert found.missing == ("the budgets of two periods such as 2026-Q1",)


def test_a_case_of_spend_needs_amounts() -> None:
    """003-10: a budget without a rate; nothing bought ever."""
    foreign = [wallet(0, "2024-01", 300_00, currency="USD"), wallet(31, "2024-02", 300_00), purchase(9)]
    unsold = [wallet(0, "2024-01", 300_00), wallet(31, "2024-02", 300_00)]

    assert reading("spend_case", case_of(foreign, until=60)).parts["budget_before"] is None
    assert reading("spend_case", case_of(foreign, until=60)).value is None
    assert reading("spend_case", case_of(unsold, until=60, policy=Policy(base_currency="EUR"))).missing == (
        "a purchase, and a rate of exchange for every currency, or a base currency",
    )

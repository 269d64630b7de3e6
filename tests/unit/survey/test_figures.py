"""The figures that one customer is held against, worked out by hand."""

from math import log, sqrt

import pytest

from shared.domain.events import Item
from shared.domain.instants import Day
from shared.domain.policy import Policy
from shared.domain.population import Figures
from shared.domain.survey import figures
from shared.domain.survey.figures import FiguresTally, gaps, survives
from shared.domain.survey.person import Person
from tests.builders import inquiry, purchase, purchases, refund
from tests.unit.survey.people import FEW, on, person, profile


def tally_of(*people: Person, policy: Policy = FEW) -> FiguresTally:
    tally = FiguresTally(policy)
    for one in people:
        tally.add(one)
    return tally


def everybody(*people: Person, policy: Policy = FEW) -> Figures:
    tally = tally_of(*people, policy=policy)
    return tally.everybody.told(tally.currency, policy)


def test_priors_are_mean_and_deviation_of_the_logarithms_of_all_gaps() -> None:
    """Primitives: mu0 and sigma0 over all gaps: here 10, 10 and 40 days."""
    found = everybody(person(purchases(0, 10, 20), until=21), person(purchases(0, 40), until=41))

    mean = (2 * log(10) + log(40)) / 3
    assert found.mu0 == pytest.approx(mean)
    assert found.sigma0 == pytest.approx(sqrt((2 * (log(10) - mean) ** 2 + (log(40) - mean) ** 2) / 3))


def test_priors_need_enough_gaps() -> None:
    people = [person(purchases(0, 10, 20), until=21), person(purchases(0, 40), until=41)]

    enough = everybody(*people, policy=Policy(report_prior_gaps=3, report_group_customers=1))
    few = everybody(*people, policy=Policy(report_prior_gaps=4, report_group_customers=1))

    assert enough.mu0 is not None
    assert (few.mu0, few.sigma0) == (None, None)
    assert Policy().report_prior_gaps == 100


def test_gaps_of_one_length_make_no_priors() -> None:
    """A rhythm without any deviation would make every delay a silence."""
    found = everybody(person(purchases(0, 7, 14, 21), until=22))

    assert (found.mu0, found.sigma0) == (None, None)


def test_a_gap_that_ended_in_dormancy_is_none() -> None:
    """DESIGN "Cycle": 480 days lie beyond twice the long gap, which is about 150 days after one gap of 20."""
    someone = person(purchases(0, 20, 500, 510), until=511)

    assert [move.target.value for move in someone.case.transitions].count("dormant") == 1
    assert list(gaps(someone, someone.bought)) == [20, 10]


def test_amounts_and_times_are_medians_over_the_customers() -> None:
    """003-9 choosing time, 002-24 tenure against the cohort, 000-3 the first order."""
    one = person(inquiry(0), purchase(4, 10_00), purchase(9, 99_00), until=100)
    other = person(inquiry(2), inquiry(3), purchase(12, 30_00), until=100)
    direct = person(purchase(20, 80_00), inquiry(30), until=100)

    found = everybody(one, other, direct)

    assert found.customers == 3
    assert found.median_first_order == 30_00
    assert found.choosing_days == 7
    assert found.median_tenure_days == 88


def test_the_sixtieth_percentile_is_of_those_who_bought_in_their_last_window() -> None:
    """001-6: A0 at or above the tenant's 60th percentile. W is 60 days: day 40 lies outside at day 100."""
    people = [person(purchase(41 + place, amount), until=100) for place, amount in enumerate((10_00, 20_00, 30_00))]
    gone = person(purchase(40, 500_00), until=100)

    assert everybody(*people, gone).volume_60 == pytest.approx(22_00)
    assert everybody(gone).volume_60 is None
    assert everybody(*people, policy=Policy(report_group_customers=4)).volume_60 is None


def test_survival_is_the_share_that_bought_again_within_a_year_of_a_purchase_a_year_ago() -> None:
    """004-2: own survival."""
    kept = person(purchases(0, 365), until=400)
    lost = person(purchases(0), until=365)
    late = person(purchases(0, 366), until=400)
    new = person(purchases(10), until=364)

    assert everybody(kept, lost, late, new).survival == pytest.approx(1 / 3)
    assert everybody(new).survival is None
    assert everybody(kept, lost, late, new, policy=Policy(report_group_customers=4)).survival is None
    assert everybody(kept, lost, late, new, policy=Policy(report_group_customers=3)).survival is not None


def test_survival_looks_at_the_newest_purchase_that_is_a_year_old() -> None:
    def survived(*days: int, today: int) -> bool | None:
        return survives([Day(day) for day in days], Day(today), Policy())

    assert survived(0, 100, 460, today=465) is True
    assert survived(0, 100, 466, today=466) is False
    assert survived(0, today=364) is None
    assert survived(0, today=365) is False


def test_lines_and_industries_have_figures_of_their_own() -> None:
    """004-22 and 001-13: priors per line and industry."""
    mixed = person(
        profile(industry="food"),
        purchase(0, 10_00, line="tea"), purchase(5, 70_00, line="cups"), purchase(20, 30_00, line="tea"),
        purchase(24, 30_00, line="tea"),
        until=30,
    )  # fmt: skip
    tally = tally_of(mixed, person(purchase(0, 50_00), until=30))

    assert set(tally.lines()) == {"tea", "cups"}
    assert tally.lines()["tea"].mu0 == pytest.approx((log(20) + log(4)) / 2)
    assert tally.lines()["tea"].median_first_order == 10_00
    assert tally.lines()["cups"].median_first_order == 70_00
    assert {name: one.customers for name, one in tally.industries().items()} == {"food": 1}
    assert tally.industries()["food"].mu0 == pytest.approx((log(5) + log(15) + log(4)) / 3)


def test_an_order_belongs_to_the_lines_of_its_items_each_with_its_part() -> None:
    """001-13: by category of the items; a refund takes from each its part."""
    items = (Item(line="tea", amount=30_00), Item(amount=50_00), Item(line="tea", amount=20_00))
    someone = person(purchase(0, 100_00, items=items, line="cups"), refund(1, 50_00), purchase(2, 5_00), until=3)

    assert someone.lines == ["cups", "tea"]
    assert [(one.day - on(0), one.amount) for one in someone.of_line("tea")] == [(0, 25_00)]
    assert [one.amount for one in someone.of_line("cups")] == [25_00]
    assert someone.of_line("pots") == []


def test_where_items_do_not_tell_what_they_came_to_the_part_of_a_line_is_unknown() -> None:
    two = person(purchase(0, items=(Item(line="tea"), Item(line="cups", amount=5_00))), until=1)
    one = person(purchase(0, 80_00, items=(Item(line="tea"), Item(line="tea"))), until=1)
    free = person(purchase(0, 0, items=(Item(line="tea", amount=0), Item(line="cups", amount=0))), until=1)
    more = person(purchase(0, 9_00, items=(Item(line="tea", amount=99_00), Item(line="cups", amount=0))), until=1)

    assert [part.of_line("tea")[0].amount for part in (two, one, free, more)] == [None, 80_00, None, 9_00]
    assert two.of_line("cups")[0].amount == 5_00


def test_only_the_largest_groups_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "MOST_LINES", 1)
    people = [person(purchase(0, line=name), until=9) for name in ("cups", "tea", "tea")]

    assert set(tally_of(*people).lines()) == {"tea"}


def test_small_groups_have_no_figures() -> None:
    policy = Policy(report_group_customers=2, report_prior_gaps=1)
    people = [person(profile(industry=name), purchase(0, line=name), until=9) for name in ("tea", "tea", "cups")]

    tally = tally_of(*people, policy=policy)

    assert (set(tally.lines()), set(tally.industries())) == ({"tea"}, {"tea"})


def test_amounts_are_told_in_the_currency_of_most_customers() -> None:
    people = [person(purchase(0, 10_00), until=9), person(purchase(0, 20_00), until=9)]
    tally = tally_of(person(purchase(0, 300, currency="JPY"), until=9), *people)

    assert tally.currency == "EUR"
    assert tally.everybody.told(tally.currency, FEW).median_first_order == 15_00
    assert tally_of().currency is None


def test_of_who_never_bought_there_are_no_figures() -> None:
    found = everybody(person(inquiry(0), until=9), person(purchase(0), refund(1), until=9))

    assert found == Figures()


def test_choosing_ends_with_the_first_purchase_of_its_day() -> None:
    """003-9: four days, not four and a half."""
    assert everybody(person(inquiry(0), purchase(4), purchase(4.5), until=100)).choosing_days == 4

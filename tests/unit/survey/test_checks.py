"""The theory's self-checks: each holds, is broken or cannot be told, on figures set by hand."""

import pytest

from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.domain.survey.checks import (
    ChecksTally,
    Leavers,
    content_left,
    few_bring_most,
    profit_rises,
    second_follows_content,
    service_follows_value,
    stable_is_cheap,
)
from shared.domain.survey.keeping import Contentment, KeepingTally, Second
from shared.domain.survey.person import Person
from shared.domain.survey.sketch import Slice
from shared.domain.survey.tiers import Tier
from shared.domain.survey.worth import Pareto, Service, StageMoney, WorthTally
from tests.builders import rating
from tests.unit.survey.people import FEW, on, person, sale

TWO = Policy(report_check_customers=2)


def means(**by: float) -> dict[Stage, Slice]:
    """Two customers at each stage, with these mean margins."""
    return {Stage(stage): Slice(count=2, total=2 * mean) for stage, mean in by.items()}


@pytest.mark.parametrize(
    ("by", "holds"),
    [
        (means(exploration=1, formation=2, stability=3), True),
        (means(exploration=1, formation=2, stability=3, decline=2.9), True),
        (means(exploration=1, formation=2, stability=3, decline=3), False),
        (means(exploration=2, formation=2, stability=3), False),
        (means(exploration=1, formation=3, stability=2), False),
        (means(exploration=1, stability=2), True),
        (means(exploration=1, decline=0), None),
        ({}, None),
    ],
)
def test_profit_should_rise_from_stage_to_stage_and_fall_in_decline(by: dict[Stage, Slice], holds: bool | None) -> None:
    """002-18: mean margin by stage; where it is not monotone the rules deserve a warning."""
    check = profit_rises("EUR", by, TWO)

    assert (check.code, check.concept, check.currency, check.holds) == ("profit_rises", "002-18", "EUR", holds)
    assert check.values["exploration"] == (by[Stage.EXPLORATION].total / 2 if by else None)


def test_a_stage_with_too_few_customers_is_not_compared() -> None:
    by = {**means(formation=2, stability=3), Stage.EXPLORATION: Slice(count=1, total=9)}

    assert profit_rises("EUR", by, TWO).holds
    assert profit_rises("EUR", by, TWO).values["exploration"] is None
    assert profit_rises("EUR", by, FEW).holds is False


@pytest.mark.parametrize(
    ("leavers", "holds", "share"),
    [
        (Leavers(left=9, known=4, content=1), True, 0.25),
        (Leavers(left=9, known=2, content=0), False, 0.0),
        (Leavers(left=9, known=1, content=1), None, 1.0),
        (Leavers(left=9), None, None),
    ],
)
def test_content_customers_who_left_show_that_satisfaction_is_no_guard(
    leavers: Leavers, holds: bool | None, share: float | None
) -> None:
    """004-17: satisfied customers who left."""
    check = content_left(leavers, TWO)

    assert (check.concept, check.holds) == ("004-17", holds)
    assert check.values == {"left": 9.0, "known": float(leavers.known), "share": share}


def second(first: int, rate: float | None) -> Second:
    return Second(first=first, second=0, rate=rate, median_days=None)


@pytest.mark.parametrize(
    ("content", "others", "holds"),
    [
        (second(2, 0.5), second(2, 0.4), True),
        (second(2, 0.5), second(2, 0.5), False),
        (second(3, 0.5), second(9, 0.4), True),
        (second(2, 0.5), second(1, 0.4), None),
        (second(1, 0.5), second(2, 0.4), None),
    ],
)
def test_who_was_content_should_come_again_more_often(content: Second, others: Second, holds: bool | None) -> None:
    """000-6: satisfaction, repeat purchase, trust."""
    by = {Contentment.CONTENT: content, Contentment.DISCONTENT: others, Contentment.UNKNOWN: second(9, 0.9)}

    check = second_follows_content(by, TWO)

    assert (check.holds, check.values) == (holds, {"content": content.rate, "discontent": others.rate})


def pareto(customers: int, top_profit: float | None) -> Pareto:
    return Pareto(
        currency="EUR", customers=customers, profit=1, top_share=0.2, top_profit=top_profit, worst_share=0.3,
        worst_profit=None, profit_without_c=1, a=None, c=None,
    )  # fmt: skip


def test_a_fifth_should_bring_four_fifths() -> None:
    """004-4: 20/80."""
    found = [few_bring_most(one, TWO).holds for one in (pareto(2, 0.8), pareto(2, 0.79), pareto(1, 1), pareto(2, None))]

    assert found == [True, False, None, None]
    assert few_bring_most(pareto(2, 0.8), TWO).values == {"share": 0.8, "customers": 0.2}


def test_stable_customers_should_take_no_more_than_they_bring() -> None:
    """002-25: spend share against margin share."""

    def holds(spend: float | None, margin: float | None) -> bool | None:
        money = StageMoney(currency="EUR", stage=Stage.STABILITY, spend_share=spend, margin_share=margin)
        return stable_is_cheap(money).holds

    assert [holds(0.4, 0.4), holds(0.5, 0.4), holds(None, 0.4), holds(0.4, None)] == [True, False, None, None]


def service(tier: Tier, per_head: float, heads: int = 2, currency: str = "EUR") -> Service:
    return Service(currency=currency, tier=tier, heads=heads, cost=0, margin=0, per_head=per_head, ratio=None)


@pytest.mark.parametrize(
    ("given", "holds"),
    [
        ([service(Tier.A, 3), service(Tier.B, 3), service(Tier.C, 1)], True),
        ([service(Tier.A, 3), service(Tier.B, 1), service(Tier.C, 2)], False),
        ([service(Tier.A, 2), service(Tier.B, 3), service(Tier.C, 1)], False),
        ([service(Tier.A, 2), service(Tier.B, 3, heads=1), service(Tier.C, 1)], True),
        ([service(Tier.A, 2)], None),
        ([service(Tier.A, 0), service(Tier.B, 0)], None),
    ],
)
def test_service_should_follow_value(given: list[Service], holds: bool | None) -> None:
    """004-22: 服务成本和服务收益正相关."""
    [check] = service_follows_value(given, TWO)

    assert (check.holds, check.values["A"]) == (holds, given[0].per_head)


def test_service_is_compared_within_a_currency() -> None:
    given = [service(Tier.A, 1), service(Tier.B, 9, currency="USD"), service(Tier.C, 2)]

    found = list(service_follows_value(given, TWO))

    assert [(check.currency, check.holds) for check in found] == [("EUR", False), ("USD", None)]
    assert list(service_follows_value([], TWO)) == []


def checks(*people: Person) -> dict[str, tuple[bool | None, dict[str, float | None]]]:
    tally, worth, keeping = ChecksTally(FEW), WorthTally(FEW), KeepingTally(FEW)
    for one in people:
        for each in (tally, worth, keeping):
            each.add(one)
    found = tally.told(keeping.told(on(1000)), worth.told())
    return {check.code: (check.holds, check.values) for check in found}


def test_the_margin_of_a_stage_is_that_of_the_last_window_in_thirty_days() -> None:
    """002-18. W is 60 days for a customer without a gap: the purchase of day 10 counts until day 69."""
    new = person(sale(10, 100_00, 40_00), until=69)
    older = person(sale(10, 100_00, 40_00), until=70)

    _, values = checks(new)["profit_rises"]
    _, later = checks(older)["profit_rises"]

    assert values["exploration"] == pytest.approx(30_00)
    assert later["exploration"] == 0


def test_who_sleeps_or_is_gone_has_left_and_what_it_last_said_counts() -> None:
    """004-17. Silence from day 0: asleep from day 363 on."""
    content, silent = person(sale(0), rating(1, 0.0), until=400), person(sale(0), until=400)
    here = person(sale(0), rating(1, 1), until=100)

    assert checks(content, silent, here)["content_left"] == (True, {"left": 2.0, "known": 1.0, "share": 1.0})
    unhappy = person(sale(0), rating(1, -0.1), until=400)
    assert checks(unhappy)["content_left"] == (False, {"left": 1.0, "known": 1.0, "share": 0.0})

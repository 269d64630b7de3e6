"""Who brings the profit, by tier and stage: ten customers, added up by hand."""

from typing import Any

import pytest

from shared.domain.events import Cost
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.domain.survey.person import Person, Spent
from shared.domain.survey.tiers import Borders, Tier, TierPart
from shared.domain.survey.worth import Service, StageMoney, TierStage, Worth, WorthTally
from tests.builders import complaint, contact, day, purchase, refund
from tests.unit.survey.people import FEW, head, person, sale, worth

MARGINS = (500_00, 300_00, 80_00, 60_00, 40_00, 30_00, 20_00, -10_00, -60_00, -160_00)
"""Ten customers, 800.00 in all; the best two bring 800.00, the worst three cost 230.00."""


def tally_of(*people: Person, policy: Policy = FEW) -> WorthTally:
    tally = WorthTally(policy)
    for one in people:
        tally.add(one)
    return tally


def ten() -> list[Person]:
    return [worth(margin) for margin in MARGINS]


def cost(at: float, amount: int, **more: Any) -> Cost:
    return Cost(**head(at, f"cost {amount}"), amount=amount, currency="EUR", **more)


def test_the_true_shares_behind_20_80_30() -> None:
    """004-4: the top 20 % of the customers, the worst 30 %, and the profit without them."""
    [pareto] = tally_of(*ten()).told().pareto

    assert (pareto.currency, pareto.customers, pareto.profit) == ("EUR", 10, 800_00)
    assert (pareto.top_share, pareto.top_profit) == (0.2, 1.0)
    assert pareto.worst_share == 0.3
    assert pareto.worst_profit == pytest.approx(-230 / 800)
    assert pareto.profit_without_c == 1030_00
    assert (pareto.a, pareto.c) == (300_00, 20_00)


def test_tiers_are_told_by_the_borders_in_heads_and_margin() -> None:
    """004-4: A 20 %, B 50 %, C 30 % by margin."""
    assert tally_of(*ten()).told().tiers == [
        TierPart(tier=Tier.A, heads=2, margin={"EUR": 800_00}),
        TierPart(tier=Tier.B, heads=5, margin={"EUR": 230_00}),
        TierPart(tier=Tier.C, heads=3, margin={"EUR": -230_00}),
    ]


def test_too_few_customers_make_no_tiers() -> None:
    few = tally_of(*ten(), policy=Policy(report_group_customers=11)).told()
    enough = tally_of(*ten(), policy=Policy(report_group_customers=10))

    assert [(part.tier, part.heads) for part in few.tiers] == [(Tier.UNKNOWN, 10)]
    assert (few.pareto[0].a, few.pareto[0].c, few.service) == (None, None, [])
    assert enough.borders() == {"EUR": Borders(a=300_00, c=20_00)}


def test_one_customer_alone_is_in_no_tier() -> None:
    assert tally_of(worth(5_00)).borders() == {}
    assert tally_of(worth(5_00), worth(4_00)).borders() == {"EUR": Borders(a=5_00, c=5_00)}


def test_without_a_profit_there_are_no_shares_of_it() -> None:
    [pareto] = tally_of(worth(-5_00), worth(5_00)).told().pareto

    assert (pareto.profit, pareto.top_profit, pareto.worst_profit) == (0, None, None)


def test_a_customer_who_never_told_a_cost_is_counted_by_its_head_alone() -> None:
    unknown = person(purchase(1), until=2)

    told = tally_of(*ten(), unknown).told()

    assert (told.customers, told.unknown) == (11, 1)
    assert told.tiers[-1] == TierPart(tier=Tier.UNKNOWN, heads=1, margin={})
    assert tally_of(person(complaint(0), until=1)).told().customers == 0


def test_purchases_without_a_cost_add_nothing_to_the_margin() -> None:
    """004-2: like in the fold, margin is that of the purchases that told their cost."""
    someone = person(sale(0, 100_00, 60_00), purchase(1, 500_00), until=2)

    assert someone.margin == someone.case.state.margin == 40_00


def test_a_partly_refunded_purchase_earns_its_part_and_a_refunded_one_nothing() -> None:
    half = person(sale(0, 100_00, 60_00), refund(1, 50_00), until=2)
    none = person(sale(0), sale(1, 30_00, 10_00, order="kept"), refund(2, 100_00, order="order 0"), until=3)

    assert half.margin == 20_00
    assert none.margin == 20_00


def test_currencies_are_never_added_up() -> None:
    told = tally_of(worth(5_00), worth(4_00), worth(700, currency="JPY"), worth(600, currency="JPY")).told()

    assert [(one.currency, one.profit) for one in told.pareto] == [("EUR", 9_00), ("JPY", 13_00)]
    assert told.tiers[0] == TierPart(tier=Tier.A, heads=2, margin={"EUR": 5_00, "JPY": 7_00})


def test_the_matrix_tells_the_tiers_of_each_stage() -> None:
    """004-5: tier by stage."""
    fallen = person(sale(0, 100_00, 99_00), complaint(1), until=2)

    matrix = tally_of(worth(5_00), fallen).told().matrix

    assert matrix == [
        TierStage(stage=Stage.EXPLORATION, tiers=[TierPart(tier=Tier.A, heads=1, margin={"EUR": 5_00})]),
        TierStage(stage=Stage.DECLINE, tiers=[TierPart(tier=Tier.C, heads=1, margin={"EUR": 1_00})]),
    ]


def test_spending_and_margin_belong_to_the_stage_of_their_time() -> None:
    """002-25: spend share against margin share by stage."""
    someone = person(
        sale(1, 100_00, 70_00),
        contact(2, cost=6_00, currency="EUR"),
        complaint(3),
        contact(4, cost=2_00, currency="EUR"),
        sale(5, 20_00, 10_00),
        until=6,
    )
    assert [someone.stage_at(day(at)) for at in (0, 1, 2.9, 3, 6)] == [
        Stage.TARGET, Stage.EXPLORATION, Stage.EXPLORATION, Stage.DECLINE, Stage.DECLINE
    ]  # fmt: skip

    assert tally_of(someone).told().by_stage == [
        StageMoney(
            currency="EUR", stage=Stage.EXPLORATION, spend=6_00, margin=30_00, spend_share=0.75, margin_share=0.75
        ),
        StageMoney(currency="EUR", stage=Stage.DECLINE, spend=2_00, margin=10_00, spend_share=0.25, margin_share=0.25),
    ]


def test_without_any_spending_its_shares_are_unknown() -> None:
    [money] = tally_of(worth(5_00)).told().by_stage

    assert (money.spend, money.spend_share, money.margin_share) == (0, None, 1.0)


def test_what_is_spent_on_who_never_bought_counts_where_the_currency_is_known() -> None:
    policy = Policy(base_currency="EUR", report_group_customers=1)
    asked = person(contact(1, cost=6_00, currency="EUR"), until=2, policy=policy)

    told = tally_of(asked, policy=policy).told()

    assert (told.customers, told.by_stage[0].spend, told.by_stage[0].stage) == (0, 6_00, Stage.TARGET)
    assert tally_of(person(contact(1, cost=6_00, currency="EUR"), until=2)).told().by_stage == []


def test_serving_a_tier_is_held_against_what_it_brings() -> None:
    """004-22: service follows value: cost by margin, tier by tier."""
    people = [
        person(sale(0, 1_000_00, 1_000_00 - margin), contact(1, cost=spend, currency="EUR"), until=2)
        for margin, spend in ((50_00, 5_00), (40_00, 1_00), (10_00, 2_00), (0, 4_00))
    ]
    policy = Policy(report_group_customers=1, report_top_share=0.5, report_worst_share=0.25)

    assert tally_of(*people, policy=policy).told().service == [
        Service(currency="EUR", tier=Tier.A, heads=2, cost=6_00, margin=90_00, per_head=3_00, ratio=6 / 90),
        Service(currency="EUR", tier=Tier.B, heads=1, cost=2_00, margin=10_00, per_head=2_00, ratio=0.2),
        Service(currency="EUR", tier=Tier.C, heads=1, cost=4_00, margin=0, per_head=4_00, ratio=None),
    ]


def test_what_the_customer_bears_is_not_spent_by_the_firm() -> None:
    """004-1: money, time, energy and senses are the customer's costs unless the event says otherwise."""
    costs = [
        cost(1, 1_00), cost(2, 2_00, what="training"), cost(3, 4_00, what="time"), cost(4, 8_00, by="customer"),
        cost(5, 16_00, what="time", by="firm"),
    ]  # fmt: skip
    touches = [contact(6, cost=32_00, currency="EUR", action="visit"), contact(7), contact(8, cost=64_00)]

    assert person(sale(0), costs, touches, until=9).spent == [
        Spent(day(1), 1_00, "cost"),
        Spent(day(2), 2_00, "training"),
        Spent(day(5), 16_00, "time"),
        Spent(day(6), 32_00, "visit"),
    ]


def test_the_answer_is_the_same_whatever_the_order() -> None:
    one: Worth = tally_of(*ten()).told()

    assert tally_of(*reversed(ten())).told() == one


def test_the_best_are_never_among_the_worst_however_the_shares_overlap() -> None:
    """004-4: half of four are best, and of the three quarters that would be worst the other half is left."""
    policy = Policy(report_group_customers=1, report_top_share=0.5, report_worst_share=0.75)
    told = tally_of(*(worth(margin) for margin in (4_00, 3_00, 2_00, 1_00)), policy=policy).told()

    assert {part.tier: part.heads for part in told.tiers if part.heads} == {Tier.A: 2, Tier.C: 2}

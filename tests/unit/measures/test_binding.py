"""What binds a customer, and whether that is all that keeps it."""

import pytest

from shared.domain.events import Cost, Value
from shared.domain.policy import Policy
from tests.builders import complaint, contract, contract_ended, inquiry, purchase, purchases, rating, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import TEN_DAYS, fact, value

TIE = "a contract, a reward balance, or what was spent on integration and training"


def reward(day: float, amount: int, currency: str = "EUR") -> Value:
    """The customer's balance in a reward scheme."""
    return fact(Value, day, what="reward", amount=amount, currency=currency)


def spent(day: float, what: str) -> Cost:
    """What the firm or the customer built in or learned."""
    return fact(Cost, day, what=what, amount=1_00, currency="EUR")


def test_every_tie_adds_its_weight_to_the_lock_in() -> None:
    """004-18: 0.3 · 73/365 + 0.2 · 50/100 + 0.2 + 0.3 = 0.66."""
    case = case_of(
        contract(0, ends=83, penalty=True, exclusive=True),
        purchases(1, 2),
        reward(3, 10_00),
        reward(4, 50_00),
        spent(5, "integration"),
        spent(6, "money"),
        until=10,
    )

    found = reading("lock_in", case)

    assert found.value == pytest.approx(0.66)
    assert found.parts == {"contract": pytest.approx(0.2), "reward": 0.5, "bundle": 1.0, "learning": 1.0}
    assert found.coverage == 1.0
    assert found.missing == ()
    assert found.evidence == ("contract of day 0", "value of day 4", "cost of day 5")


@pytest.mark.parametrize(
    ("ends", "part"), [(10 + 365, 1.0), (10 + 400, 1.0), (10 + 36.5, 0.1), (None, 1.0), (9, 0.0), (10, 0.0)]
)
def test_a_contract_with_a_penalty_binds_by_the_time_it_has_left(ends: float | None, part: float) -> None:
    """004-18"""
    found = reading("lock_in", case_of(contract(0, ends=ends, penalty=True), until=10))

    assert found.parts["contract"] == pytest.approx(part)
    assert found.value == pytest.approx(0.3 * part)
    assert found.coverage == 0.5
    assert found.missing == (TIE,)


def test_the_contract_that_binds_longest_counts() -> None:
    """004-18"""
    case = case_of(
        contract(0, ends=83, penalty=True, contract_id="a"),
        contract(1, ends=46.5, penalty=True, contract_id="b"),
        until=10,
    )

    assert reading("lock_in", case).parts["contract"] == pytest.approx(0.2)


def test_a_contract_without_a_penalty_does_not_bind() -> None:
    """004-18"""
    assert value("lock_in", case_of(contract(0, ends=300), until=10)) == 0.0


def test_a_draft_is_no_contract() -> None:
    """004-18"""
    draft = contract(1, penalty=True, exclusive=True, kind="draft", contract_id="a")

    assert value("lock_in", case_of(draft, until=10)) is None
    assert (
        reading("lock_in", case_of(contract(0, penalty=True, contract_id="a"), draft, until=10)).parts["contract"]
        == 1.0
    )


def test_a_contract_that_was_ended_binds_no_more() -> None:
    """004-18"""
    case = case_of(contract(0, penalty=True, exclusive=True), contract_ended(5), until=10)

    assert value("lock_in", case) == 0.0


def test_a_bundle_binds_like_an_exclusive_contract() -> None:
    """004-18"""
    assert value("lock_in", case_of(contract(0, kind="bundle"), until=10)) == pytest.approx(0.2)
    assert value("lock_in", case_of(contract(0, kind="bundle", ends=9), until=10)) == 0.0


@pytest.mark.parametrize(("balance", "part"), [(0, 0.0), (100_00, 1.0), (300_00, 1.0), (25_00, 0.25), (-5_00, 0.0)])
def test_a_reward_balance_binds_up_to_a_usual_order(balance: int, part: float) -> None:
    """004-18"""
    case = case_of(purchase(0), purchase(1, 90_00), purchase(2, 150_00), reward(3, balance), until=10)

    assert reading("lock_in", case).parts["reward"] == part
    assert value("lock_in", case) == pytest.approx(0.2 * part)


def test_a_reward_balance_is_held_against_so_many_orders_as_the_policy_says() -> None:
    """004-18"""
    policy = Policy(lock_in_reward_orders=2.0)

    assert reading("lock_in", case_of(purchase(0), reward(3, 50_00), until=10, policy=policy)).parts["reward"] == 0.25


def test_a_reward_without_a_purchase_or_a_rate_does_not_say_how_far_it_binds() -> None:
    """004-18"""
    assert reading("lock_in", case_of(reward(3, 50_00), until=10)).missing == (TIE,)
    assert value("lock_in", case_of(purchase(0), reward(3, 50_00, "USD"), until=10)) is None
    assert value("lock_in", case_of(purchase(0, 0), reward(3, 50_00), until=10)) is None


@pytest.mark.parametrize("what", ["integration", "edi", "training"])
def test_what_a_customer_has_learned_binds(what: str) -> None:
    """004-18"""
    as_value = fact(Value, 1, what=what, amount=0, currency="EUR")

    assert value("lock_in", case_of(spent(1, what), until=10)) == pytest.approx(0.3)
    assert value("lock_in", case_of(as_value, until=10)) == pytest.approx(0.3)
    assert reading("lock_in", case_of(as_value, until=10)).coverage == 0.25


def test_the_lock_in_ends_with_the_last_contract_that_binds() -> None:
    """000-13, 004-18"""
    case = case_of(
        contract(0, ends=30, penalty=True, contract_id="a"),
        contract(1, ends=40.5, exclusive=True, contract_id="b"),
        contract(2, ends=90, contract_id="c"),
        until=10,
    )

    assert value("exit_risk_when", case) == 30.5
    assert reading("exit_risk_when", case).evidence == ("contract of day 0", "contract of day 1")
    assert value("exit_risk_when", case_of(contract(0, ends=11, kind="bundle"), until=10)) == 1.0


def test_an_open_ended_contract_has_no_day_on_which_it_ends() -> None:
    """000-13, 004-18"""
    open_ended = reading("exit_risk_when", case_of(contract(0, penalty=True), until=10))

    assert open_ended.missing == ("when the open-ended contract ends",)
    assert open_ended.evidence == ("contract of day 0",)
    assert reading("exit_risk_when", case_of(contract(0, ends=30), until=10)).missing == (
        "a contract with a penalty, or an exclusive one",
    )
    assert value("exit_risk_when", case_of(contract(0, ends=10, penalty=True), until=10)) is None


def test_who_buys_on_dissatisfied_because_leaving_is_dear_is_spuriously_loyal() -> None:
    """000-13: r = 0.3, s = -0.8, lock-in 0.3 + 0.2."""
    case = case_of(contract(0, penalty=True, exclusive=True), purchases(0, 10, 20), complaint(21), until=25)

    found = reading("spurious_loyalty", case)

    assert found.value is True
    assert found.coverage == 1.0
    assert found.parts["r"] == pytest.approx(1.5 * 5 / case.state.long_gap)
    assert found.parts["satisfaction"] == -0.8
    assert found.parts["lock_in"] == pytest.approx(0.5)
    assert found.evidence == ("contract of day 0",)


@pytest.mark.parametrize(("x", "spurious"), [(-0.01, True), (0.0, False)])
def test_a_customer_who_is_not_dissatisfied_is_not_spuriously_loyal(x: float, spurious: bool) -> None:
    """000-13"""
    case = case_of(contract(0, penalty=True, exclusive=True), purchase(0), rating(1, x), until=2)

    assert value("spurious_loyalty", case) is spurious


def test_a_customer_who_is_free_to_leave_is_not_spuriously_loyal() -> None:
    """000-13"""
    case = case_of(contract(0, penalty=True), purchase(0), complaint(1), until=2)

    assert value("spurious_loyalty", case) is False


def test_a_silent_customer_is_not_loyal_in_any_way() -> None:
    """000-13: Q after one purchase is exp(ln 10 + 1.5 · 1.2) = 60.5 days."""
    story = [contract(0, penalty=True, exclusive=True), purchase(0), complaint(1)]

    assert value("spurious_loyalty", case_of(story, until=60, policy=TEN_DAYS)) is True
    assert value("spurious_loyalty", case_of(story, until=61, policy=TEN_DAYS)) is False


def test_spurious_loyalty_stays_unknown_while_a_mark_of_it_is() -> None:
    """000-13"""
    found = reading("spurious_loyalty", case_of(purchase(0), complaint(1), until=2))
    nothing = reading("spurious_loyalty", case_of(inquiry(0), until=2))

    assert found.value is None
    assert found.missing == (TIE,)
    assert nothing.missing == ("a purchase", "an opinion: feedback, a complaint", TIE)


def test_one_mark_that_does_not_hold_is_enough_to_say_no() -> None:
    """000-13"""
    found = reading("spurious_loyalty", case_of(purchase(0), rating(1, 1.0), refund(1.5, 1), until=2))

    assert found.value is False
    assert found.coverage == pytest.approx(2 / 3)
    assert found.missing == (TIE,)

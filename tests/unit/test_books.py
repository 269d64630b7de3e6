"""What is declared open: contracts by name, until they end or are renewed; and that a pledge is a commitment."""

import pytest

from shared.domain.events import Fact
from shared.domain.policy import Policy
from shared.domain.rules import running_pledges
from shared.domain.stages import Stage
from tests.builders import (
    contract,
    contract_ended,
    day,
    fold_story,
    invoice,
    path,
    payment,
    purchase,
    purchases,
    referral,
)


def running(*story: Fact, at: float) -> list[str]:
    """The contracts that run on a day."""
    return running_pledges(fold_story(story).customer, day(at))


def test_a_contract_runs_until_its_end() -> None:
    signed = contract(0, ends=10, contract_id="a")

    assert running(signed, at=9.999) == ["a"]
    assert running(signed, at=10) == []


def test_a_contract_signed_again_runs_until_its_new_end() -> None:
    renewed = [contract(0, ends=10, contract_id="a"), contract(5, ends=20, contract_id="a")]

    assert running(*renewed, at=15) == ["a"]


def test_a_contract_is_known_by_its_id_else_by_its_kind_else_by_its_event() -> None:
    signed = [contract(0, contract_id="a", kind="support"), contract(1, kind="support"), contract(2, id="e")]

    assert running(*signed, at=3) == ["a", "support", "e"]


@pytest.mark.parametrize(
    ("ended", "left"),
    [
        ({"contract_id": "a"}, ["support"]),
        ({"kind": "support"}, ["a"]),
        ({"contract_id": "b"}, ["a", "support"]),
        ({}, []),
    ],
)
def test_a_contract_is_ended_by_the_name_it_is_known_by_or_with_all_others(
    ended: dict[str, str], left: list[str]
) -> None:
    signed = [contract(0, contract_id="a"), contract(1, kind="support")]

    assert running(*signed, contract_ended(2, **ended), at=3) == left


def test_contracts_that_have_run_out_make_room_for_new_ones() -> None:
    story = [contract(one, ends=one + 0.5, contract_id=f"c{one}") for one in range(20)]

    assert [pledge.name for pledge in fold_story(story).customer.pledges] == ["c19"]


@pytest.mark.parametrize("pledge", [contract(1, ends=2), referral(1)])
def test_a_pledge_once_given_is_a_commitment_for_the_cycle(pledge: Fact) -> None:
    # Half a year between purchases: buying is not unbroken, so that nothing else commits.
    slow = Policy(formation_occasions=2, stability_occasions=3, window_gaps=0.5, long_gap_floor_days=400.0)
    bought = purchases(0, 100, 200, 300)

    assert path(fold_story(bought, policy=slow)) == [Stage.EXPLORATION, Stage.FORMATION]
    assert path(fold_story(bought, pledge, policy=slow)) == [Stage.EXPLORATION, Stage.FORMATION, Stage.STABILITY]


def test_what_is_owed_is_kept_by_currency_and_forgotten_when_it_is_paid() -> None:
    story = [invoice(0, 100), invoice(1, 50), invoice(2, 70, "USD"), payment(3, 150)]

    assert fold_story(story).customer.receivables == {"USD": 70}


def test_paying_too_much_is_no_credit_for_the_next_invoice() -> None:
    assert fold_story(payment(0, 100), invoice(1, 30)).customer.receivables == {"EUR": 30}


def test_a_purchase_counts_as_paid_unless_an_invoice_names_it() -> None:
    assert fold_story(purchase(0)).customer.receivables == {}

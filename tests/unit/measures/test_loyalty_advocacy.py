"""What a customer does unasked: recommending, trusting, being a member, taking part, telling."""

import pytest

from shared.domain.events import Delivery, Referral
from tests.builders import (
    complaint,
    contact,
    contract,
    contract_ended,
    feedback,
    inquiry,
    purchase,
    purchases,
    rating,
    referral,
)
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.loyalty_stories import fact, value


def test_who_is_recommended_to_twice_is_one_referral() -> None:
    """000-16: bo twice, converted in the end; somebody unnamed, converted; somebody unnamed, not."""
    case = case_of(
        referral(1, referred_customer_id="bo"),
        referral(2, referred_customer_id="bo", converted=True),
        referral(3, converted=True),
        referral(4),
        until=5,
    )

    assert value("referrals", case) == 3
    assert value("converted_referrals", case) == 2
    assert reading("converted_referrals", case).evidence == ("referral of day 2", "referral of day 3")
    assert len(reading("referrals", case).evidence) == 4


def test_a_customer_named_like_an_event_is_somebody_else() -> None:
    """000-16"""
    named = fact(Referral, 1, id="bo")

    assert value("referrals", case_of(named, referral(2, referred_customer_id="bo"), until=5)) == 2


def test_who_brought_a_customer_stays_its_bringer() -> None:
    """000-16"""
    told = [referral(1, referred_customer_id="bo", converted=True), referral(2, referred_customer_id="bo")]

    assert value("converted_referrals", case_of(told, until=5)) == 1


def test_an_advocate_has_brought_a_customer() -> None:
    """000-16"""
    assert value("advocate", case_of(referral(1), until=5)) is False
    assert value("advocate", case_of(referral(1, converted=True), until=5)) is True
    assert reading("advocate", case_of(referral(1, converted=True), until=5)).evidence == ("referral of day 1",)
    assert value("advocate", case_of(purchase(1), until=5)) is False
    assert value("advocate", case_of(referral(1, converted=True), referral(2, converted=True), until=5)) is True


def test_satisfaction_over_three_purchases_earns_trust() -> None:
    """003-12: opinions of 1 and -0.8 since the first purchase have a mean of 0.1; a referral adds 0.1."""
    story = [rating(0, -1.0), *purchases(1, 5, 9), rating(6, 1.0), complaint(10)]

    alone = reading("earned_trust", case_of(story, until=11))
    recommending = reading("earned_trust", case_of(story, referral(10.5), until=11))

    assert alone.value == pytest.approx(0.55)
    assert alone.parts == {"mean_opinion": pytest.approx(0.1), "opinions": 2, "referrals": 0}
    assert alone.evidence == ("feedback of day 6", "complaint of day 10")
    assert recommending.value == pytest.approx(0.65)
    assert recommending.parts["referrals"] == 1


def test_earned_trust_is_one_at_most() -> None:
    """003-12"""
    case = case_of(purchases(1, 5, 9), rating(6, 1.0), referral(7), until=11)

    assert value("earned_trust", case) == 1.0


def test_trust_is_not_earned_with_two_purchases_or_without_an_opinion() -> None:
    """003-12"""
    assert reading("earned_trust", case_of(purchases(1, 5), rating(6, 1.0), until=11)).missing == (
        "purchases on 3 days",
    )
    assert reading("earned_trust", case_of(purchases(1, 5, 9), referral(6), until=11)).missing == (
        "an opinion: feedback, a complaint",
    )


def test_deliveries_on_time_say_something_of_us_only_for_the_first_three_purchases() -> None:
    """003-12, 000-3"""
    trial = case_of(purchases(1, 5, 9), fact(Delivery, 10, on_time=True), until=11)
    usual = case_of(purchases(1, 5, 9, 10), fact(Delivery, 10.5, on_time=True), until=11)
    missed = case_of(purchases(1, 5, 9, 10), fact(Delivery, 10.5, on_time=False), until=11)

    assert value("earned_trust", trial) == pytest.approx(0.65)
    assert value("earned_trust", usual) is None
    assert value("earned_trust", missed) == pytest.approx(0.35)


def test_an_opinion_on_the_first_purchase_counts() -> None:
    """003-12"""
    assert value("earned_trust", case_of(purchases(1, 5, 9), rating(1, -1.0), until=11)) == 0.0


def test_a_member_is_one_since_its_oldest_membership_that_runs() -> None:
    """004-21"""
    case = case_of(
        contract(0, kind="subscription"),
        contract(2, ends=12, kind="membership", contract_id="a"),
        contract(10, ends=30, kind="membership", contract_id="a"),
        contract(15, kind="membership", contract_id="b"),
        until=20,
    )

    found = reading("member_days", case)

    assert found.value == 18.0
    assert found.evidence == ("contract of day 10", "contract of day 15")


def test_a_membership_that_lapsed_begins_anew() -> None:
    """004-21"""
    lapsed = [contract(0, ends=5, kind="membership"), contract(8, kind="membership")]
    renewed = [contract(0, ends=5, kind="membership"), contract(5, kind="membership")]

    assert value("member_days", case_of(lapsed, until=10)) == 2.0
    assert value("member_days", case_of(renewed, until=10)) == 10.0


def test_who_is_no_member_or_no_longer_has_no_days_as_one() -> None:
    """004-21"""
    lasting = contract(0, ends=10, kind="membership")

    assert value("member_days", case_of(lasting, until=9.5)) == 9.5
    assert value("member_days", case_of(lasting, until=10)) is None
    assert value("member_days", case_of(lasting, contract_ended(5), until=9)) is None
    assert value("member_days", case_of(lasting, contract_ended(5, kind="membership"), until=9)) is None
    assert value("member_days", case_of(lasting, contract_ended(5, contract_id="x"), until=9)) == 9.0
    assert reading("member_days", case_of(purchase(0), until=9)).missing == ("a contract of kind membership",)


def test_attendance_and_feedback_are_counted() -> None:
    """004-21"""
    case = case_of(
        contact(1, action="group_activity"),
        contact(2, action="visit"),
        contact(3),
        feedback(4, nps=9.0),
        rating(5, 0.0),
        complaint(6),
        until=9,
    )

    assert value("group_activities", case) == 1
    assert reading("group_activities", case).evidence == ("contact of day 1",)
    assert value("feedback_count", case) == 2
    assert reading("feedback_count", case).evidence == ("feedback of day 4", "feedback of day 5")
    assert value("feedback_count", case_of(inquiry(0), until=9)) == 0


def test_what_is_said_between_two_purchases_of_the_first_day_counts() -> None:
    """003-12: a relationship begins with its first purchase, not with the last one of that day."""
    story = [purchase(0.1), rating(0.2, 1.0), purchase(0.3), *purchases(5, 9)]

    assert reading("earned_trust", case_of(story, until=11)).parts["opinions"] == 1

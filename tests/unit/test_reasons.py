"""Why a customer is about to leave, and how: the reason that weighs most, as long as it lasts (002-15, 004-16)."""

import pytest
from msgspec.structs import replace

from shared.domain.alerts import AlertKind, Mode, ReasonCode
from shared.domain.context import Context, Sign, SignKind, with_sign, without_sign
from shared.domain.customer import Customer, Opinion, Waiting
from shared.domain.events import Fact
from shared.domain.instants import Instant
from shared.domain.policy import Policy
from shared.domain.reasons import active, mode_of, reason_of, sign_of
from tests.builders import (
    alert_of,
    competitor,
    complaint,
    day,
    end_intent,
    feedback,
    fold_story,
    inquiry,
    price_change,
    purchases,
    refund,
    resolved,
)

BORDER = 100
"""The day on which signs are looked at here."""


def with_signs(*kinds: SignKind, at: float = BORDER, median_gap: float = 10.0) -> Customer:
    """A customer with signs of some kinds, each told by an event that is named after it."""
    customer = Customer(median_gap=median_gap)
    for kind in kinds:
        customer.context = with_sign(customer.context, kind, Sign(day(at), f"the {kind}", 0.5))
    return customer


RANKED = [SignKind.RIVAL, SignKind.PRICE, SignKind.UNMET_NEED, SignKind.NEED_SHRUNK]
CAUSES = [ReasonCode.RIVAL, ReasonCode.PRICE, ReasonCode.OUTGROWN, ReasonCode.NEED_CHANGED]


@pytest.mark.parametrize("first", range(4))
def test_the_sign_that_weighs_most_is_the_reason(first: int) -> None:
    """002-15: what a rival offers, what we ask, what we lack, what it needs, in this order."""
    customer = with_signs(*RANKED[first:])

    assert reason_of(customer, day(BORDER), Policy()) == (CAUSES[first], (f"the {RANKED[first]}",))


def test_without_any_sign_the_reason_is_unknown() -> None:
    """002-15: a price paid for less, or a fault long ago, is no reason by itself."""
    assert reason_of(Customer(), day(BORDER), Policy()) == (ReasonCode.UNKNOWN, ())
    assert reason_of(with_signs(SignKind.TRADED_DOWN), day(BORDER), Policy()) == (ReasonCode.UNKNOWN, ())
    assert reason_of(with_signs(SignKind.BAD), day(BORDER), Policy()) == (ReasonCode.UNKNOWN, ())


@pytest.mark.parametrize(
    ("kind", "cause", "lasts"),
    [
        (SignKind.RIVAL, ReasonCode.RIVAL, 60),
        (SignKind.PRICE, ReasonCode.PRICE, 2 * 20),
        (SignKind.UNMET_NEED, ReasonCode.OUTGROWN, 2 * 20),
        (SignKind.NEED_SHRUNK, ReasonCode.NEED_CHANGED, 2 * 2 * 20),
    ],
)
def test_a_sign_is_a_reason_for_as_long_as_it_lasts(kind: SignKind, cause: ReasonCode, lasts: float) -> None:
    """002-15, 002-21: a rival's offer sixty days, a price 2 m, an unmet need W, a shrunk need 2 W; m = 20, W = 40."""
    customer = with_signs(kind, at=BORDER - lasts, median_gap=20.0)

    assert reason_of(customer, day(BORDER), Policy())[0] is cause
    assert reason_of(customer, Instant(day(BORDER) + 1), Policy())[0] is ReasonCode.UNKNOWN


def test_the_policy_says_for_how_long_a_rivals_offer_counts() -> None:
    customer = with_signs(SignKind.RIVAL, at=BORDER - 61)

    assert reason_of(customer, day(BORDER), Policy(rival_days=61.0))[0] is ReasonCode.RIVAL


def test_an_open_complaint_weighs_most_and_names_itself() -> None:
    """002-15: dissatisfied, with the complaint and the fault behind it as evidence."""
    customer = with_signs(SignKind.BAD, *RANKED)
    customer.complaints = (Waiting("the complaint", day(90)),)

    assert reason_of(customer, day(BORDER), Policy()) == (ReasonCode.DISSATISFIED, ("the complaint", "the bad"))


def test_the_same_event_is_named_once() -> None:
    customer = with_signs(SignKind.BAD)
    customer.complaints = (Waiting("the bad", day(90)), Waiting("another", day(91)))

    assert reason_of(customer, day(BORDER), Policy()) == (ReasonCode.DISSATISFIED, ("the bad", "another"))


def test_who_is_dissatisfied_goes_before_what_a_rival_offers() -> None:
    customer = with_signs(SignKind.RIVAL)
    customer.dissatisfied = True

    assert reason_of(customer, day(BORDER), Policy()) == (ReasonCode.DISSATISFIED, ())


@pytest.mark.parametrize(
    ("x", "cause"), [(-0.01, ReasonCode.DISSATISFIED), (0.0, ReasonCode.UNKNOWN), (0.5, ReasonCode.UNKNOWN)]
)
def test_a_satisfaction_below_zero_is_a_reason_where_there_is_no_other(x: float, cause: ReasonCode) -> None:
    """002-15: not low enough for a decline, and still the best that is known."""
    customer = replace(with_signs(SignKind.BAD), opinions=(Opinion(day(99), x),), opinion_window=30.0)
    rivalled = replace(with_signs(SignKind.RIVAL), opinions=(Opinion(day(99), x),), opinion_window=30.0)

    assert reason_of(customer, day(BORDER), Policy())[0] is cause
    assert reason_of(rivalled, day(BORDER), Policy())[0] is ReasonCode.RIVAL


@pytest.mark.parametrize(
    ("outlook", "cause"),
    [(-0.1, ReasonCode.FIRM_OUTLOOK), (0.0, ReasonCode.UNKNOWN), (0.3, ReasonCode.UNKNOWN), (None, ReasonCode.UNKNOWN)],
)
def test_a_firm_that_is_seen_to_do_badly_is_the_last_reason(outlook: float | None, cause: ReasonCode) -> None:
    """001-14, 002-15: firm_outlook, where nothing about the customer itself is known."""
    policy = Policy(company_outlook=outlook)

    assert reason_of(Customer(), day(BORDER), policy) == (cause, ())
    assert reason_of(with_signs(SignKind.PRICE), day(BORDER), policy)[0] is ReasonCode.PRICE


@pytest.mark.parametrize(
    ("told", "cause", "evidence"),
    [
        ([complaint(21, id="c")], ReasonCode.DISSATISFIED, ("c",)),
        ([complaint(21, id="c"), resolved(22)], ReasonCode.DISSATISFIED, ("c",)),
        ([complaint(21), feedback(22, rating=5)], ReasonCode.DISSATISFIED, ("complaint of day 21",)),
        ([complaint(21), resolved(22), feedback(23, rating=5)], ReasonCode.UNKNOWN, ()),
        ([competitor(21, "offer", id="r")], ReasonCode.RIVAL, ("r",)),
        ([competitor(21, "trial", id="r")], ReasonCode.RIVAL, ("r",)),
        ([competitor(21, "mention")], ReasonCode.UNKNOWN, ()),
        ([price_change(21, 5.0, id="p")], ReasonCode.PRICE, ("p",)),
        ([price_change(21, 0.0)], ReasonCode.UNKNOWN, ()),
        ([price_change(21, -5.0)], ReasonCode.UNKNOWN, ()),
        ([inquiry(21, intent="unmet_need", id="u", kind="view")], ReasonCode.OUTGROWN, ("u",)),
        ([inquiry(21, intent="new_need", kind="view")], ReasonCode.UNKNOWN, ()),
        ([refund(21, 1, reason="defect", id="f"), feedback(22, rating=3)], ReasonCode.DISSATISFIED, ("f",)),
    ],
)
def test_the_reason_of_a_silence_is_read_from_what_happened(
    told: list[Fact], cause: ReasonCode, evidence: tuple[str, ...]
) -> None:
    """002-15: reason codes with the ids of the events that tell them."""
    # Q is its floor of thirty days: whoever bought last on day 20 is silent on day 50.
    quick = Policy(long_gap_sigmas=0.0001, settled_opinions=3)
    folded = fold_story(purchases(0, 10, 20), told, until=50, policy=quick)

    alert = alert_of(folded, AlertKind.SILENCE)
    assert (alert.reason, alert.evidence.event_ids) == (cause.value, evidence)


def test_a_price_rise_keeps_its_percent_as_strength() -> None:
    """003-11: the sign says by how much, so that the measure of price sensitivity and the reason tell the same."""
    sign = sign_of(fold_story(purchases(0, 10), price_change(11, 7.5, id="p")).customer, SignKind.PRICE)

    assert sign == Sign(day(11), "p", 7.5)


def bought_on(last_day: int, bad_day: float | None, **more: object) -> Customer:
    """A customer with m of ten days that bought last on a day, and was let down on another."""
    bought = fold_story(purchases(last_day)).customer
    customer = replace(bought, median_gap=10.0, **more)
    if bad_day is not None:
        customer.context = with_sign(None, SignKind.BAD, Sign(day(bad_day), "the bad", 1.0))
    return customer


@pytest.mark.parametrize(
    ("bad_day", "mode"),
    [(40, Mode.RUPTURE), (39.9, Mode.FADE), (50, Mode.RUPTURE), (60, Mode.RUPTURE), (None, Mode.FADE)],
)
def test_a_tie_breaks_where_something_bad_came_at_most_m_before_the_last_activity(
    bad_day: float | None, mode: Mode
) -> None:
    """004-16: last activity on day 50, m = 10; otherwise it fades."""
    assert mode_of(bought_on(50, bad_day)) is mode


@pytest.mark.parametrize("activity", ["inquired_at", "contact_at"])
def test_asking_and_talking_are_activity_too(activity: str) -> None:
    """004-16: bought on day 50, let down on day 45, in touch until day 70: that was not what it broke over."""
    assert mode_of(bought_on(50, 45)) is Mode.RUPTURE
    assert mode_of(bought_on(50, 45, **{activity: day(70)})) is Mode.FADE


def test_something_bad_without_any_activity_is_a_rupture() -> None:
    assert mode_of(with_signs(SignKind.BAD)) is Mode.RUPTURE


def test_an_alert_says_how_the_tie_goes() -> None:
    """004-16: the complaint of day 15 came less than m before the last purchase."""
    broken = fold_story(purchases(0, 10), complaint(15), purchases(20), end_intent(21))
    faded = fold_story(purchases(0, 10, 20), end_intent(21))

    assert alert_of(broken, AlertKind.END_INTENT).evidence.mode is Mode.RUPTURE
    assert alert_of(faded, AlertKind.END_INTENT).evidence.mode is Mode.FADE


def test_only_the_newest_sign_of_a_kind_is_kept() -> None:
    older, newer = Sign(day(1), "a", 0.1), Sign(day(2), "b", 0.2)
    context = with_sign(with_sign(Context(industry="food"), SignKind.RIVAL, older), SignKind.RIVAL, newer)

    assert (context.signs, context.industry) == ({"rival": newer}, "food")
    assert sign_of(Customer(context=context), SignKind.RIVAL) is newer
    assert sign_of(Customer(context=context), SignKind.PRICE) is None
    assert sign_of(Customer(), SignKind.RIVAL) is None


def test_signs_are_kept_in_the_order_of_their_names_whatever_came_first() -> None:
    """Two ways to the same state are the same bytes."""
    one, other = Sign(day(1), "a", 0.1), Sign(day(2), "b", 0.2)
    there = with_sign(with_sign(None, SignKind.RIVAL, one), SignKind.BAD, other)
    back = with_sign(with_sign(None, SignKind.BAD, other), SignKind.RIVAL, one)

    assert list(there.signs) == list(back.signs) == ["bad", "rival"]


def test_a_sign_can_be_taken_back_without_touching_the_others() -> None:
    context = with_signs(SignKind.RIVAL, SignKind.PRICE).context

    left = without_sign(context, SignKind.RIVAL)

    assert left is not None
    assert list(left.signs) == ["price"]
    assert without_sign(left, SignKind.RIVAL) is left
    assert without_sign(None, SignKind.RIVAL) is None


def test_a_sign_lasts_up_to_and_with_its_last_instant() -> None:
    customer = with_signs(SignKind.RIVAL, at=0)
    sign = sign_of(customer, SignKind.RIVAL)

    assert active(customer, SignKind.RIVAL, day(3), 3) is sign
    assert active(customer, SignKind.RIVAL, Instant(day(3) + 1), 3) is None
    assert active(customer, SignKind.PRICE, day(3), 3) is None

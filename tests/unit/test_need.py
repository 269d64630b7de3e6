"""Less bought because less is needed: the customer's own total business against what it buys of us (002-13)."""

from collections.abc import Sequence
from math import exp, log, log1p

import pytest

from shared.domain.alerts import AlertKind
from shared.domain.context import EMPTY, SignKind
from shared.domain.customer import Customer
from shared.domain.events import Fact
from shared.domain.need import own_total_stood, total_share, trend_share, volume_share
from shared.domain.policy import Policy
from shared.domain.reasons import sign_of
from shared.domain.stages import Signal, Stage
from tests.builders import alert_of, alerts_of, day, fold_story, last, path, policy_from, purchase, purchases, wallet

QUIET_AT_45 = Policy(window_floor_days=60.0, window_gaps=0.001, long_gap_floor_days=45.0, long_gap_sigmas=0.0001)
"""A policy under which W is sixty days and Q forty-five for everybody who buys at least every thirty."""

EVERY_TEN_DAYS = purchases(*range(0, 61, 10))
"""Silent on day 105 under that policy: A0 has the purchases of days 50 and 60, A1 those of days 0 to 40."""


def declared(*totals: int, first: float = 30) -> list[Fact]:
    """Somebody tells its own total business, period after period."""
    return [wallet(first + place, f"2024-P{place}", total) for place, total in enumerate(totals)]


def customer_of(*story: Fact | Sequence[Fact], policy: Policy | None = None) -> Customer:
    """The customer right after the story."""
    return fold_story(*story, policy=policy).customer


@pytest.mark.parametrize(
    ("totals", "share"),
    [([], None), ([1_000], None), ([1_000, 400], 0.4), ([1_000, 400, 600], 1.5), ([0, 500], None), ([1, 2], 2)],
)
def test_the_own_total_is_the_newest_over_the_one_before(totals: list[int], share: float | None) -> None:
    """002-13: with one declaration, or none, nothing is known of how the business went."""
    assert total_share(customer_of(purchase(0), declared(*totals))) == share


def test_a_period_told_again_counts_once() -> None:
    corrected = [wallet(1, "Q1", 900), wallet(2, "Q2", 450), wallet(3, "Q1", 1_000), wallet(4, "Q2", 500)]

    assert total_share(customer_of(purchase(0), corrected)) == 0.5


def test_totals_are_compared_in_the_order_of_their_being_told() -> None:
    newest = (customer_of(purchase(0), declared(1_000, 400, 600)).context or EMPTY).totals

    assert [(total.period, total.amount) for total in newest] == [("2024-P1", 400), ("2024-P2", 600)]


def test_a_total_in_another_currency_needs_a_rate() -> None:
    """003-3, 002-13: amounts are never compared across currencies."""
    story = [purchase(0), wallet(1, "Q1", 1_000), wallet(2, "Q2", 1_000, "USD")]
    with_rate = Policy(base_currency="EUR", rates={"USD": 0.25})

    assert total_share(customer_of(story)) is None
    assert total_share(customer_of(story, policy=Policy(rates={"USD": 0.25}))) is None
    assert total_share(customer_of(story, policy=Policy(base_currency="EUR"))) is None
    assert total_share(customer_of(story, policy=with_rate)) == 0.25


def test_the_base_currency_is_what_totals_are_compared_in() -> None:
    story = [purchase(0, currency="USD"), wallet(1, "Q1", 1_000, "USD"), wallet(2, "Q2", 100, "EUR")]
    policy = Policy(base_currency="EUR", rates={"USD": 0.5})

    assert total_share(customer_of(story, policy=policy)) == 0.2


def test_totals_of_two_currencies_are_not_compared_before_the_first_purchase_either() -> None:
    """002-13: what is bought first says what a customer is counted in; until then each total has its own currency."""
    dollars, euros = wallet(0, "Q1", 1_000, "USD"), wallet(1, "Q2", 500)

    assert total_share(customer_of(dollars, euros)) is None
    assert total_share(customer_of(dollars, purchase(1), wallet(2, "Q2", 500))) is None
    assert total_share(customer_of(dollars, wallet(1, "Q2", 500, "USD"))) == 0.5


def test_totals_are_not_compared_across_a_change_of_the_base_currency() -> None:
    """002-13: a thousand dollars before, five hundred euros after it."""
    story = [purchase(0, currency="USD"), wallet(1, "Q1", 1_000, "USD"), wallet(20, "Q2", 500)]

    assert total_share(fold_story(story, controls=[policy_from(10, Policy(base_currency="EUR"))]).customer) is None


@pytest.mark.parametrize(
    ("totals", "share", "holds"),
    [
        ([1_000], 0.4, True),
        ([1_000, 400], None, True),
        ([1_000, 401], 0.4, True),
        ([1_000, 400], 0.4, False),
        ([1_000, 399], 0.4, False),
        ([1_000, 900], 1.0, True),
        ([1_000, 900], 0.9999, False),
    ],
)
def test_the_own_total_stood_unless_it_is_known_to_have_fallen_by_as_much(
    totals: list[int], share: float | None, holds: bool
) -> None:
    """002-13: at least the same ratio; the unknown speaks for a decline; a volume that stood needs no total."""
    guard = own_total_stood(customer_of(purchase(0), declared(*totals)), share, Policy())

    assert (guard.name, guard.concept, guard.holds) == ("own_total_share", "002-13", holds)
    assert guard.value == (totals[1] / totals[0] if len(totals) > 1 else None)
    assert guard.threshold == share


def test_the_volume_is_told_as_a_share_of_the_window_before() -> None:
    """002-13: A0 over A1, W = 60: day 105 has 200 of 500; unknown where nothing was bought before."""
    assert volume_share(customer_of(EVERY_TEN_DAYS), day(105), QUIET_AT_45) == 0.4
    assert volume_share(customer_of(EVERY_TEN_DAYS), day(59), QUIET_AT_45) is None
    assert volume_share(Customer(), day(59), QUIET_AT_45) is None


def test_a_volume_of_unknown_amounts_has_no_share() -> None:
    foreign = [*purchases(0, 10), purchase(70, currency="USD")]

    assert volume_share(customer_of(foreign), day(105), QUIET_AT_45) is None


def test_a_trend_tells_what_is_left_after_the_windows_that_it_goes_over() -> None:
    """002-13: 160, 80, 40 and 20 euros in four windows of thirty days; the trend is the median of six slopes."""
    month = Policy(window_gaps=0.001)
    story = [purchase(0, 0), purchase(15, 160_00), purchase(45, 80_00), purchase(75, 40_00), purchase(105, 20_00)]
    l160, l80, l40, l20 = (log1p(euros) for euros in (160, 80, 40, 20))
    slopes = sorted([l80 - l160, l40 - l80, l20 - l40, (l40 - l160) / 2, (l20 - l80) / 2, (l20 - l160) / 3])

    share = trend_share(customer_of(story), day(120), month)

    assert share == pytest.approx(exp(3 * (slopes[2] + slopes[3]) / 2))
    assert share == pytest.approx(20 / 160, rel=0.1)
    assert trend_share(customer_of(story), day(119), month) is None


def test_silence_is_decline_while_the_own_business_goes_on() -> None:
    """002-13: A0 is 0.4 of A1, the own total stood at 0.41."""
    folded = fold_story(EVERY_TEN_DAYS, declared(1_000, 410), until=106, policy=QUIET_AT_45)

    assert (last(folded).target, last(folded).reason.signal) == (Stage.DECLINE, Signal.SILENT)
    assert last(folded).effective_at == day(105)
    assert [(guard.name, guard.holds) for guard in last(folded).reason.guards] == [
        ("silence_r", True),
        ("own_total_share", True),
    ]
    assert alert_of(folded, AlertKind.SILENCE).evidence.wallet_checked is True


def test_nobody_is_alarmed_when_the_own_business_fell_by_as_much() -> None:
    """002-13: need_shrink, and no churn alert: at 0.4 the own total fell as far as the volume here."""
    folded = fold_story(EVERY_TEN_DAYS, declared(1_000, 400), until=106, policy=QUIET_AT_45)

    assert Stage.DECLINE not in path(folded)
    assert alerts_of(folded) == []
    sign = sign_of(folded.customer, SignKind.NEED_SHRUNK)
    assert sign is not None
    assert (sign.at, sign.event_id, sign.strength) == (day(105), "", 0.6)


def test_a_shrunk_need_is_looked_at_once_more_when_silence_is_long_enough_for_dormancy() -> None:
    """002-13, 004-11: r = 3 is ninety days after the last purchase; what was bought before is still unanswered."""
    before = fold_story(EVERY_TEN_DAYS, declared(1_000, 0), until=149.99, policy=QUIET_AT_45)
    after = fold_story(EVERY_TEN_DAYS, declared(1_000, 0), until=150, policy=QUIET_AT_45)

    assert Stage.DECLINE not in path(before)
    assert (last(after).target, last(after).effective_at) == (Stage.DECLINE, day(150))
    assert AlertKind.SILENCE not in [kind for kind, _ in alerts_of(after)]


def test_without_a_declaration_the_wallet_is_not_checked_and_silence_is_decline() -> None:
    """002-13: total unknown, decline, `wallet_checked` false."""
    folded = fold_story(EVERY_TEN_DAYS, until=106, policy=QUIET_AT_45)

    assert last(folded).target is Stage.DECLINE
    assert alert_of(folded, AlertKind.SILENCE).evidence.wallet_checked is False


def test_a_purchase_ends_the_talk_of_a_shrunk_need() -> None:
    story = [*EVERY_TEN_DAYS, *declared(1_000, 400), purchase(110)]

    assert sign_of(fold_story(story, policy=QUIET_AT_45).customer, SignKind.NEED_SHRUNK) is None


SHARP = Policy(window_gaps=0.001)
"""W is thirty days."""
FALLING = [*purchases(*range(0, 61, 5), amount=100), *purchases(*range(65, 86, 5), amount=1)]
"""A0 is 105 of 600 on day 85, the second occasion running below two fifths."""


@pytest.mark.parametrize(("total", "declines"), [(175, False), (176, True)])
def test_a_sharp_drop_is_no_decline_where_the_own_business_fell_as_sharply(total: int, declines: bool) -> None:
    """002-13: 105 of 600 are 0.175, the ratio that the own total must have kept."""
    folded = fold_story(FALLING, declared(1_000, total), policy=SHARP)

    assert (Stage.DECLINE in path(folded)) is declines
    assert (AlertKind.VOLUME_DROP_SHARP in [kind for kind, _ in alerts_of(folded)]) is declines
    assert (sign_of(folded.customer, SignKind.NEED_SHRUNK) is None) is declines


def test_a_shrunk_need_names_the_purchase_that_showed_it_and_how_far_it_fell() -> None:
    folded = fold_story(FALLING, declared(1_000, 100), policy=SHARP)

    sign = sign_of(folded.customer, SignKind.NEED_SHRUNK)
    assert sign is not None
    assert (sign.at, sign.event_id, sign.strength) == (day(85), "purchase of day 85", 0.9)


def dwindling(until: int) -> list[Fact]:
    """Somebody who buys every five days, for a fifth less every thirty."""
    return [purchase(one, round(10_000_00 * 0.8 ** (one // 30))) for one in range(0, until + 1, 5)]


@pytest.mark.parametrize(("total", "declines"), [(450, False), (600, True)])
def test_a_gradual_drop_is_no_decline_where_the_own_business_fell_as_far(total: int, declines: bool) -> None:
    """002-13: a fifth less a window leaves about 0.8 cubed, 0.51, after the three steps of the trend."""
    folded = fold_story(dwindling(125), declared(1_000, total), policy=SHARP)

    assert exp(3 * log(0.8)) == pytest.approx(0.512)
    assert (Stage.DECLINE in path(folded)) is declines

"""Conflicts and how they end; praise and complaints per 100 occasions."""

import pytest

from shared.domain.events import Praise
from shared.domain.policy import Policy
from tests.builders import complaint, purchase, purchases, refund, resolved
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.voices import told

HEAVY_PRIOR = Policy(prior_weight=1e9)
"""m stays at 30 d whatever the gaps are."""


@pytest.mark.parametrize(("until", "overdue"), [(1.999, 0), (2, 1), (2.001, 1)])
def test_a_complaint_is_open_until_it_is_resolved_and_overdue_after_24_hours(until: float, overdue: int) -> None:
    """000-14: an unresolved conflict stands in the way."""
    found = reading("open_conflicts", case_of(purchase(0), complaint(1, id="broken"), until=until))

    assert found.value == 1
    assert found.parts == {"overdue": overdue}
    assert found.evidence == ("broken",)


def test_a_resolution_settles_the_complaint_that_it_names() -> None:
    """000-14: the other one stays open; it takes a resolution without a name to settle all."""
    story = [purchase(0), complaint(1, id="one"), complaint(2, id="two"), complaint(3, id="three")]
    named = [*story, resolved(3.5, complaint_id="two")]

    assert reading("open_conflicts", case_of(named, until=4)).evidence == ("one", "three")
    assert reading("open_conflicts", case_of(named, resolved(4), until=4)).value == 0
    assert reading("resolved_conflicts", case_of(named, resolved(4), until=4)).value == 3


@pytest.mark.parametrize(("day", "in_time"), [(1.999, 1), (2, 1), (2.001, 0)])
def test_a_conflict_is_resolved_in_time_within_24_hours(day: float, in_time: int) -> None:
    """000-14: the SLA is `answer_hours`."""
    case = case_of(purchase(0), complaint(1), resolved(day, id="settled"), until=3)

    found = reading("resolved_conflicts", case)

    assert found.value == 1
    assert found.parts == {"in_time": in_time}
    assert found.evidence == ("settled",)


def test_the_hours_to_resolve_are_the_median_of_the_conflicts() -> None:
    """000-14: 12, 18 and 48 hours."""
    story = [
        complaint(1, id="a"),
        resolved(1.5, id="settled a"),
        complaint(2, id="b"),
        complaint(2, id="c"),
        resolved(2.75, complaint_id="c", id="settled c"),
        resolved(4, complaint_id="b", id="settled b"),
        complaint(5),
    ]

    found = reading("hours_to_resolve", case_of(purchase(0), story, until=6))

    assert found.value == pytest.approx(18)
    assert found.evidence == ("settled a", "settled b", "settled c")


def test_without_a_resolved_complaint_the_time_to_resolve_is_unknown() -> None:
    """000-14: and so is the newest conflict without any."""
    assert reading("hours_to_resolve", case_of(purchase(0), complaint(1), until=2)).value is None
    assert reading("newest_conflict", case_of(purchase(0), until=2)).missing == ("a complaint",)


@pytest.mark.parametrize(
    ("settled", "bought", "until", "state"),
    [
        (None, None, 29.9, "open"),
        (None, None, 30, "overdue"),
        (30.001, 45, 50, "late"),
        (30, None, 59.9, "resolved"),
        (30, None, 60.1, "not_recovered"),
        (30, 59.9, 100, "recovered"),
        (30, 60.1, 100, "not_recovered"),
    ],
)
def test_a_conflict_is_recovered_from_when_a_purchase_follows_its_timely_resolution(
    settled: float | None, bought: float | None, until: float, state: str
) -> None:
    """000-14: m is 30 d, and so is every gap; the complaint came on day 29."""
    story = [*purchases(0, 29), complaint(29, id="broken")]
    story += [] if settled is None else [resolved(settled, id="settled")]
    story += [] if bought is None else [purchase(bought)]
    # The gaps of 29 d and 16 d would move m a little: a prior this heavy holds it.
    case = case_of(story, until=until, policy=HEAVY_PRIOR)

    found = reading("newest_conflict", case)

    assert found.value == state
    assert found.evidence == (("broken",) if settled is None else ("broken", "settled"))
    assert reading("recovered_conflicts", case).value == (state == "recovered")


def test_a_purchase_is_awaited_for_one_median_gap_to_its_last_instant() -> None:
    """000-14: m is 1 d by the policy."""
    case = case_of(purchase(0), complaint(0.5), resolved(1), until=2, policy=Policy(mu0=0.0))

    assert reading("newest_conflict", case).value == "resolved"


def test_what_is_bought_at_the_instant_of_the_resolution_or_given_back_recovers_nothing() -> None:
    """000-14: only what follows counts, net of refunds."""
    story = [*purchases(0, 30), complaint(29.5), resolved(30)]

    assert reading("newest_conflict", case_of(story, until=31)).value == "resolved"
    returned = [purchase(40, order="boots"), refund(41, order="boots")]
    assert reading("newest_conflict", case_of(story, returned, until=42)).value == "resolved"
    kept = [purchase(40, order="boots"), purchase(40.5, order="laces"), refund(41, order="boots")]
    assert reading("newest_conflict", case_of(story, kept, until=42)).value == "recovered"


def test_recovered_conflicts_are_counted_with_what_settled_them() -> None:
    """000-14: two in time and followed by a purchase, one late."""
    story = [
        *purchases(0, 5, 15, 25),
        complaint(1, id="a"),
        resolved(1.5, id="settled a"),
        complaint(10, id="b"),
        resolved(12, id="settled b"),
        complaint(20, id="c"),
        resolved(20.5, id="settled c"),
    ]

    found = reading("recovered_conflicts", case_of(story, until=26))

    assert found.value == 2
    assert found.evidence == ("settled a", "settled c")


def test_a_conflict_of_the_cycle_before_is_over() -> None:
    """000-14: the customer slept for 500 d and came back."""
    story = [purchase(0), complaint(1), purchase(500), complaint(500, id="again")]

    case = case_of(story, until=500.5)

    assert reading("open_conflicts", case).evidence == ("again",)


def test_praise_and_complaints_are_counted_per_100_occasions() -> None:
    """004-6: 1 praise and 3 complaints in 8 occasions, two of the purchases on one day."""
    story = [*purchases(0, 10, 20, 30, 40, 50, 60, 70, 70.5), told(Praise, 5, id="well done")]
    story += [complaint(day) for day in (11, 12, 13)]

    case = case_of(story, until=80)

    assert reading("praise_rate", case).value == 12.5
    assert reading("praise_rate", case).evidence == ("well done",)
    assert reading("complaint_rate", case).value == 37.5
    assert reading("complaint_rate", case).evidence[-1] == "complaint of day 13"


def test_where_voices_are_heard_at_all_none_is_none() -> None:
    """004-6: a customer who praised has not complained, and the other way round."""
    praised = case_of(purchase(0), told(Praise, 1), until=2)
    complained = case_of(purchase(0), complaint(1), until=2)

    assert reading("complaint_rate", praised).value == 0
    assert reading("praise_rate", complained).value == 0


@pytest.mark.parametrize("name", ["praise_rate", "complaint_rate"])
def test_of_a_customer_who_is_never_heard_the_rates_are_unknown(name: str) -> None:
    """004-6: nor can they be told without an occasion."""
    assert reading(name, case_of(purchase(0), until=2)).missing == ("a praise or a complaint",)
    assert reading(name, case_of(told(Praise, 0), until=2)).missing == ("a purchase",)

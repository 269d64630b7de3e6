"""What serving costs, and what comes back for it."""

import pytest

from shared.domain.alerts import Alert, AlertKind, AlertStatus, Severity
from shared.domain.events import Fact
from shared.domain.measures.case import Case
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from tests.builders import ANNA, complaint, contact, day, purchase, purchases, refund
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.worth import HALF, among, cost


def test_the_cost_to_serve_is_that_of_contacts_and_of_the_firms_own_entries() -> None:
    """004-22: 10 + 5; of three outlays two say what they cost; the customer's own costs are not the firm's."""
    case = case_of(
        purchase(0),
        contact(1, cost=10_00, currency="EUR"),
        contact(2),
        cost(400, 5_00, "service"),
        cost(401, 70_00, "energy"),
        until=410,
    )

    found = reading("cost_to_serve", case)

    assert found.value == 15_00
    assert found.coverage == pytest.approx(2 / 3)
    assert found.missing == ("the cost of every contact",)
    assert found.parts == {"last_year": 5_00}
    assert found.evidence == ("contact of day 1", "cost service of day 400")


def test_who_bears_a_cost_is_told_by_the_event_before_its_name() -> None:
    """004-22: time that the firm spent is the firm's; training that the customer paid is not."""
    story = [purchase(0), cost(1, 5_00, "time", by="firm"), cost(2, 7_00, "training", by="customer"), cost(3, 1_00)]

    found = reading("cost_to_serve", case_of(story, until=10))

    assert found.value == 6_00
    assert found.coverage == 1
    assert found.missing == ()


def test_the_cost_to_serve_is_unknown_where_nothing_says_what_it_is() -> None:
    """004-22: a contact without a cost, a cost in a currency without a rate, a customer without any currency."""
    for story in ([purchase(0), contact(1)], [purchase(0), cost(1, 5, currency="USD")], [contact(1, cost=5)]):
        found = reading("cost_to_serve", case_of(story, until=10))

        assert found.value is None
        assert found.missing == ("what serving costs: a contact with its cost, or a cost event",)


def test_a_cost_in_another_currency_is_converted() -> None:
    """004-22: 10 dollars at 0.5 are 5 euros."""
    policy = Policy(base_currency="EUR", rates={"USD": 0.5})
    case = case_of(purchase(0), contact(1, cost=10_00, currency="USD"), until=10, policy=policy)

    assert reading("cost_to_serve", case).value == 5_00


def test_a_year_without_any_outlay_cost_nothing() -> None:
    """004-22: what was spent before is past."""
    case = case_of(purchase(0), contact(1, cost=10_00), until=366)

    assert reading("cost_to_serve", case).parts == {"last_year": 0}
    assert reading("cost_to_serve", case_of(purchase(0), contact(1, cost=9), until=365)).parts == {"last_year": 9}


@pytest.mark.parametrize(("spent", "ratio", "dear"), [(50_00, 0.5, False), (50_01, 0.5001, True), (0, 0, False)])
def test_service_is_held_against_the_margin_that_it_serves(spent: int, ratio: float, dear: bool) -> None:
    """004-22, 002-10: a margin of 100 allows for service of 50."""
    case = case_of(purchase(0, 160_00, cost=60_00), contact(1, cost=spent), until=10, policy=among())

    found, flag = reading("service_ratio", case), reading("dear_service", case)

    assert found.value == pytest.approx(ratio)
    assert found.parts == {"margin": 100_00, "cost": spent, "tier": "A"}
    assert flag.value is dear
    assert flag.parts == {"cost": spent, "allowed": 50_00, "tier": "A"}


def test_service_for_no_margin_is_too_dear_and_has_no_ratio() -> None:
    """004-22: a margin of nothing allows for none; no cost is never too dear."""
    served = case_of(purchase(0, cost=100_00), contact(1, cost=1), until=10)
    unserved = case_of(purchase(0, cost=110_00), contact(1, cost=0), until=10)

    assert reading("service_ratio", served).value is None
    assert reading("service_ratio", served).missing == ("a margin above 0 in the last year",)
    assert reading("dear_service", served).value is True
    assert reading("dear_service", served).parts["allowed"] == 0
    assert reading("dear_service", unserved).value is False


def test_service_and_margin_are_those_of_the_last_year() -> None:
    """004-22, 001-16: what was bought and spent before the last 365 days does not count; coverage is the mean."""
    old = [purchase(0, 900_00, cost=0), contact(1, cost=800_00)]
    case = case_of(old, purchase(400), purchase(401, cost=60_00), contact(402, cost=10_00), until=410)

    found = reading("service_ratio", case)

    assert found.value == 0.25
    assert found.coverage == 0.75


@pytest.mark.parametrize("name", ["service_ratio", "dear_service"])
def test_service_against_value_needs_both(name: str) -> None:
    """004-22: neither side is guessed."""
    assert reading(name, case_of(purchase(0), contact(1, cost=1), until=5)).missing == ("a purchase with its cost",)
    assert reading(name, case_of(purchase(0, cost=1), until=5)).missing == (
        "what serving costs: a contact with its cost, or a cost event",
    )


@pytest.mark.parametrize(("touched", "ratio"), [(0, None), (1, 3.0), (50, 3.0), (51, None)])
def test_the_response_to_investment_is_what_the_next_window_brought_more(touched: int, ratio: float | None) -> None:
    """002-2: on day 100 with W = 50: a contact for 20 in (0, 50], 100 bought there, 160 in (50, 100]: 60 / 20."""
    story = [contact(touched, cost=20_00), purchase(20, 100_00), purchase(60, 160_00)]

    found = reading("investment_response", case_of(story, until=100, policy=HALF))

    assert found.value == ratio
    if ratio is not None:
        assert found.parts == {"cost": 20_00, "before": 100_00, "after": 160_00}
        assert found.evidence == (f"contact of day {touched}",)


def test_the_windows_of_the_response_end_where_the_next_begins() -> None:
    """002-2: of purchases on days 0, 1, 50, 51 and 100 the second and third come before, the last two after."""
    bought = [purchase(on, 10 ** (place + 1)) for place, on in enumerate((0, 1, 50, 51, 100))]

    found = reading("investment_response", case_of(contact(9, cost=1), bought, until=100, policy=HALF))

    assert found.parts == {"cost": 1, "before": 1_100, "after": 110_000}
    assert found.value == 108_900


def test_a_response_below_nought_is_a_response() -> None:
    """002-2: the customer buys less after two contacts, one of which says what it cost; other costs are no touch."""
    story = [contact(10, cost=20_00), contact(11), cost(12, 99_00, "service"), purchase(20, 100_00)]

    found = reading("investment_response", case_of(story, until=100, policy=HALF))

    assert found.value == -5
    assert found.coverage == 0.5


def test_without_a_cost_or_an_amount_there_is_no_response() -> None:
    """002-2: a free contact, no purchase, an amount without a rate."""
    free = [contact(10, cost=0), purchase(20)]
    nothing_bought = [contact(10, cost=5), purchase(20), refund(21)]
    foreign = [contact(10, cost=5), purchase(0), purchase(20, currency="USD")]

    for story in (free, nothing_bought, foreign):
        assert reading("investment_response", case_of(story, until=100, policy=HALF)).value is None
    unpriced = reading("investment_response", case_of(foreign, until=100, policy=HALF))
    assert unpriced.missing == ("a purchase, and a rate of exchange for every currency, or a base currency",)
    assert unpriced.parts == {"cost": 5}
    assert reading("investment_response", case_of(free, until=100, policy=HALF)).missing == (
        "a contact with its cost, in the window before the last",
    )


ALARMED: list[Fact] = [purchase(0), complaint(3)]
"""A dissatisfied first buyer: an alert is open from day 3 on."""


def test_the_yield_of_alerts_is_the_margin_after_the_contacts_they_drove() -> None:
    """001-16: after a call on day 4, 40 within 30 days and 40 later in the year."""
    case = case_of(ALARMED, contact(4), purchases(4, 34, 35, 369, 369.5, cost=60_00), until=370)

    found = reading("data_yield", case)

    assert found.value == 120_00
    assert found.parts == {"contacts": 1, "short_view": 40_00, "complete": True}
    assert found.evidence == ("contact of day 4",)


def test_a_deal_after_two_contacts_counts_once_and_the_year_runs_from_the_last() -> None:
    """001-16: two calls, one purchase; on day 369 the year after day 5 is not over."""
    story: list[Fact | list[Fact]] = [ALARMED, contact(4), contact(5), purchase(10, cost=60_00), purchase(11)]

    found = reading("data_yield", case_of(*story, until=369))

    assert found.value == 40_00
    assert found.coverage == 0.5
    assert found.parts == {"contacts": 2, "short_view": 40_00, "complete": False}
    assert reading("data_yield", case_of(*story, until=370)).parts["complete"] is True


def test_contacts_before_the_alert_and_those_of_the_customer_are_not_driven_by_it() -> None:
    """001-16: a call on day 2, and the customer's own on day 4."""
    story: list[Fact | list[Fact]] = [ALARMED, contact(2), contact(4, direction="inbound"), purchase(10, cost=60_00)]

    found = reading("data_yield", case_of(*story, until=60))

    assert found.value is None
    assert found.missing == ("a contact with the customer while an alert is open",)


def test_nothing_bought_after_the_contact_is_a_yield_of_nothing() -> None:
    """001-16: the call was in vain so far; without any cost the yield is unknown."""
    in_vain = case_of(ALARMED, contact(4), until=60)
    without_cost = case_of(ALARMED, contact(4), purchase(5), until=60)
    later = case_of(ALARMED, contact(4), purchase(40), until=60)

    assert reading("data_yield", in_vain).value == 0
    assert reading("data_yield", without_cost).missing == ("a purchase with its cost",)
    assert reading("data_yield", later).value is None


@pytest.mark.parametrize(
    ("status", "closed", "driven"),
    [
        (AlertStatus.OPEN, None, True),
        (AlertStatus.RESOLVED, 4.0, True),
        (AlertStatus.RESOLVED, 3.9, False),
        (AlertStatus.WITHDRAWN, 9.0, True),
        (AlertStatus.MUTED, None, False),
        (AlertStatus.HELD, None, False),
    ],
)
def test_only_an_alert_that_was_told_and_not_closed_yet_drives_a_contact(
    status: AlertStatus, closed: float | None, driven: bool
) -> None:
    """001-16: a call on day 4."""
    told = case_of(purchase(0), contact(4), purchase(10, cost=60_00), until=20)
    alert = Alert(
        kind=AlertKind.DISSATISFACTION,
        effective_at=day(4),
        number=1,
        severity=Severity.LOW,
        status=status,
        reason="dissatisfied",
        stage=Stage.EXPLORATION,
        deadline=day(9),
        closed_at=None if closed is None else day(closed),
    )
    case = Case(ANNA, told.events, told.state, told.policy, told.as_of, alerts=[alert])

    assert (reading("data_yield", case).value == 40_00) is driven

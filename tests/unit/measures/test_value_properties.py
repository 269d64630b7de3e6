"""What holds for the measures of value whatever happened, also where figures of all customers are known."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from shared.domain.controls import Governance
from shared.domain.events import ACTIONS, Purchase, Refund
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import fold
from shared.domain.measures.all import MEASURES
from shared.domain.measures.case import Case
from shared.domain.measures.receivables import open_bills
from shared.domain.population import Figures, Population
from tests.builders import BEGIN
from tests.histories import History, histories
from tests.unit.measures.cases import reading
from tests.unit.measures.test_every_measure import check

PEOPLE = Population(
    currency="EUR",
    tier_a=90,
    tier_c=-10,
    everybody=Figures(survival=0.4, volume_60=100.0),
    industries={"food": Figures(survival=1.0)},
)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def case_in(history: History, silence: int) -> Case:
    """The first customer of a history, some days after its last event, among other customers."""
    name = history.events[0].customer_id
    told = [event for event in history.of(name) if not isinstance(event, ACTIONS)]
    as_of = Instant(max(event.occurred_at for event in told) + silence * DAY)
    governance = history.governance()
    folded = fold(name, told, governance, as_of)
    policy = replace(governance.policies[folded.customer.controls], population=PEOPLE)
    return Case(name, told, folded.customer, policy, as_of, transitions=folded.transitions, alerts=folded.alerts)


@quick
@given(histories(customers=1, most=24), st.sampled_from((0, 1, 40, 400)))
def test_with_figures_of_all_customers_no_measure_raises_or_leaves_its_bounds(history: History, silence: int) -> None:
    """004-2, 004-4, 004-5, 001-6: survival, tiers and volume of a population."""
    case = case_in(history, silence)

    for one in MEASURES.values():
        check(one.name, one.function(case))


@quick
@given(histories(customers=1, most=24, controlled=False))
def test_the_open_bills_are_the_receivables_of_the_fold(history: History) -> None:
    """004-14: two ways to count what is owed, bill by bill and as a running balance, agree in every currency."""
    case = case_in(history, 0)

    owed: dict[str, int] = {}
    for bill in open_bills(case):
        owed[bill.event.currency] = owed.get(bill.event.currency, 0) + bill.left

    assert owed == case.state.receivables


@quick
@given(histories(customers=1, most=24, controlled=False))
def test_the_steady_tier_is_the_one_that_the_fold_holds(history: History) -> None:
    """004-5: told again from the deals, or carried from event to event, where nothing was refunded."""
    name = history.events[0].customer_id
    told = [event for event in history.of(name) if not isinstance(event, (*ACTIONS, Refund))]
    told = [event for event in told if not isinstance(event, Purchase) or event.currency == "EUR"]
    policy = replace(history.policy, population=PEOPLE, base_currency="EUR")
    as_of = max((event.occurred_at for event in told), default=BEGIN)
    folded = fold(name, told, Governance.of([], policy), as_of)

    case = Case(name, told, folded.customer, policy, as_of)

    assert reading("steady_tier", case).value == folded.customer.tier


@quick
@given(histories(customers=1, most=24), st.sampled_from((0, 40)))
def test_what_belongs_together_adds_up(history: History, silence: int) -> None:
    """003-3, 004-2, 002-8: share and lost share are one; past and future make the lifetime; margin less cost is net."""
    case = case_in(history, silence)

    share, lost = reading("wallet_share", case).number, reading("lost_share", case).number
    whole, past, coming = (
        reading(name, case).number for name in ("lifetime_value", "historic_margin", "expected_margin")
    )
    net, cost = reading("net_margin", case).number, reading("cost_to_serve", case).number

    assert (share is None) == (lost is None)
    assert share is None or lost is None or abs(share + lost - 1) < 1e-9
    assert whole is None or (past is not None and coming is not None and abs(past + coming - whole) < 1e-6)
    assert net is None or (past is not None and cost is not None and net == past - cost)

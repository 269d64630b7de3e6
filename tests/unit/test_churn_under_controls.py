"""Churn models and policies that change under way, business lines, and what stays as it was without a model."""

from typing import Final

import pytest
from msgspec.structs import replace

from shared.adapters.codec import Entry
from shared.adapters.memory.store import MemoryStore
from shared.domain.alerts import AlertKind
from shared.domain.controls import Control, Governance
from shared.domain.policy import Policy
from shared.domain.rhythm.silent import risk
from shared.domain.stages import Stage
from tests.builders import (
    ANNA,
    alert_of,
    alerts_of,
    closed,
    day,
    days_in,
    fold_story,
    last,
    model_from,
    policy_from,
    profile,
    purchase,
    purchases,
    refund,
    silences,
    wallet,
)
from tests.models import KEEN, MODEL, surer
from tests.scoring import score, tick, views

REGULAR = purchases(0, 10, 20, 30)
"""Silent on day 108.9 by the rule of r, on day 251.2 where P0(90 days) of `MODEL` reaches 0.8."""
KNOWN: Final[tuple[Control, ...]] = (model_from(0, churn=MODEL),)
SILENT_DAY = 251.206


def test_without_a_churn_model_the_long_gap_rules_as_before() -> None:
    plain = fold_story(REGULAR, until=1_000)
    priors = fold_story(REGULAR, until=1_000, controls=[model_from(0)])

    assert silences(plain) == silences(priors) == [pytest.approx(108.894)]
    assert [one.name for one in priors.transitions[2].reason.guards] == ["silence_r"]
    assert alert_of(priors, AlertKind.SILENCE).evidence.p_no_purchase is None


def test_sleep_and_end_keep_their_own_rules() -> None:
    plain = fold_story(REGULAR, until=1_000)
    modelled = fold_story(REGULAR, until=1_000, controls=[model_from(31, churn=surer(0.3))])

    slept = [[(one.target, one.effective_at) for one in folded.transitions[3:]] for folded in (plain, modelled)]
    assert slept[0] == slept[1]
    assert [stage for stage, _ in slept[1]] == [Stage.DORMANT, Stage.ENDED]


def test_a_model_that_lowers_the_threshold_raises_what_is_overdue_at_its_own_time() -> None:
    lower = model_from(140, version="m2", churn=surer(0.5))

    folded = fold_story(REGULAR, controls=[*KNOWN, lower], until=150)

    moved, risky = last(folded), risk(folded.customer, day(140), Governance.of(KNOWN).policies[-1])
    assert (moved.target, moved.effective_at, moved.cause) == (Stage.DECLINE, day(140), "model")
    assert (moved.reason.guards[0].value, moved.reason.guards[0].threshold, moved.reason.model) == (risky, 0.5, "m2")
    assert silences(folded) == [140]


def test_a_model_that_raises_the_threshold_puts_the_alert_off() -> None:
    higher = model_from(140, version="m2", churn=surer(0.9))

    folded = fold_story(REGULAR, controls=[*KNOWN, higher], until=1_000)

    assert silences(folded) == [pytest.approx(359.060, abs=0.001)]
    assert folded.transitions[2].cause == "silence"


def test_a_first_model_takes_the_place_of_the_long_gap_and_a_policy_keeps_it() -> None:
    first, calmer = model_from(50, churn=MODEL), policy_from(60, Policy(version=2, churn_threshold=0.9))

    assert silences(fold_story(REGULAR, controls=[first], until=1_000)) == [pytest.approx(SILENT_DAY, abs=0.001)]
    assert silences(fold_story(REGULAR, controls=[first, calmer], until=1_000)) == [pytest.approx(359.060, abs=0.001)]


def test_one_silence_raises_one_alert_whatever_models_come() -> None:
    alert = alert_of(fold_story(REGULAR, controls=KNOWN, until=252), AlertKind.SILENCE)
    others = (model_from(255, version="m2", churn=surer(0.3)), model_from(258, version="m3", churn=surer(0.9)))

    folded = fold_story(REGULAR, closed(253, alert), controls=[*KNOWN, *others], until=329)

    assert alerts_of(folded) == [(AlertKind.SILENCE, "resolved")]


async def test_what_comes_late_is_judged_by_the_model_in_force_at_its_time() -> None:
    first, second = model_from(31, churn=surer(0.3)), model_from(300, version="m2", churn=surer(0.9))
    store = MemoryStore(1)
    before: list[Entry] = [*REGULAR, first, tick(day(200)), second, tick(day(320))]
    await score(store, before)
    believed = (await views(store))[ANNA]

    await score(store, [*before, purchase(80)])

    found = (await views(store))[ANNA]
    assert days_in(believed.transitions[2].effective_at) == pytest.approx(86.663, abs=0.001)
    declined = found.transitions[2]
    assert (declined.target, declined.reason.model) == (Stage.DECLINE, "m1")
    assert declined.reason.guards[0].threshold == 0.3
    assert day(110) < declined.effective_at < day(300)


def test_a_line_is_judged_by_its_own_members_and_the_whole_by_its_own() -> None:
    sold = [purchase(day, line=line) for day in (0, 10, 20, 30) for line in ("shoes", "bags", "hats")]
    policy = Policy(churn_threshold=0.6)

    customer = fold_story(sold, controls=[model_from(31, churn=KEEN)], policy=policy).customer
    armed = fold_story(sold, controls=[model_from(31, churn=KEEN)], policy=policy, until=31).customer

    found = {line: round((days_in(own.due_at) or 0) - 30, 6) for line, own in armed.lines.items()}
    assert customer.lines.keys() == {"shoes", "bags", "hats"}
    # (30 + 2 m0)/(3 + 2) with the population's mean interval of the line, else of the whole; the floor is 7 days.
    assert found == {"shoes": 7, "bags": 18, "hats": 7.6}
    assert round((days_in(armed.due_at) or 0) - 30, 6) == 7


def test_without_a_threshold_of_its_own_the_policy_takes_the_one_of_its_budget() -> None:
    budget = Policy(alerts_per_week=5)
    own = Policy(churn_threshold=0.9, alerts_per_week=5)

    followed = fold_story(REGULAR, controls=[model_from(31, churn=surer(0.5))], policy=budget, until=1_000)
    chosen = fold_story(REGULAR, controls=[model_from(31, churn=surer(0.5))], policy=own, until=1_000)

    assert silences(followed) == [pytest.approx(131.673, abs=0.001)]
    assert silences(chosen) == [pytest.approx(359.060, abs=0.001)]


def test_a_need_that_has_shrunk_is_looked_at_again_by_the_model_that_is_then_in_force() -> None:
    totals = [wallet(5, "2023", 80_000_00), wallet(29, "2024", 16_000_00)]
    known = [model_from(31, churn=surer(0.1)), model_from(100, version="m2", churn=surer(0.9))]

    folded = fold_story(REGULAR, totals, controls=known, until=1_000)

    # Twice the silence that the second model calls long: later than dormancy, on day 187.8.
    assert silences(folded) == [pytest.approx(30 + 2 * 329.060, abs=0.002)]
    assert all(guard.holds for one in folded.transitions for guard in one.reason.guards)


def test_a_refund_in_a_currency_without_a_rate_makes_it_look_again() -> None:
    """Amounts of before the base changed are forgotten then, and what is unknown is not what was looked at."""
    base = policy_from(40, Policy(version=2, base_currency="USD"))
    model = model_from(0, churn=replace(MODEL, members=replace(MODEL.members, weight=0.0)))
    small = purchases(0, 10, 20, 30, amount=1_00)

    folded = fold_story(small, refund(70, 1), controls=[model, base], until=3_000)

    assert folded.customer.stage is Stage.ENDED

    assert all(guard.holds for one in folded.transitions for guard in one.reason.guards)


def test_a_line_is_looked_at_again_when_its_customer_turns_out_to_be_of_another_industry() -> None:
    strict = Policy(churn_threshold=0.5, industries={"bakery": {"churn_threshold": 0.9}})
    sold = purchases(0, 10, 20, 30, line="shoes")

    folded = fold_story(sold, profile(100, industry="bakery"), controls=KNOWN, policy=strict, until=1_000)

    declined = [one for one in folded.transitions if one.target is Stage.DECLINE]
    assert {one.line for one in declined} == {None, "shoes"}
    assert [days_in(one.effective_at) for one in declined] == [pytest.approx(359.060, abs=0.001)] * 2

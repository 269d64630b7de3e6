"""The factors of new and old customers, and rivals."""

from typing import Any

import pytest

from shared.domain.events import Competitor, PriceChange
from shared.domain.policy import Policy
from tests.builders import contact, inquiry, purchase, purchases, rating
from tests.unit.measures.cases import case_of, reading
from tests.unit.measures.voices import told


@pytest.mark.parametrize(
    ("days", "until", "old"),
    [((0, 1, 2), 29, False), ((0, 1, 2), 30, True), ((0, 1), 90, False), ((0, 1, 2, 3), 90, True)],
)
def test_a_customer_is_old_from_three_occasions_and_one_window_on(days: Any, until: float, old: bool) -> None:
    """001-12: so quick a buyer has W at its floor of 30 d."""
    found = reading("old_customer", case_of(purchases(*days), until=until))

    assert found.value is old
    assert found.parts == {"occasions": len(days), "tenure_days": until, "window_days": pytest.approx(30, abs=17)}


def test_who_has_not_bought_is_neither_old_nor_new() -> None:
    """001-12: unknown."""
    assert reading("old_customer", case_of(inquiry(0), until=1)).missing == ("a purchase",)


def _factors(name: str, *story: Any, until: float, policy: Policy | None = None) -> tuple[float | None, dict[str, Any]]:
    """The value, and the factors that are known; coverage and what is missing have to say the same."""
    found = reading(name, case_of(*story, until=until, policy=policy))
    held = {factor: part for factor, part in found.parts.items() if part is not None}
    assert found.coverage == (len(held) / len(found.parts) if held else 0)
    assert set(found.missing) == {factor for factor, part in found.parts.items() if part is None}
    return found.number, held


def test_a_new_customer_is_judged_by_five_factors() -> None:
    """001-11: quality, service, value, tariff, need: (1 + 0.5 - 1 - 0.5 + 1) / 5, all of one day."""
    story = [
        purchase(0),
        rating(1, 1, part="quality.function", id="quality"),
        rating(1, 0.5, part="service.reliability", id="service"),
        rating(1, -1, part="value.quality_price", id="value"),
        told(PriceChange, 1, percent=10, id="tariff"),
        inquiry(1, intent="new_need", id="need"),
    ]

    value, factors = _factors("new_customer_factors", story, until=2)

    assert value == pytest.approx(0.2)
    assert factors == {"quality": 1, "service": 0.5, "value": -1, "tariff": -0.5, "need": 1}


def test_the_factors_name_the_events_behind_them_the_newest_last() -> None:
    """001-11: evidence."""
    story = [told(PriceChange, 3, percent=10, id="dearer"), rating(2, 1, part="quality.form", id="nice")]

    found = reading("new_customer_factors", case_of(purchase(0), story, until=4))

    assert found.evidence == ("nice", "dearer")


def test_a_factor_counts_as_much_as_its_newest_signal_still_weighs() -> None:
    """001-11: the half-life is 60 d: service weighs half of the newer tariff."""
    story = [purchase(0), rating(0, 1, part="service.fit"), told(PriceChange, 60, percent=20)]

    value, factors = _factors("new_customer_factors", story, until=61)

    assert factors == {"service": 1, "tariff": -1}
    assert value == pytest.approx((0.5 - 1) / 1.5)


def test_within_a_factor_the_newer_signal_counts_more() -> None:
    """001-11: 0 of 60 d before weighs half of 1."""
    story = [purchase(0), rating(60, 1, part="quality.function"), rating(0, 0, part="quality.form")]

    value, factors = _factors("new_customer_factors", story, until=61)

    assert factors == {"quality": pytest.approx(2 / 3)}
    assert value == pytest.approx(2 / 3)


@pytest.mark.parametrize(("until", "value"), [(360, 1.0), (360.001, None)])
def test_a_signal_is_forgotten_after_six_half_lives(until: float, value: float | None) -> None:
    """001-11: six times 60 d."""
    case = case_of(purchase(0), inquiry(0, intent="new_need"), until=until)

    assert reading("new_customer_factors", case).value == value


@pytest.mark.parametrize(
    ("signal", "x"),
    [
        (told(PriceChange, 1, percent=10), -0.5),
        (told(PriceChange, 1, percent=-10), 0.5),
        (told(PriceChange, 1, percent=25), -1),
        (told(PriceChange, 1, percent=-25), 1),
        (told(Competitor, 1, price_delta=-10), -0.5),
        (told(Competitor, 1, price_delta=15), 0.75),
        (told(Competitor, 1, price_delta=-30), -1),
    ],
)
def test_a_dearer_price_and_a_cheaper_rival_speak_against_us(signal: Any, x: float) -> None:
    """001-11: tariff information; 20 % is a signal of full strength."""
    assert _factors("new_customer_factors", purchase(0), signal, until=2) == (x, {"tariff": x})


def test_a_rival_without_a_price_says_nothing_of_tariffs_and_an_unmet_need_speaks_against_us() -> None:
    """001-11: the state of the need."""
    story = [purchase(0), told(Competitor, 1), inquiry(1, intent="demo"), inquiry(1, intent="unmet_need", id="unmet")]

    assert _factors("new_customer_factors", story, until=2) == (-1, {"need": -1})


def test_what_happened_before_the_customer_slept_is_no_factor_any_more() -> None:
    """001-11: a new cycle begins anew."""
    story = [purchase(0), told(PriceChange, 250, percent=20), purchase(500), told(PriceChange, 501, percent=-20)]

    assert _factors("new_customer_factors", story, until=502) == (1, {"tariff": 1})


def test_the_factors_of_a_new_customer_are_asked_of_no_other() -> None:
    """001-11, 001-12: nor those of an old one."""
    old = case_of(purchases(0, 1, 2), inquiry(20, intent="new_need"), until=30)
    new = case_of(purchase(0), inquiry(1, intent="new_need"), until=30)
    asked = case_of(inquiry(1, intent="new_need"), until=30)

    assert "a first purchase" in reading("new_customer_factors", old).missing[0]
    assert "a first purchase" in reading("new_customer_factors", asked).missing[0]
    assert "more purchases" in reading("old_customer_factors", new).missing[0]
    assert reading("old_customer_factors", old).value == 1


def test_an_old_customer_is_judged_by_service_new_needs_and_rivals() -> None:
    """001-12: (0.5 + 1 - 1) / 3; an unmet need is no new one."""
    story = [
        *purchases(0, 1, 2),
        rating(20, 0.5, part="service.overall"),
        rating(20, -1, part="quality.form"),
        inquiry(20, intent="new_need"),
        inquiry(20, intent="unmet_need", id="unmet"),
        told(Competitor, 20, kind="mention"),
    ]

    value, factors = _factors("old_customer_factors", story, until=40)

    assert value == pytest.approx(0.5 / 3)
    assert factors == {"service": 0.5, "new_need": 1, "rival": -1}


def test_of_an_old_customer_who_says_nothing_the_factors_are_unknown() -> None:
    """001-12: and all three are named."""
    found = reading("old_customer_factors", case_of(purchases(0, 1, 2), until=40))

    assert found.value is None
    assert found.missing == ("service", "new_need", "rival")


@pytest.mark.parametrize(
    ("story", "delta", "pull"),
    [
        ([purchase(0)], -20, 0.4),
        ([purchase(0)], -80, 1),
        ([purchase(0)], 5, 0),
        ([inquiry(0)], -20, 0.2),
        ([inquiry(0)], -1, 0.01),
    ],
)
def test_a_rivals_offer_pulls_twice_as_much_in_exploration(story: list[Any], delta: float, pull: float) -> None:
    """002-21: a fifth cheaper is 0.2, twice that for who has just begun; a dearer one does not pull."""
    offer = told(Competitor, 1, kind="offer", price_delta=delta, id="offer")

    found = reading("rival_offer", case_of(story, offer, until=2))

    assert found.value == pytest.approx(pull)
    assert found.parts["price_delta"] == delta
    assert found.evidence == ("offer",)


@pytest.mark.parametrize(("until", "pull"), [(60.999, 0.2), (61, None)])
def test_a_rivals_offer_stands_for_60_days(until: float, pull: float | None) -> None:
    """002-21: after that nothing is known of it."""
    case = case_of(inquiry(0), told(Competitor, 1, kind="offer", price_delta=-20), until=until)

    assert reading("rival_offer", case).value == pull


def test_of_several_offers_the_cheapest_pulls() -> None:
    """002-21: a mention is no offer, and an offer without a price no measure."""
    story = [
        told(Competitor, 1, kind="offer", price_delta=-10, id="a"),
        told(Competitor, 2, kind="offer", price_delta=-30, id="b"),
        told(Competitor, 3, kind="offer", price_delta=-20, id="c"),
        told(Competitor, 4, kind="offer", id="no price"),
        told(Competitor, 5, kind="mention", price_delta=-90),
    ]

    found = reading("rival_offer", case_of(inquiry(0), story, until=6))

    assert found.value == pytest.approx(0.3)
    assert found.parts == {"price_delta": -30, "offers": 4, "times": 1}
    assert found.evidence == ("b",)


def test_an_offer_without_its_price_is_told_but_not_measured() -> None:
    """002-21: unknown, with the offer as evidence."""
    found = reading("rival_offer", case_of(purchase(0), told(Competitor, 1, kind="offer", id="offer"), until=2))

    assert found.value is None
    assert found.missing == ("a rival's offer with price_delta",)
    assert found.parts == {"offers": 1}
    assert found.evidence == ("offer",)


@pytest.mark.parametrize(("until", "value"), [(60.999, True), (61, None)])
def test_an_unmet_need_marks_a_customer_as_outgrown_for_one_window(until: float, value: bool | None) -> None:
    """002-21: the need rose and could not be met; W is 60 d."""
    found = reading("outgrown", case_of(purchase(0), inquiry(1, intent="unmet_need", id="more"), until=until))

    assert found.value is value
    assert found.evidence == (("more",) if value else ())


def test_a_customer_whose_needs_are_met_is_not_outgrown() -> None:
    """002-21: one that never says what it asks for may be."""
    wanting = [inquiry(1, intent="demo", id="demo"), inquiry(2, id="plain")]

    found = reading("outgrown", case_of(purchase(0), wanting, until=3))
    assert found.value is False
    assert found.evidence == ("demo",)
    both = case_of(wanting, inquiry(3, intent="unmet_need", id="unmet"), until=4)
    assert reading("outgrown", both).evidence == ("unmet",)
    assert reading("outgrown", case_of(contact(0), inquiry(1), until=3)).missing == ("an inquiry with its intent",)

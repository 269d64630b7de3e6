"""What touches cost in one window against the change of volume in the next: windows of ten days, added up by hand."""

from shared.domain.events import Contact
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.domain.survey.investing import InvestingTally, Response
from shared.domain.survey.person import Person
from tests.builders import complaint, contact, inquiry, purchase
from tests.unit.survey.people import person

TEN_DAYS = Policy(window_floor_days=10.0, window_gaps=0.001)


def responses(*people: Person) -> list[Response]:
    tally = InvestingTally()
    for one in people:
        tally.add(one)
    return tally.told()


def told(found: list[Response]) -> list[tuple[Stage, str, int, int, float, float | None]]:
    return [(one.stage, one.action, one.windows, one.cost, one.change, one.ratio) for one in found]


def visit(day: float, cost: int, action: str | None = "visit") -> Contact:
    return contact(day, cost=cost, currency="EUR", action=action)


def test_a_touch_is_held_against_the_change_in_the_next_window() -> None:
    """002-2: windows end on days 0, 10, 20 and 30: (0, 10] brings 100.00 and is touched, (10, 20] brings 150.00."""
    someone = person(purchase(5, 100_00), visit(6, 20_00), purchase(15, 150_00), until=30, policy=TEN_DAYS)

    assert told(responses(someone)) == [
        (Stage.EXPLORATION, "none", 1, 0, -150_00, None),
        (Stage.EXPLORATION, "visit", 1, 20_00, 50_00, 2.5),
    ]


def test_the_change_of_a_window_is_split_between_its_actions_by_their_cost() -> None:
    someone = person(
        purchase(5, 100_00), visit(6, 30_00), visit(7, 10_00, None), purchase(15, 180_00), until=20, policy=TEN_DAYS
    )

    assert told(responses(someone)) == [
        (Stage.EXPLORATION, "contact", 1, 10_00, 20_00, 2.0),
        (Stage.EXPLORATION, "visit", 1, 30_00, 60_00, 2.0),
    ]


def test_a_window_ends_with_its_last_day() -> None:
    """Day 10 belongs to (0, 10] and day 0 to the window before."""
    someone = person(purchase(0, 10_00), purchase(10, 40_00), visit(10.5, 3_00), until=20, policy=TEN_DAYS)

    assert told(responses(someone)) == [
        (Stage.EXPLORATION, "none", 1, 0, 30_00, None),
        (Stage.EXPLORATION, "visit", 1, 3_00, -40_00, -40 / 3),
    ]


def test_a_window_that_has_none_whole_after_it_does_not_count() -> None:
    assert responses(person(purchase(5), visit(6, 3_00), until=14, policy=TEN_DAYS)) == []


def test_windows_belong_to_the_stage_at_their_end() -> None:
    someone = person(purchase(5), visit(6, 3_00), complaint(10.5), until=20, policy=TEN_DAYS)

    assert [one.stage for one in responses(someone)] == [Stage.DECLINE]


def test_windows_of_unknown_volume_do_not_count_and_who_never_bought_has_none() -> None:
    policy = Policy(window_floor_days=10.0, window_gaps=0.001, base_currency="EUR")
    unknown = person(purchase(5, currency="USD"), visit(6, 3_00), until=30, policy=policy)

    assert told(responses(unknown)) == [(Stage.EXPLORATION, "none", 1, 0, 0, None)]
    assert responses(person(inquiry(1), visit(2, 3_00), until=30, policy=policy)) == []


def test_customers_add_up() -> None:
    people = [person(purchase(5, 100_00), visit(6, 20_00), purchase(15, 150_00), until=20, policy=TEN_DAYS)] * 2

    assert told(responses(*people)) == [(Stage.EXPLORATION, "visit", 2, 40_00, 100_00, 2.5)]

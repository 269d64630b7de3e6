"""002-2: what touches cost in one window against how the volume changes in the next, by stage and action."""

from msgspec import Struct

from shared.domain.instants import Day
from shared.domain.measures.deals import total
from shared.domain.stages import Stage
from shared.domain.survey.groups import Groups
from shared.domain.survey.person import Person, Spent

NOTHING = "none"
"""The action of windows in which nothing was spent: what volume does by itself."""


class Response(Struct, kw_only=True):
    """Windows of one currency, stage and action: what was spent in them, and how volume changed in the next window.

    Amounts are minor units. Where several actions fell into one window, its change is split between them by their
    cost. `ratio` is change by cost, unknown where nothing was spent.
    """

    currency: str
    stage: Stage
    action: str
    windows: int = 0
    cost: int = 0
    change: float = 0.0
    ratio: float | None = None


class InvestingTally:
    """Cuts each customer's time into windows of its own length W, back from today."""

    def __init__(self) -> None:
        self._actions: Groups[dict[tuple[str, Stage], Response]] = Groups(dict)

    def add(self, person: Person) -> None:
        """Count a customer's windows since its first purchase."""
        if person.currency is None or not person.bought:
            return
        amounts, spent = _amounts(person), _spent(person)
        for place in range(1, _place(person, person.bought[0].day) + 1):
            before, after = amounts.get(place, 0), amounts.get(place - 1, 0)
            if before is not None and after is not None:
                self._window(person, place, spent.get(place, []), after - before)

    def told(self) -> list[Response]:
        """Every combination that occurred, by currency, stage and action."""
        order = list(Stage)
        found = [one for _, by in self._actions.items() for one in by.values()]
        for one in found:
            one.ratio = one.change / one.cost if one.cost else None
        return sorted(found, key=lambda one: (one.currency, order.index(one.stage), one.action))

    def _window(self, person: Person, place: int, spent: list[Spent], change: float) -> None:
        stage = person.stage_on(person.case.today - place * person.window)
        cost = sum(one.amount for one in spent)
        if cost <= 0:
            self._count(person, stage, NOTHING, 0, change)
            return
        for action, amount in _by_action(spent).items():
            self._count(person, stage, action, amount, change * amount / cost)

    def _count(self, person: Person, stage: Stage, action: str, cost: int, change: float) -> None:
        assert person.currency is not None
        by = self._actions.of(action)
        held = by.setdefault((person.currency, stage), Response(currency=person.currency, stage=stage, action=action))
        held.windows += 1
        held.cost += cost
        held.change += change


def _place(person: Person, day: Day) -> int:
    """Which window a day lies in, counted back from the one that ends today, which is 0."""
    return int((person.case.today - day) // person.window)


def _amounts(person: Person) -> dict[int, int | None]:
    """What was bought in each window; None where an amount is unknown."""
    found: dict[int, int | None] = {}
    for one in person.bought:
        place = _place(person, one.day)
        found[place] = total((found.get(place, 0), one.amount))
    return found


def _spent(person: Person) -> dict[int, list[Spent]]:
    found: dict[int, list[Spent]] = {}
    for one in person.spent:
        found.setdefault(_place(person, person.day(one.at)), []).append(one)
    return found


def _by_action(spent: list[Spent]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in spent:
        found[one.action] = found.get(one.action, 0) + one.amount
    return found

"""The survey: every customer looked at once, and what all of them together tell."""

from msgspec import Struct

from shared.domain.instants import Instant, local_day
from shared.domain.policy import Policy
from shared.domain.population import Population
from shared.domain.survey.alarms import Alarms, AlarmsTally
from shared.domain.survey.checks import Check, ChecksTally
from shared.domain.survey.figures import FiguresTally
from shared.domain.survey.investing import InvestingTally, Response
from shared.domain.survey.keeping import Keeping, KeepingTally
from shared.domain.survey.ledger import Account, LedgerTally
from shared.domain.survey.mouth import Curve, MouthTally
from shared.domain.survey.moves import Moves, MovesTally
from shared.domain.survey.person import Person
from shared.domain.survey.winning import Winning, WinningTally
from shared.domain.survey.worth import Worth, WorthTally


class Survey(Struct, frozen=True, kw_only=True):
    """What is known of all customers together, as of an instant. `parked` customers were left out.

    `gaps` is how many gaps the priors of `population` were taken from.
    """

    as_of: Instant
    policy: int
    customers: int
    parked: int
    gaps: int
    population: Population
    moves: Moves
    keeping: Keeping
    winning: Winning
    worth: Worth
    mouth: list[Curve]
    investing: list[Response]
    checks: list[Check]
    alarms: Alarms
    ledger: dict[str, list[Account]]


class Surveying:
    """A survey in the making: fed one customer after another, in bounded memory, in any order.

    `policy` is the one whose periods and shares the figures go by; each customer is judged by its own.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.customers = 0
        self.parked = 0
        self._moves, self._keeping = MovesTally(policy), KeepingTally(policy)
        self._winning, self._worth = WinningTally(policy), WorthTally(policy)
        self._mouth, self._investing = MouthTally(policy), InvestingTally()
        self._checks, self._alarms = ChecksTally(policy), AlarmsTally(policy)
        self._figures, self._ledger = FiguresTally(policy), LedgerTally()

    def add(self, person: Person) -> None:
        """Look at a customer."""
        self.customers += 1
        for tally in (self._moves, self._keeping, self._winning, self._worth, self._mouth):
            tally.add(person)
        for more in (self._investing, self._checks, self._alarms, self._figures, self._ledger):
            more.add(person)

    def told(self, as_of: Instant) -> Survey:
        """What the customers told; `as_of` says until when periods are shown."""
        today, borders = local_day(as_of, self.policy.time_zone), self._worth.borders()
        keeping, worth = self._keeping.told(today), self._worth.told()
        return Survey(
            as_of=as_of,
            policy=self.policy.version,
            customers=self.customers,
            parked=self.parked,
            gaps=self._figures.everybody.gaps,
            population=self._population(),
            moves=self._moves.told(borders),
            keeping=keeping,
            winning=self._winning.told(),
            worth=worth,
            mouth=self._mouth.told(today),
            investing=self._investing.told(),
            checks=self._checks.told(keeping, worth),
            alarms=self._alarms.told(),
            ledger=self._ledger.told(),
        )

    def _population(self) -> Population:
        figures, borders = self._figures, self._worth.borders()
        chief = borders.get(figures.currency or "")
        return Population(
            currency=figures.currency,
            everybody=figures.everybody.told(figures.currency, self.policy),
            lines=figures.lines(),
            industries=figures.industries(),
            tier_a=None if chief is None else chief.a,
            tier_c=None if chief is None else chief.c,
            saved=self._alarms.saved(borders),
            conversion=self._winning.conversion(),
        )

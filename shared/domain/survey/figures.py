"""The figures of the population that one customer is held against: priors, medians and odds of each group."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import log, sqrt
from typing import Final

from shared.domain.events import Inquiry
from shared.domain.instants import DAY, Day
from shared.domain.measures.deals import Bought, of_this_cycle
from shared.domain.policy import Policy
from shared.domain.population import Figures
from shared.domain.stages import Signal
from shared.domain.survey.groups import Groups
from shared.domain.survey.person import Person
from shared.domain.survey.sketch import Sketch

LEAST_DEVIATION: Final = 1e-6
"""Less is none, but for the rounding of sums: nobody's rhythm is that of a clock."""

MOST_LINES: Final = 20
"""Lines, and industries, that the population tells of: a policy is derived for each pair of them."""


class GroupTally:
    """Everybody, a line or an industry. Amounts count only in the currency that the figures are told in."""

    def __init__(self) -> None:
        self.customers = 0
        self.gaps = 0
        self._log_sum = 0.0
        self._log_squares = 0.0
        self._first_orders: dict[str, Sketch] = {}
        self._volumes: dict[str, Sketch] = {}
        self._choosing, self._tenures = Sketch(), Sketch()
        self._old, self._survived = 0, 0

    def add(self, person: Person, bought: Sequence[Bought], policy: Policy) -> None:
        """Count a customer by its occasions (of a line)."""
        if not bought:
            return
        self.customers += 1
        for gap in gaps(person, bought):
            self.gaps += 1
            self._log_sum += log(gap)
            self._log_squares += log(gap) ** 2
        self._money(person, bought)
        self._times(person, bought, policy)

    def told(self, currency: str | None, policy: Policy) -> Figures:
        """The figures; each is unknown where too few customers, or gaps, would tell it."""
        enough = self.customers >= policy.report_group_customers
        mu0, sigma0 = self._priors(policy)
        return Figures(
            customers=self.customers,
            mu0=mu0,
            sigma0=sigma0,
            median_first_order=_quantile(self._first_orders.get(currency or ""), 0.5, policy),
            volume_60=_quantile(self._volumes.get(currency or ""), policy.report_volume_share, policy),
            choosing_days=_quantile(self._choosing, 0.5, policy),
            median_tenure_days=_quantile(self._tenures, 0.5, policy),
            survival=self._survived / self._old if enough and self._old >= policy.report_group_customers else None,
        )

    def _priors(self, policy: Policy) -> tuple[float | None, float | None]:
        """Mean and deviation of ln(gap); neither where there are too few gaps, or all of one length."""
        if self.gaps < policy.report_prior_gaps:
            return None, None
        mean = self._log_sum / self.gaps
        deviation = sqrt(max(0.0, self._log_squares / self.gaps - mean * mean))
        return (mean, deviation) if deviation > LEAST_DEVIATION else (None, None)

    def _money(self, person: Person, bought: Sequence[Bought]) -> None:
        if person.currency is None:
            return
        first = bought[0].amount
        if first is not None:
            self._first_orders.setdefault(person.currency, Sketch()).add(first)
        today = person.case.today
        amounts = [one.amount for one in bought if today - person.window < one.day <= today]
        volume = sum(amount for amount in amounts if amount is not None)
        if volume > 0 and None not in amounts:
            self._volumes.setdefault(person.currency, Sketch()).add(volume)

    def _times(self, person: Person, bought: Sequence[Bought], policy: Policy) -> None:
        asked = [one.occurred_at for one in person.case.of(Inquiry) if one.occurred_at <= bought[0].deals[0].at]
        if asked:
            self._choosing.add((bought[0].deals[0].at - asked[0]) / DAY)
        current = of_this_cycle(person.case, bought)
        if current:
            self._tenures.add(person.case.today - current[0].day)
        survived = survives([one.day for one in bought], person.case.today, policy)
        if survived is not None:
            self._old += 1
            self._survived += survived


class FiguresTally:
    """The figures of everybody, of each business line and of each industry."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.everybody = GroupTally()
        self._lines, self._industries = Groups(GroupTally), Groups(GroupTally)
        self._currencies: dict[str, int] = {}

    def add(self, person: Person) -> None:
        """Count a customer."""
        if not person.bought:
            return
        if person.currency is not None:
            self._currencies[person.currency] = self._currencies.get(person.currency, 0) + 1
        self.everybody.add(person, person.bought, self._policy)
        for line in person.lines:
            self._lines.of(line).add(person, person.of_line(line), self._policy)
        industry = person.case.profile("industry")
        if isinstance(industry, str):
            self._industries.of(industry).add(person, person.bought, self._policy)

    @property
    def currency(self) -> str | None:
        """The currency that most customers are counted in; the figures of the others hold no amounts."""
        return max(sorted(self._currencies), key=self._currencies.__getitem__, default=None)

    def lines(self) -> dict[str, Figures]:
        """The figures of the largest business lines that are large enough for any."""
        return self._large(self._lines)

    def industries(self) -> dict[str, Figures]:
        """The figures of the largest industries that are large enough for any."""
        return self._large(self._industries)

    def _large(self, groups: Groups[GroupTally]) -> dict[str, Figures]:
        least = self._policy.report_group_customers
        large = [(name, group) for name, group in groups.named() if group.customers >= least]
        largest = sorted(large, key=lambda one: -one[1].customers)[:MOST_LINES]
        return {
            name: group.told(self.currency, self._policy) for name, group in sorted(largest, key=lambda one: one[0])
        }


def gaps(person: Person, bought: Sequence[Bought]) -> Iterator[int]:
    """The gaps between occasions, days; without those that ended in dormancy (DESIGN "Cycle")."""
    waking = {person.day(move.effective_at) for move in person.moves if move.reason.signal is Signal.PURCHASED}
    for before, after in pairwise(bought):
        if after.day not in waking:
            yield after.day - before.day


def survives(days: Sequence[Day], today: Day, policy: Policy) -> bool | None:
    """Whether a customer bought again within a year of its newest purchase that is a year old; unknown without one."""
    length = policy.report_survival_days
    old = [day for day in days if day <= today - length]
    return any(old[-1] < day <= old[-1] + length for day in days) if old else None


def _quantile(sketch: Sketch | None, share: float, policy: Policy) -> float | None:
    return sketch.quantile(share) if sketch is not None and sketch.count >= policy.report_group_customers else None

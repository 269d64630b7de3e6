"""A shop taken through its history as the scorer takes it: states alone are kept, and nothing is read ahead of time."""

from collections.abc import Callable, Sequence
from typing import Final

from services.cli.backtest.history import Bought, History, event_of, unpriced_in
from shared.domain.alerts import Alert
from shared.domain.controls import Governance, ModelChange
from shared.domain.customer import Customer
from shared.domain.events import Purchase
from shared.domain.ids import shard_of
from shared.domain.instants import SECOND, Day, Instant
from shared.domain.lifecycle import advance, fold
from shared.domain.policy import Policy
from shared.fitting.refit import refit
from shared.fitting.report import Refit
from shared.fitting.spells import gather

_TOLD_EVERY: Final = 500


class Shop:
    """The customers of a history, each with its state; those who have not bought yet are not there."""

    def __init__(self, history: History, policy: Policy, told: Callable[[int], None]) -> None:
        self.states: dict[str, Customer] = {}
        self._history, self._told = history.purchases, told
        self._unpriced = unpriced_in(policy)
        self._first, self._controls = policy, list[ModelChange]()
        self._governance = Governance.of((), policy)
        self._folded = 0
        self._places = dict.fromkeys(history.purchases, 0)

    @property
    def policy(self) -> Policy:
        """The policy in force, with its model."""
        return self._governance.policies[-1]

    def pass_until(self, at: Instant) -> list[tuple[str, Alert]]:
        """Fold what was bought before an instant, and what came due before it; the alerts that it raised or changed.

        What happens at the instant itself is left: an event of a midnight belongs to the day that begins.
        """
        last, alerts = Instant(at - 1), list[tuple[str, Alert]]()
        for count, (customer_id, purchases) in enumerate(self._history.items()):
            known, events = self.states.get(customer_id), self._before(customer_id, purchases, at)
            if known is None and not events:
                continue
            if events:
                outcome = fold(customer_id, events, self._governance, last, known)
            else:
                outcome = advance(customer_id, known or Customer(), last, self._governance)
            self.states[customer_id] = outcome.customer
            alerts += ((customer_id, alert) for alert in outcome.alerts)
            if count % _TOLD_EVERY == 0:
                self._told(self._folded)
        return alerts

    def refit(self, day: Day, version: str) -> Refit:
        """Fit a model to the states as they are, none of which knows the day or anything later."""
        histories = gather(self.in_order(), len(self.states))
        return refit(histories, day, self.policy, self.policy.churn, version)

    def govern(self, made: Refit, reached: Instant) -> None:
        """Let a model take effect a second after the time that the shop has reached, unless it was refused."""
        if made.model is None or not made.accepted:
            return
        effective_at = Instant(reached + SECOND)
        self._controls.append(ModelChange(id=made.version, effective_at=effective_at, model=made.model))
        self._governance = Governance.of(self._controls, self._first)

    def in_order(self) -> list[tuple[str, Customer]]:
        """The customers as a refit looks at them: shard by shard, as they lie in a store."""
        return sorted(self.states.items(), key=lambda one: (shard_of(one[0]), one[0]))

    def _before(self, customer_id: str, purchases: Sequence[Bought], at: Instant) -> list[Purchase]:
        """The purchases of a customer that have not been folded yet and lie before an instant."""
        begin = end = self._places[customer_id]
        while end < len(purchases) and purchases[end].at < at:
            end += 1
        self._places[customer_id] = end
        self._folded += end - begin
        return [event_of(customer_id, bought, self._unpriced) for bought in purchases[begin:end]]

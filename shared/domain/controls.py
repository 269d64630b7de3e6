"""What governs decisions: ticks, policy changes and models, which reach every partition through the log."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from msgspec import Struct, field, structs

from shared.domain.feeds import Feeds, heard
from shared.domain.instants import Instant, Stamp
from shared.domain.policy import Policy, derived, named
from shared.domain.population import Population
from shared.domain.rhythm.churn import ChurnModel


class Tick(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False, tag_field="type", tag="tick"):
    """Time passed. Without `at` the tick's time is the log's append time (a live system)."""

    at: Stamp | None = None


class PolicyChange(Struct, frozen=True, kw_only=True, tag_field="type", tag="policy"):
    """A version of the policy takes effect at an instant."""

    id: str
    effective_at: Stamp
    policy: Policy
    actor: str | None = None
    """Who issued it, and what was said about it."""
    note: str | None = None


class Model(Struct, frozen=True, kw_only=True, gc=False):
    """What a job found out about all customers. What it says nothing of stays as it was.

    `mu0` and `sigma0` are mean and sd of ln(gap in days) over the population (CONCEPTS, Primitives); they take the
    place of the policy's. `population` comes from a survey, `churn` from a refit.
    """

    version: str
    mu0: float
    sigma0: float
    population: Population | None = None
    churn: ChurnModel | None = None


class ModelChange(Struct, frozen=True, kw_only=True, tag_field="type", tag="model"):
    """A fitted model takes effect at an instant."""

    id: str
    effective_at: Stamp
    model: Model


class FeedChange(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", tag="feed"):
    """A source of events fell silent far below its own usual rate, or speaks again (DESIGN "After an outage")."""

    id: str
    effective_at: Stamp
    source: str
    silent: bool


class Release(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", tag="release"):
    """A version of the program whose fold differs takes effect: every customer is folded again."""

    id: str
    effective_at: Stamp
    fold_version: int


Control = PolicyChange | ModelChange | FeedChange | Release
CONTROLS: Final = (PolicyChange, ModelChange, FeedChange, Release)
"""The same, for `isinstance`: to make the union anew for each record of the log takes longer than to ask."""


class Retry(Struct, frozen=True, kw_only=True, gc=False, tag_field="type", tag="retry"):
    """An operator asks that a parked customer be folded again."""

    customer_id: str


NEVER: Final = 1 << 63
"""Later than every instant: when the control after the last one takes effect."""
FOLD_VERSION: Final = 3
"""Raised by every change to what the fold computes (DESIGN "Releases")."""


class Book(Struct, frozen=True, kw_only=True):
    """What is in force at a time: the policy, what it is for lines and industries, and which sources are silent."""

    policy: Policy
    others: dict[tuple[str | None, str | None], Policy] = field(default_factory=dict)
    """What was derived so far: of all the pairs of lines and industries, few are ever asked for."""
    lines: frozenset[str]
    industries: frozenset[str]
    plain: bool
    """Whether nothing is different for any line or industry."""
    feeds: Feeds

    @classmethod
    def of(cls, policy: Policy, feeds: Feeds) -> "Book":
        """The book of a policy."""
        lines, industries = named(policy)
        plain = not lines and not industries
        return cls(policy=policy, lines=lines, industries=industries, plain=plain, feeds=feeds)

    def of_line(self, line: str | None, industry: str | None) -> Policy:
        """The policy for a line (None: the whole relationship) of a customer of an industry."""
        if self.plain:
            return self.policy
        pair = (line if line in self.lines else None, industry if industry in self.industries else None)
        held = self.others.get(pair)
        if held is None:
            held = self.others[pair] = derived(self.policy, *pair)
        return held

    def after(self, control: Control) -> "Book":
        """The book once a control has taken effect."""
        if isinstance(control, FeedChange):
            feeds = heard(self.feeds, control.source, control.effective_at, silent=control.silent)
            return structs.replace(self, feeds=feeds)
        policy = _governed(self.policy, control)
        return self if policy is self.policy else Book.of(policy, self.feeds)


class Governance(Struct, frozen=True, kw_only=True):
    """The rule in force over time. `books[i]` is in force after the first `i` controls; the first is from the start."""

    books: tuple[Book, ...] = field(default_factory=lambda: (Book.of(Policy(), {}),))
    controls: tuple[Control, ...] = ()
    coming: tuple[int, ...] = (NEVER,)
    """When the control after the first so many takes effect."""

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policies in force after so many controls."""
        return tuple(book.policy for book in self.books)

    @classmethod
    def of(cls, controls: Sequence[Control], first: Policy | None = None) -> "Governance":
        """The rule that a set of controls makes, whatever order they came in; repeats of an id are ignored."""
        distinct = {control.id: control for control in reversed(controls)}
        ordered = sorted(distinct.values(), key=lambda control: (control.effective_at, control.id))
        book = Book.of(first or Policy(), {})
        books = [book]
        for control in ordered:
            book = book.after(control)
            books.append(book)
        coming = (*(control.effective_at for control in ordered), NEVER)
        return cls(books=tuple(books), controls=tuple(ordered), coming=coming)

    def applied_at(self, at: Instant) -> int:
        """How many controls are in force after everything at an instant."""
        return bisect_right(self.controls, at, key=lambda control: control.effective_at)

    def applied_before(self, at: Instant) -> int:
        """How many controls are in force for an event at an instant: events come before controls."""
        return bisect_right(self.controls, at - 1, key=lambda control: control.effective_at)

    def in_step(self, applied: int, last: str, decided_at: Instant) -> bool:
        """Whether a customer that went through so many controls, `last` the newest, has missed none.

        A control that arrives late sorts in among those already applied; then the customer is folded again.
        """
        if applied > len(self.controls) or (applied and self.controls[applied - 1].id != last):
            return False
        coming = self.next_at(applied)
        return coming is None or coming > decided_at

    def next_at(self, applied: int) -> Instant | None:
        """When the control after the first `applied` ones takes effect."""
        at = self.coming[applied]
        return None if at == NEVER else Instant(at)


def cause_of(control: Control) -> str:
    """What a transition says that moved it."""
    match control:
        case PolicyChange():
            return "policy"
        case ModelChange():
            return "model"
        case FeedChange():
            return "feed"
        case Release():
            return "release"


def _governed(policy: Policy, control: PolicyChange | ModelChange | Release) -> Policy:
    match control:
        case PolicyChange():
            # A new policy keeps the model in force: priors come from the population, thresholds from people.
            if not policy.model:
                return control.policy
            kept = {name: getattr(policy, name) for name in ("model", "population", "churn", "mu0", "sigma0")}
            return structs.replace(control.policy, **kept)
        case ModelChange():
            model = control.model
            return structs.replace(
                policy,
                model=model.version,
                mu0=model.mu0,
                sigma0=model.sigma0,
                population=policy.population if model.population is None else model.population,
                churn=policy.churn if model.churn is None else model.churn,
            )
        case Release():
            return policy

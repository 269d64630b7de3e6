"""What the fold decides, as values: transitions with their reasons."""

from msgspec import Struct

from shared.domain.instants import Instant
from shared.domain.stages import Signal, Stage


class Guard(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """One condition that was looked at: its concept, the value found, the threshold of the policy, and whether it held.

    `value` is null where it is unknown.
    """

    name: str
    concept: str
    value: float | None
    threshold: float | None
    holds: bool


class Reason(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Why a transition happened: enough to run the decision again and to tell a person."""

    signal: Signal
    concept: str
    guards: tuple[Guard, ...] = ()
    event_ids: tuple[str, ...] = ()
    policy: int = 1
    model: str | None = None


class Transition(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A customer moved from one stage to the next. `effective_at` is when it became true.

    `cause` is `event`, `silence`, `import` (a step made up between what another system told and what was known here,
    002-17), `policy`, `model` or `release`; the last three never read as if the customer did it. `line` is the business
    line that moved; None for the whole relationship.
    """

    source: Stage
    target: Stage
    effective_at: Instant
    cause: str
    cycle: int
    reason: Reason
    line: str | None = None
    relationship_level: float | None = None
    """How high the whole relationship stands after the move, 0 to 100 (002-3); None for a line."""
    muted: bool = False
    """Part of an imported history: told, but not sent to anybody."""

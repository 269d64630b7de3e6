"""Versions of the policy as people make them: changes that are checked, what differs, which is next, which governs."""

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import log
from typing import Any, Final

from msgspec import Struct, convert, to_builtins
from msgspec.structs import replace

from shared.domain.controls import Control, Governance, PolicyChange
from shared.domain.errors import LifestageError
from shared.domain.instants import Instant
from shared.domain.policy import Policy
from shared.domain.policy_fields import FIELDS, NOT_SET, OVERRIDES, problems
from shared.domain.rhythm.gaps import rhythm
from shared.domain.shapes import Problem, shown

MOST_TOLD: Final = 50

ORDERED: Final = (
    ("silent_r", "dormant_r"),
    ("dormant_r", "ended_r"),
    ("formation_occasions", "stability_occasions"),
    ("urgent_deadline_days", "deadline_days"),
)
"""Fields of which the first may not exceed the second: a later stage never asks for less than an earlier one."""

LONGEST_GAP_DAYS: Final = 1e9
"""A long gap beyond this is no length of time any more."""

MOST_GROUPS: Final = 2_500
"""Lines times industries: there is a policy for each pair."""

# One gap of a day, or of a century, once or often: between them lies every rhythm that there can be.
_RHYTHMS: Final = tuple((count, log(gap)) for count in (0, 1, 100) for gap in (1, 36_500))


class BadPolicy(LifestageError):
    """Changes that no policy can be made of. `problems` names every field that is wrong."""

    code = "bad_policy"

    def __init__(self, found: Sequence[Problem]) -> None:
        self.problems = tuple(found)
        told = "; ".join(f"{one.field}: {one.message}" for one in found[:MOST_TOLD])
        super().__init__(told + (f"; and {len(found) - MOST_TOLD} more" if len(found) > MOST_TOLD else ""))


class Difference(Struct, frozen=True, kw_only=True):
    """A field in which two policies differ; a member of a table is named with dots, and None where it is missing."""

    field: str
    before: object
    after: object


class Version(Struct, frozen=True, kw_only=True):
    """A version of the policy as people set it. `change` brought it through the log; the first one needed none."""

    policy: Policy
    change: PolicyChange | None = None

    @property
    def number(self) -> int:
        """Its number."""
        return self.policy.version

    @property
    def effective_at(self) -> Instant | None:
        """When it takes effect; None is from the start."""
        return None if self.change is None else self.change.effective_at


def changed(base: Policy, changes: Mapping[str, object], number: int) -> Policy:
    """The version of a number that changes make of another one. None puts a field's default back.

    Raises BadPolicy with every field that is wrong, or when nothing would change.
    """
    found: list[Problem] = []
    values: dict[str, Any] = {}
    for name, given in changes.items():
        field = FIELDS.get(name)
        if field is None:
            found.append(Problem(shown(name), _unknown(name)))
            continue
        value = field.default if given is None else given
        wrong = [] if given is None else list(problems(field, given))
        found += wrong
        if not wrong:
            values[name] = value
    policy = convert({**to_builtins(base), **values, "version": number}, Policy)
    # What was wrong before, or is wrong by itself, need not be told as wrong together.
    found += [one for one in together(policy) if one.field in values or "." in one.field]
    if not found and not differences(base, policy):
        found.append(Problem("changes", f"nothing differs from version {base.version}: send another value of a field"))
    if found:
        raise BadPolicy(found)
    return policy


def again(older: Policy, newest: Policy, number: int) -> Policy:
    """An older version as a new one. Raises BadPolicy when it is what the newest version says already."""
    if not differences(newest, older):
        problem = f"nothing differs from version {newest.version}: choose another one"
        raise BadPolicy([Problem("version", problem)])
    return replace(older, version=number)


def together(policy: Policy) -> Iterator[Problem]:
    """What is wrong with fields that are right by themselves, in the policy and in each of its groups."""
    yield from _together(policy, "")
    pairs = (len(policy.lines) + 1) * (len(policy.industries) + 1)
    if pairs > MOST_GROUPS:
        for table in OVERRIDES:
            message = f"lines and industries make {pairs:,} pairs: at most {MOST_GROUPS:,} are accepted, so name fewer"
            yield Problem(table, message)
    for table in OVERRIDES:
        for name, overrides in getattr(policy, table).items():
            for problem in _together(replace(policy, **overrides), f"{table}.{name}."):
                if problem.field.rpartition(".")[2] in overrides:
                    yield problem


def differences(old: Policy, new: Policy) -> list[Difference]:
    """The fields in which two policies differ, in the order of the fields."""
    before, after = _flat(old), _flat(new)
    names = {**before, **after}
    return [
        Difference(field=name, before=before.get(name), after=after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    ]


def versions(controls: Sequence[Control], first: Policy | None = None) -> dict[int, Version]:
    """Every version by its number; the first one governs from the start."""
    start = first or Policy()
    ordered = sorted(controls, key=lambda control: (control.effective_at, control.id))
    changes = [control for control in ordered if isinstance(control, PolicyChange)]
    found = {start.version: Version(policy=start)}
    found |= {change.policy.version: Version(policy=change.policy, change=change) for change in changes}
    return dict(sorted(found.items()))


def in_force(controls: Sequence[Control], at: Instant | None, first: Policy | None = None) -> int:
    """The number of the version that governs at an instant; None is before all time."""
    governance = Governance.of(controls, first)
    return governance.policies[0 if at is None else governance.applied_at(at)].version


def _unknown(name: str) -> str:
    if name in NOT_SET:
        return "is not set by people: leave it out"
    near = get_close_matches(name, FIELDS, n=1)
    return f"is not a field of the policy{f': perhaps {near[0]!r} is meant' if near else ''}"


def _together(policy: Policy, where: str) -> Iterator[Problem]:
    for lower, upper in ORDERED:
        low, high = getattr(policy, lower), getattr(policy, upper)
        if low > high:
            for field, way in ((lower, f"at most {high:g}"), (upper, f"at least {low:g}")):
                yield Problem(where + field, f"{lower} {low:g} exceeds {upper} {high:g}: {field} {way} is accepted")
    if not _measurable(policy):
        for field in ("mu0", "sigma0", "long_gap_sigmas"):
            yield Problem(where + field, "makes some long gaps longer than time itself: choose a smaller value")
    if policy.rates and policy.base_currency is None:
        for field in ("rates", "base_currency"):
            yield Problem(where + field, "rates are units of the base currency: set both, or neither")
    if (policy.quiet_from is None) != (policy.quiet_until is None):
        for field in ("quiet_from", "quiet_until"):
            yield Problem(where + field, "quiet hours have a beginning and an end: set both, or neither")


def _measurable(policy: Policy) -> bool:
    try:
        gaps = [rhythm(count, count * each, count * each * each, policy).long_gap for count, each in _RHYTHMS]
    except OverflowError:
        return False
    return max(gaps) <= LONGEST_GAP_DAYS


def _flat(policy: Policy) -> dict[str, object]:
    """The fields by name, the members of tables by their dotted names."""
    flat: dict[str, object] = {}
    for name in FIELDS:
        _flatten(name, getattr(policy, name), flat)
    return flat


def _flatten(name: str, value: object, into: dict[str, object]) -> None:
    if isinstance(value, dict):
        for member, inner in value.items():
            _flatten(f"{name}.{member}", inner, into)
    else:
        into[name] = value

"""What may be known of a customer and who looks after it: consent, personal tie, team."""

from collections.abc import Mapping
from typing import Final

from shared.domain.events import Consent, Contact, Event, Profile
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, Scalar, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.reactions import BOTH_WAYS

PROFILING: Final = "profiling"
"""The purpose of a consent to use what is known of a customer for suggestions (001-19)."""

PERSONAL: Final = ("dates", "preferred_channel", "preferred_payment")
"""What a personal tie is built on: important dates, and taste (004-20)."""

TEAMS: Final = {
    "project_team": ("Project team of its own", "专属项目组"),
    "owner": ("Named owner", "专属客户经理"),
    "desk": ("Service desk", "服务台"),
}


def consented(case: Case) -> bool | None:
    """Whether the customer allows profiling: its newest word; None where it said nothing."""
    said = [event for event in case.of(Consent) if event.purpose == PROFILING]
    return said[-1].granted if said else None


@measure("001-19", card=Card.ADVICE, unit="flag", en="Consent to profiling", zh="客户信息使用授权")
def profiling_consent(case: Case) -> Reading:
    """Whether the customer allows suggestions from its profile (001-19); without it advice rests on the stage only.

    Parts: the newest word for every purpose that was asked for.
    """
    said = case.of(Consent)
    parts: dict[str, Scalar | None] = {event.purpose: event.granted for event in said}
    granted = consented(case)
    if granted is None:
        return unknown(f"a consent with the purpose {PROFILING!r}", parts=parts)
    return known(granted, evidence=ids(event for event in said if event.purpose == PROFILING), parts=parts)


@measure("004-20", card=Card.ADVICE, unit="share", low=0, high=1, en="Personal tie", zh="情感联系")
def emotional_tie(case: Case) -> Reading:
    """Half the share of dates, channel and payment that are known, half whether they spoke within m (004-20).

    What is known of the person counts with its consent only (001-19); parts name what is known and `contact_days`.
    """
    allowed = consented(case)
    found = {name: case.profile(name) is not None for name in PERSONAL} if allowed else {}
    since = _days_since_contact(case)
    halves = {
        "profile": sum(found.values()) / len(PERSONAL) if allowed and any(found.values()) else None,
        "contact": None if since is None else float(since <= case.state.median_gap),
    }
    held = [half for half in halves.values() if half is not None]
    missing = _missing(allowed, halves)
    parts: dict[str, Scalar | None] = {**halves, **found, "contact_days": since}
    if not held:
        return unknown(*missing, parts=parts)
    shown = ids(_last(case.of(Profile)) if allowed else ()) + ids(_last(_spoken(case)))
    return known(sum(held) / len(held), coverage=len(held) / 2, evidence=shown, missing=missing, parts=parts)


@measure(
    "004-23",
    card=Card.ADVICE,
    unit="word",
    en="Who looks after it",
    zh="服务团队",
    words=TEAMS,
    amounts=("margin", "bound"),
)
def service_team(case: Case) -> Reading:
    """`project_team` from a margin of 1 times the bound of tier A on, else the profile's `owner`, else `desk` (004-23).

    The clear definition of a high-end customer, and its team. Parts: `owner`, `margin`, `bound`.
    """
    owner, margin, high = case.profile("owner"), case.state.margin, case.population.tier_a
    wanted = None if high is None else high * case.policy.team_tier_times
    parts: dict[str, Scalar | None] = {
        "owner": owner if isinstance(owner, str) else None,
        "margin": margin,
        "bound": wanted,
    }
    if margin is not None and wanted is not None:
        team = "project_team" if margin >= wanted else ("owner" if owner else "desk")
        return known(team, parts=parts)
    if owner:
        return known("owner", coverage=0.5, missing=("costs of purchases, and tiers",), parts=parts)
    return unknown("a profile with an owner", "costs of purchases, and tiers", parts=parts)


def _spoken(case: Case) -> list[Contact]:
    return [event for event in case.of(Contact) if event.direction in BOTH_WAYS]


def _last(events: list[Profile] | list[Contact]) -> tuple[Event, ...]:
    return tuple(events[-1:])


def _days_since_contact(case: Case) -> float | None:
    at = case.state.contact_at
    return None if at is None else (case.as_of - at) / DAY


def _missing(allowed: bool | None, halves: Mapping[str, float | None]) -> tuple[str, ...]:
    """What would tell the halves that are unknown; without consent nothing of a person is asked for."""
    found: tuple[str, ...] = ()
    if not allowed:
        found += ("consent",)
    elif halves["profile"] is None:
        found += ("a profile with dates, preferred channel or payment",)
    if halves["contact"] is None:
        found += ("a contact in which the customer spoke",)
    return found

"""What moved a customer's risk: its facts against others like it, and its silence against its own rhythm."""

from math import exp, expm1
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from shared.domain.habit import Habit, faded_gap
from shared.domain.rhythm import attrition
from shared.domain.rhythm.attrition import WEEK, Attrition, Past, past_of
from shared.domain.rhythm.churn import Members, foretold, logit, overdue_days
from shared.domain.rhythm.hazard import Hazard, features, traits_of

YEAR: Final = 365.25

Name = Literal["repeats", "interval", "newest_gaps", "regularity", "amount", "rate", "silence"]
Against = Literal["others", "own"]


class Mover(Struct, frozen=True, kw_only=True, gc=False):
    """A fact that moved the risk: its value, what it is compared with, and by how much it moved the log-odds.

    `part` is in the log-odds of buying nothing in the next `days` days: above 0 it raises the risk. Units of the value:
    repeat purchases (`repeats`), days (`interval`, `newest_gaps`, `silence`), standard deviation of ln(gap)
    (`regularity`), minor units a purchase day (`amount`), purchases a year (`rate`). Silence and `days` are in days as
    the calendar of the policy counts them.
    """

    name: Name
    against: Against
    value: float
    compared_with: float
    part: float
    days: float


def movers(members: Members, habit: Habit, silence: float, horizon: float) -> tuple[Mover, ...]:
    """What moved the risk after `silence` days over the `horizon`, both as the calendar counts; the strongest first.

    The parts of a hazard against others add up: to the log-odds of buying nothing in the coming week, less those of the
    average customer in the average week that the hazard was fitted to.
    """
    if members.hazard is not None:
        found = _in_the_hazard(members.hazard, members, habit, silence)
    else:
        assert members.classic is not None, "a churn model has a member"
        found = _in_the_classic(members.classic, members, habit, silence, horizon)
    found += _against_itself(members, habit, silence, horizon)
    return tuple(sorted(found, key=lambda one: -abs(one.part)))


def _in_the_hazard(model: Hazard, members: Members, habit: Habit, silence: float) -> list[Mover]:
    """Weight times (feature - its mean over customers and weeks), with the sign turned: a purchase is no risk."""
    traits, centres = traits_of(habit, members.usual_gap / WEEK), model.centres
    told = features(traits, silence / WEEK, centres[5])
    moved = [-weight * (value - mean) for weight, value, mean in zip(model.weights, told, centres, strict=True)]

    def fact(name: Name, value: float, mean: float, *places: int) -> Mover:
        part = sum(moved[place] for place in places)
        return Mover(name=name, against="others", value=value, compared_with=mean, part=part, days=WEEK)

    found = [
        fact("repeats", habit.repeats, expm1(centres[0]), 0, 1),
        fact("interval", traits.mean_interval * WEEK, (exp(centres[2]) - 0.5) * WEEK, 2, 3),
        fact("regularity", traits.irregularity, centres[4], 4),
        fact("rate", exp(told[8]) * YEAR / WEEK, exp(centres[8]) * YEAR / WEEK, 8),
        fact("silence", silence, expm1(centres[6]) * WEEK, 6, 7, 9),
    ]
    if traits.amount is not None:
        found.append(fact("amount", 100 * expm1(traits.amount), 100 * expm1(centres[5]), 5))
    return found


def _in_the_classic(model: Attrition, members: Members, habit: Habit, silence: float, horizon: float) -> list[Mover]:
    """P0 as it is, against that of somebody who has bought once, and against that after the population's mean gap."""

    def odds(past: Past, quiet: float) -> float:
        return logit(attrition.p_none(model, past, quiet / WEEK, horizon / WEEK))

    def fact(name: Name, value: float, other: float, odds_of_other: float) -> Mover:
        part = now - odds_of_other
        return Mover(name=name, against="others", value=value, compared_with=other, part=part, days=horizon)

    own, once = past_of(habit), Past(0, 0.0)
    now = odds(own, silence)
    return [
        fact("repeats", own.x, once.x, odds(once, silence)),
        fact("silence", silence, members.usual_gap, odds(own, members.usual_gap)),
    ]


def _against_itself(members: Members, habit: Habit, silence: float, horizon: float) -> list[Mover]:
    """P0 as it is, against that at the customer's own mean interval, and against that had its gaps stayed the same."""
    chance = foretold(members, habit)
    now = logit(chance(silence, horizon))

    def fact(name: Name, value: float, other: float, chance_otherwise: float) -> Mover:
        part = now - logit(chance_otherwise)
        return Mover(name=name, against="own", value=value, compared_with=other, part=part, days=horizon)

    span = habit.last_day - habit.first_day
    cycle = overdue_days(members, habit.repeats, span)
    found = [fact("silence", silence, cycle, chance(cycle, horizon))]
    faded = faded_gap(habit)
    if members.hazard is not None and faded is not None and habit.repeats > 1:
        mean = span / habit.repeats
        even = replace(habit, faded_sum=habit.faded_sum * mean / faded)
        found.append(fact("newest_gaps", faded, mean, foretold(members, even)(silence, horizon)))
    return found

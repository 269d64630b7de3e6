"""Satisfaction: what customers said of us, weighed by age."""

from math import exp2

from shared.domain.customer import Customer, Opinion
from shared.domain.events import Complaint, ComplaintResolved, Delivery, Event, Feedback, Refund
from shared.domain.instants import DAY, Instant
from shared.domain.policy import Policy
from shared.domain.rhythm.gaps import window

REMEMBERED = 16
"""Opinions kept; the oldest go first."""

FAULT_REASONS = frozenset({"defect", "defective", "dissatisfied", "dissatisfaction"})
"""Reasons that make a refund an opinion; other refunds are none."""


def opinion_of(event: Event, customer: Customer, policy: Policy) -> float | None:
    """What an event says of us, from -1 to 1; None when it is no opinion (CONCEPTS, Primitives: s).

    How a trial order is delivered tells whether we keep our word (000-3); later only a duty not done says something.
    """
    match event:
        case Feedback():
            return _rated(event)
        case Complaint():
            return policy.complaint_opinion
        case ComplaintResolved():
            return policy.resolved_opinion
        case Refund() if event.reason in FAULT_REASONS:
            return policy.refund_opinion
        case Delivery(on_time=True):
            return policy.trial_opinion if customer.cycle_occasions <= policy.trial_occasions else None
        case Delivery():
            trial = customer.cycle_occasions <= policy.trial_occasions
            return -policy.trial_opinion if trial else policy.missed_duty_opinion
        case _:
            return None


def remember(customer: Customer, at: Instant, x: float, policy: Policy) -> None:
    """Keep an opinion; the window that weighs them is that of the newest one."""
    customer.opinion_window = window(customer, policy)
    customer.opinions = (*customer.opinions, Opinion(at, x))[-REMEMBERED:]


def forget_old(customer: Customer, at: Instant) -> None:
    """Drop the opinions that are older than six windows."""
    oldest = at - 6 * customer.opinion_window * DAY
    if customer.opinions and customer.opinions[0].at < oldest:
        customer.opinions = tuple(opinion for opinion in customer.opinions if opinion.at >= oldest)


def satisfaction(customer: Customer) -> float | None:
    """s: the mean opinion with weights halving every two windows; unknown without any opinion."""
    if not customer.opinions:
        return None
    newest = customer.opinions[-1].at
    half_life = 2 * customer.opinion_window * DAY
    weights = [exp2((opinion.at - newest) / half_life) for opinion in customer.opinions]
    total = sum(weight * opinion.x for weight, opinion in zip(weights, customer.opinions, strict=True))
    # A mean of opinions that all say -0.3 is not below -0.3, whatever the last bit of the sum says.
    return round(total / sum(weights), 9)


def _rated(event: Feedback) -> float | None:
    if event.perceived is not None and event.expected is not None:
        return _bounded((event.perceived - event.expected) / event.scale)
    if event.rating is not None:
        # (x - 3)/2 on five points: the middle of the scale 1…n is 0, its ends are -1 and 1.
        middle = (event.scale + 1) / 2
        return _bounded((event.rating - middle) / (event.scale - middle))
    if event.nps is not None:
        return _bounded((event.nps - 5) / 5)
    return None


def _bounded(x: float) -> float:
    return max(-1.0, min(1.0, x))

"""What a customer does for the firm unasked: referrals, earned trust, membership, taking part, telling."""

from statistics import fmean

from shared.domain.events import Contact, Feedback, Referral
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.categories import this_cycle
from shared.domain.measures.contracts import running
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.voices import opinions

MEMBERSHIP = "membership"
"""The kind of contract that makes a member of a customer club."""
GROUP_ACTIVITY = "group_activity"
"""The action of a contact that is an activity of the club."""


@measure("000-16", card=Card.LOYALTY, unit="count", low=0, en="Referrals", zh="推荐次数")
def referrals(case: Case) -> Reading:
    """How many others the customer recommended us to; who is named twice counts once (000-16)."""
    return known(len(_referred(case)), evidence=ids(case.of(Referral)))


@measure("000-16", card=Card.LOYALTY, unit="count", low=0, en="Converted referrals", zh="推荐成功人数")
def converted_referrals(case: Case) -> Reading:
    """How many of those recommended have become customers (000-16)."""
    converted = [event for event in case.of(Referral) if event.converted]
    return known(sum(_referred(case).values()), evidence=ids(converted))


@measure("000-16", card=Card.LOYALTY, unit="flag", en="Advocate", zh="主动宣传者")
def advocate(case: Case) -> Reading:
    """Whether at least one of those recommended has become a customer (000-16)."""
    converted = converted_referrals(case)
    return known((converted.number or 0) >= case.policy.advocate_referrals, evidence=converted.evidence)


@measure("003-12", card=Card.LOYALTY, unit="score", low=0, high=1, en="Earned trust", zh="满意积累的信赖")
def earned_trust(case: Case) -> Reading:
    """(mean opinion of this cycle + 1)/2 over at least 3 occasions, plus 0.1 for each referral, at most 1 (003-12)."""
    policy, bought = case.policy, this_cycle(case)
    if len(bought) < policy.earned_trust_occasions:
        return unknown(f"purchases on {policy.earned_trust_occasions} days")
    told = opinions(case)
    if not told:
        return unknown("an opinion: feedback, a complaint")
    opinion, recommended = fmean(x for _, x in told), len(_referred(case))
    return known(
        min(1.0, (opinion + 1) / 2 + policy.referral_trust * recommended),
        evidence=ids(event for event, _ in told),
        parts={"mean_opinion": opinion, "opinions": len(told), "referrals": recommended},
    )


@measure("004-21", card=Card.LOYALTY, unit="days", low=0, en="Days as a member", zh="入会天数")
def member_days(case: Case) -> Reading:
    """Days since the oldest membership that still runs began (004-21)."""
    member = [one for one in running(case) if one.event.kind == MEMBERSHIP]
    if not member:
        return unknown("a contract of kind membership")
    return known((case.as_of - min(one.since for one in member)) / DAY, evidence=ids(one.event for one in member))


@measure("004-21", card=Card.LOYALTY, unit="count", low=0, en="Group activities", zh="参加团体活动次数")
def group_activities(case: Case) -> Reading:
    """How many activities of the club the customer took part in (004-21)."""
    attended = [event for event in case.of(Contact) if event.action == GROUP_ACTIVITY]
    return known(len(attended), evidence=ids(attended))


@measure("004-21", card=Card.LOYALTY, unit="count", low=0, en="Feedback given", zh="情报反馈次数")
def feedback_count(case: Case) -> Reading:
    """How often the customer told us what it thinks (004-21)."""
    return known(len(case.of(Feedback)), evidence=ids(case.of(Feedback)))


def _referred(case: Case) -> dict[str, bool]:
    """Who was recommended, and whether they became a customer. Somebody without a name is one by the event's id."""
    found: dict[str, bool] = {}
    for event in case.of(Referral):
        name = f"customer {event.referred_customer_id}" if event.referred_customer_id else f"event {event.id}"
        found[name] = found.get(name, False) or event.converted
    return found

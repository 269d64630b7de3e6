"""Those who have not bought yet: how strong their intent and confidence are, and how they turn into customers."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from shared.domain.events import Competitor, Contact, Inquiry, Profile, Purchase, QuoteRejected
from shared.domain.instants import DAY
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import began, in_order, of_cycle
from shared.domain.measures.deals import ids
from shared.domain.measures.inquiries import PHASES, asked, in_time
from shared.domain.measures.reading import Reading, known, mean_of, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.measures.satisfaction import told_by
from shared.domain.stages import Stage

GRADES: Final = {
    "A": ("A: about to buy", "A:意向强烈"),
    "B": ("B: interested", "B:有意向"),
    "C": ("C: looking", "C:观望"),
    "D": ("D: hardly any intent", "D:意向微弱"),
}


@measure("000-19", card=Card.CUSTOMER, unit="word", en="Grade of intent", zh="意向等级", words=GRADES)
def intent_grade(case: Case) -> Reading:
    """A, B, C or D by the points of a prospect's inquiries of 30 days: view 1, ask 2, probing 3; lost: D (000-19)."""
    if case.state.stage is not Stage.PROSPECT:
        return unknown("an inquiry of somebody who has not bought")
    recent = case.of(Inquiry, days=case.policy.intent_days)
    points = _points(case, recent)
    grade = "D" if case.state.lost else _grade(case, points)
    return known(grade, evidence=ids(recent), parts={"points": points, "inquiries": float(len(recent))})


@measure("000-19", card=Card.CUSTOMER, unit="days", en="Days until the next visit", zh="距下次回访天数")
def revisit_in_days(case: Case) -> Reading:
    """Days that a prospect's grade allows, less those since the last inquiry or contact; below 0: late (000-19)."""
    grade = intent_grade(case)
    touches = in_order(case.of(Inquiry), case.of(Contact))
    if grade.value is None or not touches:
        return unknown("an inquiry of somebody who has not bought")
    policy, last = case.policy, touches[-1]
    allowed = {
        "A": policy.revisit_a_days,
        "B": policy.revisit_b_days,
        "C": policy.revisit_c_days,
        "D": policy.revisit_d_days,
    }
    left = allowed[str(grade.value)] - (case.as_of - last.occurred_at) / DAY
    return known(left, evidence=(last.id,), parts={"grade": grade.value})


@measure("000-19", card=Card.CUSTOMER, unit="flag", en="Lead source known", zh="线索来源已知")
def lead_source(case: Case) -> Reading:
    """Whether it is known where the lead came from; `source`: from the profile, else the first channel (000-19)."""
    said = case.profile("lead_source")
    first = next((one for one in case.of(Inquiry) if one.channel), None)
    if isinstance(said, str):
        return known(True, evidence=_profiles(case, "lead_source"), parts={"source": said})
    if first is None:
        return unknown("a profile with lead_source, or an inquiry with its channel")
    return known(True, evidence=(first.id,), parts={"source": first.channel})


@measure("001-9", card=Card.CUSTOMER, unit="score", low=-1, high=1, en="Confidence", zh="信心")
def confidence(case: Case) -> Reading:
    """Mean of the signs seen in this cycle, each 1 or -1 (001-9).

    For: a reply in time, a repeat inquiry, a demo, a quote accepted by buying. Against: no reply, a quote rejected, a
    rival. `reply` is the mean over the inquiries: in time 1, late 0, none -1.
    """
    inquiries, bought = of_cycle(case, Inquiry), of_cycle(case, Purchase)
    rejected, rivals = of_cycle(case, QuoteRejected), of_cycle(case, Competitor)
    quotes = [one for one in inquiries if one.kind == "quote"]
    accepted = bool(quotes and bought and bought[-1].occurred_at >= quotes[0].occurred_at)
    parts = {
        "reply": _reply(case),
        "repeat_inquiry": 1.0 if len(inquiries) > 1 else None,
        "demo": 1.0 if any(one.intent == "demo" for one in inquiries) else None,
        "quote_accepted": 1.0 if accepted else None,
        "rejection": -1.0 if rejected else None,
        "rival": -1.0 if rivals else None,
    }
    return told_by(mean_of(parts, "an inquiry with its answer"), in_order(inquiries, rejected, rivals))


@measure("001-9", card=Card.CUSTOMER, unit="flag", en="Lost prospect", zh="流失的潜在客户")
def lost_prospect(case: Case) -> Reading:
    """Whether a prospect rejected a quote, or has been silent for 3 times the choosing time (14 d) (001-9)."""
    inquiries = of_cycle(case, Inquiry)
    if case.state.stage is Stage.TARGET:
        return unknown("an inquiry")
    lost = case.state.stage is Stage.PROSPECT and case.state.lost
    silent = None if not inquiries else (case.as_of - inquiries[-1].occurred_at) / DAY
    evidence = ids(of_cycle(case, QuoteRejected)) or ids(inquiries[-1:])
    return known(lost, evidence=evidence, parts={"silent_days": silent})


@measure("004-8", card=Card.CUSTOMER, unit="flag", en="Opportunity", zh="当前机会")
def opportunity(case: Case) -> Reading:
    """Whether a quote is open, neither rejected nor bought, and the budget is confirmed: need and means (004-8)."""
    inquiries = of_cycle(case, Inquiry)
    if not inquiries:
        return unknown("an inquiry")
    quotes = _open_quotes(case)
    budget = next((one for one in reversed(inquiries) if one.budget_confirmed is not None), None)
    if not quotes:
        return known(False, evidence=ids(inquiries))
    if budget is None:
        return unknown("an inquiry with budget_confirmed", evidence=ids(quotes))
    return known(bool(budget.budget_confirmed), evidence=ids(dict.fromkeys([*quotes, budget])))


@measure(
    "004-8",
    card=Card.CUSTOMER,
    unit="word",
    en="State on the market",
    zh="客户市场状态",
    words={
        "target": ("target", "目标客户"),
        "potential": ("potential customer", "潜在客户"),
        "opportunity": ("current opportunity", "当前机会"),
        "user": ("user", "用户"),
    },
)
def sales_state(case: Case) -> Reading:
    """Target before any inquiry, then potential, opportunity (quote open and budget confirmed), and user (004-8)."""
    if case.state.stage is Stage.TARGET:
        return known("target")
    if case.state.stage is not Stage.PROSPECT:
        return known("user", evidence=ids(case.of(Purchase)))
    chance = opportunity(case)
    return known("opportunity" if chance.value else "potential", evidence=chance.evidence)


@measure("002-7", card=Card.CUSTOMER, unit="flag", en="Target", zh="目标客户")
def target(case: Case) -> Reading:
    """Whether this is only a target, who has neither asked nor bought; `region`: where, if it is known (002-7)."""
    region = case.profile("region")
    return known(
        case.state.stage is Stage.TARGET,
        evidence=_profiles(case, "region"),
        coverage=1.0 if region else 0.5,
        missing=() if region else ("a profile with the region",),
        parts={"region": str(region) if region else None},
    )


@measure("001-10", "001-3", card=Card.CUSTOMER, unit="flag", en="Industry served", zh="所属行业匹配")
def industry_match(case: Case) -> Reading:
    """Whether the customer's industry is one of those that the policy says the firm serves (001-10, 001-3)."""
    industry = case.profile("industry")
    if not case.policy.served_industries:
        return unknown("served_industries in the policy")
    if industry is None:
        return unknown("a profile with the industry")
    return known(industry in case.policy.served_industries, evidence=_profiles(case, "industry"))


@measure("001-10", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Odds of a first purchase", zh="首次购买概率")
def conversion_odds(case: Case) -> Reading:
    """Share of the prospects like this one that bought: by industry, level and external rating (001-10).

    From the narrowest cell that the figures of all customers know, as in `industry=food/level=gold/rating=good`.
    """
    rating = _external_rating(case)
    match = industry_match(case).value
    parts = {"external_rating": rating, "industry_match": match, "customer_level": _word(case, "level")}
    held = cells(_word(case, "industry"), _word(case, "level"), rating)
    if not held:
        return unknown("a profile with industry, level or external_rating", parts={**parts})
    cell = next((one for one in held if one in case.population.conversion), None)
    if cell is None:
        return unknown(f"figures of all customers: the conversion of {next(iter(held))}", parts={**parts})
    told, odds = _profiles(case, "industry", "level", "external_rating"), case.population.conversion[cell]
    return known(odds, evidence=told, coverage=held[cell] / 3, parts={**parts, "cell": cell})


def cells(industry: str | None, level: str | None, external_rating: float | None) -> dict[str, int]:
    """The cells that a prospect with these factors is counted in (001-10), the narrowest first, with their factors.

    The rating of the outside world is `good` above 0, `bad` below, and `neutral` at 0.
    """
    words = [("industry", industry), ("level", level), ("rating", _rating_word(external_rating))]
    held = [f"{name}={word}" for name, word in words if word]
    return {"/".join(some): size for size in range(len(held), 0, -1) for some in combinations(held, size)}


def _rating_word(rating: float | None) -> str | None:
    if rating is None:
        return None
    return "good" if rating > 0 else "bad" if rating < 0 else "neutral"


def _points(case: Case, inquiries: Sequence[Inquiry]) -> float:
    policy = case.policy
    points = (policy.intent_view_points, policy.intent_ask_points, policy.intent_probe_points)
    return float(sum(points[PHASES[one.kind]] for one in inquiries))


def _grade(case: Case, points: float) -> str:
    policy = case.policy
    if points >= policy.intent_a_points:
        return "A"
    if points >= policy.intent_b_points:
        return "B"
    return "C" if points >= policy.intent_c_points else "D"


def _reply(case: Case) -> float | None:
    since = began(case)
    replies = []
    for one in asked(case):
        answered = in_time(case, one)
        if answered is not None and one.inquiry.occurred_at >= since:
            replies.append(1.0 if answered else 0.0 if one.answer else -1.0)
    return sum(replies) / len(replies) if replies else None


def _open_quotes(case: Case) -> list[Inquiry]:
    """Quotes asked for and neither rejected nor followed by a purchase; an answer leaves them open."""
    quotes: list[Inquiry] = []
    since = began(case)
    for event in case.events:
        match event:
            case Inquiry(kind="quote") if event.occurred_at >= since:
                quotes.append(event)
            case QuoteRejected():
                quotes = [one for one in quotes if event.inquiry_id not in (None, one.id)]
            case Purchase():
                quotes = []
            case _:
                pass
    return quotes


def _profiles(case: Case, *members: str) -> tuple[str, ...]:
    told = case.of(Profile)
    return ids(one for one in told if any(getattr(one, member) is not None for member in members))


def _word(case: Case, member: str) -> str | None:
    said = case.profile(member)
    return said if isinstance(said, str) else None


def _external_rating(case: Case) -> float | None:
    """The newest rating; 0 is a rating too."""
    told = [one.external_rating for one in case.of(Profile) if one.external_rating is not None]
    return told[-1] if told else None

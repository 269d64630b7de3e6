"""What a customer asks, how far its choosing has come, and whether the firm answers."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from msgspec import Struct

from shared.domain.events import Inquiry, InquiryAnswered, Purchase, QuoteRejected
from shared.domain.instants import Instant
from shared.domain.measures.case import Case
from shared.domain.measures.cycle import of_cycle
from shared.domain.measures.deals import ids
from shared.domain.measures.reading import Reading, known, unknown
from shared.domain.measures.registry import Card, measure
from shared.domain.silence import HOUR
from shared.domain.stages import Stage

PHASES: Final = {"view": 0, "ask": 1, None: 1, "quote": 2, "sample": 2, "negotiate": 2}
"""How far the asking has come by the kind of an inquiry: looking, asking, probing."""


class Asked(Struct, gc=False):
    """An inquiry that wants an answer, the answer, and what ended its waiting: answer, rejection or purchase."""

    inquiry: Inquiry
    answer: InquiryAnswered | None = None
    closed_at: Instant | None = None

    @property
    def waited(self) -> int | None:
        """Microseconds until the firm answered; None where it has not."""
        return None if self.answer is None else self.answer.occurred_at - self.inquiry.occurred_at


def asked(case: Case) -> list[Asked]:
    """The inquiries of all cycles that want an answer, looking wants none, the oldest first, and what came of them."""
    return case.once(_asked)


def _asked(case: Case) -> list[Asked]:
    found: list[Asked] = []
    waiting: list[Asked] = []
    for event in case.events:
        match event:
            case Inquiry() if event.kind != "view":
                found.append(Asked(event))
                waiting.append(found[-1])
            case InquiryAnswered() | QuoteRejected():
                waiting = _close(waiting, event, event.inquiry_id)
            case Purchase():
                waiting = _close(waiting, event, None)
            case _:
                pass
    return found


def in_time(case: Case, one: Asked) -> bool | None:
    """Whether the firm answered within `answer_hours`; None while it still can, or where that time was not needed."""
    allowed = case.policy.answer_hours * HOUR
    if one.waited is not None:
        return one.waited <= allowed
    ended = case.as_of if one.closed_at is None else one.closed_at
    return False if ended - one.inquiry.occurred_at >= allowed else None


@measure("002-6", card=Card.CUSTOMER, unit="share", low=0, high=1, en="Inquiries answered in time", zh="及时答复率")
def answer_rate(case: Case) -> Reading:
    """Inquiries answered within `answer_hours` over all whose time is up or that were answered (002-6)."""
    judged = [(one, said) for one in asked(case) if (said := in_time(case, one)) is not None]
    if not judged:
        return unknown("an inquiry with its answer")
    share = sum(said for _, said in judged) / len(judged)
    return known(share, evidence=ids(one.answer or one.inquiry for one, _ in judged))


@measure("002-6", card=Card.CUSTOMER, unit="hours", low=0, en="Hours to answer", zh="答复用时")
def hours_to_answer(case: Case) -> Reading:
    """Median hours from an inquiry until the firm answered it (002-6)."""
    answered = [one for one in asked(case) if one.waited is not None]
    if not answered:
        return unknown("an answer to an inquiry")
    waits = [one.waited for one in answered if one.waited is not None]
    return known(median(waits) / HOUR, evidence=ids(one.answer for one in answered if one.answer))


@measure("002-6", card=Card.CUSTOMER, unit="count", low=0, en="Unanswered inquiries", zh="未答复询问")
def unanswered_inquiries(case: Case) -> Reading:
    """Number of inquiries that wait for an answer; `overdue`: those past `answer_hours` (002-6)."""
    still = [one for one in asked(case) if one.closed_at is None]
    overdue = sum(in_time(case, one) is False for one in still)
    return known(float(len(still)), evidence=ids(one.inquiry for one in still), parts={"overdue": float(overdue)})


@measure(
    "002-1",
    card=Card.CUSTOMER,
    unit="word",
    en="Phase of the prospect",
    zh="潜在客户所处阶段",
    words={"aware": ("aware", "知晓"), "considering": ("considering", "考虑"), "probing": ("probing", "探测")},
)
def prospect_phase(case: Case) -> Reading:
    """Furthest that the inquiries of a prospect have come: aware (view), considering, probing (quote …) (002-1)."""
    inquiries = of_cycle(case, Inquiry)
    if case.state.stage is not Stage.PROSPECT or not inquiries:
        return unknown("an inquiry of somebody who has not bought")
    furthest = max(inquiries, key=lambda one: PHASES[one.kind])
    return known(("aware", "considering", "probing")[PHASES[furthest.kind]], evidence=(furthest.id,))


@measure(
    "002-19",
    card=Card.CUSTOMER,
    unit="word",
    en="Step of choosing",
    zh="购买决策步骤",
    words={
        "need": ("becoming aware of a need", "需求意识"),
        "information": ("gathering information", "信息收集"),
        "evaluation": ("weighing the choice", "评估选择"),
    },
)
def choosing_step(case: Case) -> Reading:
    """Step by the kind of the newest inquiry since the last purchase: need (view), information, evaluation (002-19)."""
    inquiries, bought = case.of(Inquiry), case.of(Purchase)
    if not inquiries or (bought and bought[-1].occurred_at >= inquiries[-1].occurred_at):
        return unknown("an inquiry since the last purchase")
    newest = inquiries[-1]
    return known(("need", "information", "evaluation")[PHASES[newest.kind]], evidence=(newest.id,))


CHANNELS: Final = {
    "ad": ("advertising", "广告"),
    "display": ("display", "展示"),
    "referral": ("recommendation", "推介"),
    "own_experience": ("own experience", "经历"),
    "other": ("another channel", "其他渠道"),
}


@measure("002-19", card=Card.CUSTOMER, unit="word", en="First channel", zh="首次接触渠道", words=CHANNELS)
def first_channel(case: Case) -> Reading:
    """Channel of the first inquiry that names one, as one of four or `other`; `channel`: as it was sent (002-19)."""
    first = next((one for one in case.of(Inquiry) if one.channel), None)
    if first is None or first.channel is None:
        return unknown("an inquiry with its channel")
    word = first.channel if first.channel in CHANNELS else "other"
    return known(word, evidence=(first.id,), parts={"channel": first.channel})


def _close(
    waiting: Sequence[Asked], event: InquiryAnswered | QuoteRejected | Purchase, name: str | None
) -> list[Asked]:
    """End the waiting of the inquiry of a name, or of all where none is named; those that still wait."""
    for one in waiting:
        if name in (None, one.inquiry.id):
            one.answer = event if isinstance(event, InquiryAnswered) else None
            one.closed_at = event.occurred_at
    return [one for one in waiting if one.closed_at is None]

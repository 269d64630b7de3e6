"""Decisions as sentences that people read, in English or Chinese."""

from collections.abc import Mapping
from typing import Final

from services.api.labels import CAUSES, EVENTS, GUARDS, KINDS, OUTCOMES, SIGNALS, STAGES, Label, Language
from services.api.times import stamp
from shared.domain import money
from shared.domain.alerts import Alert, AlertKind, Evidence
from shared.domain.customer import Customer
from shared.domain.decisions import Guard, Reason, Transition
from shared.domain.events import Event, Feedback, Invoice, Payment, Purchase, Refund, Resolve, Snooze, type_name
from shared.domain.instants import Instant
from shared.domain.outlook import Next, Way
from shared.domain.stages import Signal, Stage

LIKELY_GONE: Final = Label("the customer is overdue and likely to buy no more", "客户已超过自身周期且很可能不再购买")

UNKNOWN: Final = Label("unknown", "未知")

_NO_BAR: Final = Label("unknown, which does not stand in the way", "未知，不构成障碍")

_AT_LEAST: Final = Label("at least", "至少")
_AT_MOST: Final = Label("at most", "至多")
_BELOW: Final = Label("below", "低于")

_COMPARED: Final[Mapping[str, Label]] = {
    "open_complaints": _AT_MOST,
    "gap_r": _BELOW,
    "gap_variation": _AT_MOST,
    "open_items": _AT_MOST,
    "overdue_debts": _AT_MOST,
    "gap_days": _AT_MOST,
    "volume_share": _AT_MOST,
    "volume_trend": _BELOW,
}
"""How a guard compares its value with its threshold, where it is not `at least`."""


def number(value: float | None, language: Language) -> str:
    """A figure with two decimals at most."""
    if value is None:
        return UNKNOWN.says(language)
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 1e15 else f"{value:.3g}"


def amount(minor: float | None, currency: str | None) -> str | None:
    """Minor units as a decimal string in major units, half to even; None where nothing is known of either."""
    if minor is None or currency is None or currency not in money.DECIMALS:
        return None
    return money.major(round(minor), currency)


def cash(minor: float | None, currency: str | None, language: Language) -> str:
    """An amount with its currency."""
    worth = amount(minor, currency)
    return UNKNOWN.says(language) if worth is None else f"{worth} {currency}"


def comparison(guard: Guard) -> Label:
    """How the guard's value is compared with its threshold; dissatisfaction is the one that must lie below."""
    if guard.name == "satisfaction" and guard.concept == "000-5":
        return _BELOW
    return _COMPARED.get(guard.name, _AT_LEAST)


def guard_text(guard: Guard, currency: str | None, language: Language) -> str:
    """One condition with what was found and what it takes: `open complaints: 0 (at most 0)`."""
    in_money = guard.name in ("volume", "margin")
    value, threshold = (
        cash(figure, currency, language) if in_money else number(figure, language)
        for figure in (guard.value, guard.threshold)
    )
    label, compared = GUARDS[guard.name].says(language), comparison(guard).says(language)
    if guard.threshold is None and guard.value is not None:
        return f"{label}: {value}" if language == "en" else f"{label}：{value}"
    if guard.value is None and guard.holds:
        return f"{label}: {_NO_BAR.en}" if language == "en" else f"{label}：{_NO_BAR.zh}"
    return (
        f"{label}: {value} ({compared} {threshold})"
        if language == "en"
        else f"{label}：{value}（{compared} {threshold}）"
    )


def why(reason: Reason, cause: str, currency: str | None, language: Language) -> str:
    """Why a stage changed: the signal, who or what caused it, and the conditions that held."""
    said = signal_text(reason.signal, language, by_model=decided_by_model(reason))
    if cause in ("import", "policy", "model", "release"):
        by = CAUSES[cause].says(language)
        said = f"{said}, {by}" if language == "en" else f"{said}，{by}"
    found = [guard_text(guard, currency, language) for guard in reason.guards]
    return _sentence(said, found, language)


def moved(transition: Transition, currency: str | None, language: Language) -> str:
    """One transition as a line of the customer's story."""
    source, target = stage_name(transition.source, language), stage_name(transition.target, language)
    because = why(transition.reason, transition.cause, currency, language)
    if language == "en":
        return f"From {source} to {target} on {stamp(transition.effective_at)}. {because}"
    return f"{stamp(transition.effective_at)}由{source}进入{target}。{because}"


def decided_by_model(reason: Reason) -> bool:
    """Whether a churn model decided."""
    return any(guard.name == "p_no_purchase" for guard in reason.guards)


def agreement(reason: Reason, reproduced: bool, language: Language) -> str:
    """Whether folding again, by the model in force then, has come to the very same decision."""
    if language == "en":
        model = f", by churn model {reason.model}" if decided_by_model(reason) else ""
        return f"Folded again from the stored events{model}: {'' if reproduced else 'not '}the same decision."
    model = f"，按流失模型 {reason.model}" if decided_by_model(reason) else ""
    return f"依据已存事件重新计算{model}：决定{'相同' if reproduced else '不同'}。"


def signal_text(signal: Signal, language: Language, *, by_model: bool) -> str:
    """What moves a stage; silence is too long by a churn model or by the customer's own long gap."""
    return (LIKELY_GONE if by_model and signal is Signal.SILENT else SIGNALS[signal]).says(language)


def coming(upcoming: Next, language: Language, *, by_model: bool) -> str:
    """What continued silence will do to the stage; `by_model`: a churn model is in force."""
    stage, because = stage_name(upcoming.stage, language), signal_text(upcoming.because, language, by_model=by_model)
    if language == "en":
        return f"Continued silence leads to {stage} at {stamp(upcoming.at)}: {because}."
    return f"若持续沉默，将于 {stamp(upcoming.at)} 进入{stage}：{because}。"


def change(customer: Customer, way: Way, language: Language) -> str:
    """One way to another stage, or to keep this one: what it takes, and before when."""
    stage, by = stage_name(way.stage, language), _means(customer, way, language)
    before = "" if way.before is None else _before(way.before, language)
    missing = [guard_text(guard, customer.currency, language) for guard in way.missing]
    if language == "en":
        verb = _verb(customer.stage, way.stage).en
        needs = f" It still takes {'; '.join(missing)}." if missing else ""
        return f"{verb} {stage} with {by}{before}.{needs}"
    verb = _verb(customer.stage, way.stage).zh
    needs = f"还需：{'；'.join(missing)}。" if missing else ""
    return f"{before}{by}，{verb}{stage}。{needs}"


def alert_text(alert: Alert, language: Language) -> str:
    """What became true of the customer, with the evidence."""
    said = _evidence(alert.kind, alert.evidence, language) + _odds(alert.evidence, language)
    label = KINDS[alert.kind].says(language)
    return f"{label}: {said}." if language == "en" else f"{label}：{said}。"


def event_text(event: Event, language: Language) -> str:
    """An event as one short line."""
    name = type_name(event)
    label = EVENTS[name].says(language) if name in EVENTS else name
    more = _detail(event, language)
    return f"{label}: {more}" if more and language == "en" else f"{label}：{more}" if more else label


def stage_name(stage: Stage, language: Language) -> str:
    """A stage within a sentence."""
    label = STAGES[stage].says(language)
    return label.lower() if language == "en" else label


def _sentence(said: str, details: list[str], language: Language) -> str:
    if language == "en":
        return f"{said[0].upper()}{said[1:]}{': ' if details else ''}{'; '.join(details)}."
    return f"{said}{'：' if details else ''}{'；'.join(details)}。"


def _before(at: Instant, language: Language) -> str:
    return f" before {stamp(at)}" if language == "en" else f"在 {stamp(at)} 之前，"


def _verb(source: Stage, target: Stage) -> Label:
    if source is target:
        return Label("Stays in", "即保持")
    if source is Stage.DECLINE:
        return Label("Back to", "即回到")
    if source in (Stage.DORMANT, Stage.ENDED):
        return Label("A new cycle begins in", "即开始新周期，进入")
    return Label("Moves to", "即进入")


MEANS: Final[Mapping[str, Label]] = {
    "inquiry": Label("an inquiry", "提出询问"),
    "purchase": Label("a purchase", "再次购买"),
    "complaint_resolved": Label("the complaint resolved", "投诉得到解决"),
    "second_purchase": Label("a second purchase", "第二次购买"),
    "two_purchases": Label("two purchases", "两次购买"),
}
"""What kind of event a way takes."""


def _means(customer: Customer, way: Way, language: Language) -> str:
    by = MEANS[way.by].says(language)
    if way.at_least is not None:
        worth = cash(way.at_least, way.currency, language)
        return f"purchases of at least {worth}" if language == "en" else f"购买总额至少 {worth}"
    if way.by == "two_purchases":
        apart = number(customer.median_gap, language)
        return f"{by} at most {apart} days apart" if language == "en" else f"{by}（相隔不超过 {apart} 天）"
    return by


def _odds(found: Evidence, language: Language) -> str:
    """How likely the customer is to buy no more, and what is at risk; nothing where no model said so."""
    if found.p_no_purchase is None:
        return ""
    chance, days = number(100 * found.p_no_purchase, language), number(found.horizon_days, language)
    worth = cash(found.value_at_risk, found.currency, language)
    if language == "en":
        return f"; with {chance} % probability it buys nothing in the next {days} days, value at risk: {worth}"
    return f"；此后 {days} 天内不再购买的概率为 {chance} %，风险金额：{worth}"


def _evidence(kind: AlertKind, found: Evidence, language: Language) -> str:
    english = language == "en"
    silence, own = number(found.silence_days, language), number(found.long_gap_days, language)
    match kind:
        case AlertKind.SILENCE | AlertKind.DORMANT:
            return (
                f"silent for {silence} days, its own long gap is {own} days"
                if english
                else f"已沉默 {silence} 天，自身的长间隔为 {own} 天"
            )
        case AlertKind.VOLUME_DROP_SHARP:
            now, then = (cash(held, found.currency, language) for held in (found.volume, found.volume_before))
            return (
                f"bought {now} recently, {then} in the window before"
                if english
                else f"近期购买 {now}，上一窗口为 {then}"
            )
        case AlertKind.VOLUME_DROP_GRADUAL:
            trend = number(found.trend, language)
            return f"the trend is {trend} per window" if english else f"每窗口趋势为 {trend}"
        case AlertKind.DISSATISFACTION:
            satisfied = number(found.satisfaction, language)
            return f"satisfaction is {satisfied} between -1 and 1" if english else f"满意度为 {satisfied}（-1 到 1）"
        case AlertKind.END_INTENT:
            return SIGNALS[Signal.END_INTENT].says(language)
        case AlertKind.UNANSWERED_INQUIRY:
            hours = number(found.hours_waiting, language)
            return f"it has waited {hours} hours for an answer" if english else f"已等待答复 {hours} 小时"
        case AlertKind.UNRESOLVED_COMPLAINT:
            hours = number(found.hours_waiting, language)
            return f"it has been open for {hours} hours" if english else f"投诉已 {hours} 小时未解决"
        case AlertKind.RIVAL:
            delta = number(found.price_delta, language)
            return f"its price against ours: {delta} %" if english else f"其价格与我方相比：{delta} %"
        case AlertKind.TRADING_DOWN:
            return (
                "the price of what it buys has fallen in the median of four orders"
                if english
                else "近四笔订单的单价中位数下降"
            )
        case AlertKind.STAGNATION:
            return "no larger order and nothing new for three windows" if english else "三个窗口内没有增量或交叉购买"
        case AlertKind.LOCK_IN_EXPIRING:
            ends = stamp(found.ends_at) if found.ends_at is not None else UNKNOWN.says(language)
            satisfied = number(found.satisfaction, language)
            return (
                f"it ends at {ends}, satisfaction is {satisfied}"
                if english
                else f"合同于 {ends} 到期，满意度为 {satisfied}"
            )
        case AlertKind.TRIAL_ENDANGERED:
            satisfied = number(found.satisfaction, language)
            return f"satisfaction with the old is {satisfied}" if english else f"对老业务的满意度为 {satisfied}"


def _detail(event: Event, language: Language) -> str:
    match event:
        case Purchase(amount=minor, currency=currency, order_id=order):
            bought = cash(minor, currency, language)
            return f"{bought}, order {order}" if language == "en" else f"{bought}，订单 {order}"
        case Refund(amount=minor, currency=currency) | Invoice(amount=minor, currency=currency):
            return cash(minor, currency, language)
        case Payment(amount=minor, currency=currency):
            return cash(minor, currency, language)
        case Feedback(rating=float() as rating, scale=scale):
            return f"{number(rating, language)}/{number(scale, language)}"
        case Snooze(until=until):
            return stamp(until)
        case Resolve(outcome=outcome):
            return OUTCOMES[outcome].says(language)
        case _:
            return ""

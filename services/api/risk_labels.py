"""What people read of a customer's risk: the facts that moved it, weak signs, and what speaks."""

from collections.abc import Mapping
from math import exp
from typing import Final

from services.api.labels import Label, Language
from services.api.sentences import number
from services.api.times import stamp
from shared.domain.rhythm.churn import WeakSign
from shared.domain.rhythm.movers import Mover, Name
from shared.domain.rhythm.reading import Risk

MOVERS: Final[Mapping[Name, Label]] = {
    "repeats": Label("repeat purchases", "重复购买次数"),
    "interval": Label("mean interval, evened out with that of others", "平均购买间隔（与总体折中）"),
    "newest_gaps": Label("newest gaps", "最近的购买间隔"),
    "regularity": Label("how irregular the gaps are", "间隔的不规律程度"),
    "amount": Label("amount of a purchase day", "每个购买日的金额"),
    "rate": Label("purchases since the first, up to now", "首次购买至今的购买频率"),
    "silence": Label("silence so far", "至今的沉默"),
}

OTHERS: Final = Label("others", "其他客户")
OWN: Final[Mapping[Name, Label]] = {
    "silence": Label("its own mean interval", "自身平均间隔"),
    "newest_gaps": Label("its own mean gap", "自身平均间隔"),
}
"""What a fact is compared with."""

UNITS: Final[Mapping[str, Label]] = {"days": Label("days", "天"), "a year": Label("a year", "次/年")}

WEAK_SIGNS: Final[Mapping[str, Label]] = {
    "slowing": Label("Buys at longer intervals than it used to", "购买间隔比以往更长"),
    "shrinking": Label("Buys for less than it used to", "购买金额比以往更低"),
}

NO_MODEL: Final = Label(
    "No churn model is in force: none has been fitted yet, or there was too little history for one. By the customer's"
    " own gaps",
    "没有生效的流失模型：尚未拟合，或历史数据太少。按客户自身的购买间隔",
)
WHOLE_SPEAKS: Final = Label(
    "This line has too little history for a model of its own. By that of the whole relationship",
    "该业务线历史太少，没有自己的模型。按整体关系的模型",
)


def risk_text(risk: Risk, model: str | None, language: Language, *, borrowed: bool = False) -> str:
    """The risk as a sentence with what speaks; `borrowed`: for a line, the model of the whole relationship does."""
    english = language == "en"
    speaks = Label(f"By churn model {model}", f"按流失模型 {model}") if not borrowed else WHOLE_SPEAKS
    told = (NO_MODEL if risk.by == "gap_distribution" else speaks).says(language)
    chance, days = number(100 * risk.p_no_purchase, language), number(risk.horizon_days, language)
    said = (
        f"{told} it buys nothing in the next {days} days with {chance} % probability."
        if english
        else f"{told}，此后 {days} 天内不再购买的概率为 {chance} %。"
    )
    if risk.alert_at is None:
        return said
    silence, at = number(risk.alert_silence_days, language), stamp(risk.alert_at)
    if english:
        return f"{said} If it stays silent, an alert comes at {at}, after {silence} days of silence."
    return f"{said}若持续沉默，将于 {at}（沉默 {silence} 天时）发出告警。"


def mover_text(mover: Mover, value: float, compared_with: float, unit: str | None, language: Language) -> str:
    """A fact with what it is compared with, and by what factor it moved the odds of buying nothing."""
    label, other = MOVERS[mover.name].says(language), (OWN[mover.name] if mover.against == "own" else OTHERS)
    worded = "" if unit is None else f" {UNITS[unit].says(language) if unit in UNITS else unit}"
    told, usual = (f"{number(figure, language)}{worded}" for figure in (value, compared_with))
    factor, days = number(exp(mover.part), language), number(mover.days, language)
    if language == "en":
        return f"{label}: {told}, {other.en}: {usual}; odds of buying nothing in the next {days} days times {factor}"
    return f"{label}：{told}，{other.zh}：{usual}；此后 {days} 天内不购买的几率乘以 {factor}"


def weak_sign_text(sign: WeakSign, days: float, language: Language) -> str:
    """A weak sign with its measured odds."""
    label, within = WEAK_SIGNS[sign.code].says(language), number(days, language)
    shown, others = (number(round(100 * share), language) for share in (sign.with_it, sign.without))
    if language == "en":
        return f"{label}: of customers like this {shown} % bought no more within {within} days, of others {others} %."
    return f"{label}：此类客户中 {shown} % 在 {within} 天内不再购买，其他客户为 {others} %。"

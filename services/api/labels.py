"""What people read for every word that programs read: stages, types, alerts, signals, guards, events."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from shared.domain.alerts import AlertKind, AlertStatus, Mode, Outcome, ReasonCode, Severity
from shared.domain.customer import CustomerType
from shared.domain.stages import Signal, Stage

Language = Literal["en", "zh"]


class Label(NamedTuple):
    """One word in every language that we speak."""

    en: str
    zh: str

    def says(self, language: Language) -> str:
        """The word in a language."""
        return self.en if language == "en" else self.zh


STAGES: Final[Mapping[Stage, Label]] = {
    Stage.TARGET: Label("Target", "目标客户"),
    Stage.PROSPECT: Label("Prospect", "潜在客户"),
    Stage.EXPLORATION: Label("Exploration", "考察期"),
    Stage.FORMATION: Label("Formation", "形成期"),
    Stage.STABILITY: Label("Stability", "稳定期"),
    Stage.DECLINE: Label("Decline", "退化期"),
    Stage.DORMANT: Label("Dormant", "休眠"),
    Stage.ENDED: Label("Ended", "终止"),
}

TYPES: Final[Mapping[CustomerType, Label]] = {
    CustomerType.TARGET: Label("Target customer", "目标客户"),
    CustomerType.POTENTIAL: Label("Potential customer", "潜在客户"),
    CustomerType.NEW: Label("New customer", "新客户"),
    CustomerType.ESTABLISHED: Label("Established customer", "老客户"),
    CustomerType.NEW_LINE: Label("Established customer of a new line", "新业务的新客户"),
}

KINDS: Final[Mapping[AlertKind, Label]] = {
    AlertKind.SILENCE: Label("Silent beyond its own rhythm", "沉默超出自身节奏"),
    AlertKind.VOLUME_DROP_SHARP: Label("Sharp drop in volume", "交易量骤降"),
    AlertKind.VOLUME_DROP_GRADUAL: Label("Gradual drop in volume", "交易量逐步下降"),
    AlertKind.DISSATISFACTION: Label("Dissatisfied", "客户不满意"),
    AlertKind.END_INTENT: Label("Wants to leave", "表示要离开"),
    AlertKind.DORMANT: Label("Gone dormant", "进入休眠"),
    AlertKind.UNANSWERED_INQUIRY: Label("Inquiry not answered", "询问未答复"),
    AlertKind.UNRESOLVED_COMPLAINT: Label("Complaint not resolved in time", "投诉未按时解决"),
    AlertKind.RIVAL: Label("A rival made an offer", "竞争对手报价"),
    AlertKind.TRADING_DOWN: Label("Buys cheaper than it used to", "转向更低价产品"),
    AlertKind.STAGNATION: Label("Still buys, but no longer grows", "仍在购买但停止增长"),
    AlertKind.LOCK_IN_EXPIRING: Label("A contract is about to end", "合同即将到期"),
    AlertKind.TRIAL_ENDANGERED: Label("Tries a new line while unhappy with the old", "对老业务不满时试用新业务"),
}

SEVERITIES: Final[Mapping[Severity, Label]] = {
    Severity.LOW: Label("Low", "低"),
    Severity.MEDIUM: Label("Medium", "中"),
    Severity.HIGH: Label("High", "高"),
    Severity.CRITICAL: Label("Critical", "紧急"),
}

STATUSES: Final[Mapping[AlertStatus, Label]] = {
    AlertStatus.HELD: Label("Held back", "暂缓"),
    AlertStatus.OPEN: Label("Open", "待处理"),
    AlertStatus.ACKNOWLEDGED: Label("Acknowledged", "已确认"),
    AlertStatus.SNOOZED: Label("Snoozed", "已延后"),
    AlertStatus.RESOLVED: Label("Resolved", "已解决"),
    AlertStatus.WITHDRAWN: Label("Withdrawn", "已撤回"),
    AlertStatus.MUTED: Label("Muted", "已静默"),
}

REASONS: Final[Mapping[str, Label]] = {
    ReasonCode.DISSATISFIED: Label("Dissatisfied", "不满意"),
    ReasonCode.NEED_CHANGED: Label("Its need has changed", "需求发生变化"),
    ReasonCode.RIVAL: Label("A rival", "竞争对手"),
    ReasonCode.PRICE: Label("Our prices", "价格"),
    ReasonCode.OUTGROWN: Label("Needs what we do not have", "需求超出我方能力"),
    ReasonCode.FIRM_OUTLOOK: Label("How the firm is seen to develop", "对企业前景的看法"),
    ReasonCode.UNKNOWN: Label("Not known", "原因未知"),
    "unanswered_inquiry": Label("Was not answered", "未得到答复"),
}
"""Why an alert was raised (002-15)."""

SUB_STATES: Final[Mapping[str, Label]] = {
    "lost": Label("Lost as a prospect", "已失去的潜在客户"),
    "waking": Label("Waking", "正在唤醒"),
    "ending_pending_settlement": Label("Ending, pending settlement", "待结清后终止"),
    "leaving": Label("Wants to leave", "表示要离开"),
    "dissatisfied": Label("Dissatisfied", "不满意"),
    "need_shrunk": Label("Its own need has shrunk", "自身需求减少"),
}

MODES: Final[Mapping[Mode, Label]] = {
    Mode.RUPTURE: Label("It breaks over something", "破裂"),
    Mode.FADE: Label("It fades away", "消失"),
}

OUTCOMES: Final[Mapping[Outcome, Label]] = {
    Outcome.RETURNED: Label("The customer came back", "客户已回归"),
    Outcome.DORMANT: Label("The customer went dormant", "客户已休眠"),
    Outcome.LOST: Label("The customer was lost", "客户已流失"),
    Outcome.ANSWERED: Label("Answered", "已答复"),
    Outcome.LAPSED: Label("No longer matters", "已失效"),
    Outcome.RETAINED: Label("Retained", "已挽留"),
    Outcome.FALSE_ALARM: Label("False alarm", "误报"),
    Outcome.NO_ACTION: Label("No action taken", "未采取行动"),
}

_AGAIN: Final = Label("the customer is buying again", "客户恢复购买")

SIGNALS: Final[Mapping[Signal, Label]] = {
    Signal.INQUIRED: Label("the customer asked", "客户提出询问"),
    Signal.PURCHASED: Label("the customer bought", "客户购买"),
    Signal.END_INTENT: Label("the customer said that it wants to leave", "客户表示要离开"),
    Signal.DISSATISFIED: Label("the customer is dissatisfied", "客户不满意"),
    Signal.SOURED: Label("another line of the customer went bad", "客户的另一业务恶化"),
    Signal.SILENT: Label("silence exceeds the customer's own long gap", "沉默超过客户自身的长间隔"),
    Signal.DROP_SHARP: Label("volume dropped sharply, purchase after purchase", "交易量连续骤降"),
    Signal.DROP_GRADUAL: Label("volume keeps falling, purchase after purchase", "交易量持续下降"),
    Signal.RECOVERED_EXPLORATION: _AGAIN,
    Signal.RECOVERED_FORMATION: _AGAIN,
    Signal.RECOVERED_STABILITY: _AGAIN,
    Signal.CONFIRMED: Label("repeat purchases confirmed the first trust", "重复购买证实了初步的信任"),
    Signal.COMMITTED: Label("long, regular and deep buying shows commitment", "长期、规律、深入的购买体现了承诺"),
    Signal.FADED: Label("silence lies far beyond the customer's own rhythm", "沉默远超客户自身节奏"),
    Signal.SETTLED: Label("no more business is expected and the accounts are settled", "不再有业务往来且账目已结清"),
}

GUARDS: Final[Mapping[str, Label]] = {
    "overdue_debts": Label("invoices long overdue", "严重逾期账款"),
    "margin": Label("margin so far", "累计毛利"),
    "own_total_share": Label("the customer's own total business against before", "客户自身总业务量与此前之比"),
    "old_line_satisfaction": Label("satisfaction with the old line (-1 to 1)", "对老业务的满意度（-1 到 1）"),
    "occasions": Label("purchase days in this cycle", "本周期购买天数"),
    "satisfaction": Label("satisfaction (-1 to 1)", "满意度（-1 到 1）"),
    "open_complaints": Label("open complaints", "未解决的投诉"),
    "gap_r": Label("the gap just ended, against the customer's own rhythm (r)", "刚结束的间隔与自身节奏之比（r）"),
    "tenure_days": Label("days since the first purchase of this cycle", "本周期首次购买以来的天数"),
    "gap_variation": Label("how irregular the gaps are", "间隔的不规律程度"),
    "depth": Label("recent volume against the usual level", "近期交易量与平常水平之比"),
    "commitments": Label("commitments, or unbroken buying", "承诺或不间断购买"),
    "silence_r": Label("silence, against the customer's own rhythm (r)", "沉默与自身节奏之比（r）"),
    "p_no_purchase": Label("probability of buying nothing within the horizon", "期限内不再购买的概率"),
    "silence_days": Label("days of silence, against one cycle of its own", "沉默天数（与自身一个周期相比）"),
    "end_intent": Label("said that it wants to leave", "已表示要离开"),
    "open_items": Label("open invoices, running contracts and undelivered orders", "未结账款、在执行合同与未交付订单"),
    "volume": Label("recent volume", "近期交易量"),
    "gap_days": Label("days between the last two purchases", "最近两次购买相隔天数"),
    "volume_share": Label("recent volume against the window before", "近期交易量与上一窗口之比"),
    "volume_trend": Label("trend of the volume per window", "交易量每窗口的趋势"),
}

EVENTS: Final[Mapping[str, Label]] = {
    "inquiry": Label("Asked", "询问"),
    "inquiry_answered": Label("Inquiry answered", "询问已答复"),
    "quote_rejected": Label("Turned an offer down", "拒绝报价"),
    "purchase": Label("Bought", "购买"),
    "refund": Label("Refunded", "退款"),
    "invoice": Label("Invoiced", "开具账单"),
    "payment": Label("Paid", "付款"),
    "feedback": Label("Gave an opinion", "反馈"),
    "complaint": Label("Complained", "投诉"),
    "complaint_resolved": Label("Complaint resolved", "投诉已解决"),
    "contract": Label("Contract runs", "签订合同"),
    "contract_ended": Label("Contract ended", "合同终止"),
    "end_intent": Label("Wants to leave", "表示要离开"),
    "ended": Label("Relationship declared over", "宣布终止关系"),
    "referral": Label("Recommended us", "推荐他人"),
    "contact": Label("Contact", "接触"),
    "delivery": Label("Delivered, or failed to", "交付"),
    "price_change": Label("Prices changed", "价格变动"),
    "praise": Label("Praised us", "表扬"),
    "competitor": Label("A rival came up", "竞争对手"),
    "wallet": Label("Told its own total business", "客户自身总业务量"),
    "value": Label("Got something of worth", "客户获得价值"),
    "cost": Label("A cost of the relationship", "关系成本"),
    "consent": Label("Consent given or withdrawn", "信息使用授权"),
    "profile": Label("What is known of it", "客户资料"),
    "alias": Label("The same customer under another id", "客户别名"),
    "alert_acknowledged": Label("Alert acknowledged", "告警已确认"),
    "alert_snoozed": Label("Alert snoozed", "告警已延后"),
    "alert_resolved": Label("Alert resolved", "告警已解决"),
}
"""By the type as senders spell it; an unknown type is shown as it is."""

CAUSES: Final[Mapping[str, Label]] = {
    "event": Label("by what the customer did", "因客户行为"),
    "silence": Label("by continued silence", "因持续沉默"),
    "import": Label("made up between what another system told and what was known here", "据其他系统所述补记"),
    "policy": Label("by a change of the policy, not by the customer", "因策略变更，而非客户行为"),
    "model": Label("by a newly fitted model, not by the customer", "因模型更新，而非客户行为"),
    "release": Label("by a release of the program, not by the customer", "因程序升级，而非客户行为"),
}


def preferred(accept_language: str | None) -> Language:
    """The language for an `Accept-Language` header: the first of ours that it ranks highest; else English."""
    best: tuple[float, Language] = (0.0, "en")
    for part in (accept_language or "").split(","):
        tag, _, weight = part.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        quality = _quality(weight)
        if primary in ("en", "zh") and quality > best[0]:
            best = (quality, "zh" if primary == "zh" else "en")
    return best[1]


def _quality(weight: str) -> float:
    name, _, number = weight.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(number) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0

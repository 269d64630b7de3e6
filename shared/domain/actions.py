"""What can be done for a customer: the codes of the actions that are advised, and what people read for them."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Action(StrEnum):
    """An action that is advised. The first six keep customers (001-18), the next three are bonds (001-20)."""

    RETENTION_RATE_PROGRAMME = "retention_rate_programme"
    SWITCHING_COSTS = "switching_costs"
    SPECIAL_APPRECIATION = "special_appreciation"
    EMOTIONAL_TIE = "emotional_tie"
    GROUP_ACTIVITY = "group_activity"
    LEARNING_RELATIONSHIP = "learning_relationship"

    FINANCIAL_BOND = "financial_bond"
    SOCIAL_BOND = "social_bond"
    STRUCTURAL_BOND = "structural_bond"

    # Cultivation (000-7).
    INTRODUCE = "introduce"
    ANSWER_INQUIRY = "answer_inquiry"
    ASK_WHY = "ask_why"
    GUIDE_FIRST_PURCHASE = "guide_first_purchase"
    ENCOURAGE_SECOND_PURCHASE = "encourage_second_purchase"
    PROVE_VALUE = "prove_value"
    BUILD_ON_GOOD_FEELING = "build_on_good_feeling"

    # Cures (000-7, 002-14).
    SURVEY_NEEDS = "survey_needs"
    RESOLVE_COMPLAINT = "resolve_complaint"
    PROTECT_INTERESTS = "protect_interests"
    MATCH_RIVAL = "match_rival"
    REVIEW_PRICE = "review_price"
    EXTEND_OFFER = "extend_offer"
    SHOW_OUTLOOK = "show_outlook"
    PERSONAL_CONTACT = "personal_contact"
    WAKE_UP = "wake_up"
    LET_GO = "let_go"
    SETTLE_ACCOUNTS = "settle_accounts"


RETENTION: Final = (
    Action.RETENTION_RATE_PROGRAMME,
    Action.SWITCHING_COSTS,
    Action.SPECIAL_APPRECIATION,
    Action.EMOTIONAL_TIE,
    Action.GROUP_ACTIVITY,
    Action.LEARNING_RELATIONSHIP,
)
"""The six measures that keep customers (001-18)."""

BONDS: Final = (Action.FINANCIAL_BOND, Action.SOCIAL_BOND, Action.STRUCTURAL_BOND)
"""The three levels of bonds, the lowest first (001-20)."""

LABELS: Final[Mapping[Action, tuple[str, str]]] = MappingProxyType(
    {
        Action.RETENTION_RATE_PROGRAMME: (
            "Retention programme for the weakest factor",
            "针对首要因素提高客户保持率",
        ),
        Action.SWITCHING_COSTS: ("Review what binds the customer", "检视转换成本"),
        Action.SPECIAL_APPRECIATION: ("Special appreciation", "特殊赞赏"),
        Action.EMOTIONAL_TIE: ("Personal attention", "情感联系"),
        Action.GROUP_ACTIVITY: ("Invite to group activities", "团体活动"),
        Action.LEARNING_RELATIONSHIP: ("Learn from the customer", "建立学习关系"),
        Action.FINANCIAL_BOND: ("Financial bond: price advantages", "财务层次联系"),
        Action.SOCIAL_BOND: ("Social bond: membership, personal contact", "社会层次联系"),
        Action.STRUCTURAL_BOND: ("Structural bond: contract, integration", "结构性联系"),
        Action.INTRODUCE: ("Introduce what we offer", "介绍产品与服务"),
        Action.ANSWER_INQUIRY: ("Answer the inquiry", "答复询问"),
        Action.ASK_WHY: ("Ask why the offer did not fit", "了解未成交原因"),
        Action.GUIDE_FIRST_PURCHASE: ("Guide to the first purchase", "引导首次购买"),
        Action.ENCOURAGE_SECOND_PURCHASE: ("Encourage the second purchase", "激励再次购买"),
        Action.PROVE_VALUE: ("Prove value for money, with fitting services", "突出性价比与配套服务"),
        Action.BUILD_ON_GOOD_FEELING: ("Build on the good feeling", "强化良好感受"),
        Action.SURVEY_NEEDS: ("Survey its needs and tailor the offer", "调研客户需求并个性化"),
        Action.RESOLVE_COMPLAINT: ("Resolve the complaint", "解决投诉"),
        Action.PROTECT_INTERESTS: ("Make good and protect its interests", "保障客户利益"),
        Action.MATCH_RIVAL: ("Answer the rival's offer", "应对竞争对手报价"),
        Action.REVIEW_PRICE: ("Review the price", "检视价格"),
        Action.EXTEND_OFFER: ("Extend the offer to the unmet need", "扩展供给以满足新需求"),
        Action.SHOW_OUTLOOK: ("Show where the firm is going", "说明企业发展前景"),
        Action.PERSONAL_CONTACT: ("Get in touch in person", "感情联络"),
        Action.WAKE_UP: ("Wake the customer up", "唤醒客户"),
        Action.LET_GO: ("Let go step by step", "渐渐放弃"),
        Action.SETTLE_ACCOUNTS: ("Settle the accounts", "理清债权债务"),
    }
)
"""What people read for each action, in English and Chinese."""

ASKS_FOR: Final[Mapping[Action, tuple[str, str]]] = MappingProxyType(
    {
        Action.RETENTION_RATE_PROGRAMME: ("a factor of health that is known", "已知的健康因素"),
        Action.SWITCHING_COSTS: (
            "formation or stability, and no contract that runs beyond the review",
            "形成期或稳定期，且无长期合同约束",
        ),
        Action.SPECIAL_APPRECIATION: ("tier A and stability", "A 级客户且处于稳定期"),
        Action.EMOTIONAL_TIE: ("consent, and dates and taste known", "已获授权，且已知重要日期与偏好"),
        Action.GROUP_ACTIVITY: ("a membership that runs", "有效会员"),
        Action.LEARNING_RELATIONSHIP: ("consent to profiling", "客户同意使用其信息"),
    }
)
"""When a measure that keeps customers is open to one (001-18), in English and Chinese."""

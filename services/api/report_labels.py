"""What people read for the words of the reports, and the sentences of the checks."""

from collections.abc import Mapping
from typing import Final

from services.api.labels import Label, Language
from shared.domain.paths import PathType
from shared.domain.survey.checks import Check
from shared.domain.survey.keeping import Contentment
from shared.domain.survey.tiers import Tier

TIERS: Final[Mapping[Tier, Label]] = {
    Tier.A: Label("Tier A: the most valuable", "A 级：最有价值客户"),
    Tier.B: Label("Tier B: the middle", "B 级：中等价值客户"),
    Tier.C: Label("Tier C: the least valuable", "C 级：低价值客户"),
    Tier.UNKNOWN: Label("Margin unknown", "利润未知"),
}

PATHS: Final[Mapping[PathType, Label]] = {
    PathType.CYCLIC: Label("Comes back again and again", "循环型"),
    PathType.LONG_STABLE_THEN_FELL: Label("Long stable, then fell", "长期稳定后退化"),
    PathType.FELL_IN_FORMATION: Label("Fell in formation", "形成期退化"),
    PathType.NEVER_PAST_EXPLORATION: Label("Never past exploration", "止步考察期"),
    PathType.RECOVERED: Label("Fell and recovered", "退化后恢复"),
    PathType.STILL_CLIMBING: Label("Never fell", "从未退化"),
    PathType.NOT_BOUGHT: Label("Has not bought", "尚未购买"),
}

WAKE_CAUSES: Final[Mapping[str, Label]] = {
    "inquiry": Label("Asked first", "先行询问"),
    "contact": Label("Was contacted", "经企业接触"),
    "price_cut": Label("Prices had been cut", "降价之后"),
    "by_itself": Label("By itself", "自行唤醒"),
}

SAID: Final[Mapping[Contentment, Label]] = {
    Contentment.CONTENT: Label("Content with the first order", "对首单满意"),
    Contentment.DISCONTENT: Label("Not content with the first order", "对首单不满意"),
    Contentment.UNKNOWN: Label("Did not say", "未表态"),
}

DIMENSIONS: Final[Mapping[str, Label]] = {
    "channel": Label("Channel of the first contact", "首次接触渠道"),
    "lead_source": Label("Source of the lead", "线索来源"),
    "region": Label("Region", "区域"),
    "industry": Label("Industry", "行业"),
    "level": Label("Level of the customer", "客户层次"),
    "rating": Label("What others say of it", "外界评价"),
    "step": Label("How far the asking had come", "询问所到步骤"),
    "product": Label("Product bought last", "最近购买的产品"),
}

VOICES: Final[Mapping[str, Label]] = {
    "praise": Label("Praise", "表扬"),
    "complaint": Label("Complaints", "投诉"),
    "referral": Label("Referrals", "推荐"),
}

EXPLODING: Final[Mapping[bool, Label]] = {
    True: Label(
        "{voice} per hundred purchase days grew beyond the limit, month after month: it feeds itself.",
        "每百个购买日的{voice}连续数月超过增长界限：口碑正在自我放大。",
    ),
    False: Label(
        "{voice} per hundred purchase days stays within its usual course.", "每百个购买日的{voice}处于正常范围。"
    ),
}

CHECKS: Final[Mapping[str, Label]] = {
    "profit_rises": Label("Profit rises by stage", "利润随阶段提高"),
    "content_left": Label("Content customers leave too", "满意客户也会流失"),
    "second_follows_content": Label("Content first buyers come again", "满意带来重复购买"),
    "few_bring_most": Label("Few bring most of the profit", "少数客户带来大部分利润"),
    "stable_is_cheap": Label("Stable customers are cheap to keep", "稳定期客户投入较少"),
    "service_follows_value": Label("Service follows value", "服务成本与价值相称"),
}

_SENTENCES: Final[Mapping[tuple[str, bool], Label]] = {
    ("profit_rises", True): Label(
        "The mean margin rises from stage to stage and is lower again in decline, as it should.",
        "平均利润随阶段逐步提高，退化期回落，符合理论。",
    ),
    ("profit_rises", False): Label(
        "The mean margin does not rise from stage to stage: the rules may put customers at the wrong stages.",
        "平均利润未随阶段提高：规则可能把客户划入了错误的阶段。",
    ),
    ("content_left", True): Label(
        "Of the customers who left and had said what they thought, some had been content: satisfaction alone keeps"
        " nobody.",
        "流失且表过态的客户中有人当时是满意的：仅有满意并不能留住客户。",
    ),
    ("content_left", False): Label(
        "None of the customers who left had been content: here satisfaction tells who stays.",
        "流失的客户当时均不满意：在此处满意度能说明去留。",
    ),
    ("second_follows_content", True): Label(
        "Who was content with the first order buys a second time more often than who was not.",
        "对首单满意的客户比不满意的客户更常再次购买。",
    ),
    ("second_follows_content", False): Label(
        "Who was content with the first order does not buy a second time more often: look for other reasons.",
        "对首单满意的客户并未更常再次购买：应寻找其他原因。",
    ),
    ("few_bring_most", True): Label(
        "The best customers bring at least the share of the profit that the rule of 80 to 20 says.",
        "最好的客户带来的利润份额达到二八法则所述。",
    ),
    ("few_bring_most", False): Label(
        "The best customers bring less of the profit than the rule of 80 to 20 says: profit is spread more evenly.",
        "最好的客户带来的利润份额低于二八法则：利润分布较为均匀。",
    ),
    ("stable_is_cheap", True): Label(
        "Stable customers take no larger share of what is spent than they bring of the margin.",
        "稳定期客户占用的投入份额不高于其贡献的利润份额。",
    ),
    ("stable_is_cheap", False): Label(
        "Stable customers take a larger share of what is spent than they bring of the margin: spend it elsewhere.",
        "稳定期客户占用的投入份额高于其贡献的利润份额：应调整投入。",
    ),
    ("service_follows_value", True): Label(
        "What serving a customer costs follows what its tier is worth.", "服务成本与客户价值等级相称。"
    ),
    ("service_follows_value", False): Label(
        "Serving a customer of a worse tier costs more than serving one of a better: service does not follow value.",
        "低价值等级客户的服务成本高于高价值等级：服务与价值不相称。",
    ),
}

_TOO_FEW: Final = Label("Too few customers tell yet.", "客户数量不足，尚无法判断。")


def check_text(check: Check, language: Language) -> str:
    """A check's outcome as a sentence."""
    label = _TOO_FEW if check.holds is None else _SENTENCES[check.code, check.holds]
    return label.says(language)


def mouth_text(voice: str, exploding: bool, language: Language) -> str:
    """What a curve of word of mouth tells, as a sentence."""
    return EXPLODING[exploding].says(language).format(voice=VOICES[voice].says(language))

"""Stories of decline: volume that falls, prices, needs, conflicts; and how a tie breaks or fades."""

from typing import Final

from shared.domain.alerts import AlertKind, Mode, Outcome, ReasonCode, Severity
from shared.domain.events import Item, Purchase
from shared.domain.policy import Policy
from shared.domain.stages import Signal, Stage
from tests.builders import answer, complaint, inquiry, price_change, purchase, purchases, rating
from tests.stories.told import CLIMBED, Move, Raised, Story, course, events


def order(day: float, price: int, quantity: int) -> Purchase:
    """An order of one product at a price."""
    item = Item(product="paper", quantity=float(quantity), amount=price * quantity)
    return purchase(day, price * quantity, items=(item,))


STORIES: Final = (
    Story(
        slug="sharp-drop",
        title="The sharp drop",
        zh="交易量急剧下降",
        says=(
            "A customer can leave while it still buys: falling volume is the first mark of decline (002-12). From "
            "one order to the next a fifth is left of each. One weak window opens a watch and no more; at the second "
            "occasion running that brings two fifths or less of the window before, it is decline (002-13). Nothing "
            "is known of the customer's own business, and the alert says so."
        ),
        told=events(purchases(*range(0, 218, 31)), purchases(*range(248, 311, 31), amount=20_00)),
        until=335,
        course=course(
            *CLIMBED,
            Move(310, Stage.DECLINE, Signal.DROP_SHARP),
            Raised(AlertKind.VOLUME_DROP_SHARP, 310, ReasonCode.UNKNOWN, Severity.CRITICAL),
        ),
        evidence={
            AlertKind.VOLUME_DROP_SHARP: {"volume": 40_00, "volume_before": 120_00, "wallet_checked": False},
        },
        advice="personal_contact",
    ),
    Story(
        slug="gradual-drop",
        title="The gradual drop",
        zh="交易量逐渐下降",
        says=(
            "Volume may also go down step by step (002-13). Each order is a tenth smaller than the one before: no "
            "window falls sharply, but the trend over four windows does, at -0.20 a window, and at two occasions "
            "running. By then a window brings little more than half of what it once did (002-12)."
        ),
        told=events(
            purchases(*range(0, 125, 31)),
            [purchase(155 + 31 * place, round(100_00 * 0.9 ** (place + 1))) for place in range(6)],
        ),
        until=335,
        course=course(
            *CLIMBED,
            Move(310, Stage.DECLINE, Signal.DROP_GRADUAL),
            Raised(AlertKind.VOLUME_DROP_GRADUAL, 310, ReasonCode.UNKNOWN, Severity.CRITICAL),
        ),
        evidence={AlertKind.VOLUME_DROP_GRADUAL: {"mode": Mode.FADE, "wallet_checked": False}},
        advice="personal_contact",
    ),
    Story(
        slug="trader-down",
        title="The trader-down",
        zh="转向低价产品的客户",
        says=(
            "A customer that turns to cheaper goods gives a sign of decline although its orders come as before "
            "(002-12): the median price of its newest four orders lies a quarter below that of the four before. A "
            "sign alone moves no stage; it opens a watch that ends by itself when it has become old."
        ),
        told=events(
            [order(day, 10_00, 10) for day in range(0, 187, 31)],
            [order(day, 7_50, 13) for day in range(217, 342, 31)],
        ),
        until=350,
        course=course(
            *CLIMBED,
            Raised(AlertKind.TRADING_DOWN, 279, ReasonCode.UNKNOWN, Severity.CRITICAL),
        ),
        advice="personal_contact",
    ),
    Story(
        slug="price-rise",
        title="The price rise that was one too many",
        zh="涨价后离去的客户",
        says=(
            "How sensitive a customer is shows when prices rise (003-11). Two days before its next order ours rise "
            "by an eighth, and the order does not come. Silence is judged by the customer's own rhythm (002-13); "
            "when it has become decline, the reason that is named is the price (002-15)."
        ),
        told=events(purchases(*range(0, 249, 31)), price_change(277, 12.5)),
        until=350,
        course=course(
            *CLIMBED,
            Move(326.7, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 326.7, ReasonCode.PRICE, Severity.CRITICAL),
        ),
        evidence={AlertKind.SILENCE: {"event_ids": ("price change of day 277",), "mode": Mode.FADE}},
        advice="review_price",
    ),
    Story(
        slug="outgrown",
        title="The customer who has outgrown us",
        zh="需求升级无法满足的客户",
        says=(
            "A customer's need grows, and a firm that cannot meet it loses the customer without having done anything "
            "wrong (002-21). It asks for what we do not have, is told so in time (002-6), and orders no more. The "
            "reason is neither discontent nor a rival: it has outgrown us (002-15)."
        ),
        told=events(purchases(*range(0, 249, 31)), inquiry(270, kind="ask", intent="unmet_need"), answer(270.5)),
        until=350,
        course=course(
            *CLIMBED,
            Move(326.7, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 326.7, ReasonCode.OUTGROWN, Severity.CRITICAL),
        ),
        evidence={AlertKind.SILENCE: {"event_ids": ("inquiry of day 270",)}},
        advice="extend_offer",
    ),
    Story(
        slug="doubtful-outlook",
        title="The firm that is seen to fail",
        zh="企业前景堪忧",
        says=(
            "An old customer also looks at how the firm itself develops (001-14). Where the market doubts it, which "
            "the firm says in its policy, and nothing else is known to have happened, the outlook is the likeliest "
            "reason for silence (002-15)."
        ),
        told=events(purchases(*range(0, 125, 31))),
        until=245,
        policy=Policy(company_outlook=-0.5),
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(62, Stage.FORMATION, Signal.CONFIRMED),
            Move(223.3, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 223.3, ReasonCode.FIRM_OUTLOOK, Severity.HIGH),
        ),
        advice="show_outlook",
    ),
    Story(
        slug="rupture",
        title="The rupture",
        zh="关系破裂",
        says=(
            "Some relationships break over something (004-16). A stable customer forgives one bad experience: in "
            "formation and stability satisfaction counts from two opinions on. The second within three days is too "
            "many (000-5, 000-18): decline at once, from stability. Then silence comes too, and as the last that was "
            "heard of the customer was something bad, it was a rupture."
        ),
        told=events(purchases(*range(0, 187, 31)), rating(200, -0.5), rating(203, -0.9)),
        until=300,
        course=course(
            *CLIMBED,
            Move(203, Stage.DECLINE, Signal.DISSATISFIED),
            Raised(AlertKind.DISSATISFACTION, 203, ReasonCode.DISSATISFIED, Severity.CRITICAL),
            Raised(AlertKind.SILENCE, 272.7, ReasonCode.DISSATISFIED, Severity.CRITICAL),
        ),
        evidence={AlertKind.SILENCE: {"mode": Mode.RUPTURE}},
        advice="protect_interests",
        measures={300: {"path_type": "long_stable_then_fell"}},
    ),
    Story(
        slug="fading",
        title="The fading",
        zh="关系消失",
        says=(
            "Other relationships just fade (004-16): nothing bad was said, the orders stop. Decline comes when "
            "silence exceeds the customer's own long gap (002-13), sleep one long gap later, and the end, as nothing "
            "is open between the two, after four (002-16). Lost, asleep and gone are three different things "
            "(004-11)."
        ),
        told=events(purchases(*range(0, 187, 31))),
        until=540,
        course=course(
            *CLIMBED,
            Move(272.7, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 272.7, ReasonCode.UNKNOWN, Severity.CRITICAL).resolved(359.4, Outcome.DORMANT),
            Move(359.4, Stage.DORMANT, Signal.FADED, "silence"),
            Raised(AlertKind.DORMANT, 359.4, ReasonCode.UNKNOWN, Severity.CRITICAL).resolved(532.8, Outcome.LOST),
            Move(532.8, Stage.ENDED, Signal.SETTLED, "silence"),
        ),
        evidence={AlertKind.SILENCE: {"mode": Mode.FADE}},
        advice="let_go",
    ),
    Story(
        slug="complaint-never-answered",
        title="The complaint that is never answered",
        zh="始终未获答复的投诉",
        says=(
            "An open conflict blocks the way up (000-14). This customer complains once and goes on buying; the firm "
            "hears of it after a day and does nothing, so the alert grows critical. Seven purchases in seven months "
            "would make others stable. Here they do not, and when the orders stop the reason is known (002-15)."
        ),
        told=events(purchases(*range(0, 94, 31)), complaint(100), purchases(*range(124, 218, 31))),
        until=325,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(62, Stage.FORMATION, Signal.CONFIRMED),
            Raised(AlertKind.UNRESOLVED_COMPLAINT, 101, ReasonCode.DISSATISFIED, Severity.CRITICAL),
            Move(299.3, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 299.3, ReasonCode.DISSATISFIED, Severity.HIGH),
        ),
        evidence={AlertKind.SILENCE: {"event_ids": ("complaint of day 100",), "mode": Mode.FADE}},
        advice="resolve_complaint",
        measures={325: {"open_conflicts": 1}},
    ),
)

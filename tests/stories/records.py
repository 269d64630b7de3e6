"""Stories of what is recorded: value tiers, imports, broken feeds, late events, refunds."""

from typing import Final

from shared.domain.alerts import AlertKind, Mode, ReasonCode, Severity
from shared.domain.policy import MU0
from shared.domain.population import Population
from shared.domain.stages import Signal, Stage
from tests.builders import feed_from, inquiry, model_from, profile, purchase, purchases, rating, refund
from tests.stories.told import Move, Raised, Story, course, events

TIERS: Final = (model_from(40, MU0, 1.2, population=Population(currency="EUR", tier_a=500_00, tier_c=0)),)
"""From day 40 on the borders are known: 500.00 of margin make tier A, a loss makes tier C."""

STORIES: Final = (
    Story(
        slug="unprofitable-tier-c",
        title="The unprofitable customer of tier C",
        zh="不盈利的 C 级客户",
        says=(
            "A few customers give most of the profit, and the worst eat up part of it (004-4). Each order of this "
            "one costs more than it brings. Where only one side wins no trust is confirmed (001-4, 001-15): four "
            "purchases and still exploration. When it is dissatisfied the alert is of low severity, two steps less "
            "than for a good customer, and letting go is a choice (002-14)."
        ),
        told=events(purchases(0, 30, 60, 90, cost=130_00), rating(100, -0.7)),
        until=105,
        controls=TIERS,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(100, Stage.DECLINE, Signal.DISSATISFIED),
            Raised(AlertKind.DISSATISFACTION, 100, ReasonCode.DISSATISFIED, Severity.LOW),
        ),
        at_end={"tier": "C", "margin": -120_00},
        advice="let_go",
        measures={105: {"save_or_let_go": "let_go"}},
    ),
    Story(
        slug="profitable-tier-a",
        title="The customer of tier A, seen early",
        zh="重点关注的 A 级客户",
        says=(
            "The customers that earn most are worth an earlier call (004-4, 004-23). This one has brought a thousand "
            "in margin. It is in formation, where the second bad opinion is the one that counts, and the alert is "
            "critical from its first minute."
        ),
        told=events(purchases(0, 30, 60, 90, amount=400_00, cost=150_00), rating(100, -0.7), rating(102, -0.5)),
        until=105,
        controls=TIERS,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(60, Stage.FORMATION, Signal.CONFIRMED),
            Move(102, Stage.DECLINE, Signal.DISSATISFIED),
            Raised(AlertKind.DISSATISFACTION, 102, ReasonCode.DISSATISFIED, Severity.CRITICAL),
        ),
        at_end={"tier": "A", "margin": 1_000_00},
        advice="protect_interests",
        measures={105: {"save_or_let_go": "save"}},
    ),
    Story(
        slug="imported-history",
        title="The imported history that would skip a stage",
        zh="导入的历史不得跳级",
        says=(
            "No relationship skips a stage (002-17). An import tells two old orders and that the old system had this "
            "customer as stable. The jump is taken in order, by a step to formation and one to stability, each "
            "marked as made up. An inquiry that nobody answered back then is told but alarms nobody now, and live "
            "orders go on from there."
        ),
        told=events(
            purchases(0, 20, backfill=True, received=45),
            profile(30, stage="stability", industry="food", backfill=True, received=45),
            inquiry(33, kind="ask", backfill=True, received=45),
            purchases(50, 80),
        ),
        until=90,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(30, Stage.FORMATION, Signal.CONFIRMED, "import"),
            Move(30, Stage.STABILITY, Signal.COMMITTED, "import"),
            Raised(AlertKind.UNANSWERED_INQUIRY, 34, "unanswered_inquiry", Severity.CRITICAL).muted(),
        ),
        advice="switching_costs",
    ),
    Story(
        slug="broken-shop-webhook",
        title="The shop whose feed broke",
        zh="商店数据中断",
        says=(
            "When a whole source falls silent, the silence of its customers means nothing: a broken feed is not "
            "churn (000-18, 002-13). This weekly shopper was last heard of on day 98; its long gap ends on day 128, "
            "amid the outage. Nothing is said until the shop speaks again on day 150. It brings no order of hers, so "
            "the silence is judged there and then, as decline."
        ),
        told=events(purchases(*range(0, 99, 7))),
        until=155,
        controls=(feed_from(100, silent=True), feed_from(150, silent=False)),
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(14, Stage.FORMATION, Signal.CONFIRMED),
            Move(150, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 150, ReasonCode.UNKNOWN, Severity.MEDIUM),
        ),
        evidence={AlertKind.SILENCE: {"silence_days": 52.0, "long_gap_days": 30.0, "mode": Mode.FADE}},
        advice="personal_contact",
    ),
    Story(
        slug="late-event",
        title="The late order that disproves an alert",
        zh="迟到的订单撤销告警",
        says=(
            "Silence is judged by what is known (002-13). On day 134 this customer has been silent for longer than "
            "its long gap, and the alert is right to come. Then an order of day 95 arrives from a till that was off "
            "the network. The whole history is folded again: there never was a decline, and the alert is withdrawn. "
            "One cycle missed moves nobody (004-11)."
        ),
        told=events(purchases(*range(0, 71, 14))),
        late=events(purchase(95, source="till", received=140)),
        until=140,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(28, Stage.FORMATION, Signal.CONFIRMED),
        ),
        believed=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(28, Stage.FORMATION, Signal.CONFIRMED),
            Move(134, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 134, ReasonCode.UNKNOWN, Severity.MEDIUM),
        ),
        at_end={"stage": Stage.FORMATION, "cycle_occasions": 7},
        advice="social_bond",
    ),
    Story(
        slug="refund-that-empties-an-order",
        title="The refund that empties an order",
        zh="全额退款的订单",
        says=(
            "Who sends an order back has hesitated (000-10): here it thought better of the price, a risk to its "
            "purse, and bears us no ill will. From the refund on the order counts for nothing, so the order of day "
            "40 is the second, not the third, and trust is confirmed with that of day 60 (000-6)."
        ),
        told=events(
            purchases(0, 20),
            refund(24, order="order 20", reason="changed_mind", risk="economic"),
            purchases(40, 60),
        ),
        until=70,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(60, Stage.FORMATION, Signal.CONFIRMED),
        ),
        at_end={"cycle_occasions": 3, "gaps": 2},
        advice="social_bond",
    ),
)

"""Stories of customers with several lines of business, each with a lifecycle of its own (001-13, 001-14)."""

from typing import Final

from shared.domain.alerts import AlertKind, Outcome, ReasonCode, Severity
from shared.domain.stages import Signal, Stage
from tests.builders import complaint, end_intent, purchase, purchases, rating
from tests.stories.told import Move, Raised, Story, course, events

PAPER: Final = (
    Move(0, Stage.EXPLORATION, Signal.PURCHASED),
    Move(0, Stage.EXPLORATION, Signal.PURCHASED, line="paper"),
    Move(62, Stage.FORMATION, Signal.CONFIRMED),
    Move(62, Stage.FORMATION, Signal.CONFIRMED, line="paper"),
    Move(186, Stage.STABILITY, Signal.COMMITTED),
    Move(186, Stage.STABILITY, Signal.COMMITTED, line="paper"),
)
"""Half a year of buying paper every 31 days: the relationship and its only line go the same way."""

STORIES: Final = (
    Story(
        slug="new-line-of-an-old-customer",
        title="The old customer tries a new line",
        zh="老客户尝试新业务",
        says=(
            "An old customer that buys something of another kind is a new customer of that line: the cycle starts "
            "again, in exploration (001-13). It does not start from nothing, as it brings the trust that the old "
            "line has earned. The stages overlap (002-23): stable with paper, still trying toner, and with the third "
            "order toner is in formation too. Buying across lines is growth (000-8)."
        ),
        told=events(purchases(*range(0, 311, 31), line="paper"), purchases(200, 231, 262, 293, line="toner")),
        until=315,
        course=course(
            *PAPER,
            Move(200, Stage.EXPLORATION, Signal.PURCHASED, line="toner"),
            Move(262, Stage.FORMATION, Signal.CONFIRMED, line="toner"),
        ),
        at_end={"stage": Stage.STABILITY},
        advice="switching_costs",
    ),
    Story(
        slug="new-line-that-sours",
        title="The old customer whose new line sours",
        zh="老客户的新业务恶化",
        says=(
            "The first experience decides over a new line as over a new customer (001-13, 000-5): a complaint about "
            "the first toner ends the trial at once. The old line goes on as it was, and so does the relationship as "
            "a whole, where a single bad opinion does not outweigh half a year. One alert tells of it, with the name "
            "of the line (001-14)."
        ),
        told=events(
            purchases(*range(0, 249, 31), line="paper"), purchase(200, line="toner"), complaint(215, line="toner")
        ),
        until=260,
        course=course(
            *PAPER,
            Move(200, Stage.EXPLORATION, Signal.PURCHASED, line="toner"),
            Move(215, Stage.DECLINE, Signal.DISSATISFIED, line="toner"),
            Raised(AlertKind.DISSATISFACTION, 215, ReasonCode.DISSATISFIED, Severity.HIGH, line="toner"),
        ),
        at_end={"stage": Stage.STABILITY},
        advice="resolve_complaint",
    ),
    Story(
        slug="one-line-left",
        title="The customer that leaves one line of two",
        zh="只离开一条业务线的客户",
        says=(
            "A customer that says it will buy no more toner, and goes on buying paper, has not left: only the line "
            "of toner ends, for its books are settled (001-13, 002-16). The relationship as a whole stays where it "
            "is. The one alert names the line and the reason that was given, a rival's offer (002-15)."
        ),
        told=events(
            purchases(*range(0, 311, 31), line="paper"),
            purchases(200, 231, 262, 293, line="toner"),
            end_intent(300, line="toner", reason="rival"),
        ),
        until=315,
        course=course(
            *PAPER,
            Move(200, Stage.EXPLORATION, Signal.PURCHASED, line="toner"),
            Move(262, Stage.FORMATION, Signal.CONFIRMED, line="toner"),
            Move(300, Stage.DECLINE, Signal.END_INTENT, line="toner"),
            Raised(AlertKind.END_INTENT, 300, ReasonCode.RIVAL, Severity.CRITICAL, line="toner").resolved(
                300, Outcome.LOST
            ),
            Move(300, Stage.ENDED, Signal.SETTLED, line="toner"),
        ),
        at_end={"stage": Stage.STABILITY, "leaving": False},
        advice="switching_costs",
    ),
    Story(
        slug="trial-while-unhappy",
        title="The trial that starts while the old line is unhappy",
        zh="对老业务不满时开始的试用",
        says=(
            "How the old line runs weighs on the new one (001-14). This customer is not quite content with its paper "
            "when it tries our toner: a trial under a bad star, and worth an alert on its first day. Then a "
            "complaint breaks the old line, the whole relationship goes to decline with it, and the trial of toner, "
            "about which nothing bad was said, ends the same moment: a bad old line ends the new one."
        ),
        told=events(
            purchases(*range(0, 218, 31), line="paper"),
            rating(190, -0.2, line="paper"),
            purchase(200, line="toner"),
            complaint(225, line="paper"),
        ),
        until=245,
        course=course(
            *PAPER,
            Move(200, Stage.EXPLORATION, Signal.PURCHASED, line="toner"),
            Raised(AlertKind.TRIAL_ENDANGERED, 200, ReasonCode.DISSATISFIED, Severity.HIGH, line="toner"),
            Move(225, Stage.DECLINE, Signal.DISSATISFIED),
            Raised(AlertKind.DISSATISFACTION, 225, ReasonCode.DISSATISFIED, Severity.CRITICAL),
            Move(225, Stage.DECLINE, Signal.DISSATISFIED, line="paper"),
            Move(225, Stage.DECLINE, Signal.SOURED, line="toner"),
        ),
        evidence={AlertKind.TRIAL_ENDANGERED: {"satisfaction": -0.2}},
        advice="resolve_complaint",
    ),
)

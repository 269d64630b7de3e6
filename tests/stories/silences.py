"""Stories of silence under a churn model: the same silence means something else for each."""

from typing import Final

from shared.domain.alerts import AlertKind, Outcome, ReasonCode, Severity
from shared.domain.rhythm.churn import ChurnModel, Members
from shared.domain.stages import Signal, Stage
from tests.builders import model_from, purchases
from tests.models import MBG
from tests.stories.told import Move, Raised, Story, course, events

KNOWN: Final = (
    model_from(0, churn=ChurnModel(members=Members(usual_gap=63.0, classic=MBG), horizon_days=90.0, threshold=0.8)),
)
"""MBG/NBD as fitted to a shop of CDs: an alert where no purchase in the next 90 days has a probability of 0.8."""

STORIES: Final = (
    Story(
        slug="slow-buyer-left-in-peace",
        title="The slow buyer who is left in peace",
        zh="不被打扰的慢节奏客户",
        says=(
            "How long is too long depends on who is silent (002-13). This customer orders every second month. After a "
            "hundred days without an order it has missed one cycle (004-11), and by the model that was fitted to "
            "everybody the odds are even that it orders within the next ninety days. Nobody is sent after it."
        ),
        told=events(purchases(*range(0, 361, 60))),
        until=460,
        controls=KNOWN,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(120, Stage.FORMATION, Signal.CONFIRMED),
            Move(300, Stage.STABILITY, Signal.COMMITTED),
        ),
    ),
    Story(
        slug="fast-buyer-missed",
        title="The fast buyer who is missed",
        zh="被及时察觉的快节奏客户",
        says=(
            "The same hundred days of somebody who ordered every week. It was overdue after eleven (004-11), and after "
            "fifty the model gave four to one that nothing would come in the next ninety: that is an alert (002-13), "
            "with what is at stake. For its own rhythm a month more is sleep, whatever a model says (004-11)."
        ),
        told=events(purchases(*range(0, 190, 7))),
        until=289,
        controls=KNOWN,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(14, Stage.FORMATION, Signal.CONFIRMED),
            Move(182, Stage.STABILITY, Signal.COMMITTED),
            Move(239.5, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 239.5, ReasonCode.UNKNOWN, Severity.CRITICAL).resolved(269.5, Outcome.DORMANT),
            Move(269.5, Stage.DORMANT, Signal.FADED, "silence"),
            Raised(AlertKind.DORMANT, 269.5, ReasonCode.UNKNOWN, Severity.CRITICAL),
        ),
        evidence={AlertKind.SILENCE: {"p_no_purchase": 0.8, "horizon_days": 90.0, "value_at_risk": 774_19}},
        advice="wake_up",
    ),
)

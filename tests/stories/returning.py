"""Stories of coming back: saved, won over again, woken."""

from typing import Final

from shared.domain.alerts import AlertKind, Outcome, ReasonCode, Severity
from shared.domain.stages import Signal, Stage
from tests.builders import answer, complaint, contact, inquiry, purchase, purchases, rating, resolved
from tests.stories.told import Move, Raised, Story, course, events

STORIES: Final = (
    Story(
        slug="saved-after-a-complaint",
        title="The customer saved after a complaint",
        zh="投诉妥善解决后挽回的客户",
        says=(
            "A conflict that is dealt with well strengthens a relationship (000-14). A complaint and a bad mark take "
            "this customer from formation to decline. The firm calls, and settles the matter within the day; the "
            "next order comes in its usual time and leads back to the stage that it fell from, and the alert closes "
            "as a success."
        ),
        told=events(
            purchases(*range(0, 125, 31)),
            complaint(130),
            rating(130.2, -0.8),
            contact(130.3),
            resolved(130.6),
            purchase(150),
        ),
        until=160,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(62, Stage.FORMATION, Signal.CONFIRMED),
            Move(130.2, Stage.DECLINE, Signal.DISSATISFIED),
            Raised(AlertKind.DISSATISFACTION, 130.2, ReasonCode.DISSATISFIED, Severity.CRITICAL).resolved(
                150, Outcome.RETURNED
            ),
            Move(150, Stage.FORMATION, Signal.RECOVERED_FORMATION),
        ),
        at_end={"dissatisfied": False, "complaints": ()},
        advice="structural_bond",
        measures={160: {"path_type": "recovered", "recovered_conflicts": 1}},
    ),
    Story(
        slug="won-back-step-by-step",
        title="Won back step by step",
        zh="逐步恢复的客户",
        says=(
            "Recovery has to be earned as trust is: by buying (000-6). After a long silence a small order comes, a "
            "fifth of what was usual. It ends the alert of silence, for the customer is not silent, but not the "
            "decline. The second order within the usual gap shows that it is back, and it returns to the stage it "
            "fell from, not higher (002-17)."
        ),
        told=events(purchases(*range(0, 156, 31)), purchases(270, 295, amount=20_00)),
        until=305,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(62, Stage.FORMATION, Signal.CONFIRMED),
            Move(247.2, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 247.2, ReasonCode.UNKNOWN, Severity.HIGH).resolved(270, Outcome.RETURNED),
            Move(295, Stage.FORMATION, Signal.RECOVERED_FORMATION),
        ),
        advice="social_bond",
    ),
    Story(
        slug="sleeper-who-asks",
        title="The sleeper whose inquiry announces the purchase",
        zh="询问预示唤醒的休眠客户",
        says=(
            "Who sleeps is not gone and can be woken (004-11). Four orders in two months, then silence: decline, and "
            "sleep. An inquiry does not move the stage; it says that the sleeper is waking, and asks for a quick "
            "answer (002-6). The purchase wakes it, into the exploration of a second cycle (000-1)."
        ),
        told=events(purchases(*range(0, 61, 20)), inquiry(290, kind="ask"), answer(290.4), purchase(300, 140_00)),
        until=310,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(40, Stage.FORMATION, Signal.CONFIRMED),
            Move(150.7, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 150.7, ReasonCode.UNKNOWN, Severity.HIGH).resolved(241.3, Outcome.DORMANT),
            Move(241.3, Stage.DORMANT, Signal.FADED, "silence"),
            Raised(AlertKind.DORMANT, 241.3, ReasonCode.UNKNOWN, Severity.HIGH).resolved(300, Outcome.RETURNED),
            Move(300, Stage.EXPLORATION, Signal.PURCHASED, cycle=2),
        ),
        at_end={"cycle": 2, "waking": False},
        advice="encourage_second_purchase",
        measures={310: {"path_type": "cyclic", "tenure": 10.0}},
    ),
    Story(
        slug="sleeper-who-only-asks",
        title="The sleeper who only asks",
        zh="仅询问未购买的休眠客户",
        says=(
            "The same sleeper, before it has bought: a sleeper that asks is still asleep (004-11), in the first "
            "cycle. The firm has not answered within a day (002-6), which at this moment of all is worth an alert."
        ),
        told=events(purchases(*range(0, 61, 20)), inquiry(290, kind="ask")),
        until=305,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(40, Stage.FORMATION, Signal.CONFIRMED),
            Move(150.7, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 150.7, ReasonCode.UNKNOWN, Severity.HIGH).resolved(241.3, Outcome.DORMANT),
            Move(241.3, Stage.DORMANT, Signal.FADED, "silence"),
            Raised(AlertKind.DORMANT, 241.3, ReasonCode.UNKNOWN, Severity.HIGH),
            Raised(AlertKind.UNANSWERED_INQUIRY, 291, "unanswered_inquiry", Severity.CRITICAL),
        ),
        at_end={"stage": Stage.DORMANT, "waking": True, "cycle": 1},
        advice="answer_inquiry",
    ),
)

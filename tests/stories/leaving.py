"""Stories of leaving for good: what keeps an end from being complete, and what comes after it (002-16)."""

from typing import Final

from shared.domain.alerts import AlertKind, Outcome, ReasonCode, Severity
from shared.domain.stages import Signal, Stage
from tests.builders import (
    answer,
    competitor,
    contact,
    day,
    delivery,
    end_intent,
    ended,
    feedback,
    inquiry,
    invoice,
    payment,
    purchase,
    purchases,
)
from tests.stories.told import Move, Raised, Story, course, events

STORIES: Final = (
    Story(
        slug="switch-to-a-rival",
        title="The switch to a rival",
        zh="转投竞争对手",
        says=(
            "Leaving announces itself (002-12): a rival is mentioned, then makes an offer, which opens a watch "
            "(002-21), and then the customer switches. A switch is an intention to end, whatever the orders say, and "
            "the reason is plain (002-15). The relationship ends when the last invoice is paid, not before (002-16)."
        ),
        told=events(
            purchases(*range(0, 91, 30)),
            invoice(90, due_at=day(120)),
            competitor(95, "mention"),
            competitor(100, "offer", price_delta=-15.0),
            competitor(112, "switch", rival="Acme"),
            payment(118),
        ),
        until=130,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(60, Stage.FORMATION, Signal.CONFIRMED),
            Raised(AlertKind.RIVAL, 100, ReasonCode.RIVAL, Severity.HIGH).resolved(118, Outcome.LOST),
            Move(112, Stage.DECLINE, Signal.END_INTENT),
            Raised(AlertKind.END_INTENT, 112, ReasonCode.RIVAL, Severity.CRITICAL).resolved(118, Outcome.LOST),
            Move(118, Stage.ENDED, Signal.SETTLED),
        ),
        advice="let_go",
    ),
    Story(
        slug="debtor-who-cannot-end",
        title="The debtor who cannot end",
        zh="欠款未清无法终止的客户",
        says=(
            "A debt overdue for more than a month contents nobody: the third purchase, which would confirm trust, "
            "lifts this customer nowhere (001-4, 004-9). It wants to leave over the price (002-15), falls silent and "
            "goes to sleep. But no relationship has ended whose accounts are not settled (002-16), and so a year "
            "passes until the debt is paid."
        ),
        told=events(
            purchases(0, 30, 60),
            invoice(1, due_at=day(15), order_id="order 0"),
            end_intent(90, reason="price"),
            payment(420, order_id="order 0"),
        ),
        until=440,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(90, Stage.DECLINE, Signal.END_INTENT),
            Raised(AlertKind.END_INTENT, 90, ReasonCode.PRICE, Severity.CRITICAL).resolved(301.9, Outcome.DORMANT),
            Raised(AlertKind.SILENCE, 181, ReasonCode.PRICE, Severity.MEDIUM).resolved(301.9, Outcome.DORMANT),
            Move(301.9, Stage.DORMANT, Signal.FADED, "silence"),
            Raised(AlertKind.DORMANT, 301.9, ReasonCode.PRICE, Severity.MEDIUM).resolved(420, Outcome.LOST),
            Move(420, Stage.ENDED, Signal.SETTLED),
        ),
        advice="let_go",
        measures={300: {"receivable": 100_00}},
    ),
    Story(
        slug="promised-order",
        title="The promised order that keeps the relationship open",
        zh="未交付的订单使关系延续",
        says=(
            "The firm has debts too: what was promised and not delivered (004-9). The customer says that it will "
            "leave while an order is under way. It is in decline from that day on (002-12), but the end is not "
            "complete until the goods are there (002-16)."
        ),
        told=events(
            purchases(0, 30),
            purchase(60, order="big", deliver_by=day(100)),
            end_intent(75, reason="need_changed"),
            delivery(98, on_time=True, order="big"),
        ),
        until=110,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(60, Stage.FORMATION, Signal.CONFIRMED),
            Move(75, Stage.DECLINE, Signal.END_INTENT),
            Raised(AlertKind.END_INTENT, 75, ReasonCode.NEED_CHANGED, Severity.CRITICAL).resolved(98, Outcome.LOST),
            Move(98, Stage.ENDED, Signal.SETTLED),
        ),
        advice="let_go",
    ),
    Story(
        slug="back-after-the-end",
        title="Back after the end",
        zh="终止之后重新开始",
        says=(
            "A relationship that is declared over and owes nothing ends the same day (002-16). Being in touch or "
            "saying something nice does not open it again. Asking does: the customer is a prospect once more, in a "
            "second cycle, and with the next purchase it begins in exploration like anybody else."
        ),
        told=events(
            purchases(0, 30),
            ended(50),
            contact(60),
            feedback(70, rating=5),
            inquiry(100, kind="quote"),
            answer(100.3),
            purchase(106),
        ),
        until=115,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(50, Stage.DECLINE, Signal.END_INTENT),
            Raised(AlertKind.END_INTENT, 50, ReasonCode.UNKNOWN, Severity.HIGH).resolved(50, Outcome.LOST),
            Move(50, Stage.ENDED, Signal.SETTLED),
            Move(100, Stage.PROSPECT, Signal.INQUIRED, cycle=2),
            Move(106, Stage.EXPLORATION, Signal.PURCHASED, cycle=2),
        ),
        at_end={"cycle": 2, "cycle_occasions": 1},
        advice="encourage_second_purchase",
        measures={115: {"path_type": "cyclic", "tenure": 9.0}},
    ),
)

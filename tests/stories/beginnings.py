"""Stories of prospects and of first purchases: both sides test each other."""

from typing import Final

from shared.domain.alerts import AlertKind, Mode, Outcome, ReasonCode, Severity
from shared.domain.stages import Signal, Stage
from tests.builders import (
    answer,
    competitor,
    day,
    delivery,
    feedback,
    inquiry,
    praise,
    purchase,
    rating,
    rejection,
)
from tests.stories.told import Move, Raised, Story, course, events

STORIES: Final = (
    Story(
        slug="lost-prospect",
        title="The lost prospect",
        zh="流失的潜在客户",
        says=(
            "Whoever asks is a prospect from that day on (001-8). Confidence has to grow before the first order "
            "(001-9): a quick answer helps, but a prospect that stays silent for three times the usual choosing "
            "time, here 42 days, has lost it. It is lost without ever having been a customer, so nobody is alarmed "
            "about churn."
        ),
        told=events(inquiry(0, kind="quote"), answer(0.5)),
        until=60,
        course=course(Move(0, Stage.PROSPECT, Signal.INQUIRED)),
        at_end={"stage": Stage.PROSPECT, "lost": True},
        advice="ask_why",
        measures={40: {"lost_prospect": False}, 60: {"lost_prospect": True}},
    ),
    Story(
        slug="prospect-who-buys-after-all",
        title="The prospect who buys after all",
        zh="最终成交的潜在客户",
        says=(
            "Turning an offer down loses a prospect at once (001-9). Asking again finds it again: a repeated inquiry "
            "shows that confidence is back, and haggling over terms is the last step before the order (002-1). With "
            "the first purchase the prospect becomes a new customer in exploration (001-11)."
        ),
        told=events(
            inquiry(0, kind="quote"),
            answer(0.3),
            rejection(6),
            inquiry(30, kind="negotiate"),
            answer(30.2),
            purchase(34),
        ),
        until=40,
        course=course(Move(0, Stage.PROSPECT, Signal.INQUIRED), Move(34, Stage.EXPLORATION, Signal.PURCHASED)),
        at_end={"lost": False, "cycle_occasions": 1},
        advice="encourage_second_purchase",
        measures={10: {"lost_prospect": True}},
    ),
    Story(
        slug="unanswered-inquiry",
        title="The inquiry that nobody answered",
        zh="无人答复的询问",
        says=(
            "An inquiry asks for an answer within a day (002-6). Here none comes: the firm is told when the day is "
            "over, and told more urgently when a week has passed and still nobody acted (000-7). The answer, late as "
            "it is, closes the alert, and this prospect has the patience to buy."
        ),
        told=events(inquiry(0, kind="ask"), answer(9), purchase(15)),
        until=20,
        course=course(
            Move(0, Stage.PROSPECT, Signal.INQUIRED),
            Raised(AlertKind.UNANSWERED_INQUIRY, 1, "unanswered_inquiry", Severity.HIGH).resolved(9, Outcome.ANSWERED),
            Move(15, Stage.EXPLORATION, Signal.PURCHASED),
        ),
        evidence={AlertKind.UNANSWERED_INQUIRY: {"hours_waiting": 24.0, "event_ids": ("inquiry of day 0",)}},
        advice="encourage_second_purchase",
    ),
    Story(
        slug="dissatisfied-first-buyer",
        title="The dissatisfied first buyer",
        zh="首次购买即不满意的客户",
        says=(
            "A new customer holds what it got against what it expected (000-4). If the first order falls short it "
            "has nothing that keeps it and goes straight into decline, without ever reaching formation (000-5). The "
            "alert comes with the opinion, half a year before silence would have told the same."
        ),
        told=events(purchase(0), feedback(6, expected=4, perceived=1)),
        until=12,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(6, Stage.DECLINE, Signal.DISSATISFIED),
            Raised(AlertKind.DISSATISFACTION, 6, ReasonCode.DISSATISFIED, Severity.MEDIUM),
        ),
        at_end={"dissatisfied": True, "origin": Stage.EXPLORATION},
        evidence={AlertKind.DISSATISFACTION: {"satisfaction": -0.6, "event_ids": ("feedback of day 6",)}},
        advice="protect_interests",
        measures={12: {"path_type": "never_past_exploration"}},
    ),
    Story(
        slug="late-trial-order",
        title="The trial order delivered late",
        zh="试订货未按期交付",
        says=(
            "The first orders are trials: they test whether the supplier keeps its word (000-3). Two of them come "
            "late, which lowers satisfaction to the very border of dissatisfaction but not below it, so nobody "
            "leaves. Trust is held back all the same: the third purchase, which confirms others (000-6), confirms "
            "nothing, until the third delivery comes in time and the customer says that it is content (000-4)."
        ),
        told=events(
            purchase(0, order="first", deliver_by=day(10)),
            delivery(16, on_time=False, order="first"),
            purchase(30, order="second", deliver_by=day(38)),
            delivery(41, on_time=False, order="second"),
            purchase(60, order="third", deliver_by=day(70)),
            delivery(66, on_time=True, order="third"),
            rating(72, 1),
        ),
        until=78,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(72, Stage.FORMATION, Signal.CONFIRMED),
        ),
        advice="build_on_good_feeling",
        measures={45: {"satisfaction": -0.3}},
    ),
    Story(
        slug="rival-during-exploration",
        title="The rival's offer during exploration",
        zh="考察期内的竞争报价",
        says=(
            "While a customer is still testing us, a rival's tariff counts double (002-21). A mention of the rival "
            "is no more than a mark for the measures (003-14); its offer opens a watch (002-12), of medium rather "
            "than low severity at this stage, and of high once a week has passed without anybody acting. The second "
            "purchase shows that the offer was not taken."
        ),
        told=events(purchase(0), competitor(5, "mention"), competitor(20, "offer", price_delta=-12.0), purchase(45)),
        until=85,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Raised(AlertKind.RIVAL, 20, ReasonCode.RIVAL, Severity.HIGH).resolved(45, Outcome.RETURNED),
        ),
        evidence={AlertKind.RIVAL: {"price_delta": -12.0, "event_ids": ("rival's offer of day 20",)}},
        advice="prove_value",
    ),
    Story(
        slug="satisfied-but-gone",
        title="Satisfied, and gone all the same",
        zh="满意却未能留住的客户",
        says=(
            "Satisfaction is not loyalty: many who say that they are content change the brand (004-17). Five stars "
            "three times and a word of praise lift this buyer nowhere, because only repeated purchases do (000-6), "
            "and one purchase is not loyalty (003-6). When silence has lasted longer than a first buyer's long gap, "
            "181.5 days, it is decline, and nothing that was said tells why: it faded (004-16)."
        ),
        told=events(purchase(0), rating(10, 1), rating(40, 1), praise(60), rating(120, 1)),
        until=200,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(181.5, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 181.5, ReasonCode.UNKNOWN, Severity.MEDIUM),
        ),
        evidence={AlertKind.SILENCE: {"satisfaction": 1.0, "mode": Mode.FADE, "wallet_checked": False}},
        advice="personal_contact",
        measures={200: {"path_type": "never_past_exploration"}},
    ),
)

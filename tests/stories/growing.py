"""Stories of formation and stability: growing, standing still, staying."""

from typing import Final

from shared.domain.alerts import AlertKind, Mode, Outcome, ReasonCode, Severity
from shared.domain.stages import Signal, Stage
from tests.builders import (
    competitor,
    contract,
    contract_ended,
    cost,
    praise,
    price_change,
    purchase,
    purchases,
    rating,
    referral,
)
from tests.stories.told import CLIMBED, Move, Raised, Story, course, events

STORIES: Final = (
    Story(
        slug="weekly-shopper",
        title="The weekly shopper",
        zh="每周光顾的客户",
        says=(
            "Buying that has become a routine is the mark of a firm relationship (000-11). The third purchase "
            "confirms the first trust (000-6), and half a year of unbroken buying is a pledge, even if an implicit "
            "one (001-5). A week at the sea changes nothing: thirty-one purchases move this customer three times, "
            "not forty."
        ),
        told=events(purchases(*range(0, 99, 7)), purchases(*range(112, 218, 7))),
        until=220,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(14, Stage.FORMATION, Signal.CONFIRMED),
            Move(182, Stage.STABILITY, Signal.COMMITTED),
        ),
        advice="switching_costs",
        measures={220: {"routine": True}},
    ),
    Story(
        slug="one-missed-cycle",
        title="One missed cycle",
        zh="缺席一个周期",
        says=(
            "Not buying once does not mean never buying again (004-11). A customer of every month leaves one month "
            "out: 62 days of silence are less than its own long gap of 87 days, so neither its stage moves nor "
            "anybody is told. With the next order all is as before."
        ),
        told=events(purchases(*range(0, 187, 31)), purchases(248, 279)),
        until=290,
        course=course(*CLIMBED),
        at_end={"stage": Stage.STABILITY, "cycle_occasions": 9},
        advice="switching_costs",
        measures={290: {"tenure": 290.0}},
    ),
    Story(
        slug="seasonal-wholesaler",
        title="The wholesaler with pauses between the seasons",
        zh="季节性采购的批发商",
        says=(
            "How long silence may last depends on the customer's own rhythm, not on a calendar (004-11). This "
            "wholesaler orders four times in a season and pauses for eleven weeks. Its long gap allows for the first "
            "pause, and each pause teaches more; the gaps vary, yet not by more than their mean, so that stability "
            "is reached (000-11, 001-6)."
        ),
        told=events(*(purchases(season, season + 20, season + 40, season + 60) for season in range(0, 541, 135))),
        until=620,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(40, Stage.FORMATION, Signal.CONFIRMED),
            Move(195, Stage.STABILITY, Signal.COMMITTED),
        ),
        at_end={"cycle_occasions": 20},
        advice="switching_costs",
    ),
    Story(
        slug="stagnating-grower",
        title="The grower who stands still",
        zh="停滞不前的成长客户",
        says=(
            "A customer that has come to buy more knows us well enough to hold us against rivals (000-12). What "
            "follows may be growth, standing still, or the end. This one raises its orders by half and then buys the "
            "same, order after order: no new line, no larger order in three windows, a trend of nought. It has not "
            "declined, but it is no longer growing, and who is left to itself can leave at any time (000-7). A "
            "larger order ends the watch."
        ),
        told=events(purchases(*range(0, 63, 31)), purchases(*range(93, 404, 31), amount=150_00), purchase(434, 250_00)),
        until=450,
        course=course(
            *CLIMBED,
            Raised(AlertKind.STAGNATION, 372, ReasonCode.UNKNOWN, Severity.CRITICAL).resolved(434, Outcome.RETURNED),
        ),
        evidence={AlertKind.STAGNATION: {"trend": 0.0, "volume": 300_00, "volume_before": 300_00}},
        advice="switching_costs",
        measures={400: {"recommended_action": "survey_needs"}},
    ),
    Story(
        slug="membership-that-runs-on",
        title="The membership that runs on",
        zh="仍在有效期内的会员",
        says=(
            "A membership is a pledge in so many words (001-5, 004-21): it makes up for the months that unbroken "
            "buying would still ask for. But it holds nobody who stopped buying: silence leads to decline and to "
            "sleep (004-11). The end is another matter. It is complete only when nothing binds the two sides any "
            "more (002-16), so this relationship sleeps until the membership is given up."
        ),
        told=events(contract(20, kind="membership"), purchases(*range(0, 181, 30)), contract_ended(700)),
        until=710,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(60, Stage.FORMATION, Signal.CONFIRMED),
            Move(180, Stage.STABILITY, Signal.COMMITTED),
            Move(264.8, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 264.8, ReasonCode.UNKNOWN, Severity.CRITICAL).resolved(349.6, Outcome.DORMANT),
            Move(349.6, Stage.DORMANT, Signal.FADED, "silence"),
            Raised(AlertKind.DORMANT, 349.6, ReasonCode.UNKNOWN, Severity.CRITICAL).resolved(700, Outcome.LOST),
            Move(700, Stage.ENDED, Signal.SETTLED),
        ),
        advice="let_go",
        measures={710: {"path_type": "long_stable_then_fell"}},
    ),
    Story(
        slug="advocate",
        title="The advocate",
        zh="主动宣传的客户",
        says=(
            "Whoever is content for long recommends us unasked, and one recommendation that wins a customer makes an "
            "advocate (000-16, 003-12). It is a pledge as well (001-5): stability comes weeks before unbroken buying "
            "alone would bring it. Emotional loyalty stands a price rise and the talk of a rival (000-15): it goes "
            "on buying."
        ),
        told=events(
            purchases(*range(0, 321, 40)),
            referral(90, referred_customer_id="berta", converted=True),
            praise(100),
            price_change(210, 8.0),
            competitor(230, "mention"),
        ),
        until=330,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(80, Stage.FORMATION, Signal.CONFIRMED),
            Move(200, Stage.STABILITY, Signal.COMMITTED),
        ),
        advice="switching_costs",
        measures={330: {"advocate": True, "resilience": 1.0}},
    ),
    Story(
        slug="spurious-loyalist",
        title="The spurious loyalist whose contract ends",
        zh="合同到期的虚假忠诚客户",
        says=(
            "Some buy again only because leaving would be dear (000-13): a year's contract with a penalty, and "
            "exclusive, and machines fitted to our goods are a high wall (004-18). This customer buys every month and "
            "is not content, which keeps it "
            "out of stability (001-6). What will happen has a date: the alert comes thirty days before the contract "
            "ends and names the discontent. The contract lapses, and then the orders do."
        ),
        told=events(
            contract(0, ends=365, kind="supply", penalty=True, exclusive=True),
            cost(1, 500_00, what="integration", by="customer"),
            purchases(*range(0, 342, 31)),
            rating(90, -0.2),
            rating(170, -0.2),
        ),
        until=440,
        course=course(
            Move(0, Stage.EXPLORATION, Signal.PURCHASED),
            Move(62, Stage.FORMATION, Signal.CONFIRMED),
            Raised(AlertKind.LOCK_IN_EXPIRING, 335, ReasonCode.DISSATISFIED, Severity.HIGH).resolved(
                365, Outcome.LAPSED
            ),
            Move(411.8, Stage.DECLINE, Signal.SILENT, "silence"),
            Raised(AlertKind.SILENCE, 411.8, ReasonCode.DISSATISFIED, Severity.HIGH),
        ),
        evidence={AlertKind.SILENCE: {"satisfaction": -0.2, "mode": Mode.FADE}},
        advice="protect_interests",
        measures={350: {"spurious_loyalty": True}, 440: {"path_type": "fell_in_formation"}},
    ),
)

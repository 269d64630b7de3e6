"""Stories of factories that order less: whether their own business shrank, stood, or is not known (002-13)."""

from typing import Final

from shared.domain.alerts import AlertKind, ReasonCode, Severity
from shared.domain.stages import Signal, Stage
from tests.builders import purchases, wallet
from tests.stories.told import CLIMBED, Move, Raised, Story, course, events

ORDERS: Final = (
    *purchases(*range(0, 218, 31), amount=1_000_00),
    *purchases(*range(248, 373, 31), amount=250_00),
)
"""Eight orders of 1000.00, then five of a quarter of it: on day 310, 500.00 follow on 1250.00."""

STORIES: Final = (
    Story(
        slug="factory-that-shrank",
        title="The factory whose own business shrank",
        zh="自身业务萎缩的工厂",
        says=(
            "Falling volume means decline only while the customer's own business has not fallen as well (002-13). "
            "The factory tells that a fifth of its own business is left; that it orders a quarter is more than could "
            "be asked. Its need has changed (002-15), the relationship has not: the stage stays, and no alert of "
            "churn is raised, neither when the orders drop nor while they stay low."
        ),
        told=events(wallet(5, "2023", 80_000_00), ORDERS, wallet(240, "2024", 16_000_00)),
        until=380,
        course=course(*CLIMBED),
        at_end={"stage": Stage.STABILITY, "silence_raised": False},
    ),
    Story(
        slug="factory-that-says-nothing",
        title="The factory that tells nothing of its business",
        zh="自身总业务量未知的工厂",
        says=(
            "The same orders, and nothing is known of the factory's own business. Unknown is not the same as "
            "unchanged: the rule takes it for decline and says on the alert that the total was not checked (002-13), "
            "so that somebody may ask before anybody worries."
        ),
        told=events(ORDERS),
        until=380,
        course=course(
            *CLIMBED,
            Move(310, Stage.DECLINE, Signal.DROP_SHARP),
            Raised(AlertKind.VOLUME_DROP_SHARP, 310, ReasonCode.UNKNOWN, Severity.CRITICAL),
        ),
        evidence={AlertKind.VOLUME_DROP_SHARP: {"volume": 500_00, "volume_before": 1_250_00, "wallet_checked": False}},
        advice="personal_contact",
    ),
    Story(
        slug="factory-that-buys-elsewhere",
        title="The factory that thrives and orders less",
        zh="自身业务未降却减少采购的工厂",
        says=(
            "The same orders once more, and a factory whose own business has grown. It needs as much as ever and "
            "gets it from somebody else: its share of wallet has gone (003-3). This is decline with the total "
            "checked (002-13), the clearest case of the three."
        ),
        told=events(wallet(5, "2023", 80_000_00), ORDERS, wallet(240, "2024", 82_000_00)),
        until=380,
        course=course(
            *CLIMBED,
            Move(310, Stage.DECLINE, Signal.DROP_SHARP),
            Raised(AlertKind.VOLUME_DROP_SHARP, 310, ReasonCode.UNKNOWN, Severity.CRITICAL),
        ),
        evidence={AlertKind.VOLUME_DROP_SHARP: {"volume": 500_00, "volume_before": 1_250_00, "wallet_checked": True}},
        advice="personal_contact",
    ),
)

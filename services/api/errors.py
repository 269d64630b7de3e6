"""What can go wrong with a question, and the one table that gives errors their HTTP codes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from services.api.times import BadTime, stamp
from shared.domain.errors import ClosedAlert, LifestageError, LogTimeout, UnknownAlert, UnknownCustomer
from shared.domain.instants import Instant
from shared.domain.policies import BadPolicy


class BadCursor(LifestageError):
    """Not a cursor that this list has given out."""

    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__(
            "the cursor is not one that this list has given out: send `next` of the page before, unchanged"
        )


class BadAsOf(LifestageError):
    """Not an instant, or one that the log has not reached."""

    code = "bad_as_of"

    @classmethod
    def malformed(cls, error: BadTime) -> "BadAsOf":
        """Not an instant."""
        return cls(f"as_of: {error}")

    @classmethod
    def ahead(cls, wanted: Instant, reached: Instant) -> "BadAsOf":
        """Later than the log has come."""
        return cls(
            f"as_of {stamp(wanted)} lies in the future: the log has reached {stamp(reached)};"
            " leave as_of out to ask for the present"
        )


class BadUntil(LifestageError):
    """Not the end of a snooze that we accept."""

    code = "bad_until"


class BadIdempotencyKey(LifestageError):
    """Not a key that a record can be named by."""

    code = "bad_idempotency_key"

    def __init__(self) -> None:
        super().__init__("Idempotency-Key must be 1 to 200 printable ASCII characters")


class ReusedIdempotencyKey(LifestageError):
    """The key names another action already."""

    code = "idempotency_key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(f"Idempotency-Key {key!r} was used for another action: every action needs a key of its own")


class NotYetKnown(LifestageError):
    """The customer is known now, but was not then."""

    code = "not_yet_known"

    def __init__(self, customer_id: str, at: Instant) -> None:
        super().__init__(f"customer {customer_id!r} was unknown at {stamp(at)}: its first event came later")


class UnknownTransition(LifestageError):
    """The customer has no transition of this number."""

    code = "unknown_transition"

    def __init__(self, customer_id: str, number: int) -> None:
        super().__init__(f"customer {customer_id!r} has no transition {number}")


class ParkedCustomer(LifestageError):
    """The customer's events cannot be folded."""

    code = "parked_customer"

    def __init__(self, customer_id: str) -> None:
        super().__init__(
            f"customer {customer_id!r} is parked: its events could not be folded, so only its last known state can be"
            " told; an operator sees the reason with `lifestage parked list`"
        )


class NoSurvey(LifestageError):
    """Nobody has looked at all customers yet."""

    code = "no_survey"

    def __init__(self) -> None:
        super().__init__(
            "there is no survey yet that reports could be read from: make one with `lifestage survey`; a scorer makes"
            " one by itself every LIFESTAGE_SURVEY_SECONDS"
        )


class NotProcessedYet(LifestageError):
    """The log has the record, but nobody has processed it in time."""

    code = LogTimeout.code

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"outcome unknown: the log has the action, but it was not processed within {seconds:g} seconds;"
            " look at the alert again later, or send it again with the same Idempotency-Key"
        )


class UnknownPolicy(LifestageError):
    """There is no version of this number."""

    code = "unknown_policy"

    def __init__(self, number: int, newest: int) -> None:
        super().__init__(f"there is no policy version {number}: the newest is {newest}")


class StalePolicy(LifestageError):
    """A change of the policy builds on a version that is not the newest."""

    code = "stale_policy"

    def __init__(self, based_on: int | None, newest: int) -> None:
        built = "does not say which version it builds on" if based_on is None else f"builds on version {based_on}"
        super().__init__(
            f"the change {built}, and the newest version is {newest}: look at that one, then send the change again with"
            f" based_on {newest} (or If-Match)"
        )


class BadEffectiveAt(LifestageError):
    """Not an instant at which a policy can take effect, or one that lies too far away to be looked ahead to."""

    code = "bad_effective_at"


class PreviewBusy(LifestageError):
    """Another preview is being worked out."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__("another preview is being worked out, and they come one at a time: ask again in a moment")


class PreviewTooLong(LifestageError):
    """There are too many customers for the time that an answer may take."""

    code = "preview_too_long"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the preview was not complete after {seconds:g} seconds: `lifestage policy preview` takes all the time"
            " that it needs"
        )


class StoreFailed(LifestageError):
    """The store did not answer."""

    code = "unavailable"

    def __init__(self) -> None:
        super().__init__("the store did not answer; try again")


STATUS: Final[Mapping[type[LifestageError], int]] = MappingProxyType(
    {
        BadCursor: 400,
        BadTime: 400,
        BadAsOf: 400,
        BadUntil: 400,
        BadIdempotencyKey: 400,
        UnknownCustomer: 404,
        NotYetKnown: 404,
        UnknownAlert: 404,
        UnknownTransition: 404,
        NoSurvey: 404,
        ClosedAlert: 409,
        ReusedIdempotencyKey: 409,
        ParkedCustomer: 409,
        BadPolicy: 400,
        BadEffectiveAt: 400,
        UnknownPolicy: 404,
        StalePolicy: 409,
        PreviewBusy: 429,
        PreviewTooLong: 503,
        NotProcessedYet: 503,
        StoreFailed: 503,
    }
)
"""LogTimeout and everything of HTTP itself are answered by `shared.web.problems`."""

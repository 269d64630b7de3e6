"""What can go wrong, in the domain's words. Each error carries the value that was wrong."""


class LifestageError(Exception):
    """Anything that Lifestage says by itself. `code` is stable and for programs; the text is for people."""

    code = "error"


class MalformedRecord(LifestageError):
    """A record of the log that cannot be read."""

    code = "malformed_record"


class UnknownCustomer(LifestageError):
    """No event mentions this customer."""

    code = "unknown_customer"

    def __init__(self, customer_id: str) -> None:
        super().__init__(f"customer {customer_id!r} is unknown: no event mentions it")


class UnknownAlert(LifestageError):
    """There is no such alert."""

    code = "unknown_alert"

    def __init__(self, alert_id: str) -> None:
        super().__init__(f"alert {alert_id!r} is unknown")


class ClosedAlert(LifestageError):
    """The alert can no longer be acted on."""

    code = "closed_alert"

    def __init__(self, alert_id: str, status: str) -> None:
        super().__init__(f"alert {alert_id!r} is {status}: only an open, acknowledged or snoozed alert can be acted on")


class Fenced(LifestageError):
    """Another worker owns the partition now: what this one computed must not be committed."""

    code = "fenced"

    def __init__(self, partition: int) -> None:
        super().__init__(f"partition {partition} belongs to another worker now")


class HistoryNeeded(LifestageError):
    """A late event cannot be folded without the customer's history."""

    code = "history_needed"


class LogTimeout(LifestageError):
    """The log did not acknowledge in time: whether the records were kept is unknown."""

    code = "outcome_unknown"


class LogMismatch(LifestageError):
    """The log is not the one this instance was set up with."""

    code = "log_mismatch"


class PositionLost(LifestageError):
    """The stored position lies below what the log still keeps."""

    code = "position_below_retention"

    def __init__(self, partition: int, wanted: int, earliest: int) -> None:
        self.partition = partition
        super().__init__(
            f"partition {partition}: the stored position {wanted} is below {earliest}, the oldest record that the log"
            " still keeps. Nothing was skipped; the partition is halted, and stored events are safe. Post again what"
            f" may be missing, or go on from there with `lifestage rebuild --resume {partition}:{earliest}`"
        )

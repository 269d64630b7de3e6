"""Why an event is turned away, in words that name the field, the value and what is accepted."""

from typing import Final

from msgspec import Struct

TIME_ACCEPTED: Final = "a time of RFC 3339 with an offset, from 1970 up to 9000-01-01, as in '2026-03-04T05:06:07Z'"
AMOUNT_ACCEPTED: Final = "a decimal number, as a JSON string or number, as in '12.30'"


class Refused(Exception):
    """This event cannot be taken; its neighbours can."""

    def __init__(self, code: str, field: str | None, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.field = field
        self.message = message if field is None else f"{field}: {message}"


class Spoiled(Struct, frozen=True):
    """One event that is turned away before anything is made of it, with its id where it has one."""

    id: str | None
    refused: Refused


class NotEvents(Exception):
    """The body as a whole is nothing that events can be read from."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Rejection(Struct, frozen=True, kw_only=True):
    """One event that was turned away, as the answer tells it."""

    index: int
    id: str | None
    code: str
    message: str
    field: str | None


class Adjustment(Struct, frozen=True, kw_only=True):
    """One event whose time lay in the future, as the answer tells it."""

    index: int
    id: str
    occurred_at: str
    set_to: str

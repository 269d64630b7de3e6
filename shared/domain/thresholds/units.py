"""The kinds of numbers that a policy is made of: each with its unit and range, and a way to say what it means."""

from typing import Annotated

from msgspec import Meta

Days = Annotated[float, Meta(gt=0, extra={"unit": "days"})]
DaysOrNone = Annotated[float, Meta(ge=0, extra={"unit": "days"})]
Hours = Annotated[float, Meta(gt=0, extra={"unit": "hours"})]
Positive = Annotated[float, Meta(gt=0, extra={"unit": "number"})]
Number = Annotated[float, Meta(extra={"unit": "number"})]
Share = Annotated[float, Meta(ge=0, le=1, extra={"unit": "share"})]
Signed = Annotated[float, Meta(ge=-1, le=1, extra={"unit": "score"})]
Count = Annotated[int, Meta(ge=1, extra={"unit": "count"})]
TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", extra={"unit": "time of day"})]


def says(text: str, *sources: str) -> Meta:
    """What a threshold means, and the concepts (or the page) that it comes from."""
    return Meta(description=text, extra={"sources": sources})

"""Amounts as the API answers them: decimal strings in major units, one currency at a time."""

from collections.abc import Sequence

from services.api import sentences
from services.api.schemas.common import Money


def money_answer(minor: float | None, currency: str | None) -> Money | None:
    """An amount; None where nothing is known of it."""
    amount = sentences.amount(minor, currency)
    return None if amount is None or currency is None else Money(amount=amount, currency=currency)


def moneys_answer(amounts: Sequence[tuple[int, str]]) -> list[Money]:
    """Amounts of several currencies, which are never added up."""
    answers = (money_answer(minor, currency) for minor, currency in amounts)
    return [answer for answer in answers if answer is not None]

"""Measures as the API answers them: each by the registry's word on it, none by its name."""

from collections.abc import Mapping
from typing import Final

from services.api.labels import Label, Language
from services.api.money import money_answer
from services.api.reading import Standing
from services.api.schemas.cards import CardAnswer, MeasureAnswer, MeasureValue
from services.api.times import stamp
from shared.domain.measures.all import MEASURES
from shared.domain.measures.case import Case
from shared.domain.measures.deals import currency_of
from shared.domain.measures.reading import Reading, Scalar, unknown
from shared.domain.measures.registry import EVERY_PART, Card, Measure

CARDS: Final[Mapping[Card, str]] = {
    Card.LOYALTY: "How loyal a customer is, and what its loyalty rests on.",
    Card.VALUE: "What a customer is worth to the firm, and the firm to the customer.",
    Card.SATISFACTION: "How content a customer is, with what, and against what it expected.",
    Card.ADVICE: "What to do about a customer, and what speaks for it.",
}
"""The cards that have an address of their own, and what each tells."""

_DIGITS: Final = 6
_NO_CURRENCY: Final = unknown("an amount with its currency")


def card_answer(card: Card, standing: Standing, case: Case, language: Language) -> CardAnswer:
    """Every measure of a card."""
    view = standing.view
    return CardAnswer(
        customer_id=view.customer_id,
        as_of=None if view.as_of is None else stamp(view.as_of),
        version=view.version,
        measures=measures_answer(card, case, language),
    )


def measures_answer(card: Card, case: Case, language: Language) -> dict[str, MeasureAnswer]:
    """What the measures of a card say of a customer, by name, in the order of the registry."""
    return {one.name: measure_answer(one, case, language) for one in MEASURES.values() if one.card is card}


def measure_answer(measure: Measure, case: Case, language: Language) -> MeasureAnswer:
    """What a measure says of a customer."""
    currency = currency_of(case)
    reading = _told(measure, measure.function(case), currency)
    return MeasureAnswer(
        name=measure.name,
        label=Label(measure.en, measure.zh).says(language),
        concepts=list(measure.concepts),
        unit=measure.unit,
        value=_value(reading.value, currency if measure.unit == "money" else None),
        word_label=_word(measure, reading.value, language),
        coverage=round(reading.coverage, _DIGITS),
        evidence=list(reading.evidence),
        missing=list(reading.missing),
        parts={
            name: _value(part, currency if _is_amount(measure, name) else None) for name, part in reading.parts.items()
        },
    )


def _is_amount(measure: Measure, part: str) -> bool:
    return measure.amounts == EVERY_PART or part in measure.amounts


def _told(measure: Measure, reading: Reading, currency: str | None) -> Reading:
    """The reading; an amount without a currency tells nothing."""
    return _NO_CURRENCY if measure.unit == "money" and reading.value is not None and currency is None else reading


def _value(value: Scalar | None, currency: str | None) -> MeasureValue:
    """A value as the API writes it: amounts, which come with a currency, in major units."""
    if currency is None or value is None or isinstance(value, str | bool):
        return _plain(value)
    return money_answer(value, currency)


def _plain(value: Scalar | None) -> Scalar | None:
    return round(value, _DIGITS) if isinstance(value, float) else value


def _word(measure: Measure, value: Scalar | None, language: Language) -> str | None:
    return Label(*measure.words[value]).says(language) if isinstance(value, str) and value in measure.words else None

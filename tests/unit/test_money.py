"""Money: exact minor units, refusals in words, conversion half to even."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.money import DECIMALS, MOST, BadAmount, UnknownCurrency, convert, decimals, major, minor_units

CURRENCIES = st.sampled_from(sorted(DECIMALS))


def test_every_code_is_three_capital_letters_with_up_to_four_decimals() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in DECIMALS)
    assert set(DECIMALS.values()) == {0, 2, 3, 4}
    assert len(DECIMALS) > 150


@pytest.mark.parametrize(
    ("currency", "places"), [("EUR", 2), ("USD", 2), ("CNY", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3), ("CLF", 4)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, places: int) -> None:
    assert decimals(currency) == places


@pytest.mark.parametrize("code", ["", "EURO", "eur", "XXX", "XTS", "XAU", "ABC", "DEM", "E\x00R"])
def test_what_is_no_currency_is_refused_by_name(code: str) -> None:
    with pytest.raises(UnknownCurrency, match=r"is not a currency: three capital letters of ISO 4217"):
        minor_units("1", code)


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("12.30", "EUR", 1230),
        (12, "EUR", 1200),
        (Decimal("12.3"), "EUR", 1230),
        ("12.3000", "EUR", 1230),
        ("1e3", "EUR", 100_000),
        ("0", "JPY", 0),
        ("-5", "EUR", -500),
        ("0.001", "KWD", 1),
        ("10000000000000.00", "EUR", MOST),
    ],
)
def test_an_amount_becomes_exact_minor_units(value: str | int | Decimal, currency: str, minor: int) -> None:
    assert minor_units(value, currency) == minor


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("NaN", "is not a finite number"),
        ("sNaN", "is not a finite number"),
        ("Infinity", "is not a finite number"),
        ("-Infinity", "is not a finite number"),
        ("twelve", "is not a finite number"),
        ("", "is not a finite number"),
        ("1e400", "is too large"),
        ("1e999999", "is too large"),
        ("10000000000000.01", "is too large"),
        ("-10000000000000.01", "is too large"),
        ("9" * 5000, "is too large"),
        ("0.001", "has too many decimals"),
        ("1e-400", "has too many decimals"),
        ("1." + "0" * 70 + "1", "has too many decimals"),
    ],
)
def test_an_amount_that_cannot_be_held_is_refused_with_the_value_and_what_is_accepted(value: str, problem: str) -> None:
    with pytest.raises(BadAmount, match=rf"{problem}: an amount in EUR is a decimal number as in '12.34'") as refused:
        minor_units(value, "EUR")

    assert len(str(refused.value)) < 250


@given(st.integers(-MOST, MOST), CURRENCIES)
def test_minor_units_and_major_units_are_two_spellings_of_the_same(minor: int, currency: str) -> None:
    assert minor_units(major(minor, currency), currency) == minor


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(1230, "EUR", "12.30"), (5, "EUR", "0.05"), (-5, "EUR", "-0.05"), (100, "JPY", "100"), (1, "CLF", "0.0001")],
)
def test_people_read_major_units(minor: int, currency: str, text: str) -> None:
    assert major(minor, currency) == text


@pytest.mark.parametrize(
    ("amount", "source", "target", "rate", "converted"),
    [
        (1000, "EUR", "EUR", 1.0, 1000),
        (1000, "JPY", "EUR", 0.0065, 650),
        (5, "EUR", "JPY", 10.0, 0),  # 0.5, to the even neighbour
        (15, "EUR", "JPY", 10.0, 2),  # 1.5
        (25, "EUR", "JPY", 10.0, 2),  # 2.5
        (-25, "EUR", "JPY", 10.0, -2),
        (3, "USD", "EUR", 0.1, 0),
        (10**15, "USD", "EUR", 0.91, 91 * 10**13),
    ],
)
def test_conversion_rounds_half_to_even(amount: int, source: str, target: str, rate: float, converted: int) -> None:
    assert convert(amount, source, target, rate) == converted


@given(st.integers(-MOST, MOST), CURRENCIES)
def test_conversion_at_the_rate_one_changes_nothing(amount: int, currency: str) -> None:
    assert convert(amount, currency, currency, 1.0) == amount


def test_what_no_64_bit_column_can_hold_is_refused() -> None:
    with pytest.raises(BadAmount, match="is too large"):
        convert(MOST, "USD", "IRR", 600_000.0)


def test_an_unknown_currency_cannot_be_converted_or_written() -> None:
    with pytest.raises(UnknownCurrency):
        convert(1, "EUR", "XXX", 1.0)
    with pytest.raises(UnknownCurrency):
        major(1, "XXX")

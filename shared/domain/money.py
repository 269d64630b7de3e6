"""Money: ISO 4217, exact minor units, and conversion. No amount is ever held in binary fractions."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, Context, Decimal, DecimalException, Inexact, InvalidOperation, Overflow
from types import MappingProxyType
from typing import Final

from shared.domain.errors import LifestageError

MOST: Final = 10**15
"""The largest amount in minor units, either way: sums of thousands still fit 64 bits."""

# ISO 4217, list one, by number of decimals. Metals, funds without a subunit and test codes (XAU, XDR, XXX …) are no
# money to pay with and are left out; codes withdrawn since 2020 are in, because histories still carry them.
_BY_DECIMALS: Final = {
    0: """BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF""",
    2: """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
          CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
          IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
          MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
          SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG
          YER ZAR ZMW ZWG
          ANG BGN CUC HRK SLL ZWL""",
    3: """BHD IQD JOD KWD LYD OMR TND""",
    4: """CLF UYW""",
}
DECIMALS: Final[Mapping[str, int]] = MappingProxyType(
    {code: decimals for decimals, codes in _BY_DECIMALS.items() for code in codes.split()}
)
"""How many decimals each currency has. A code that is not here is unknown."""

_UNITS: Final = {code: Decimal(1).scaleb(places) for code, places in DECIMALS.items()}
_EXACT: Final = Context(prec=60, Emax=40, traps=[Inexact, InvalidOperation, Overflow])
_WIDE: Final = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, Overflow])


class UnknownCurrency(LifestageError):
    """Not a currency of ISO 4217."""

    code = "unknown_currency"

    def __init__(self, currency: str) -> None:
        super().__init__(
            f"{currency[:40]!r} is not a currency: three capital letters of ISO 4217 are accepted, as in 'EUR'"
        )


class BadAmount(LifestageError):
    """Not an amount that the currency can hold."""

    code = "invalid_amount"

    def __init__(self, value: object, problem: str, currency: str) -> None:
        places = DECIMALS[currency]
        example = f"'12.{'345678'[:places]}'" if places else "'12'"
        super().__init__(
            f"{str(value)[:60]!r} {problem}: an amount in {currency} is a decimal number as in {example}, with at most"
            f" {places} decimals and up to {major(MOST, currency)}"
        )


def decimals(currency: str) -> int:
    """How many decimals a currency has. Raises UnknownCurrency."""
    places = DECIMALS.get(currency)
    if places is None:
        raise UnknownCurrency(currency)
    return places


def minor_units(value: str | int | Decimal, currency: str) -> int:
    """An amount in major units as an exact number of minor units. Raises UnknownCurrency or BadAmount."""
    unit = _UNITS.get(currency)
    if unit is None:
        raise UnknownCurrency(currency)
    try:
        scaled = _EXACT.multiply(value if isinstance(value, Decimal) else Decimal(value), unit)
        minor = int(scaled)
    except Inexact:
        problem = "is too large" if Decimal(value).adjusted() > 15 else "has too many decimals"
        raise BadAmount(value, problem, currency) from None
    except (DecimalException, ValueError, OverflowError):
        raise BadAmount(value, "is not a finite number", currency) from None
    if minor != scaled:
        raise BadAmount(value, "has too many decimals", currency)
    if not -MOST <= minor <= MOST:
        raise BadAmount(value, "is too large", currency)
    return minor


def major(minor: int, currency: str) -> str:
    """An amount in minor units as people write it: 1230 EUR is `12.30`. Raises UnknownCurrency."""
    places = decimals(currency)
    digits = f"{abs(minor):0{places + 1}d}"
    sign = "-" if minor < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def convert(amount: int, source: str, target: str, rate: float | Decimal) -> int:
    """Minor units of one currency in minor units of another, rounded half to even. Raises BadAmount beyond 64 bits.

    `rate` is how much of the target one unit of the source is worth; a float means the decimal number it is written as.
    """
    shift = decimals(target) - decimals(source)
    exact = rate if isinstance(rate, Decimal) else Decimal(repr(rate))
    converted = _WIDE.scaleb(_WIDE.multiply(Decimal(amount), exact), shift)
    if converted.adjusted() > 17:
        raise BadAmount(converted, "is too large", target)
    return int(_WIDE.to_integral_value(converted))

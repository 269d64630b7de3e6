"""The native format: what becomes of posted JSON, and that a bad event never sinks its neighbours."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.formats.envelope import Receipt
from services.ingest.formats.kinds import KINDS
from services.ingest.formats.native import Reading, read
from services.ingest.formats.refusals import NotEvents
from shared.adapters import codec
from shared.domain.errors import LifestageError
from shared.domain.events import ACTIONS, Contact, Contract, Event, Feedback, Other, Purchase
from shared.domain.instants import SECOND, Instant
from shared.domain.money import DECIMALS, major, minor_units

AT = Instant(1_767_225_600 * SECOND)  # 2026-01-01T00:00:00Z
LIVE = Receipt(at=AT, latest=Instant(AT + 600 * SECOND))
TEST = Receipt(at=AT)

REQUIRED: dict[str, dict[str, Any]] = {
    "purchase": {"order_id": "o-1", "amount": "12.30", "currency": "EUR"},
    "refund": {"amount": "1", "currency": "EUR"},
    "invoice": {"amount": "1", "currency": "EUR"},
    "payment": {"amount": "1", "currency": "EUR"},
    "feedback": {"rating": 4},
    "delivery": {"on_time": True},
    "price_change": {"percent": 5},
    "wallet": {"period": "2026-Q1", "total_spend": "1", "currency": "EUR"},
    "value": {"amount": "1", "currency": "EUR"},
    "cost": {"amount": "1", "currency": "EUR"},
    "consent": {"purpose": "profiling", "granted": True},
    "alias": {"other_id": "anna-2"},
}


def posted(kind: str = "purchase", **members: Any) -> dict[str, Any]:
    """An event as a sender writes it; `data=` replaces all of it, other members replace or add."""
    event = {
        "id": "e-1", "source": "shop", "type": kind, "customer_id": "anna", "occurred_at": "2025-12-01T10:00:00Z",
        "data": REQUIRED.get(kind, {}),
    }  # fmt: skip
    return {**event, **members}


def bought(**members: Any) -> dict[str, Any]:
    """A purchase whose data has other members."""
    return posted(data={**REQUIRED["purchase"], **members})


def reading(*events: Any, receipt: Receipt = LIVE) -> Reading:
    return read(json.dumps(events).encode(), receipt)


def purchase(**members: Any) -> Purchase:
    [event] = reading(bought(**members)).events
    assert isinstance(event, Purchase)
    return event


def refused(event: Any) -> tuple[str, str | None, str]:
    """Why an event was turned away; it stands between two good ones, which must come through."""
    found = reading(posted(id="before"), event, posted(id="after"))
    assert [good.id for good in found.events] == ["before", "after"]
    [rejection] = found.rejected
    assert rejection.index == 1
    return rejection.code, rejection.field, rejection.message


def test_a_purchase_becomes_an_event_of_ours_with_exact_minor_units() -> None:
    event = purchase(items=[{"product": "tea", "quantity": 2, "amount": 12.3, "addon": True}], discount=0.1)

    assert (event.id, event.source, event.customer_id, event.occurred_at) == (
        "e-1", "shop", "anna", 1_764_583_200 * SECOND
    )  # fmt: skip
    assert (event.received_at, event.claimed_at, event.backfill) == (AT, None, False)
    assert (event.amount, event.currency, event.discount) == (1230, "EUR", 10)
    assert (event.items[0].amount, event.items[0].quantity, event.items[0].addon) == (1230, 2.0, True)


def test_every_type_with_a_meaning_is_taken_and_can_be_read_back_from_the_log() -> None:
    found = reading(*[posted(kind, id=kind) for kind in KINDS])

    assert not found.rejected
    assert [type(event) for event in found.events] == [posted_type.becomes for posted_type in KINDS.values()]
    assert [codec.decode(codec.encode(event)) for event in found.events] == found.events


def test_every_event_type_of_ours_but_actions_can_be_posted() -> None:
    ours = {member for member in Event.__args__ if member not in (*ACTIONS, Other)}

    assert {posted_type.becomes for posted_type in KINDS.values()} == ours


def test_the_source_is_api_unless_it_is_given() -> None:
    [event] = reading({name: value for name, value in posted().items() if name != "source"}).events

    assert event.source == "api"


@pytest.mark.parametrize("spelling", ["12.30", "12.3", 12.3, "12.300", "1.23e1", "１２.３"])
def test_amounts_are_decimal_strings_or_numbers(spelling: Any) -> None:
    assert purchase(amount=spelling).amount == 1230


@given(st.integers(0, 10**15), st.sampled_from(sorted(DECIMALS)), st.booleans())
def test_no_amount_goes_through_binary_fractions(minor: int, currency: str, as_number: bool) -> None:
    text = major(minor, currency)
    data = f'{{"order_id": "o", "currency": "{currency}", "amount": {text if as_number else json.dumps(text)}}}'
    body = json.dumps(posted(data="DATA")).replace('"DATA"', data)

    [event] = read(body.encode(), LIVE).events

    assert isinstance(event, Purchase)
    assert event.amount == minor


@given(
    st.text(alphabet="0123456789.-+eE_ ٣", max_size=24), st.sampled_from(["EUR", "JPY", "KWD", "CLF"]), st.booleans()
)
def test_reading_an_amount_off_its_spelling_is_the_same_as_calculating(text: str, currency: str, bare: bool) -> None:
    spelled = text if bare else json.dumps(text)
    body = json.dumps(bought(amount="SPELLED", currency=currency)).replace('"SPELLED"', spelled)
    try:
        exact = minor_units(Decimal(json.loads(spelled, parse_float=Decimal)), currency)
    except (LifestageError, ArithmeticError, ValueError, TypeError):
        exact = -1

    try:
        found = [event.amount for event in read(body.encode(), LIVE).events if isinstance(event, Purchase)]
    except NotEvents:
        found = []

    assert found == ([exact] if exact >= 0 else [])


@pytest.mark.parametrize(
    ("event", "code", "field", "says"),
    [
        (bought(amount="NaN"), "invalid_amount", "data.amount", "'NaN' is not a finite number"),
        (bought(amount=float("nan")), "invalid_number", "data.amount", "NaN is not a number that JSON has"),
        (bought(amount=float("-inf")), "invalid_number", "data.amount", "-Infinity is not a number"),
        (bought(amount="1e400"), "invalid_amount", "data.amount", "'1E+400' is too large"),
        (bought(amount="-5"), "invalid_amount", "data.amount", "'-5' is negative; accepted is an amount of 0 or more"),
        (bought(amount="1.234"), "invalid_amount", "data.amount", "'1.234' has too many decimals"),
        (bought(amount="ten"), "invalid_amount", "data.amount", "'ten' is not accepted; accepted is a decimal number"),
        (bought(amount=None), "invalid_amount", "data.amount", "null is not accepted"),
        (bought(amount=True), "invalid_amount", "data.amount", "true is not accepted"),
        (bought(amount="1.5", currency="JPY"), "invalid_amount", "data.amount", "too many decimals"),
        (bought(currency="EURO"), "unknown_currency", "data.currency", "'EURO' is not a currency"),
        (bought(currency=978), "invalid_field", "data.currency", "978 is not accepted; accepted is a currency"),
        (bought(items=[{}, {"amount": "0.001"}]), "invalid_amount", "data.items[1].amount", "'0.001'"),
        (bought(items=[{"quantity": -1}]), "invalid_field", "data.items[0].quantity", "-1 is not accepted"),
        (bought(items={}), "invalid_field", "data.items", "accepted is an array of objects"),
        (posted(data={}), "missing_field", "data.order_id", "it is missing; accepted is a string of 1 to 256"),
        (posted(data=[]), "invalid_field", "data", "an array is not accepted; accepted is an object"),
        (posted("gift", data="x"), "invalid_field", "data", "'x' is not accepted; accepted is an object"),
        ({"id": "e-1"}, "missing_field", "customer_id", "it is missing"),
        (posted(id=7), "invalid_field", "id", "7 is not accepted; accepted is a string of 1 to 256 characters"),
        (posted(customer_id=""), "invalid_field", "customer_id", "'' is not accepted"),
        (posted(customer_id="x" * 257), "invalid_field", "customer_id", "(257 characters) is not accepted"),
        (posted(backfill="yes"), "invalid_field", "backfill", "accepted is true or false"),
        (posted(occurred_at="2025-12-01T10:00:00"), "invalid_time", "occurred_at", "RFC 3339 with an offset"),
        (posted(occurred_at="2025-12-01"), "invalid_time", "occurred_at", "RFC 3339 with an offset"),
        (posted(occurred_at="2025-02-30T10:00:00Z"), "invalid_time", "occurred_at", "'2025-02-30T10:00:00Z' is not"),
        (posted(occurred_at="1969-12-31T23:59:59Z"), "invalid_time", "occurred_at", "out of range"),
        (posted(occurred_at="9001-01-01T00:00:00Z"), "invalid_time", "occurred_at", "out of range"),
        (posted(occurred_at="1970-01-01T00:00:00+00:01"), "invalid_time", "occurred_at", "out of range"),
        (posted(occurred_at=1_764_583_200), "invalid_time", "occurred_at", "1764583200 is not accepted"),
        (posted(customer_id="a\x00"), "invalid_text", "customer_id", "cannot be stored"),
        (posted(customer_id="a\ud800"), "invalid_text", "customer_id", "'a\\ud800' cannot be stored"),
        (bought(note={"deep": ["\x00"]}), "invalid_text", "data.note.deep[0]", "cannot be stored"),
        (posted(unnamed="\x00"), "invalid_text", "unnamed", "cannot be stored"),
        (posted(source="lifestage"), "reserved", "source", "'lifestage' is reserved"),
        (posted("tick"), "reserved", "type", "'tick' is reserved"),
        (posted("alert_resolved"), "reserved", "type", "'alert_resolved' is reserved"),
        (bought(note="x" * 33_000), "too_large", "data", "accepted are up to 32768"),
        (posted("feedback", data={}), "missing_field", "data", "accepted is any of rating, expected, perceived, nps"),
        (posted("feedback", data={"rating": 6}), "invalid_field", "data.rating", "a number from 0 to the scale, 5"),
        (posted("feedback", data={"rating": 1, "scale": 1}), "invalid_field", "data.scale", "a number above 1 up to"),
        (posted("inquiry", data={"kind": "beg"}), "invalid_field", "data.kind", "accepted is one of ask, negotiate"),
        (posted("contract", data={"ends_at": "soon"}), "invalid_time", "data.ends_at", "'soon' is not accepted"),
        (posted("contract", data={"ends_at": "9001-01-01T00:00:00Z"}), "invalid_time", "data.ends_at", "range"),
        (posted("contact", data={"cost": "1"}), "missing_field", "data.currency", "a cost needs a currency"),
        (posted("contact", data={"currency": "XXX"}), "unknown_currency", "data.currency", "'XXX'"),
        (5, "not_an_event", None, "5 is not an event; accepted is an object"),
        (None, "not_an_event", None, "null is not an event"),
    ],
)
def test_a_bad_event_is_refused_by_field_value_and_what_is_accepted(
    event: Any, code: str, field: str | None, says: str
) -> None:
    found_code, found_field, message = refused(event)

    assert (found_code, found_field) == (code, field)
    assert says in message
    assert len(message) < 400


@pytest.mark.parametrize("number", ["1e400", "9" * 5000])
def test_a_number_that_json_can_spell_but_nobody_can_hold_is_refused_and_named(number: str) -> None:
    body = json.dumps([bought(amount="HUGE"), posted("gift", data={"n": ["HUGE"]}), posted(id="good")])

    found = read(body.replace('"HUGE"', number).encode(), LIVE)

    assert [event.id for event in found.events] == ["good"]
    assert [rejection.field for rejection in found.rejected] == ["data.amount", "data.n[0]"]


def test_an_event_nested_too_deeply_is_refused_alone() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = {"in": [deep]}

    code, _, message = refused(posted("gift", data={"deep": deep}))

    assert code == "too_deep"
    assert "more than 32 levels" in message


def test_members_without_a_meaning_are_kept_beside() -> None:
    event = purchase(items=[{"product": "tea", "colour": "green"}, {}], coupon={"code": "MAY", "share": 0.1}, n=2**70)

    assert event.items[0].product == "tea"
    assert event.extra == {"coupon": {"code": "MAY", "share": 0.1}, "n": 2**70, "items": [{"colour": "green"}, {}]}
    assert codec.decode(codec.encode(event)) == event


def test_a_type_without_a_meaning_is_taken_as_it_is() -> None:
    [event] = reading(posted("gift", data={"wrapped": True, "items": [1, None]})).events

    assert event == Other(
        id=event.id, source="shop", customer_id=event.customer_id, occurred_at=event.occurred_at, received_at=AT,
        name="gift", extra={"wrapped": True, "items": [1, None]},
    )  # fmt: skip


def test_times_and_costs_within_data_become_instants_and_minor_units() -> None:
    contract, contact, feedback = reading(
        posted("contract", data={"ends_at": "2026-06-01T00:00:00+02:00", "exclusive": True}),
        posted("contact", data={"cost": 1.5, "currency": "KWD", "direction": "inbound"}),
        posted("feedback", data={"perceived": 3, "expected": 4, "scale": 10}),
    ).events

    assert isinstance(contract, Contract)
    assert contract.ends_at == 1_780_264_800 * SECOND
    assert isinstance(contact, Contact)
    assert contact.cost == 1500
    assert isinstance(feedback, Feedback)
    assert (feedback.perceived, feedback.scale) == (3.0, 10.0)


def test_a_time_beyond_the_skew_is_set_to_the_receipt_and_told() -> None:
    near, far = posted(occurred_at="2026-01-01T00:10:00Z"), posted(id="far", occurred_at="2031-01-01T02:00:00+02:00")

    found = reading(near, far)

    assert [(event.occurred_at, event.claimed_at) for event in found.events] == [
        (AT + 600 * SECOND, None), (AT, 1_924_992_000 * SECOND),
    ]  # fmt: skip
    [adjusted] = found.adjusted
    assert (adjusted.index, adjusted.id) == (1, "far")
    assert (adjusted.occurred_at, adjusted.set_to) == ("2031-01-01T00:00:00Z", "2026-01-01T00:00:00Z")


def test_on_a_test_clock_no_time_is_set_back() -> None:
    found = reading(posted(occurred_at="2031-01-01T00:00:00Z"), receipt=TEST)

    assert found.events[0].claimed_at is None
    assert not found.adjusted

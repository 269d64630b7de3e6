"""Values survive the way through bytes and back, whatever the history: JSON for the log, MessagePack for states."""

from hypothesis import given
from msgspec.structs import replace

from shared.adapters import codec
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import fold
from shared.ports.store import Base
from tests.histories import History, histories


@given(histories(most=12))
def test_events_and_controls_read_back_as_they_were_written(history: History) -> None:
    for entry in (*history.events, *history.controls):
        assert codec.decode(codec.encode(entry)) == entry
    assert [codec.decode_event(codec.encode(event)) for event in history.events] == history.events
    assert [codec.decode_control(codec.encode(control)) for control in history.controls] == history.controls


@given(histories(most=18))
def test_states_and_decisions_read_back_to_the_same_bytes(history: History) -> None:
    for name in history.customers():
        outcome = fold(name, history.of(name), history.governance(), Instant(history.end() + 60 * DAY))

        state = codec.encode_customer(outcome.customer)
        base = codec.encode_base(Base(codec.encode_customer(outcome.base or outcome.customer), (1, 2)))
        transitions = [codec.encode_transition(one) for one in outcome.transitions]
        alerts = [codec.encode_alert(one) for one in outcome.alerts]

        assert codec.encode_customer(codec.decode_customer(state)) == state
        assert codec.encode_base(codec.decode_base(base)) == base
        assert [codec.encode_transition(codec.decode_transition(one)) for one in transitions] == transitions
        assert [codec.encode_alert(codec.decode_alert(one)) for one in alerts] == alerts
        assert codec.decode_customer(state) == outcome.customer
        assert [codec.decode_transition(one) for one in transitions] == outcome.transitions
        assert [codec.decode_alert(one) for one in alerts] == outcome.alerts


@given(histories(most=12))
def test_a_fold_of_decoded_events_is_the_fold_of_the_events(history: History) -> None:
    decoded = [codec.decode_event(codec.encode(event)) for event in history.events]
    for name in history.customers():
        own = [event for event in decoded if event.customer_id == name]

        assert fold(name, own, history.governance()) == fold(name, history.of(name), history.governance())


@given(histories(most=6))
def test_an_event_says_the_same_whenever_it_was_received_and_not_when_it_names_another(history: History) -> None:
    for event in history.events:
        again = replace(event, received_at=Instant(event.received_at + DAY), backfill=not event.backfill)
        other = replace(event, line="hats")

        assert codec.same_payload(codec.encode(event), codec.encode(again))
        assert not codec.same_payload(codec.encode(event), codec.encode(other))

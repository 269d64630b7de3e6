"""What holds for every history: the step is the fold, time passes in any pieces, transitions are chained."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters import codec
from shared.domain.controls import Governance
from shared.domain.customer import Customer
from shared.domain.decisions import Transition
from shared.domain.events import order_key
from shared.domain.instants import DAY, SECOND, Instant
from shared.domain.lifecycle import Outcome, advance, fold, step
from shared.domain.outlook import upcoming
from shared.domain.rhythm.churn import ChurnModel
from shared.domain.stages import MOVES, Stage
from tests.builders import model_from
from tests.histories import History, histories
from tests.models import MODELS

AFTER = st.sampled_from((0, 1, SECOND, 20 * DAY, 45 * DAY, 300 * DAY, 2000 * DAY))


@given(histories(), AFTER)
def test_stepping_event_by_event_is_folding_the_history(history: History, after: int) -> None:
    governance = history.governance()
    for name in history.customers():
        told = sorted(history.of(name), key=order_key)
        end = Instant(told[-1].occurred_at + after)

        state, transitions = Customer(), list[Transition]()
        for event in told:
            outcome = step(name, state, event, governance)
            newest = outcome.base or outcome.customer
            transitions += outcome.transitions[: newest.decisions - state.decisions]
            state = newest
        waited = advance(name, state, end, governance)
        whole = fold(name, told, governance, end)

        assert codec.encode_customer(waited.customer) == codec.encode_customer(whole.customer)
        assert transitions + waited.transitions == whole.transitions


@given(histories(), AFTER, AFTER)
def test_time_may_pass_in_two_steps_or_in_one(history: History, first: int, second: int) -> None:
    governance = history.governance()
    for name in history.customers():
        told = history.of(name)
        start, until = fold(name, told, governance).customer, max(event.occurred_at for event in told)
        between, end = Instant(until + first), Instant(until + first + second)

        part = advance(name, start, between, governance)
        rest = advance(name, part.customer, end, governance)
        whole = advance(name, start, end, governance)

        assert codec.encode_customer(rest.customer) == codec.encode_customer(whole.customer)
        assert part.transitions + rest.transitions == whole.transitions


@given(histories(), AFTER)
def test_due_times_are_whole_seconds_that_only_go_forward_and_lead_where_one_jump_does(
    history: History, after: int
) -> None:
    governance = history.governance()
    for name in history.customers():
        start = fold(name, history.of(name), governance).customer
        end = Instant(history.end() + after)

        state, passed = start, list[Instant]()
        while state.due_at is not None and state.due_at <= end:
            passed.append(state.due_at)
            state = advance(name, state, state.due_at, governance).customer
        waited, jumped = advance(name, state, end, governance), advance(name, start, end, governance)

        assert all(at % SECOND == 0 for at in passed)
        assert all(one < later for one, later in pairwise(passed))
        assert codec.encode_customer(waited.customer) == codec.encode_customer(jumped.customer)


@given(histories(), AFTER)
def test_transitions_are_chained_follow_the_table_have_their_guards_and_never_go_back_in_time(
    history: History, after: int
) -> None:
    governance = history.governance()
    for name in history.customers():
        outcome = fold(name, history.of(name), governance, Instant(history.end() + after))

        assert all(one.effective_at <= later.effective_at for one, later in pairwise(outcome.transitions))
        assert outcome.customer.decisions == len(outcome.transitions)
        for line, own in ((None, outcome.customer), *outcome.customer.lines.items()):
            made = [one for one in outcome.transitions if one.line == line]
            assert all(MOVES[one.source, one.reason.signal] is one.target for one in made)
            assert [one.source for one in made] == [Stage.TARGET, *(one.target for one in made)][: len(made)]
            assert own.stage is (made[-1].target if made else Stage.TARGET)
            assert own.transitions == len(made)
        assert all(guard.holds for one in outcome.transitions for guard in one.reason.guards)


def moves(outcome: Outcome) -> list[Transition]:
    """The transitions of the whole relationship."""
    return [one for one in outcome.transitions if one.line is None]


@given(histories(controlled=False), AFTER, st.sampled_from((None, *MODELS)))
def test_silence_changes_the_stage_at_the_instant_foretold_and_not_before(
    history: History, after: int, model: ChurnModel | None
) -> None:
    governance = Governance.of([model_from(-1, churn=model)], history.policy)
    for name in history.customers():
        state = fold(name, history.of(name), governance, Instant(history.end() + after)).customer
        foretold = upcoming(state, governance.policies[1])
        if foretold is None:
            assert moves(advance(name, state, Instant(history.end() + 9_000 * DAY), governance)) == []
            continue

        before = advance(name, state, Instant(foretold.at - 1), governance)
        at = advance(name, state, foretold.at, governance)

        assert moves(before) == []
        assert foretold.at % SECOND == 0
        assert [(one.effective_at, one.target, one.reason.signal, one.cause) for one in moves(at)[:1]] == [
            (foretold.at, foretold.stage, foretold.because, "silence")
        ]


@given(histories(), AFTER)
def test_the_order_in_which_a_history_is_given_does_not_matter(history: History, after: int) -> None:
    governance = history.governance()
    end = Instant(history.end() + after)
    for name in history.customers():
        told = history.of(name)

        forwards = fold(name, told, governance, end)
        backwards = fold(name, reversed(told), Governance.of(history.controls[::-1], history.policy), end)

        assert forwards == backwards

"""What a preview makes of one customer: from the stored state or from the start, in every line, the same."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.api.previewing import Preview, Question, Rules, Signalled, look_at, parted
from shared.adapters import codec
from shared.domain.alerts import AlertKind, AlertStatus
from shared.domain.controls import Governance, PolicyChange
from shared.domain.customer import Customer
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import Outcome, fold
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.ports.audit import Audited
from shared.ports.store import Known
from tests.builders import ANNA, day, fold_story, policy_from, purchases
from tests.histories import POLICIES, History, histories

STRICT = Policy(version=2, long_gap_sigmas=0.1)


def looked_at(history: History, name: str, question: Question, stream_time: Instant) -> tuple[Preview, Audited]:
    """What a preview finds of a customer that was scored up to a time."""
    governance = history.governance()
    stored = fold(name, history.of(name), governance, stream_time).customer
    audited = Audited(
        known=Known(customer_id=name, customer=stored),
        events=history.of(name),
        transitions=(),
        alerts=(),
        timer_at=stored.due_at,
    )
    changed = Governance.of([*history.controls, question.change], history.policy)
    found = Preview()
    look_at([audited], Rules(governance, changed, question), found)
    return found, audited


def whole(history: History, name: str, question: Question) -> tuple[Outcome, Outcome]:
    """The customer folded from its beginning, without the change and with it."""
    rules = history.governance(), Governance.of([*history.controls, question.change], history.policy)
    without, changed = (fold(name, history.of(name), rule, question.horizon) for rule in rules)
    return without, changed


def seen(outcome: Outcome) -> set[tuple[str | None, AlertKind, Instant]]:
    hidden = (AlertStatus.HELD, AlertStatus.MUTED)
    return {(one.line, one.kind, one.effective_at) for one in outcome.alerts if one.status not in hidden}


def named(listed: list[Signalled]) -> set[tuple[str | None, AlertKind, Instant]]:
    return {(one.alert.line, one.alert.kind, one.alert.effective_at) for one in listed}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(histories(customers=1), st.sampled_from(POLICIES[1:]), st.sampled_from((-40, -1, 0, 1, 20)), st.integers(0, 90))
def test_a_preview_is_the_difference_of_two_folds_of_the_whole_history_whenever_the_change_is(
    history: History, policy: Policy, days: int, ahead: int
) -> None:
    name, now = history.events[0].customer_id, Instant(history.end() + 10 * DAY)
    at = Instant(now + days * DAY)
    change = PolicyChange(id="previewed", effective_at=at, policy=policy)
    question = Question(change=change, horizon=Instant(max(at, now) + ahead * DAY), most=999)

    found, audited = looked_at(history, name, question, now)

    before = codec.encode_customer(audited.known.customer)
    without, changed = whole(history, name, question)
    assert found.broken == 0
    assert [(one.line, one.source, one.target, one.at) for one in found.moves] == parted(Customer(), without, changed)
    assert named(found.raises) == seen(changed) - seen(without)
    assert named(found.withdraws) == seen(without) - seen(changed)
    assert codec.encode_customer(audited.known.customer) == before


def test_stages_part_at_the_first_instant_at_which_they_differ() -> None:
    story = purchases(0, 10, 20, 30)
    without = fold_story(story, until=200)
    changed = fold_story(story, until=200, controls=[policy_from(50, STRICT)])

    assert parted(Customer(), without, changed) == [(None, Stage.FORMATION, Stage.DECLINE, day(60))]
    assert parted(Customer(), changed, without) == [(None, Stage.DECLINE, Stage.FORMATION, day(60))]
    assert parted(Customer(), without, without) == []


def test_a_line_may_part_where_the_relationship_as_a_whole_does_not() -> None:
    story = [*purchases(0, 10, 20, 30, line="books")]
    own = Policy(version=2, lines={"books": {"long_gap_sigmas": 0.1}})
    without = fold_story(story, until=70)
    changed = fold_story(story, until=70, controls=[policy_from(50, own)])

    assert parted(Customer(), without, changed) == [("books", Stage.FORMATION, Stage.DECLINE, day(60))]


def test_counts_tell_customers_and_what_comes_at_once() -> None:
    story = purchases(0, 10, 20, 30)
    history = History(events=list(story), policy=Policy(), controls=[])
    question = Question(change=policy_from(70, STRICT), horizon=day(120), most=0)

    found, _ = looked_at(history, ANNA, question, day(65))

    assert (found.customers, found.moved, found.moved_at_once, found.moves) == (1, 1, 1, [])
    # Silence on day 70 and dormancy on day 100 come with the change; silence on day 109 would have come without it.
    assert (found.raised, found.raised_at_once, found.withdrawn) == (2, 1, 1)

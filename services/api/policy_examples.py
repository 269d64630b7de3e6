"""Real examples of policies for the OpenAPI document: a change, and what it does to the customer of the examples."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from services.api import policy_answers
from services.api.example_history import ANNA, AS_OF, history
from services.api.policies import LEAD, Register
from services.api.previewing import Preview, Question, Rules, look_at
from services.api.schemas.policies import Policy, PolicyPreview
from services.api.times import instant_of
from shared.domain.controls import Governance, PolicyChange
from shared.domain.instants import DAY, Instant
from shared.domain.lifecycle import fold
from shared.domain.policies import changed, versions
from shared.domain.policy import DEFAULT
from shared.ports.audit import Audited
from shared.ports.store import Known

PARTITIONS: Final = 4
CHANGES: Final = {"silent_r": 1.4, "answer_hours": 8.0}

QUESTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    "change_policy": {"changes": CHANGES, "based_on": 1, "note": "Reach them sooner."},
    "go_back": {"version": 1},
    "preview_policy": {"changes": CHANGES, "effective_at": "2026-05-06T12:00:00Z", "horizon_days": 30},
}
"""An example body of every operation that takes one."""

PARAMETERS: Final[Mapping[str, str | int]] = {"version": "current", "against": 1}


def answers() -> dict[str, dict[str, Any]]:
    """An example answer of every operation, by its name and, where it is not 200, its status."""
    change = _change(Instant(AS_OF + LEAD))
    register, first = _register(change), _register()
    back = replace(change, id="policy-000003", policy=replace(DEFAULT, version=3), note=None)
    told = {
        "list_policies": policy_answers.page_answer(register, None, 50),
        "policy_fields": policy_answers.fields_answer(first),
        "one_policy": policy_answers.policy_answer(first, first.version(1)),
        "policy_diff": policy_answers.diff_answer(register, 2, 1),
        "change_policy": policy_answers.policy_answer(register, register.version(2)),
        "change_policy 202": _pending(register, 2),
        "go_back": policy_answers.policy_answer(_register(change, back), _register(change, back).version(3)),
        "go_back 202": _pending(_register(change, back), 3),
        "preview_policy": _preview(first),
    }
    return {name: answer.model_dump(mode="json") for name, answer in told.items()}


def _change(at: Instant) -> PolicyChange:
    return PolicyChange(
        id="policy-000002", effective_at=at, policy=changed(DEFAULT, CHANGES, 2), actor="crm", note="Reach them sooner."
    )


def _register(*changes: PolicyChange) -> Register:
    return Register(
        versions=versions(changes),
        missing={change.id: () for change in changes},
        partitions=PARTITIONS,
        in_force=1,
        as_of=AS_OF,
        latest=AS_OF,
    )


def _pending(register: Register, number: int) -> Policy:
    """The same answer while two partitions have not taken the version in."""
    version = register.version(number)
    assert version.change is not None, "only the first version came without a change"
    waiting = replace(register, missing={**register.missing, version.change.id: (2, 3)})
    return policy_answers.policy_answer(waiting, version)


def _preview(register: Register) -> PolicyPreview:
    change = _change(instant_of(QUESTIONS["preview_policy"]["effective_at"]))
    question = Question(change=change, horizon=Instant(AS_OF + 30 * DAY), most=100)
    outcome, found = fold(ANNA, history(), Governance(), AS_OF), Preview()
    audited = Audited(
        known=Known(customer_id=ANNA, customer=outcome.customer),
        events=history(),
        transitions=(),
        alerts=(),
        timer_at=outcome.customer.due_at,
    )
    look_at([audited], Rules(Governance(), Governance.of([change]), question), found)
    return policy_answers.preview_answer(register, question, found, "en")

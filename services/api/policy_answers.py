"""Policies as the API answers them."""

from collections.abc import Sequence
from typing import Any

from msgspec import to_builtins

from services.api.answers import own_stage
from services.api.labels import KINDS, STAGES, Label, Language
from services.api.policies import Register
from services.api.previewing import Moved, Preview, Question, Signalled
from services.api.schemas.policies import (
    FieldChange,
    Policy,
    PolicyAlert,
    PolicyDiff,
    PolicyField,
    PolicyFields,
    PolicyMove,
    PolicyPage,
    PolicyPreview,
    PolicyVersion,
    State,
)
from services.api.times import stamp
from shared.domain import policy as domain
from shared.domain.policies import Version, differences
from shared.domain.policy_fields import FIELDS, Field


def fields_answer(register: Register) -> PolicyFields:
    """Every field that people set, with what it holds now."""
    policy = register.version(register.in_force).policy
    return PolicyFields(in_force=register.in_force, fields=[_field(field, policy) for field in FIELDS.values()])


def page_answer(register: Register, before: int | None, limit: int) -> PolicyPage:
    """Versions below a number, the newest first."""
    numbers = sorted((one for one in register.versions if before is None or one < before), reverse=True)
    shown = numbers[:limit]
    return PolicyPage(
        as_of=None if register.as_of is None else stamp(register.as_of),
        in_force=register.in_force,
        newest=register.newest,
        items=[PolicyVersion.model_validate(_version(register, register.version(number))) for number in shown],
        next=str(shown[-1]) if len(numbers) > len(shown) else None,
    )


def policy_answer(register: Register, version: Version) -> Policy:
    """One version with all its values."""
    told = to_builtins(version.policy)
    return Policy.model_validate({**_version(register, version), "values": {name: told[name] for name in FIELDS}})


def diff_answer(register: Register, number: int, against: int | None) -> PolicyDiff:
    """What differs between two versions. Raises UnknownPolicy."""
    version = register.version(number)
    other = before(register, version) if against is None else register.version(against)
    return PolicyDiff(version=number, against=other.number, changes=changes_answer(other.policy, version.policy))


def changes_answer(old: domain.Policy, new: domain.Policy) -> list[FieldChange]:
    """The fields in which two policies differ."""
    return [
        FieldChange(
            field=one.field,
            before=one.before,
            after=one.after,
            unit=_described(one.field).unit,
            meaning=_described(one.field).says,
        )
        for one in differences(old, new)
    ]


def preview_answer(register: Register, asked: Question, found: Preview, language: Language) -> PolicyPreview:
    """What a change would do."""
    newest = register.version(register.newest)
    return PolicyPreview(
        based_on=newest.number,
        effective_at=stamp(asked.change.effective_at),
        horizon=stamp(asked.horizon),
        changes=changes_answer(newest.policy, asked.change.policy),
        text=preview_text(asked, found, language),
        customers=found.customers,
        parked=found.parked,
        broken=found.broken,
        moved=found.moved,
        moved_at_once=found.moved_at_once,
        raised=found.raised,
        raised_at_once=found.raised_at_once,
        withdrawn=found.withdrawn,
        moves=[_move(one, language) for one in found.moves],
        alerts_raised=_alerts(found.raises, language),
        alerts_withdrawn=_alerts(found.withdraws, language),
    )


def preview_text(asked: Question, found: Preview, language: Language) -> str:
    """The preview in one sentence."""
    return _WOULD.says(language).format(
        moved=found.moved,
        moved_at_once=found.moved_at_once,
        raised=found.raised,
        raised_at_once=found.raised_at_once,
        withdrawn=found.withdrawn,
        customers=found.customers,
        horizon=stamp(asked.horizon),
    )


def before(register: Register, version: Version) -> Version:
    """The version before one; of the first itself."""
    numbers = [number for number in register.versions if number < version.number]
    return register.version(max(numbers, default=version.number))


_WOULD = Label(
    "Would move {moved} of {customers} customers ({moved_at_once} at once), raise {raised} alerts ({raised_at_once} at"
    " once) and withdraw {withdrawn}, by {horizon}.",
    "到 {horizon} 为止，{customers} 位客户中将有 {moved} 位改变阶段（其中 {moved_at_once} 位立即改变），"
    "新增告警 {raised} 条（其中 {raised_at_once} 条立即发出），撤销 {withdrawn} 条。",
)


def _field(field: Field, policy: domain.Policy) -> PolicyField:
    ends = field.shape.innermost.ends
    return PolicyField(
        name=field.name,
        type=field.kind,
        unit=field.unit,
        minimum=ends.least,
        exclusive_minimum=ends.above,
        maximum=ends.most,
        exclusive_maximum=ends.below,
        accepts=field.accepts,
        nullable=field.shape.optional,
        default=to_builtins(field.default),
        value=to_builtins(getattr(policy, field.name)),
        meaning=field.says,
        sources=list(field.sources),
        overridable=field.overridable,
    )


def _described(name: str) -> Field:
    """The field that a difference is about: a member of a group is a threshold by its last name."""
    table, _, member = name.partition(".")
    return FIELDS.get(member.rpartition(".")[2], FIELDS[table])


def _version(register: Register, version: Version) -> dict[str, Any]:
    at = version.effective_at
    return {
        "version": version.number,
        "state": _state(register, version),
        "effective_at": None if at is None else stamp(at),
        "actor": None if version.change is None else version.change.actor,
        "note": None if version.change is None else version.change.note,
        "changes": changes_answer(before(register, version).policy, version.policy),
        "pending": list(register.pending(version)),
    }


def _state(register: Register, version: Version) -> State:
    if version.number == register.in_force:
        return "in_force"
    scheduled = version.effective_at is not None and (register.as_of is None or version.effective_at > register.as_of)
    return "scheduled" if scheduled else "past"


def _move(one: Moved, language: Language) -> PolicyMove:
    return PolicyMove(
        customer_id=one.customer_id,
        line=one.line,
        source=own_stage(one.source),
        source_label=STAGES[one.source].says(language),
        target=own_stage(one.target),
        target_label=STAGES[one.target].says(language),
        at=stamp(one.at),
    )


def _alerts(found: Sequence[Signalled], language: Language) -> list[PolicyAlert]:
    return [
        PolicyAlert(
            customer_id=one.customer_id,
            line=one.alert.line,
            kind=one.alert.kind,
            label=KINDS[one.alert.kind].says(language),
            severity=one.alert.severity,
            at=stamp(one.alert.effective_at),
        )
        for one in found
    ]

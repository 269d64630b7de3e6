"""Policies: their fields, their versions, what differs, and what a change would do."""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from services.api.schemas.common import Answer, Asked, Limit, OwnStage, Timestamp
from shared.domain.alerts import AlertKind, Severity
from shared.domain.shapes import Kind

NUMBER = r"^[1-9]\d{0,8}$"


class PolicyField(Answer):
    """What one field of the policy means, and what it can hold."""

    name: str
    type: Kind
    unit: str | None
    minimum: float | None
    exclusive_minimum: float | None
    maximum: float | None
    exclusive_maximum: float | None
    accepts: str = Field(description="What it can hold, in words.")
    nullable: bool
    default: Any
    value: Any = Field(description="What it holds in the policy in force.")
    meaning: str
    sources: list[str] = Field(description="The concepts, or the pages, that it comes from.")
    overridable: bool = Field(description="Whether it may differ for a business line or an industry.")


class PolicyFields(Answer):
    """Every field that can be set."""

    in_force: int
    fields: list[PolicyField]


class FieldChange(Answer):
    """A field in which two versions differ. Members of a table are named with dots; null where they are missing."""

    field: str
    before: Any
    after: Any
    unit: str | None
    meaning: str


State = Literal["past", "in_force", "scheduled"]


class PolicyVersion(Answer):
    """A version of the policy: since when it governs, and what differs from the version before it."""

    version: int
    state: State
    effective_at: Timestamp | None = Field(description="Null for the first version, which governs from the start.")
    actor: str | None = Field(description="The name of the key, or of the person, that issued it.")
    note: str | None
    changes: list[FieldChange]
    pending: list[int] = Field(description="The partitions of the log that have not taken it in yet.")


class PolicyPage(Answer):
    """Versions, the newest first, and the cursor of the next page or null."""

    as_of: Timestamp | None
    in_force: int
    newest: int = Field(description="The version that the next change builds on.")
    items: list[PolicyVersion]
    next: str | None


class Policy(PolicyVersion):
    """A version with all its values."""

    values: dict[str, Any] = Field(description="Every field that people set, by its name.")


class PolicyDiff(Answer):
    """What differs between two versions: `before` is `against`, `after` is `version`."""

    version: int
    against: int
    changes: list[FieldChange]


class PolicyMove(Answer):
    """A customer whose stage would be another one."""

    customer_id: str
    line: str | None = Field(description="The business line; null for the relationship as a whole.")
    source: OwnStage | None = Field(description="Its stage at that instant as things are.")
    source_label: str
    target: OwnStage | None = Field(description="Its stage then under the changed policy.")
    target_label: str
    at: Timestamp = Field(description="The first instant at which the two differ.")


class PolicyAlert(Answer):
    """An alert that the change would raise, or that would not come because of it."""

    customer_id: str
    line: str | None
    kind: AlertKind
    label: str
    severity: Severity
    at: Timestamp


class PolicyPreview(Answer):
    """What a change would do up to a horizon, were nothing to happen but silence; nothing has been changed."""

    based_on: int
    effective_at: Timestamp
    horizon: Timestamp
    changes: list[FieldChange]
    text: str
    customers: int = Field(description="How many customers were looked at.")
    parked: int = Field(description="Customers that are parked, of whom nothing can be told.")
    broken: int = Field(description="Customers that the change would park, because their events cannot be folded then.")
    moved: int = Field(description="Customers whose stage would be another one, in a business line or as a whole.")
    moved_at_once: int = Field(description="Those that move at `effective_at` itself.")
    raised: int
    raised_at_once: int
    withdrawn: int = Field(description="Alerts that come by the horizon as things are, and would not with the change.")
    moves: list[PolicyMove]
    alerts_raised: list[PolicyAlert]
    alerts_withdrawn: list[PolicyAlert]


Cursor = Annotated[str | None, Field(pattern=NUMBER, description="The `next` of the page before.")]
_Number = Annotated[int, Field(ge=1, le=999_999_999)]
_EffectiveAt = Annotated[
    str | None,
    Field(
        description="An instant in RFC 3339, later than what the log has reached; a moment after that if absent.",
        json_schema_extra={"format": "date-time"},
    ),
]
_BasedOn = Annotated[
    _Number | None, Field(description="The version that the change builds on: the newest one. Or send `If-Match`.")
]
_Note = Annotated[
    str | None, Field(max_length=2_000, pattern=r"^[^\x00]*$", description="What there is to say about it.")
]
_Changes = Annotated[
    dict[str, Any],
    Field(
        min_length=1,
        description="New values by field; null puts the default back. Tables are replaced as a whole.",
    ),
]


class PoliciesAsked(Asked):
    """Which part of the list."""

    limit: Limit = 50
    cursor: Cursor = None


class DiffAsked(Asked):
    """What to compare with."""

    against: Annotated[_Number | None, Field(description="Another version; the one before if absent.")] = None


class ChangeAsked(Asked):
    """A new version, as changes of the newest one."""

    changes: _Changes
    based_on: _BasedOn = None
    effective_at: _EffectiveAt = None
    note: _Note = None


class BackAsked(Asked):
    """An older version again, as a new one."""

    version: _Number
    based_on: _BasedOn = None
    effective_at: _EffectiveAt = None
    note: _Note = None


class PreviewAsked(Asked):
    """A change to be looked at, or an older version; one of the two."""

    changes: _Changes | None = None
    version: Annotated[_Number | None, Field(description="An older version, in place of changes.")] = None
    effective_at: Annotated[
        str | None,
        Field(
            description="An instant in RFC 3339; one that has passed shows what would have come of the change since.",
            json_schema_extra={"format": "date-time"},
        ),
    ] = None
    horizon_days: Annotated[
        float, Field(ge=0, le=3_650, description="How far to look beyond `effective_at`, or now if that has passed.")
    ] = 30.0
    limit: Annotated[int, Field(ge=0, le=10_000, description="How many of each kind to list; all are counted.")] = 100

    @model_validator(mode="after")
    def _one_of_the_two(self) -> Self:
        if (self.changes is None) == (self.version is None):
            raise ValueError("send either changes or version")
        return self

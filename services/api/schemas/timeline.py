"""What happened to a customer, what was decided, and why, in the order of time."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from services.api.schemas.common import Answer, Asked, OwnStage, ShownStatus, Timestamp
from services.api.schemas.customers import Change, Next, Why
from shared.domain.alerts import AlertKind, Outcome, Severity
from shared.domain.stages import Stage


class Step(Answer):
    """A change of stage."""

    number: int
    source: Stage
    source_label: str
    target: Stage
    target_label: str
    cycle: int
    line: str | None = Field(description="The business line that moved; null for the whole relationship.")
    relationship_level: float | None = Field(
        description="How high the relationship stands after it, 0 to 100; null for a line."
    )
    why: Why
    text: str
    decided_at: Timestamp = Field(description="The log's time of the record that brought it about.")
    retracted: bool = Field(description="Taken back: what came later has shown that it was not so.")
    retracted_at: Timestamp | None


class EventEntry(Answer):
    """An event as it was told to us."""

    kind: Literal["event"] = "event"
    at: Timestamp
    id: str
    source: str
    type: str
    label: str
    line: str | None
    backfill: bool
    received_at: Timestamp
    claimed_at: Timestamp | None = Field(description="The sender's time, where it lay in the future and was set back.")
    data: Mapping[str, JsonValue]
    text: str


class StepEntry(Step):
    """A change of stage, in the timeline."""

    kind: Literal["transition"] = "transition"
    at: Timestamp


class AlertEntry(Answer):
    """An alert, in the timeline, at the instant at which it became true."""

    kind: Literal["alert"] = "alert"
    at: Timestamp
    id: str
    alert: AlertKind
    label: str
    severity: Severity
    status: ShownStatus
    outcome: Outcome | None
    closed_at: Timestamp | None
    text: str


Entry = Annotated[EventEntry | StepEntry | AlertEntry, Field(discriminator="kind")]


class Timeline(Answer):
    """What happened, what was decided and what was raised, the newest first."""

    items: list[Entry]
    next: str | None


class ExplainedStep(Step):
    """A change of stage with the result of deciding it again."""

    effective_at: Timestamp
    reproduced: bool | None = Field(
        description="Whether folding the stored events again gives the very same decision; null for a parked customer."
    )
    agreement: str | None = Field(description="The same as a sentence, with the model that was asked again, if any.")


class Explanation(Answer):
    """A customer's story, each decision with its reason, run again and compared."""

    customer_id: str
    stage: OwnStage | None
    label: str
    since: Timestamp | None
    reproduced: bool | None = Field(description="Whether everything that was decided comes out the same again.")
    transitions: list[ExplainedStep]
    next: Next | None
    changes: list[Change]
    version: int
    as_of: Timestamp | None


class ExplainAsked(Asked):
    """Which decision to explain."""

    transition: Annotated[int | None, Field(ge=1, description="Only the transition of this number.")] = None

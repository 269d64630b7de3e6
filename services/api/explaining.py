"""A customer's story, each decision with its reason, as the API answers it."""

from services.api.answers import changes_answer, next_answer, own_stage
from services.api.entries import explained_step
from services.api.errors import UnknownTransition
from services.api.labels import STAGES, Language
from services.api.reading import Story
from services.api.schemas.timeline import Explanation
from services.api.times import stamp
from shared.domain.rhythm.silent import foreseen


def explanation_answer(story: Story, number: int | None, language: Language) -> Explanation:
    """Every decision that stands, or the one of a number, whether it stands or not. Raises UnknownTransition."""
    view, policy = story.standing.view, story.standing.policy_of(None)
    customer, stage = foreseen(view.customer, policy), own_stage(view.customer.stage)
    shown = [one for one in story.ordered if (one.retracted_at is None if number is None else one.number == number)]
    if number is not None and not shown:
        raise UnknownTransition(view.customer_id, number)
    return Explanation(
        customer_id=view.customer_id,
        stage=stage,
        label=STAGES[customer.stage].says(language),
        since=None if stage is None else stamp(customer.since),
        reproduced=story.reproduced,
        transitions=[explained_step(one, customer.currency, story.reproduces(one), language) for one in shown],
        next=next_answer(customer, policy, language),
        changes=changes_answer(customer, view.as_of, policy, language),
        version=view.version,
        as_of=None if view.as_of is None else stamp(view.as_of),
    )

"""The churn model: its refits, and what judges silence now."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.context import Context, ContextDep, LanguageDep, may_read
from services.api.model_answers import Standing, current_answer, page_answer
from services.api.schemas.models import CurrentModel, ModelPage, ModelsAsked
from shared.domain.controls import Governance
from shared.domain.rhythm.in_force import churn_change
from shared.web.waiting import reached

router = APIRouter(prefix="/v1/models", tags=["Models"], dependencies=[may_read])


@router.get("")
async def list_models(asked: Annotated[ModelsAsked, Query()], context: ContextDep, language: LanguageDep) -> ModelPage:
    """List the refits of the churn model, the newest first, refused ones too, each with its back-test."""
    before = None if asked.cursor is None else int(asked.cursor)
    found = await context.models.newest(asked.limit + 1, before)
    page = found[: asked.limit]
    following = str(page[-1].id) if len(found) > len(page) else None
    return page_answer(await _standing(context), page, following, language)


@router.get("/current")
async def current_model(context: ContextDep, language: LanguageDep) -> CurrentModel:
    """What judges silence now: the model in force with its age and its refit, or the fallback and why it speaks."""
    standing = await _standing(context)
    made = None if standing.version is None else await context.models.of(standing.version)
    newest = await context.models.newest(1)
    return current_answer(standing, made, newest[0] if newest else None, language)


async def _standing(context: Context) -> Standing:
    """What is in force. The time is read first: what governs then is among the controls."""
    at = reached(await context.queries.positions(), context.reader.partitions)
    controls = [] if at is None else await context.queries.controls(0)
    governance = Governance.of(controls)
    return Standing(
        as_of=at,
        change=None if at is None else churn_change(controls, at),
        policy=governance.books[0 if at is None else governance.applied_at(at)].policy,
    )

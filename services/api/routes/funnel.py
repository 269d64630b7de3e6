"""The funnel: heads and money by stage, heads by type, and the moves between stages."""

from fastapi import APIRouter

from services.api.context import ContextDep, LanguageDep, may_read
from services.api.heads import funnel_answer
from services.api.schemas.funnel import Funnel
from shared.web.waiting import reached

router = APIRouter(prefix="/v1/funnel", tags=["Funnel"], dependencies=[may_read])


@router.get("")
async def funnel(context: ContextDep, language: LanguageDep) -> Funnel:
    """How many customers stand where, what they usually buy, and how they have moved."""
    # The time is read first: the counts are of then or later.
    as_of = reached(await context.queries.positions(), context.reader.partitions)
    counts = await context.queries.stage_counts()
    return funnel_answer(as_of, counts, await context.queries.move_counts(), language)

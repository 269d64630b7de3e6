"""Customers: the list, one of them now or at a past instant, its cards, the timeline, and the explanation."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.api.answers import customer_answer
from services.api.context import Context, ContextDep, LanguageDep, may_read
from services.api.cursors import CustomerPlace, EntryPlace, cursor_of, place_of
from services.api.entries import timeline_entry
from services.api.errors import BadAsOf, ParkedCustomer
from services.api.explaining import explanation_answer
from services.api.measuring import CARDS, card_answer, measures_answer
from services.api.reading import Standing
from services.api.routes.paths import IdInPath, RawPathRoute
from services.api.schemas.cards import CardAnswer
from services.api.schemas.common import PageAsked
from services.api.schemas.customers import AsOfAsked, Customer, CustomerPage, CustomersAsked
from services.api.schemas.timeline import ExplainAsked, Explanation, Timeline
from services.api.timeline import page
from services.api.times import BadTime, instant_of
from shared.domain.ids import shard_of
from shared.domain.instants import Instant
from shared.domain.measures.case import Case
from shared.domain.measures.registry import Card
from shared.ports.queries import CustomerFilter

router = APIRouter(prefix="/v1/customers", tags=["Customers"], dependencies=[may_read], route_class=RawPathRoute)


@router.get("")
async def list_customers(
    asked: Annotated[CustomersAsked, Query()], context: ContextDep, language: LanguageDep
) -> CustomerPage:
    """List customers, filtered by stage, type or open alert, in a fixed order, a page at a time; without measures."""
    after = None if asked.cursor is None else place_of(asked.cursor, CustomerPlace)
    wanted = CustomerFilter(stage=asked.stage, type=asked.type, alert=asked.alert)
    place = None if after is None else (after.shard, after.customer_id)
    views = await context.queries.customers(wanted, place, asked.limit + 1)
    shown = views[: asked.limit]
    standings = await context.reader.standings(shown)
    return CustomerPage(
        items=[customer_answer(standing, language) for standing in standings],
        next=_next(shown[-1].customer_id) if len(views) > len(shown) else None,
    )


@router.get("/{customer_id:path}/timeline")
async def timeline(
    customer_id: IdInPath, asked: Annotated[PageAsked, Query()], context: ContextDep, language: LanguageDep
) -> Timeline:
    """What happened to a customer and what was decided, the newest first; what was taken back says `retracted`."""
    after = None if asked.cursor is None else place_of(asked.cursor, EntryPlace)
    view = await context.reader.view(customer_id)
    found = await page(context.queries, customer_id, after, asked.limit)
    return Timeline(
        items=[timeline_entry(told, view.customer.currency, language) for told in found.entries],
        next=None if found.last is None else cursor_of(found.last),
    )


@router.get("/{customer_id:path}/explain")
async def explain(
    customer_id: IdInPath,
    asked: Annotated[ExplainAsked, Query()],
    response: Response,
    context: ContextDep,
    language: LanguageDep,
) -> Explanation:
    """Why the customer stands where it does: every decision with its reason, run again from the stored events."""
    story = await context.reader.story(customer_id)
    _tag(response, story.standing.view.version)
    return explanation_answer(story, asked.transition, language)


def _card_route(card: Card) -> Callable[..., Awaitable[CardAnswer]]:
    async def route(
        customer_id: IdInPath,
        asked: Annotated[AsOfAsked, Query()],
        response: Response,
        context: ContextDep,
        language: LanguageDep,
    ) -> CardAnswer:
        standing, case = await context.reader.case(customer_id, _as_of(asked.as_of))
        _tag(response, standing.view.version)
        # Of a long history it takes long enough that others would wait for it.
        return await asyncio.to_thread(card_answer, card, standing, case, language)

    route.__doc__ = f"""{CARDS[card]}

    Every measure comes with its coverage and evidence; one that is unknown is null and says what is missing.
    """
    return route


for _card in CARDS:
    router.get(f"/{{customer_id:path}}/{_card}", name=f"{_card}_card")(_card_route(_card))


@router.get("/{customer_id:path}")
async def one_customer(
    customer_id: IdInPath,
    asked: Annotated[AsOfAsked, Query()],
    response: Response,
    context: ContextDep,
    language: LanguageDep,
) -> Customer:
    """Where a customer stands, why, what comes next and what would change it; now, or `as_of` a past instant.

    A past answer is what we know today of that instant: an event that arrived late counts from when it happened.
    """
    standing, case = await _found(context, customer_id, _as_of(asked.as_of))
    _tag(response, standing.view.version)
    measures = None if case is None else await asyncio.to_thread(measures_answer, Card.CUSTOMER, case, language)
    return customer_answer(standing, language, measures, detailed=True)


async def _found(context: Context, customer_id: str, as_of: Instant | None) -> tuple[Standing, Case | None]:
    """Where the customer stands; a parked one as it was known last, and nothing to measure."""
    try:
        return await context.reader.case(customer_id, as_of)
    except ParkedCustomer:
        if as_of is not None:
            raise
        return await context.reader.standing(customer_id), None


def _as_of(text: str | None) -> Instant | None:
    try:
        return None if text is None else instant_of(text)
    except BadTime as error:
        raise BadAsOf.malformed(error) from None


def _next(customer_id: str) -> str:
    return cursor_of(CustomerPlace(shard_of(customer_id), customer_id))


def _tag(response: Response, version: int) -> None:
    # Weak: figures that only tell the time since something may differ under one version.
    response.headers["ETag"] = f'W/"{version}"'

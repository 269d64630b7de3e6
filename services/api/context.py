"""What every route is handed: who asks, in which language, and what answers."""

from typing import Annotated, cast

from fastapi import Depends, Header, Request, Response
from fastapi.security import HTTPBearer
from msgspec import Struct

from services.api.acting import Desk
from services.api.labels import Language, preferred
from services.api.policies import Policies
from services.api.previewing import Previews
from services.api.reading import Reader
from shared.ports.models import KeptModels
from shared.ports.queries import ApiKey, Queries
from shared.ports.surveys import Reports
from shared.telemetry.metrics import ApiMetrics
from shared.web.auth import Guard, Scope


class Context(Struct, frozen=True, kw_only=True):
    """What answers questions; made once by `create_app`."""

    queries: Queries
    reports: Reports
    models: KeptModels
    reader: Reader
    desk: Desk
    policies: Policies
    previews: Previews
    guard: Guard
    metrics: ApiMetrics


# Only tells the OpenAPI document: `Guard` reads the header.
_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="A key made by `lifestage keys create`.")


def _context(request: Request) -> Context:
    return cast(Context, request.app.state.context)


ContextDep = Annotated[Context, Depends(_context)]


async def _may_read(request: Request, context: ContextDep, _: Annotated[object, Depends(_bearer)]) -> ApiKey:
    return await context.guard.admit(request.headers.get("authorization"), Scope.READ)


async def _may_manage(request: Request, context: ContextDep, _: Annotated[object, Depends(_bearer)]) -> ApiKey:
    return await context.guard.admit(request.headers.get("authorization"), Scope.MANAGE)


may_read = Depends(_may_read)
may_manage = Depends(_may_manage)
ManagerDep = Annotated[ApiKey, Depends(_may_manage)]


def _language(
    response: Response,
    accept_language: Annotated[
        str | None, Header(description="`zh` for labels and texts in Chinese; else they are in English.")
    ] = None,
) -> Language:
    language = preferred(accept_language)
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return language


LanguageDep = Annotated[Language, Depends(_language)]

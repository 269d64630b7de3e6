"""Policies: what can be set, which versions there are, new ones, and what a change would do."""

from re import fullmatch, search
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, HTTPException, Path, Query, Response
from fastapi.routing import APIRoute
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from services.api.context import Context, ContextDep, LanguageDep, ManagerDep, may_manage
from services.api.errors import BadEffectiveAt
from services.api.policies import Register, Wanted
from services.api.policy_answers import diff_answer, fields_answer, page_answer, policy_answer, preview_answer
from services.api.schemas.policies import (
    NUMBER,
    BackAsked,
    ChangeAsked,
    DiffAsked,
    PoliciesAsked,
    Policy,
    PolicyDiff,
    PolicyFields,
    PolicyPage,
    PolicyPreview,
    PreviewAsked,
)
from services.api.times import BadTime, instant_of
from shared.domain.instants import Instant
from shared.domain.policies import Version

_VERSION: Final = rf"{NUMBER}|^current$|^newest$"


class VersionRoute(APIRoute):
    """A route that serves versions alone, so that `back` is none, and that knows what else its address can do."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether this route serves an address."""
        match, child = super().matches(scope)
        version = child.get("path_params", {}).get("version")
        return (Match.NONE, {}) if version is not None and not search(_VERSION, version) else (match, child)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; one of another method learns of every method that there is."""
        if scope["method"] not in (self.methods or ()):
            beside = [route for route in router.routes if isinstance(route, APIRoute) and route.path == self.path]
            methods = {method for route in beside for method in route.methods or ()}
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(methods))})
        await super().handle(scope, receive, send)


router = APIRouter(prefix="/v1/policies", tags=["Policies"], dependencies=[may_manage], route_class=VersionRoute)

VersionInPath = Annotated[
    str,
    Path(
        pattern=_VERSION,
        description="A version's number; `current` is the one in force, `newest` the one that changes build on.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The `ETag` of the version that the change builds on, in place of `based_on`.",
        json_schema_extra={"pattern": r'^"[1-9]\d{0,8}"$'},
    ),
]
PENDING: Final[dict[int | str, dict[str, Any]]] = {
    202: {
        "model": Policy,
        "description": "The log has it; the partitions in `pending` have not taken it in yet, and will.",
    }
}


@router.get("")
async def list_policies(
    asked: Annotated[PoliciesAsked, Query()], context: ContextDep, language: LanguageDep
) -> PolicyPage:
    """List the versions of the policy, the newest first, each with what it changed."""
    return page_answer(
        await context.policies.register(), None if asked.cursor is None else int(asked.cursor), asked.limit
    )


@router.get("/fields")
async def policy_fields(context: ContextDep, language: LanguageDep) -> PolicyFields:
    """Every field that can be set: what it means, its unit, range, default and sources, and what it holds now."""
    return fields_answer(await context.policies.register())


@router.get("/{version}")
async def one_policy(version: VersionInPath, response: Response, context: ContextDep, language: LanguageDep) -> Policy:
    """A version with all its values. Its `ETag` is what a change that builds on it sends as `If-Match`."""
    register = await context.policies.register()
    return _answered(register, register.version(_number(version, register)), response)


@router.get("/{version}/diff")
async def policy_diff(
    version: VersionInPath, asked: Annotated[DiffAsked, Query()], context: ContextDep, language: LanguageDep
) -> PolicyDiff:
    """What differs between a version and another one."""
    register = await context.policies.register()
    return diff_answer(register, _number(version, register), asked.against)


@router.post("", responses=PENDING)
async def change_policy(
    asked: ChangeAsked,
    key: ManagerDep,
    response: Response,
    context: ContextDep,
    language: LanguageDep,
    if_match: IfMatch = None,
) -> Policy:
    """Make a new version from changes of the newest one; it takes effect everywhere at one instant.

    Every field that is wrong is named at once. Somebody else may have changed the policy meanwhile: then the version
    that this change builds on is not the newest any more, and nothing is done.
    """
    wanted = Wanted(changes=asked.changes, effective_at=_instant(asked.effective_at), actor=key.name, note=asked.note)
    return await _issued(wanted, asked.based_on, if_match, response, context)


@router.post("/back", responses=PENDING)
async def go_back(
    asked: BackAsked,
    key: ManagerDep,
    response: Response,
    context: ContextDep,
    language: LanguageDep,
    if_match: IfMatch = None,
) -> Policy:
    """Make an older version govern again, as a new version. Without a base it goes back whatever the newest is."""
    wanted = Wanted(changes=asked.version, effective_at=_instant(asked.effective_at), actor=key.name, note=asked.note)
    return await _issued(wanted, asked.based_on, if_match, response, context)


@router.post("/preview")
async def preview_policy(asked: PreviewAsked, context: ContextDep, language: LanguageDep) -> PolicyPreview:
    """What a change would do to all customers, without doing it.

    Everybody is folded with and without the change, up to a horizon, as though nothing but silence were to come. A
    customer counts as moved when its stage would ever be another one; an alert that the change brings forward or puts
    off counts as raised and as withdrawn. One preview is worked out at a time.
    """
    register = await context.policies.register()
    changes = asked.version if asked.changes is None else asked.changes
    assert changes is not None, "the schema sees to it"
    change = context.policies.draft(register, Wanted(changes=changes, effective_at=_instant(asked.effective_at)))
    question = register.question(change, asked.horizon_days, asked.limit)
    return preview_answer(register, question, await context.previews.preview(question), language)


async def _issued(
    wanted: Wanted, based_on: int | None, if_match: str | None, response: Response, context: Context
) -> Policy:
    register, version = await context.policies.issue(wanted, based_on if if_match is None else _tagged(if_match))
    if register.pending(version):
        response.status_code = 202
    return _answered(register, version, response)


def _answered(register: Register, version: Version, response: Response) -> Policy:
    response.headers["ETag"] = f'"{version.number}"'
    return policy_answer(register, version)


def _number(text: str, register: Register) -> int:
    named = {"current": register.in_force, "newest": register.newest}
    return named[text] if text in named else int(text)


def _tagged(if_match: str) -> int | None:
    """The version that an `If-Match` names; what is no `ETag` of ours names none."""
    number = if_match.strip().removeprefix("W/").strip('"')
    return int(number) if fullmatch(NUMBER, number) else None


def _instant(text: str | None) -> Instant | None:
    try:
        return None if text is None else instant_of(text)
    except BadTime as error:
        raise BadEffectiveAt(f"effective_at: {error}") from None

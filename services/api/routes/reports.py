"""The reports on all customers, from the newest survey, and the ledger, which is read live."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import StreamingResponse

from services.api import money_reports, reports
from services.api.context import ContextDep, LanguageDep, may_read
from services.api.cursors import CustomerPlace, cursor_of, place_of
from services.api.errors import NoSurvey
from services.api.ledger import CSV_PAGE, LedgerBook
from services.api.schemas import money_reports as money_schemas
from services.api.schemas import reports as schemas
from services.api.schemas.ledger import LedgerAsked, LedgerPage
from shared.ports.queries import CustomerFilter
from shared.ports.surveys import StoredSurvey

router = APIRouter(prefix="/v1", tags=["Reports"], dependencies=[may_read])


async def _newest(context: ContextDep) -> StoredSurvey:
    stored = await context.reports.newest()
    if stored is None:
        raise NoSurvey
    return stored


SurveyDep = Annotated[StoredSurvey, Depends(_newest)]


@router.get("/reports/transitions")
async def report_transitions(stored: SurveyDep, language: LanguageDep) -> schemas.TransitionsReport:
    """How customers move between stages, in heads and margin, by tier and by course; and how sleepers wake."""
    return reports.transitions_report(stored, language)


@router.get("/reports/retention")
async def report_retention(stored: SurveyDep, language: LanguageDep) -> schemas.RetentionReport:
    """Who was acquired, retained, reactivated and lost by period; the retention rate; who comes a second time."""
    return reports.retention_report(stored, language)


@router.get("/reports/conversion")
async def report_conversion(stored: SurveyDep, language: LanguageDep) -> schemas.ConversionReport:
    """From target to prospect to customer by channel, region, industry, level and more."""
    return reports.conversion_report(stored, language)


@router.get("/reports/value")
async def report_value(stored: SurveyDep, language: LanguageDep) -> money_schemas.ValueReport:
    """The true shares behind 20/80/30, tiers by stage, and where money is spent and earned."""
    return money_reports.value_report(stored, language)


@router.get("/reports/word-of-mouth")
async def report_word_of_mouth(stored: SurveyDep, language: LanguageDep) -> schemas.WordOfMouthReport:
    """Praise, complaints and referrals per hundred occasions by month, and whether one of them explodes."""
    return reports.mouth_report(stored, language)


@router.get("/reports/investment")
async def report_investment(stored: SurveyDep, language: LanguageDep) -> money_schemas.InvestmentReport:
    """What touches cost in one window against how volume changes in the next, by stage and action."""
    return money_reports.investment_report(stored, language)


@router.get("/reports/checks")
async def report_checks(stored: SurveyDep, language: LanguageDep) -> money_schemas.ChecksReport:
    """Statements of the theory, held against the customers themselves."""
    return money_reports.checks_report(stored, language)


@router.get("/reports/alerts")
async def report_alerts(stored: SurveyDep, language: LanguageDep) -> schemas.AlertsReport:
    """How the alerts of each rule turned out, and how often they were right."""
    return reports.alerts_report(stored, language)


@router.get("/reports/ledger")
async def report_ledger(stored: SurveyDep, language: LanguageDep) -> schemas.LedgerReport:
    """Customers, purchases, amounts and receivables by industry, region and last product."""
    return reports.ledger_report(stored, language)


CSV: Final = "text/csv"
EXAMPLE: Final = (
    "customer_id,stage,type,industry,region,level,owner,last_product,last_bought_at,purchases,occasions,amount,"
    "currency,receivables\r\nanna,exploration,new,food,north,,eva,tea,2026-01-31T18:40:00Z,3,3,67.40,USD,25.00 USD\r\n"
)
TABLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {CSV: {"schema": {"type": "string"}, "example": EXAMPLE}}}
}


@router.get("/ledger", response_model=LedgerPage, responses=TABLE)
async def ledger(
    asked: Annotated[LedgerAsked, Query()],
    context: ContextDep,
    language: LanguageDep,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> LedgerPage | StreamingResponse:
    """Customers with industry, region, what they bought last and when, and what they owe; as a list or a table.

    The table, `text/csv`, holds everything from the cursor on.
    """
    place = None if asked.cursor is None else place_of(asked.cursor, CustomerPlace)
    after = None if place is None else (place.shard, place.customer_id)
    wanted = CustomerFilter(stage=asked.stage, type=asked.type)
    book = LedgerBook(context.queries, context.reader, context.reports, language)
    if asked.format == "csv" or (asked.format is None and CSV in (accept or "")):
        first = await book.page(wanted, after, CSV_PAGE)
        return StreamingResponse(book.table(wanted, first), media_type=CSV)
    found = await book.page(wanted, after, asked.limit)
    return LedgerPage(items=found.entries, next=None if found.after is None else cursor_of(CustomerPlace(*found.after)))

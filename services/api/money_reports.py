"""The reports on money, from a stored survey: value, investment, and the theory's self-checks."""

from services.api.answers import own_stage
from services.api.labels import STAGES, Language
from services.api.money import money_answer
from services.api.report_labels import CHECKS, TIERS, check_text
from services.api.reports import head, rounded, tier_heads
from services.api.schemas import money_reports as schemas
from services.api.schemas.common import Money
from shared.domain.money import decimals
from shared.domain.survey import worth
from shared.domain.survey.checks import MONEY, Check
from shared.domain.survey.investing import Response
from shared.ports.surveys import StoredSurvey


def cash(minor: float, currency: str) -> Money:
    """An amount that is known."""
    money = money_answer(minor, currency)
    assert money is not None  # amounts are stored in currencies that we know
    return money


def value_report(stored: StoredSurvey, language: Language) -> schemas.ValueReport:
    """004-4, 004-5, 002-25, 004-22."""
    found = stored.survey.worth
    return schemas.ValueReport(
        **head(stored),
        buyers=found.customers,
        unknown=found.unknown,
        pareto=[_pareto(pareto) for pareto in found.pareto],
        tiers=[tier_heads(part, language) for part in found.tiers],
        matrix=[
            schemas.StageTiers(
                stage=row.stage,
                label=STAGES[row.stage].says(language),
                tiers=[tier_heads(part, language) for part in row.tiers],
            )
            for row in found.matrix
        ],
        by_stage=[_stage(money, language) for money in found.by_stage],
        service=[_service(service, language) for service in found.service],
    )


def investment_report(stored: StoredSurvey, language: Language) -> schemas.InvestmentReport:
    """002-2."""
    return schemas.InvestmentReport(
        **head(stored), rows=[_row(response, language) for response in stored.survey.investing]
    )


def checks_report(stored: StoredSurvey, language: Language) -> schemas.ChecksReport:
    """002-18, 004-17 and the other statements that the customers themselves can prove or disprove."""
    return schemas.ChecksReport(**head(stored), checks=[_check(check, language) for check in stored.survey.checks])


def _pareto(pareto: worth.Pareto) -> schemas.Pareto:
    return schemas.Pareto(
        customers=pareto.customers,
        profit=cash(pareto.profit, pareto.currency),
        top_share=pareto.top_share,
        top_profit=rounded(pareto.top_profit),
        worst_share=pareto.worst_share,
        worst_profit=rounded(pareto.worst_profit),
        profit_without_c=cash(pareto.profit_without_c, pareto.currency),
        tier_a=money_answer(pareto.a, pareto.currency),
        tier_c=money_answer(pareto.c, pareto.currency),
    )


def _stage(money: worth.StageMoney, language: Language) -> schemas.StageMoney:
    return schemas.StageMoney(
        stage=own_stage(money.stage),
        label=STAGES[money.stage].says(language),
        spend=cash(money.spend, money.currency),
        margin=cash(money.margin, money.currency),
        spend_share=rounded(money.spend_share),
        margin_share=rounded(money.margin_share),
    )


def _service(service: worth.Service, language: Language) -> schemas.TierService:
    return schemas.TierService(
        tier=service.tier,
        label=TIERS[service.tier].says(language),
        heads=service.heads,
        cost=cash(service.cost, service.currency),
        margin=cash(service.margin, service.currency),
        per_head=cash(service.per_head, service.currency),
        ratio=rounded(service.ratio),
    )


def _row(response: Response, language: Language) -> schemas.InvestmentRow:
    return schemas.InvestmentRow(
        stage=own_stage(response.stage),
        stage_label=STAGES[response.stage].says(language),
        action=response.action,
        windows=response.windows,
        cost=cash(response.cost, response.currency),
        change=cash(response.change, response.currency),
        ratio=rounded(response.ratio),
    )


def _check(check: Check, language: Language) -> schemas.Check:
    unit = 10 ** decimals(check.currency) if check.currency is not None and check.code in MONEY else 1
    values = {name: None if value is None else value / unit for name, value in check.values.items()}
    return schemas.Check(
        code=check.code,
        concept=check.concept,
        label=CHECKS[check.code].says(language),
        holds=check.holds,
        text=check_text(check, language),
        values={name: rounded(value) for name, value in values.items()},
        currency=check.currency,
    )

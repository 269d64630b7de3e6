"""The reports as the API answers them, from a stored survey: courses of customers, and what was done with alerts."""

from typing import Any

from services.api.labels import KINDS, STAGES, Language
from services.api.money import moneys_answer
from services.api.report_labels import DIMENSIONS, PATHS, SAID, TIERS, VOICES, WAKE_CAUSES, mouth_text
from services.api.schemas import reports as schemas
from services.api.schemas.common import Money
from services.api.times import stamp
from shared.domain.survey import keeping, moves, winning
from shared.domain.survey.alarms import Rule
from shared.domain.survey.groups import UNKNOWN
from shared.domain.survey.ledger import Account
from shared.domain.survey.mouth import Curve
from shared.domain.survey.tiers import Amounts, TierPart
from shared.ports.surveys import StoredSurvey


def head(stored: StoredSurvey) -> dict[str, Any]:
    """What every report begins with."""
    survey = stored.survey
    return {
        "as_of": stamp(survey.as_of),
        "made_at": stamp(stored.made_at),
        "policy": survey.policy,
        "surveyed": survey.customers,
    }


def moneys(amounts: Amounts) -> list[Money]:
    """Amounts by currency, which are never added up."""
    return moneys_answer([(minor, currency) for currency, minor in sorted(amounts.items())])


def rounded(number: float | None, places: int = 4) -> float | None:
    """A share or ratio, short enough to read."""
    return None if number is None else round(number, places)


def word(value: str) -> str | None:
    """The word of a group; None for those of whom it is not known."""
    return None if value == UNKNOWN else value


def tier_heads(part: TierPart, language: Language) -> schemas.TierHeads:
    """Customers of a tier."""
    return schemas.TierHeads(
        tier=part.tier, label=TIERS[part.tier].says(language), heads=part.heads, margin=moneys(part.margin)
    )


def transitions_report(stored: StoredSurvey, language: Language) -> schemas.TransitionsReport:
    """001-7, 004-11: the matrix, the courses, the wakings."""
    found = stored.survey.moves
    return schemas.TransitionsReport(
        **head(stored),
        moves=[_move(move, language) for move in sorted(found.moves, key=_place)],
        paths=[_path(part, language) for part in found.paths],
        wakes=schemas.Wakes(
            dormancies=found.dormancies,
            woken=found.woken,
            rate=rounded(found.wake_rate),
            median_days=rounded(found.wake_days, 3),
            causes=[
                schemas.WakeCause(
                    cause=one.cause,
                    label=WAKE_CAUSES[one.cause].says(language),
                    count=one.count,
                    median_days=rounded(one.median_days, 3),
                )
                for one in found.causes
            ],
        ),
    )


def retention_report(stored: StoredSurvey, language: Language) -> schemas.RetentionReport:
    """001-17, 000-1, 003-2, 000-6, 001-16; the frame of the whole theory comes down to it (004-24)."""
    found = stored.survey.keeping
    return schemas.RetentionReport(
        **head(stored),
        months=found.months,
        periods=[_period(period) for period in found.periods],
        retention_rate=schemas.RetentionRate(
            **_reach(found.reach),
            occasions=found.occasions,
            days=found.days,
            by_line=[schemas.LineReach(line=line, **_reach(reach)) for line, reach in found.by_line.items()],
        ),
        own_window=schemas.Reach(**_reach(found.own_window)),
        second_purchase=schemas.SecondRate(
            **_second(found.second),
            within_days=found.second_days,
            by_said=[
                schemas.SecondBySaying(**_second(second), said=said, label=SAID[said].says(language))
                for said, second in found.second_by.items()
            ],
        ),
        data_yield=schemas.DataYield(actions=found.actions, within_days=found.yield_days, margin=moneys(found.yielded)),
    )


def conversion_report(stored: StoredSurvey, language: Language) -> schemas.ConversionReport:
    """002-7, 002-19, 001-10."""
    found = stored.survey.winning
    return schemas.ConversionReport(
        **head(stored),
        everybody=_conversion(found.everybody),
        by=[
            schemas.ConversionBy(
                dimension=dimension,
                label=DIMENSIONS[dimension].says(language),
                groups=[_conversion(won) for won in groups],
            )
            for dimension, groups in found.by.items()
        ],
    )


def mouth_report(stored: StoredSurvey, language: Language) -> schemas.WordOfMouthReport:
    """004-6."""
    return schemas.WordOfMouthReport(**head(stored), curves=[_curve(curve, language) for curve in stored.survey.mouth])


def alerts_report(stored: StoredSurvey, language: Language) -> schemas.AlertsReport:
    """How the alerts of each rule turned out."""
    return schemas.AlertsReport(
        **head(stored),
        bought_within_days=stored.survey.alarms.days,
        rules=[_rule(rule, language) for rule in stored.survey.alarms.rules],
    )


def ledger_report(stored: StoredSurvey, language: Language) -> schemas.LedgerReport:
    """004-14: the ledger in counts."""
    return schemas.LedgerReport(
        **head(stored),
        by=[
            schemas.LedgerBy(
                dimension=dimension,
                label=DIMENSIONS[dimension].says(language),
                groups=[_account(account) for account in accounts],
            )
            for dimension, accounts in stored.survey.ledger.items()
        ],
    )


def _place(move: moves.Move) -> tuple[int, int]:
    order = list(STAGES)
    return order.index(move.source), order.index(move.target)


def _move(move: moves.Move, language: Language) -> schemas.MatrixMove:
    return schemas.MatrixMove(
        source=move.source,
        source_label=STAGES[move.source].says(language),
        target=move.target,
        target_label=STAGES[move.target].says(language),
        heads=move.heads,
        margin=moneys(move.margin),
        by_tier=[tier_heads(part, language) for part in move.by_tier],
        by_path=[_path(part, language) for part in move.by_path],
    )


def _path(part: moves.PathPart, language: Language) -> schemas.PathHeads:
    return schemas.PathHeads(
        path=part.path, label=PATHS[part.path].says(language), heads=part.heads, margin=moneys(part.margin)
    )


def _period(period: keeping.Period) -> schemas.RetentionPeriod:
    return schemas.RetentionPeriod(
        period=period.period,
        complete=period.complete,
        acquired=_part(period.acquired),
        retained=_part(period.retained),
        reactivated=_part(period.reactivated),
        lost=_part(period.lost),
        rate=rounded(period.rate),
    )


def _part(part: keeping.Part) -> schemas.PeriodPart:
    return schemas.PeriodPart(heads=part.heads, money=moneys(part.money))


def _reach(reach: keeping.Reach) -> dict[str, Any]:
    return {"customers": reach.customers, "reached": reach.reached, "rate": rounded(reach.rate)}


def _second(second: keeping.Second) -> dict[str, Any]:
    days = rounded(second.median_days, 3)
    return {"first": second.first, "second": second.second, "rate": rounded(second.rate), "median_days": days}


def _conversion(won: winning.Won) -> schemas.Conversion:
    return schemas.Conversion(
        value=word(won.value),
        targets=won.targets,
        prospects=won.prospects,
        customers=won.customers,
        asked_rate=rounded(won.asked_rate),
        won_rate=rounded(won.won_rate),
    )


def _curve(curve: Curve, language: Language) -> schemas.MouthCurve:
    return schemas.MouthCurve(
        voice=curve.voice,
        label=VOICES[curve.voice].says(language),
        exploding=curve.exploding,
        text=mouth_text(curve.voice, curve.exploding, language),
        points=[
            schemas.MouthPoint(
                month=point.month,
                complete=point.complete,
                count=point.count,
                occasions=point.occasions,
                rate=rounded(point.rate),
                smoothed=rounded(point.smoothed),
                growth=rounded(point.growth),
            )
            for point in curve.points
        ],
    )


def _rule(rule: Rule, language: Language) -> schemas.AlertRule:
    return schemas.AlertRule.model_validate(
        {
            "kind": rule.kind,
            "label": KINDS[rule.kind].says(language),
            "raised": rule.raised,
            "muted": rule.muted,
            "withdrawn": rule.withdrawn,
            "acknowledged": rule.acknowledged,
            "resolved": rule.resolved,
            "judged": rule.judged,
            "bought": rule.bought,
            "right": rule.right,
            "precision": rounded(rule.precision),
        }
    )


def _account(account: Account) -> schemas.LedgerGroup:
    return schemas.LedgerGroup(
        value=word(account.value),
        customers=account.customers,
        purchases=account.purchases,
        amount=moneys(account.amount),
        receivables=moneys(account.receivables),
    )

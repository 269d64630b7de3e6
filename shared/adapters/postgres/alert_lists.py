"""Alerts as PostgreSQL lists and ranks them, each list in the order of an index."""

from collections.abc import Sequence
from typing import Any, Final

from shared.adapters.postgres.tables import OPEN
from shared.domain.alerts import OPEN as OPEN_STATUSES
from shared.domain.alerts import SEVERITIES
from shared.domain.ids import shard_of
from shared.ports.queries import AlertFilter, PlacedAlert

# The first parameter of these is the number of partitions, by which a shard tells its partition.
VIEW: Final = """
    SELECT alert.id, alert.customer_id, alert.level, alert.currency, alert.body,
        greatest(customer.newest_at, position.stream_time)
    FROM alert
    LEFT JOIN customer ON customer.shard = alert.shard AND customer.customer_id = alert.customer_id
    LEFT JOIN position ON position.partition = alert.shard * $1::integer / 256
"""

ONE: Final = f"{VIEW} WHERE alert.shard = $2 AND alert.id = $3 AND alert.status <> 'held'"

OF_CUSTOMER: Final = f"""{VIEW}
    WHERE alert.shard = $2 AND alert.customer_id = $3 AND alert.status <> 'held'
    ORDER BY alert.effective_at, alert.kind, alert.id
"""

WANTED: Final = """
    WHERE alert.status = ANY ($2::text[]) AND alert.status <> 'held'
        AND ($3::text IS NULL OR alert.kind = $3) AND ($4::smallint IS NULL OR alert.severity = $4)
        AND ($5::text IS NULL OR (alert.shard = $6::smallint AND alert.customer_id = $5))
        AND ($7::text IS NULL OR alert.risk_currency = $7)
"""

BY_URGENCY: Final = f"""{VIEW} {WANTED}
        AND ($8::smallint IS NULL OR
            (alert.severity, alert.worth, alert.effective_at, alert.id)
                < ($8, $9::bigint, $10::timestamptz, $11::text))
    ORDER BY alert.severity DESC, alert.worth DESC, alert.effective_at DESC, alert.id DESC LIMIT $12
"""

VALUE_ORDER: Final = """
    alert.value_at_risk DESC, alert.severity DESC, alert.worth DESC, alert.effective_at DESC, alert.id DESC
"""

BY_VALUE: Final = f"""{VIEW} {WANTED}
        AND ($8::text IS NULL OR
            (alert.risk_currency, alert.value_at_risk, alert.severity, alert.worth, alert.effective_at, alert.id)
                < ($8, $9::bigint, $10::smallint, $11::bigint, $12::timestamptz, $13::text))
    ORDER BY alert.risk_currency DESC, {VALUE_ORDER} LIMIT $14
"""

# One walk through the index of each currency, from its largest value down to the least that is asked for, and no
# further than ranks go: a walk through all open alerts would make every list slow.
RANKS: Final = f"""
    SELECT ranked.id, ranked.rank
    FROM unnest($1::text[], $2::bigint[]) AS wanted (currency, least)
    CROSS JOIN LATERAL (
        SELECT alert.id, row_number() OVER (ORDER BY {VALUE_ORDER}) AS rank FROM alert
        WHERE alert.{OPEN} AND alert.risk_currency = wanted.currency AND alert.value_at_risk >= wanted.least
        ORDER BY {VALUE_ORDER} LIMIT $4
    ) AS ranked
    WHERE ranked.id = ANY ($3::text[])
"""


def given(wanted: AlertFilter) -> tuple[Any, ...]:
    """The parameters of a filter: statuses, kind, severity, customer_id, its shard, currency."""
    of = wanted.customer_id
    return (
        wanted.statuses,
        wanted.kind,
        None if wanted.severity is None else SEVERITIES.index(wanted.severity),
        of,
        None if of is None else shard_of(of),
        wanted.currency,
    )


def least_of(alerts: Sequence[PlacedAlert]) -> list[tuple[str, int]]:
    """(currency, the least value at risk) of the open ones among these."""
    least: dict[str, int] = {}
    for placed in alerts:
        currency, value = placed.alert.evidence.at_risk
        if currency and placed.alert.status in OPEN_STATUSES:
            least[currency] = min(value, least.get(currency, value))
    return sorted(least.items())

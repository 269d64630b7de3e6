"""The facts behind an alert, as they were at its instant."""

from shared.domain.alerts import Evidence
from shared.domain.draft import Draft
from shared.domain.instants import DAY, Instant, local_day
from shared.domain.opinions import satisfaction
from shared.domain.rhythm import last_purchase, window
from shared.domain.volume import level, trend, volumes


def evidence(draft: Draft, at: Instant, *event_ids: str) -> Evidence:
    """What is known of a customer at an instant that bears on whether it is leaving."""
    customer, policy = draft.customer, draft.policy
    last, day, length = last_purchase(customer), local_day(at, policy.time_zone), window(customer, policy)
    now, before = volumes(customer, day, length, 2)
    return Evidence(
        event_ids=event_ids,
        silence_days=None if last is None else round((at - last) / DAY, 3),
        long_gap_days=round(customer.long_gap, 3),
        satisfaction=satisfaction(customer),
        volume=now,
        volume_before=before,
        trend=trend(customer, day, policy),
        level=level(customer),
        currency=customer.currency,
    )

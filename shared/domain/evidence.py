"""The facts behind an alert, as they were at its instant."""

from msgspec.structs import replace

from shared.domain.alerts import Evidence
from shared.domain.at_risk import Odds, with_odds
from shared.domain.decisions import Guard
from shared.domain.draft import Draft
from shared.domain.instants import DAY, Instant, local_day
from shared.domain.opinions import satisfaction
from shared.domain.reasons import mode_of, reason_of
from shared.domain.rhythm.gaps import last_purchase, window
from shared.domain.rhythm.silent import risk
from shared.domain.volume import level, trend, volumes


def evidence(draft: Draft, at: Instant, *event_ids: str) -> Evidence:
    """What is known of a customer at an instant that bears on whether it is leaving."""
    customer, policy = draft.customer, draft.policy
    last, day, length = last_purchase(customer), local_day(at, policy.time_zone), window(customer, policy)
    now, before = volumes(customer, day, length, 2)
    found = Evidence(
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
    chance = risk(customer, at, policy)
    return found if chance is None else with_odds(found, customer, Odds(chance, policy.churn_horizon_days), policy)


def why(draft: Draft, at: Instant, wallet: Guard | None = None, event_id: str | None = None) -> tuple[str, Evidence]:
    """The reason code of an alert, and the facts behind it; `wallet` is what was found of its own total business."""
    code, told = reason_of(draft.customer, at, draft.policy)
    event_ids = tuple(dict.fromkeys((*(() if event_id is None else (event_id,)), *told)))
    found = evidence(draft, at, *event_ids)
    checked = None if wallet is None else wallet.value is not None and wallet.threshold is not None
    return code.value, replace(found, mode=mode_of(draft.customer), wallet_checked=checked)

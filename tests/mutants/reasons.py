"""Why some mutants may survive: the module, the line as it is, the line as it was changed, and the reason."""

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[tuple[str, str, str], str]] = {
    (
        "shared/domain/measures/advocacy.py",
        "return known((converted.number or 0) >= case.policy.advocate_referrals, evidence=converted.evidence)",
        "return known((converted.number or -1) >= case.policy.advocate_referrals, evidence=converted.evidence)",
    ): "neither none nor less than none reaches a threshold, which is one at least",
    (
        "shared/domain/measures/choosing.py",
        "moved = None if older is None or newer is None else (newer < older if falling else newer > older)",
        "moved = None if older is None and newer is None else (newer < older if falling else newer > older)",
    ): "both halves are known, or neither is",
    (
        "shared/domain/measures/cycle.py",
        "return next((one.effective_at for one in moves), Instant(0))",
        "return next((one.effective_at for one in moves), Instant( 1))",
    ): "the first microsecond of 1970 and the second are before everything",
    (
        "shared/domain/measures/growth.py",
        'return "stagnant" if stagnant(state, newest.deals[-1].at, policy) else "open"',
        'return "stagnant" if stagnant(state, newest.deals[- 0].at, policy) else "open"',
    ): "the deals of an occasion are of one day, and growth is told by days",
    (
        "shared/domain/measures/deals.py",
        "if rest <= 0:",
        "if rest == 0:",
    ): "what is left of a refund is never less than nothing",
    (
        "shared/domain/measures/deals.py",
        "if rest <= 0:",
        "if rest <= -1:",
    ): "nothing left takes nothing of the deals before",
    (
        "shared/domain/money.py",
        "_WIDE: Final = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, Overflow])",
        "_WIDE: Final = Context(prec= 59, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, Overflow])",
    ): "an amount has 16 digits at most and a rate 17: far fewer than either",
    (
        "shared/domain/occasions.py",
        "customer.last_gap_r = r_of(newest[0] - before[0], customer, policy) if known else None",
        "customer.last_gap_r = r_of(newest[ -1] - before[0], customer, policy) if known else None",
    ): "there is one newest instant: the first of it is the last",
    (
        "shared/domain/silence.py",
        "found.append(Deadline(due(max(0, pledge.ends_at - policy.notice_days * DAY)), Due.EXPIRES, place))",
        "found.append(Deadline(due(max( -1, pledge.ends_at - policy.notice_days * DAY)), Due.EXPIRES, place))",
    ): "due times are rounded up to a second: both are the beginning of 1970",
    (
        "shared/domain/survey/sketch.py",
        "return far if value > 0 else -far",
        "return far if value >= 0 else -far",
    ): "what lies around 0 has been told before",
    (
        "shared/domain/survey/winning.py",
        "least = max(1, self._policy.report_group_customers)",
        "least = max( 0, self._policy.report_group_customers)",
    ): "the policy asks for one at least",
    (
        "shared/domain/volume.py",
        "return 1.0 if usual <= 0 else min(1.0, now / usual)",
        "return 1.0 if usual == 0 else min(1.0, now / usual)",
    ): "volumes are net amounts of days, and none is below 0",
}
"""By the path of the module and the two lines, without their indents."""

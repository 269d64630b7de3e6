"""The thresholds of how loyal a customer is."""

from typing import Annotated, Final

from shared.domain.thresholds.signs import SignThresholds
from shared.domain.thresholds.units import Count, Days, Positive, Share, Signed, says

YEAR: Final = 365.0


class LoyaltyThresholds(SignThresholds, frozen=True, kw_only=True):
    """How buying is read, what binds, what is held against it, and how it adds up to loyalty."""

    # The window by product: how long to look, and how often is often.
    retention_days: Annotated[
        Days, says("the period that purchases are counted in, for categories without one (P)", "003-2", "003-7")
    ] = YEAR
    retention_count: Annotated[
        Count, says("purchase days in the period that make a customer retained (k)", "003-2")
    ] = 2
    durable_days: Annotated[Days, says("the period of the category `durable`", "003-7")] = 3 * YEAR
    monthly_days: Annotated[
        Days, says("the period of the categories `consumer_goods`, `bank` and `restaurant`", "003-7")
    ] = 30.0
    breadth_days: Annotated[Days, says("categories bought within this count (B)", "Primitives: B", "003-8")] = YEAR

    # Kinds of buying.
    trial_share: Annotated[
        Share, says("at most this share of the median first order makes an order a trial", "000-3")
    ] = 0.5
    routine_variation: Annotated[Positive, says("how irregular gaps may be in a routine (CV)", "000-11")] = 0.4
    routine_gaps: Annotated[Count, says("gaps that a routine asks for", "000-11")] = 4

    # Rivals, shocks, and what is forgiven.
    rival_windows: Annotated[Count, says("windows over which talk of rivals is counted", "003-14")] = 2
    price_rise_percent: Annotated[
        Positive, says("a price rise of at least so many percent is a shock", "000-15", "003-11")
    ] = 1.0
    price_rise_gaps: Annotated[
        Positive, says("median gaps before and after a price rise over which buying is compared", "003-11")
    ] = 2.0
    shock_gaps: Annotated[Positive, says("median gaps within which a purchase stands up to a shock", "000-15")] = 1.0
    tolerance_tolerant: Annotated[Share, says("tolerance of who complains and claims nothing", "003-13")] = 1.0
    tolerance_negotiated: Annotated[Share, says("tolerance of who seeks a common solution", "003-13")] = 0.7
    tolerance_compensation: Annotated[Share, says("tolerance of who wants to be compensated", "003-13")] = 0.3
    tolerance_legal: Annotated[Share, says("tolerance of who goes to law", "003-13")] = 0.0

    # Lock-in.
    lock_in_contract: Annotated[Share, says("weight of contracts with a penalty in lock-in", "004-18")] = 0.3
    lock_in_reward: Annotated[Share, says("weight of a reward balance in lock-in", "004-18")] = 0.2
    lock_in_bundle: Annotated[Share, says("weight of a bundle or exclusive contract in lock-in", "004-18")] = 0.2
    lock_in_learning: Annotated[Share, says("weight of integration and training in lock-in", "004-18")] = 0.3
    lock_in_contract_days: Annotated[
        Days, says("a contract with a penalty that runs on for this long binds in full", "004-18")
    ] = YEAR
    lock_in_reward_orders: Annotated[
        Positive, says("a reward balance worth so many median orders binds in full", "004-18")
    ] = 1.0
    spurious_lock_in: Annotated[Share, says("from this lock-in on loyalty can be spurious", "000-13")] = 0.5
    spurious_satisfaction: Annotated[Signed, says("below this satisfaction loyalty can be spurious", "000-13")] = 0.0
    dependence_categories: Annotated[Count, says("categories that make dependence as wide as it gets", "002-10")] = 3
    cross_sell_categories: Annotated[
        Count, says("up to so many categories a stable customer is one to cross-sell to", "002-22")
    ] = 2

    # Advocacy, fairness and the ladder.
    advocate_referrals: Annotated[Count, says("converted referrals that make an advocate", "000-16")] = 1
    earned_trust_occasions: Annotated[Count, says("purchase days that earned trust asks for", "003-12")] = 3
    referral_trust: Annotated[Share, says("what each referral adds to earned trust", "003-12")] = 0.1
    fairness_low: Annotated[Positive, says("benefit over margin from which on a tie is fair", "000-17")] = 0.5
    fairness_high: Annotated[Positive, says("benefit over margin up to which a tie is fair", "000-17")] = 2.0
    fairness_windows: Annotated[
        Count, says("windows over which benefit and margin, or cost and margin, are added up", "000-17", "002-10")
    ] = 4
    behavioural_occasions: Annotated[Count, says("purchase days that behavioural loyalty asks for", "000-1")] = 2
    emotional_resilience: Annotated[
        Share, says("resilience that emotional loyalty asks for, where nobody was referred", "000-15")
    ] = 0.5

    # Loyalty as a number.
    single_purchase_loyalty: Annotated[Share, says("loyalty after a single purchase is at most this", "003-6")] = 0.2
    loyalty_dimensions: Annotated[Count, says("dimensions that loyalty asks for", "003-5")] = 2
    loyal_days: Annotated[Days, says("active tenure that is as long as it needs to be", "003-5")] = YEAR
    loyal_repeats: Annotated[Count, says("repeat purchases in the period that are as many as needed", "003-4")] = 5
    loyal_price_fall: Annotated[
        Positive, says("a price sensitivity of minus this leaves no loyalty in that indicator", "003-4")
    ] = 1.0
    unconverted_referral: Annotated[
        Share, says("what a referral that brought no customer counts as recommendation", "003-4")
    ] = 0.5

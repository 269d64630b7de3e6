"""How quiet is too quiet for this customer by its own gaps: running sums in, lengths of time out."""

from math import erfc, exp, log, pi, sqrt
from typing import Final, NamedTuple

from shared.domain.customer import Customer
from shared.domain.instants import DAY, Day, Instant, due
from shared.domain.policy import Policy

EVENEST: Final = 1e-4
"""Nobody's ln(gap) deviates less than this: what is divided by it stays finite."""
FAR: Final = 30.0
"""So many deviations above the mean the tail of the normal distribution is told by its asymptotic series."""
FARTHEST: Final = 1e6
"""No further: the squares of two such places still differ by what lies between them."""


class Rhythm(NamedTuple):
    """`median_gap` is m and `long_gap` is Q of CONCEPTS "Primitives", both in days."""

    median_gap: float
    long_gap: float


def rhythm(gaps: int, log_sum: float, log_squares: float, policy: Policy) -> Rhythm:
    """The rhythm after so many gaps, shrunk to the prior (CONCEPTS, Primitives).

    `log_sum` and `log_squares` are sums of ln(gap in days) and of its square. With weight k:
    mu = (k mu0 + S1)/(n + k); sigma^2 = (sum (ln g - mu)^2 + k (sigma0^2 + (mu - mu0)^2))/(n + k);
    Q = exp(mu + 1.5 sigma).
    """
    mu, sigma = shrunk(gaps, log_sum, log_squares, policy)
    return Rhythm(exp(mu), max(policy.long_gap_floor_days, exp(mu + policy.long_gap_sigmas * sigma)))


def shrunk(gaps: int, log_sum: float, log_squares: float, policy: Policy) -> tuple[float, float]:
    """mu and sigma of `rhythm`: mean and standard deviation of ln(gap in days)."""
    weight = policy.prior_weight
    mu = (weight * policy.mu0 + log_sum) / (gaps + weight)
    spread = log_squares - 2 * mu * log_sum + gaps * mu * mu
    variance = (max(0.0, spread) + weight * (policy.sigma0**2 + (mu - policy.mu0) ** 2)) / (gaps + weight)
    return mu, sqrt(variance)


def p_no_purchase_by_gaps(customer: Customer, silence_days: float, ahead_days: float, policy: Policy) -> float:
    """P(gap > s + h | gap > s): what the customer's own gaps say where no churn model is in force.

    Its gaps are lognormal with the mu and sigma of `rhythm`; P = S((ln(s + h) - mu)/sigma) / S((ln s - mu)/sigma), S
    being the tail of the normal distribution. It knows nobody who has left for good, so it is too low after long
    silence.
    """
    mu, sigma = shrunk(customer.gaps, customer.log_sum, customer.log_squares, policy)
    held = max(sigma, EVENEST)
    return exp(min(0.0, _log_tail(silence_days + ahead_days, mu, held) - _log_tail(silence_days, mu, held)))


def attune(customer: Customer, policy: Policy) -> None:
    """Set m and Q from the running sums."""
    customer.median_gap, customer.long_gap = rhythm(customer.gaps, customer.log_sum, customer.log_squares, policy)


def add_gap(customer: Customer, gap: int) -> None:
    """Count a gap between two occasions of one cycle, in days."""
    _count(customer, gap, 1)


def drop_gap(customer: Customer, gap: int) -> None:
    """Take back a gap whose occasion has been emptied by refunds."""
    _count(customer, gap, -1)


def window(customer: Customer, policy: Policy) -> float:
    """W: the length in days over which volume is summed."""
    gaps = policy.window_gaps * customer.median_gap
    return max(policy.window_floor_days, gaps)


def silence_r(customer: Customer, at: Instant, policy: Policy) -> float | None:
    """r at an instant: of the silence since the newest occasion; unknown without one."""
    last = last_purchase(customer)
    return None if last is None else r_of(at - last, customer, policy)


def r_of(length: int, customer: Customer, policy: Policy) -> float:
    """A silence of so many microseconds in units in which `long_gap_r` is the customer's long gap."""
    return policy.long_gap_r * length / (customer.long_gap * DAY)


def silent_since(customer: Customer, r: float, policy: Policy) -> Instant | None:
    """When silence reaches an r, rounded up to a whole second: the due time, and the instant from which guards hold."""
    last = last_purchase(customer)
    return None if last is None else due(last + r / policy.long_gap_r * customer.long_gap * DAY)


def last_purchase(customer: Customer) -> Instant | None:
    """When the silence began: the last purchase of the newest occasion of this cycle."""
    if not customer.cycle_occasions or not customer.occasions:
        return None
    return Instant(customer.occasions[-1].day * DAY) if customer.last_at is None else customer.last_at


def tenure_days(customer: Customer, day: Day) -> int:
    """T: days since the first occasion of this cycle."""
    return 0 if customer.cycle_first_day is None else day - customer.cycle_first_day


def variation(customer: Customer) -> float | None:
    """CV(G): standard deviation over mean of the cycle's gaps; unknown with fewer than two."""
    count = customer.cycle_gaps
    if count < 2:
        return None
    mean = customer.cycle_gap_sum / count
    return sqrt(max(0.0, customer.cycle_gap_squares / count - mean * mean)) / mean


def _log_tail(days: float, mu: float, sigma: float) -> float:
    """ln P(gap > days), finite however far out: ln S(z) = -z^2/2 - ln(z sqrt(2 pi)) + ln(1 - 1/z^2 + 3/z^4 - ...)."""
    if days <= 0:
        return 0.0
    z = min((log(days) - mu) / sigma, FARTHEST)
    if z < FAR:
        return log(erfc(z / sqrt(2)) / 2)
    inverse = 1 / (z * z)
    series = 1 - inverse * (1 - 3 * inverse * (1 - 5 * inverse * (1 - 7 * inverse)))
    return -z * z / 2 - log(z * sqrt(2 * pi)) + log(series)


def _count(customer: Customer, gap: int, sign: int) -> None:
    length = log(gap)
    customer.gaps += sign
    customer.log_sum += sign * length
    customer.log_squares += sign * length * length

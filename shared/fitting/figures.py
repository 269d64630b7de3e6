"""What a back-test is told in. No numbers package is needed to read it."""

from msgspec import Struct


class Score(Struct, frozen=True, kw_only=True):
    """The figures of one scorer. None: it says no probability, or what happened does not tell."""

    auc: float | None = None
    """The chance that of a customer that went and one that bought again, the first has the higher risk."""
    log_loss: float | None = None
    ece: float | None = None
    """Expected calibration error: how far probabilities are from shares, on average."""
    mean_p: float | None = None


class Bin(Struct, frozen=True, kw_only=True):
    """Customers of like probability: what was foretold, and what share bought no more."""

    mean_p: float
    share: float
    customers: int


class Lift(Struct, frozen=True, kw_only=True):
    """Of the customers with the highest risks, so large a share of all: what share of those who went they hold."""

    called: float
    found: float

"""How good probabilities are, held against what happened. `gone`: 1.0 where no purchase came, 0.0 where one did."""

from typing import Final

import numpy as np
from scipy.stats import rankdata

from shared.fitting.arrays import Floats
from shared.fitting.figures import Bin, Lift, Score

BINS: Final = 10
LEAST_SURE: Final = 1e-6
"""No probability is taken to be nearer to 0 or 1 than this: one error must not outweigh everything."""


def score(gone: Floats, chance: Floats) -> Score:
    """All figures of a scorer that says probabilities."""
    if not len(gone):
        return Score()
    return Score(
        auc=auc(gone, chance),
        log_loss=log_loss(gone, chance),
        ece=calibration_error(gone, chance),
        mean_p=float(chance.mean()),
    )


def auc(gone: Floats, risk: Floats) -> float | None:
    """Area under the ROC curve of any risk; None where everybody or nobody went."""
    positives = float(gone.sum())
    negatives = len(gone) - positives
    if not positives or not negatives:
        return None
    ranks = float((rankdata(risk) * gone).sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)


def log_loss(gone: Floats, chance: Floats) -> float:
    """Mean of -ln(probability of what happened)."""
    held = np.clip(chance, LEAST_SURE, 1 - LEAST_SURE)
    return -float(np.mean(gone * np.log(held) + (1 - gone) * np.log1p(-held)))


def calibration(gone: Floats, chance: Floats) -> tuple[Bin, ...]:
    """Ten bins of equal width; those without a customer are left out."""
    place = np.minimum((chance * BINS).astype(np.int64), BINS - 1)
    customers = np.bincount(place, minlength=BINS)
    foretold, happened = np.bincount(place, chance, BINS), np.bincount(place, gone, BINS)
    return tuple(
        Bin(mean_p=float(foretold[one] / count), share=float(happened[one] / count), customers=int(count))
        for one, count in enumerate(customers)
        if count
    )


def calibration_error(gone: Floats, chance: Floats) -> float:
    """Mean distance of foretold and true shares over ten bins, weighed by their customers."""
    bins = calibration(gone, chance)
    return sum(abs(one.mean_p - one.share) * one.customers for one in bins) / len(gone)


def lift(gone: Floats, risk: Floats) -> tuple[Lift, ...]:
    """What the first tenth, two tenths … of the customers hold, by falling risk; equal risks are one in number."""
    positives = float(gone.sum())
    if not positives:
        return ()
    order = np.argsort(-risk, kind="stable")
    found = np.concatenate(((0.0,), np.cumsum(gone[order])))
    called = np.arange(1, BINS + 1) / BINS
    held = np.interp(called * len(gone), *_at_ties(risk[order], found))
    return tuple(
        Lift(called=float(one), found=float(share / positives)) for one, share in zip(called, held, strict=True)
    )


def _at_ties(falling: Floats, found: Floats) -> tuple[Floats, Floats]:
    """How many were called and how many of them went, after each group of equal risks."""
    ends = np.concatenate(((0,), np.flatnonzero(np.diff(falling)) + 1, (len(falling),)))
    return ends.astype(np.float64), found[ends]

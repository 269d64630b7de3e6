"""Arrays by their names, and what they share with the scalar functions of the domain."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.domain.rhythm.churn import SURE

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.signedinteger[Any]]
Flags = NDArray[np.bool_]

SPREAD = 2_654_435_761
"""Knuth's multiplier: customers in a row fall all over [0, 1)."""


def logit(shares: Floats) -> Floats:
    """Log-odds, of probabilities that are never quite sure."""
    held = np.clip(shares, SURE, 1 - SURE)
    return np.asarray(np.log(held) - np.log1p(-held))


def logistic(z: Floats) -> Floats:
    """The inverse of `logit`."""
    small = np.exp(-np.abs(z))
    return np.asarray(np.where(z >= 0, 1.0, small) / (1 + small))


def drawn(customers: Ints, share: float) -> Flags:
    """Which customers are in a sample of about this share: always the same ones."""
    return np.asarray((customers * SPREAD) % (1 << 32) < share * (1 << 32))

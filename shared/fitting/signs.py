"""Weak signs: what can be seen before silence, and how little it foretells."""

from typing import Final

import numpy as np

from shared.domain.habit import KEPT
from shared.domain.rhythm.churn import WeakSign
from shared.domain.rhythm.weak import LEAST_GAPS, SLOWER, SMALLER
from shared.fitting.arrays import Flags, Floats
from shared.fitting.backtest import Cut
from shared.fitting.spells import Spells

LEAST_SEEN: Final = 20
"""Fewer customers with a sign, or without it, tell nothing."""


def weak_signs(at: Cut) -> tuple[WeakSign, ...]:
    """The signs that were seen at a cut-off, each with the share that bought no more with it and without it."""
    told = at.newest.repeats >= LEAST_GAPS
    before = _amount_before(at.before)
    signs = {"slowing": slowing(at.newest), "shrinking": shrinking(at.newest, before)}
    found = (_sign(code, seen[told], at.gone[told]) for code, seen in signs.items())
    return tuple(one for one in found if one is not None)


def slowing(newest: Spells) -> Flags:
    """Whether newer gaps are longer than a customer's gaps on average."""
    some = np.maximum(newest.repeats, 1)
    faded = newest.faded_sum * (1 - KEPT) / (1 - KEPT**some)
    return np.asarray(faded > SLOWER * (newest.day - newest.first) / some)


def shrinking(newest: Spells, before: Floats) -> Flags:
    """Whether the last two amounts are smaller than usual; `before` is the sum up to them, unknown is not a number."""
    usual = newest.amount_sum / np.maximum(newest.amounts, 1)
    return np.asarray((newest.amount_sum - before) / 2 < SMALLER * usual)


def _amount_before(spells: Spells) -> Floats:
    """What each customer had spent before its last two days; not a number where one of the three is unknown."""
    ends = np.flatnonzero(np.append(spells.customer[1:] != spells.customer[:-1], True)[: len(spells.day)])
    third = np.maximum(ends - 2, 0)
    known = (ends >= 2) & (spells.customer[third] == spells.customer[ends])
    known &= spells.amounts[ends] - spells.amounts[third] == 2
    return np.where(known, spells.amount_sum[third], np.nan)


def _sign(code: str, seen: Flags, gone: Floats) -> WeakSign | None:
    customers = int(seen.sum())
    if customers < LEAST_SEEN or len(seen) - customers < LEAST_SEEN:
        return None
    return WeakSign(code=code, with_it=float(gone[seen].mean()), without=float(gone[~seen].mean()), customers=customers)

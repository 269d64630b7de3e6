"""Whether stages tell the future: what customers of each stage did afterwards, on any purchase history.

Folds every customer up to a cut-off, with rhythm's priors taken from the gaps before it, by the customer's own long gap
and by a churn model fitted to what was known at the cut-off, and prints by stage the share that buys again within the
horizon, the transitions per customer-year, and the share of decline transitions that no purchase followed within the
horizon.
"""

from collections import Counter
from datetime import date
from itertools import pairwise
from math import log
from pathlib import Path
from statistics import fmean, pstdev
from typing import Annotated

import typer
from msgspec.structs import replace
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bench.histories import Columns, Row, by_customer, end_of, purchases, read_rows
from shared.domain.controls import Governance
from shared.domain.decisions import Transition
from shared.domain.instants import DAY, Day, Instant, moment
from shared.domain.lifecycle import fold
from shared.domain.policy import Policy
from shared.domain.stages import Stage
from shared.fitting.refit import refit
from shared.fitting.spells import gather

SHOWN = (Stage.STABILITY, Stage.FORMATION, Stage.EXPLORATION, Stage.DECLINE, Stage.DORMANT, Stage.ENDED)


class Tally:
    """What was seen over all customers."""

    def __init__(self) -> None:
        self.heads: Counter[Stage] = Counter()
        self.again: Counter[Stage] = Counter()
        self.later: Counter[Stage] = Counter()
        self.moves = 0
        self.years = 0.0
        self.declines = 0
        self.right = 0

    def add(self, stage: Stage, moves: list[Transition], history: list[Row], cutoff: int, horizon: int) -> None:
        """Count one customer: where it stood at the cut-off, and what it did within the horizon after."""
        days = [row.at // DAY for row in history]
        end = cutoff // DAY
        later = [row for row in history if end < row.at // DAY <= end + horizon]
        self.heads[stage] += 1
        self.again[stage] += bool(later)
        self.later[stage] += sum(row.amount for row in later)
        # Entering is no move between stages.
        self.moves += sum(move.source not in (Stage.TARGET, Stage.PROSPECT) for move in moves)
        self.years += (cutoff - history[0].at) / (365.25 * DAY)
        for move in moves:
            if move.target is Stage.DECLINE:
                fell = move.effective_at // DAY
                self.declines += 1
                self.right += not any(fell < day <= fell + horizon for day in days)


def main(
    file: Annotated[Path, typer.Argument(help="CSV (may be gzipped) with one row per purchase.", exists=True)],
    cutoff: Annotated[
        str | None, typer.Option(help="Last day that is seen, YYYY-MM-DD. Default: two thirds in.")
    ] = None,
    horizon: Annotated[int | None, typer.Option(help="Days looked ahead. Default: half of what is left.")] = None,
    customer: Annotated[str, typer.Option(help="Column of the customer's id.")] = "customer_id",
    at: Annotated[str, typer.Option(help="Column of the date or time.")] = "date",
    amount: Annotated[str, typer.Option(help="Column of the amount.")] = "amount",
) -> None:
    """Print what stages foretell: by the long gap and by a churn model, with the volume rules off and on."""
    histories = by_customer(read_rows(file, Columns(customer, at, amount)))
    first = min(history[0].at for history in histories.values())
    last = max(history[-1].at for history in histories.values())
    end = end_of(date.fromisoformat(cutoff) if cutoff else moment(type(first)(first + (last - first) * 2 // 3)).date())
    ahead = horizon or max(1, (last - end) // DAY // 2)
    seen = {name: history for name, history in histories.items() if history[0].at <= end}
    prior = _prior(list(seen.values()), end)
    console = Console(width=150)
    table = Table(title=f"{file.name}: cut-off {moment(end).date()}, horizon {ahead} days, {len(seen):,} customers")
    for heading in (
        "silence by",
        "volume rules",
        *(f"{stage.value}" for stage in SHOWN),
        "moves / customer-year",
        "decline right",
    ):
        table.add_column(heading, justify="right")
    model = _model(seen, prior, end, ahead)
    for named, policy in (("long gap", prior), ("model", model)):
        for rules in (False, True):
            tally = _tally(seen, replace(policy, volume_rules=rules), end, ahead)
            table.add_row(named, "on" if rules else "off", *_row(tally))
    console.print(table)


def _model(histories: dict[str, list[Row]], prior: Policy, end: Instant, ahead: int) -> Policy:
    """The policy with a churn model that knows nothing of what comes after the cut-off."""
    policy, governance = replace(prior, churn_horizon_days=float(ahead)), Governance.of((), prior)
    states = (
        (name, fold(name, purchases([row for row in history if row.at <= end]), governance).customer)
        for name, history in track(histories.items(), description="fitting")
    )
    fitted = refit(gather(states), Day(end // DAY + 1), policy, None, "validity")
    print(fitted.said)
    return policy if fitted.model is None else replace(policy, churn=fitted.model.churn)


def _tally(histories: dict[str, list[Row]], policy: Policy, end: int, ahead: int) -> Tally:
    governance, tally = Governance.of((), policy), Tally()
    for name, history in track(histories.items(), description="folding"):
        known = purchases([row for row in history if row.at <= end])
        outcome = fold(name, known, governance, stream_time=type(history[0].at)(end))
        tally.add(outcome.customer.stage, outcome.transitions, history, end, ahead)
    return tally


def _prior(histories: list[list[Row]], end: int) -> Policy:
    """Mean and population sd of ln(gap in days) over all gaps before the cut-off."""
    logs = []
    for history in histories:
        days = sorted({row.at // DAY for row in history if row.at <= end})
        logs += [log(later - earlier) for earlier, later in pairwise(days)]
    return Policy(mu0=fmean(logs), sigma0=pstdev(logs)) if len(logs) > 1 else Policy()


def _row(tally: Tally) -> list[str]:
    shares = [
        f"{tally.again[stage] / tally.heads[stage]:.3f} ({tally.heads[stage]:,})" if tally.heads[stage] else "-"
        for stage in SHOWN
    ]
    right = f"{tally.right / tally.declines:.3f} of {tally.declines:,}" if tally.declines else "-"
    return [*shares, f"{tally.moves / tally.years:.3f}", right]


if __name__ == "__main__":
    typer.run(main)

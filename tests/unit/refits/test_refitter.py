"""Refits beside a scorer: what is handed in again, what is counted, and what every scorer shows of the model."""

from math import isnan

import pytest
from msgspec import structs

from services.scorer.fitting import FitFailed
from services.scorer.modelwatch import ModelWatch
from services.scorer.periodic import NotNow, Periodic
from services.scorer.refitter import Refitter
from shared.domain.controls import ModelChange
from shared.domain.instants import DAY, SECOND, Instant
from shared.ports.models import StoredRefit
from shared.telemetry.catalogue import Catalogue
from shared.telemetry.model import ModelMetrics
from tests.builders import day, model_from, purchases
from tests.unit.refits.bed import UNTIL, Bed, shop
from tests.unit.refits.test_refit import program

WEEK = 604_800.0


class Beside(Bed):
    """A refitter and a watch over the model on the parts."""

    def __init__(self) -> None:
        super().__init__()
        self.catalogue = Catalogue("scorer")
        self.metrics = ModelMetrics(self.catalogue)
        self.refitter = Refitter(self.refitting, self.writer, self.metrics)
        self.periodic = Periodic(self.refitter, every=WEEK, clock=self.clock)
        self.watch = ModelWatch(self.store, self.models, self.metrics, partitions=1, clock=self.clock)

    def shown(self) -> dict[str, float]:
        """The metrics of the model by their names."""
        lines = self.catalogue.exposition().decode().splitlines()
        told = dict(line.rsplit(" ", 1) for line in lines if line.startswith(("lifestage_model", "lifestage_refits")))
        return {name.removeprefix("lifestage_"): float(value) for name, value in told.items()}

    async def governed(self) -> ModelChange:
        """What is in the log takes effect."""
        [control] = self.appended()
        assert isinstance(control, ModelChange)
        await self.told(control, until=UNTIL + 1)
        return control


async def test_the_first_refit_is_made_at_once_and_the_next_a_period_later_whatever_came_of_it() -> None:
    bed = Beside()
    await bed.told(*purchases(1, 11, 21))

    first = await bed.periodic.due()
    await bed.periodic.once()
    bed.clock.at = Instant(day(UNTIL) + 7 * DAY - SECOND)
    early = await bed.periodic.due()
    bed.clock.at = Instant(day(UNTIL) + 7 * DAY)

    assert (first, early, await bed.periodic.due()) == (True, False, True)
    assert [stored.refit.accepted for stored in await bed.models.newest(9)] == [False]


async def test_a_model_that_was_kept_and_never_issued_is_handed_in_once() -> None:
    bed = Beside()
    await bed.told(*shop())
    refit = await bed.refitting.trial()
    kept = StoredRefit(id=4, made_at=day(UNTIL), effective_at=day(UNTIL + 2), refit=refit)
    await bed.models.add(kept)

    await bed.refitter.prepare()
    await bed.refitter.prepare()

    assert refit.model is not None
    assert bed.appended() == [ModelChange(id="trial", effective_at=day(UNTIL + 2), model=refit.model)]


async def test_a_model_that_governs_is_not_handed_in_again() -> None:
    bed = Beside()
    await bed.told(*shop())
    await bed.refitting.made(bed.writer)
    control = await bed.governed()

    await bed.refitter.prepare()

    assert bed.appended() == [control]


async def test_refits_are_counted_by_what_became_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    bed = Beside()
    await bed.told(*purchases(1, 11, 21))
    await bed.refitter.make()
    async with bed.models.alone():
        with pytest.raises(NotNow):
            await bed.refitter.make()
    program(monkeypatch, "raise SystemExit('no memory is left')")
    with pytest.raises(FitFailed):
        await bed.refitter.make()

    counted = {name: value for name, value in bed.shown().items() if name.startswith("refits")}

    assert counted == {'refits_total{outcome="refused"}': 1, 'refits_total{outcome="failed"}': 1}


async def test_before_the_first_refit_the_fallback_speaks() -> None:
    bed = Beside()
    await bed.told(*shop(3))

    bed.metrics.stands(await bed.watch.figures())
    shown = bed.shown()

    assert (shown["model_fallback"], shown["model_refused_refits"]) == (1, 0)
    unknown = ("age_seconds", "calibration_error", "drift", "last_refit_success")
    assert all(isnan(shown[f"model_{name}"]) for name in unknown)


async def test_of_an_accepted_refit_age_and_back_test_are_shown() -> None:
    bed = Beside()
    await bed.told(*shop())
    stored = await bed.refitting.made(bed.writer)
    await bed.governed()
    bed.clock.at = Instant(day(UNTIL) + 90 * SECOND)

    bed.metrics.stands(await bed.watch.figures())
    shown, test = bed.shown(), stored.refit.report.back_test

    assert test is not None
    assert (shown["model_fallback"], shown["model_age_seconds"], shown["model_last_refit_success"]) == (0, 90, 1)
    assert shown["model_calibration_error"] == test.scores["blend"].ece
    assert shown["model_drift"] == max(test.drift.values())
    assert shown['model_log_loss{member="blend"}'] == test.scores["blend"].log_loss
    assert 'model_log_loss{member="silence"}' not in shown


async def test_after_refused_refits_the_old_model_is_judged_by_the_newest_back_test() -> None:
    bed = Beside()
    await bed.told(*shop())
    await bed.refitting.made(bed.writer)
    await bed.governed()
    again = await bed.refitting.trial()
    refused = structs.replace(again, accepted=False, reason="worse_than_in_force", model=None)
    for number in (8, 9):
        await bed.models.add(StoredRefit(id=number, made_at=day(UNTIL), refit=refused))

    bed.metrics.stands(await bed.watch.figures())
    shown, test = bed.shown(), refused.report.back_test

    assert test is not None
    assert (shown["model_last_refit_success"], shown["model_refused_refits"], shown["model_fallback"]) == (0, 2, 0)
    assert shown["model_calibration_error"] == test.scores["in_force"].ece


async def test_a_model_that_no_refit_made_is_as_old_as_its_taking_effect() -> None:
    bed = Beside()
    await bed.told(*shop())
    model = (await bed.refitting.trial()).model
    assert model is not None
    given = ModelChange(id="given", effective_at=day(UNTIL + 1), model=model)
    await bed.told(given, model_from(UNTIL + 2, 3.0, 0.5), until=UNTIL + 3)
    bed.clock.at = day(UNTIL + 5)

    figures = await bed.watch.figures()

    assert figures.age == 4 * DAY / SECOND

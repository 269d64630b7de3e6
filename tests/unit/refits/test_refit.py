"""A refit as a job: what is kept, what governs, and what a refusal or a sudden end leaves."""

import asyncio
import sys
from io import BytesIO
from pathlib import Path

import pytest
from msgspec import structs

from services.scorer import fitting
from services.scorer.fitter import gathered
from services.scorer.fitting import FitFailed
from services.scorer.refit import NothingToFit, RefitRunning
from shared.domain.controls import Control, Governance, ModelChange
from shared.domain.ids import SHARDS
from shared.domain.instants import SECOND, Instant, local_day
from shared.domain.policy import Policy
from shared.domain.population import Population
from shared.domain.rhythm.in_force import churn_change
from shared.fitting import spells
from shared.fitting.refit import refit
from tests.builders import day, inquiry, model_from, policy_from, purchases
from tests.unit.refits.bed import UNTIL, Bed, shop


async def states(bed: Bed) -> list[bytes]:
    found: list[bytes] = []
    for shard in range(SHARDS):
        async with bed.store.look(shard) as look:
            found += [body async for body in look.states()]
    return found


async def test_a_refit_that_passes_is_kept_and_its_model_governs() -> None:
    bed = Bed()
    await bed.told(*shop())

    stored = await bed.refitting.made(bed.writer)

    assert stored.refit.accepted, stored.refit.said
    assert stored.effective_at == Instant(day(UNTIL) + SECOND)
    assert (stored.id, stored.made_at) == (1, day(UNTIL))
    assert list(await bed.models.newest(9)) == [stored]
    assert stored.refit.model is not None
    assert bed.appended() == [ModelChange(id="refit-1", effective_at=stored.effective_at, model=stored.refit.model)]


async def test_a_refit_in_a_process_of_its_own_is_the_one_that_the_function_makes() -> None:
    bed = Bed()
    zone = Policy(time_zone="Asia/Shanghai")
    await bed.told(*shop(), policy_from(1, zone))

    stored = await bed.refitting.made(bed.writer)

    first_unknown = local_day(day(UNTIL), "Asia/Shanghai")
    histories = gathered(iter(await states(bed)), customers=150)
    assert stored.refit == refit(histories, first_unknown, zone, None, "refit-1")
    assert stored.refit.as_of == first_unknown


async def test_a_model_says_nothing_of_the_population_that_a_survey_found() -> None:
    bed = Bed()
    surveyed = model_from(300, 3.0, 0.5, population=Population(version="survey-1", tier_a=5.0))
    await bed.told(*shop(), surveyed)

    await bed.refitting.made(bed.writer)
    [control] = bed.appended()

    assert isinstance(control, ModelChange)
    policy = Governance.of([surveyed, control]).policies[-1]
    assert (policy.population.version, policy.model, policy.churn) == ("survey-1", "refit-1", control.model.churn)
    assert policy.churn is not None


async def test_a_refused_refit_is_kept_and_leaves_the_model_in_force() -> None:
    bed = Bed()
    await bed.told(*purchases(1, 11, 21))

    stored = await bed.refitting.made(bed.writer)

    assert (stored.refit.accepted, stored.refit.reason) == (False, "too_little_history")
    assert (stored.effective_at, stored.refit.model) == (None, None)
    assert list(await bed.models.newest(9)) == [stored]
    assert bed.appended() == []


async def test_the_next_refit_is_held_against_the_model_in_force() -> None:
    bed = Bed()
    await bed.told(*shop())
    first = await bed.refitting.made(bed.writer)
    [control] = bed.appended()
    assert isinstance(control, ModelChange)
    await bed.told(control, until=UNTIL + 1)

    second = await bed.refitting.made(bed.writer)

    assert first.refit.report.back_test is not None
    assert "in_force" not in first.refit.report.back_test.scores
    assert second.refit.report.back_test is not None
    assert "in_force" in second.refit.report.back_test.scores


async def test_a_trial_keeps_nothing_and_lets_nothing_govern() -> None:
    bed = Bed()
    await bed.told(*shop())

    told = await bed.refitting.trial()

    assert told.accepted
    assert (list(await bed.models.newest(9)), bed.appended()) == ([], [])


async def test_one_refit_is_made_at_a_time() -> None:
    bed = Bed()
    await bed.told(*shop(5))

    async with bed.models.alone() as first:
        assert first
        with pytest.raises(RefitRunning, match="already"):
            await bed.refitting.made(bed.writer)
        with pytest.raises(RefitRunning, match="already"):
            await bed.refitting.trial()

    assert (await bed.refitting.made(bed.writer)).id == 1


async def test_there_is_nothing_to_fit_without_customers_or_before_time_has_begun() -> None:
    bed = Bed()
    with pytest.raises(NothingToFit, match="time has not begun"):
        await bed.refitting.made(bed.writer)
    await bed.told()

    with pytest.raises(NothingToFit, match="no customer"):
        await bed.refitting.made(bed.writer)
    assert list(await bed.models.newest(9)) == []


async def test_told_hears_of_every_shard() -> None:
    bed, heard = Bed(), list[int]()
    await bed.told(*shop(5))

    await bed.refitting.trial(heard.append)

    assert heard == list(range(1, SHARDS + 1))


def program(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Another program takes the place of the one that fits."""
    monkeypatch.setattr(fitting, "_command", lambda: [sys.executable, "-c", text])


async def test_a_refit_that_is_cut_off_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bed, begun = Bed(), tmp_path / "begun"
    await bed.told(*shop(5))
    program(monkeypatch, f"import os, time; open({str(begun)!r}, 'w').write(str(os.getpid())); time.sleep(600)")
    task = asyncio.create_task(bed.refitting.made(bed.writer))
    while not (begun.exists() and begun.read_text()):
        await asyncio.sleep(0.01)

    task.cancel()
    await asyncio.wait({task})

    assert task.cancelled()
    assert not Path(f"/proc/{begun.read_text()}").exists()
    assert (list(await bed.models.newest(9)), bed.appended()) == ([], [])
    async with bed.models.alone() as free:
        assert free


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise SystemExit('no memory is left')", "code 1: no memory is left"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "code -9: it said nothing"),
        ("import sys; sys.stdin.buffer.read(); print('{}')", "something else than a refit"),
    ],
)
async def test_a_fit_that_ends_without_a_refit_is_told_and_kept_nowhere(
    monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    bed = Bed()
    await bed.told(*shop(5))
    program(monkeypatch, text)

    with pytest.raises(FitFailed, match=said):
        await bed.refitting.made(bed.writer)

    assert list(await bed.models.newest(9)) == []


async def test_a_fit_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    bed = Bed()
    await bed.told(*shop(5))
    program(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(fitting, "FIT_SECONDS", 0.2)

    with pytest.raises(FitFailed, match=r"not done after 0\.2 seconds"):
        await bed.refitting.made(bed.writer)


async def test_as_many_customers_are_read_as_are_of_use(monkeypatch: pytest.MonkeyPatch) -> None:
    bed = Bed()
    monkeypatch.setattr(spells, "SAMPLE_CUSTOMERS", 40)
    await bed.told(*shop(100), *[inquiry(5, customer=f"q{number}") for number in range(100)])
    told = iter(await states(bed))

    histories = gathered(told, customers=200)
    left = len(list(told))

    read = 200 - left
    assert len(set(histories.whole.customer)) == 40
    assert 40 < read < 200
    assert histories.share == pytest.approx(read / 200, rel=0.02)


async def test_what_was_cut_off_on_its_way_is_not_fitted() -> None:
    bed = Bed()
    await bed.told(*shop(5))
    whole = b"".join(fitting.framed(body) for body in await states(bed)) + fitting.framed(b"")

    assert list(fitting.frames(BytesIO(whole))) == await states(bed)
    with pytest.raises(EOFError, match="ended before"):
        list(fitting.frames(BytesIO(whole[:-2])))


async def test_the_churn_model_in_force_is_the_newest_that_has_taken_effect() -> None:
    bed = Bed()
    await bed.told(*shop())
    await bed.refitting.made(bed.writer)
    [control] = bed.appended()
    assert isinstance(control, ModelChange)
    later = structs.replace(control, id="refit-2", effective_at=day(UNTIL + 9))
    controls: list[Control] = [
        later,
        model_from(UNTIL + 1, 3.0, 0.5),
        control,
        policy_from(UNTIL + 2, Policy(version=2)),
    ]

    found = [churn_change(controls, day(at)) for at in (UNTIL, UNTIL + 5, UNTIL + 9)]

    assert found == [None, control, later]

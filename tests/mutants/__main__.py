"""`make mutants`: whether the tests would notice a mistake in the domain."""

from collections.abc import Sequence
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Final

import typer

from bench.showing import console, progress
from tests.mutants import noting, telling
from tests.mutants.making import Mutant, modules, mutants_of, mutated, sample
from tests.mutants.noting import Notes
from tests.mutants.telling import Result
from tests.mutants.working import Task, Tried, try_all

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FOLDER: Final = ROOT / "build" / "mutants"
UNCHANGED: Final = Mutant("shared/domain/lifecycle.py", "", 0, 0, 0, 0, 0, True)
"""What stands for a mutant that is none."""


def main(
    sample_size: Annotated[int, typer.Option("--sample", min=1, help="How many mutants to try.")] = 600,
    seed: Annotated[int, typer.Option(help="Which ones: the same seed takes the same of the same sources.")] = 1,
    module: Annotated[
        list[str] | None, typer.Option(help="Only modules whose path holds this, as in 'silence' or 'measures/'.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many to try at a time, each takes a core.")] = 1,
    least: Annotated[float, typer.Option(min=0, max=100, help="Fail when fewer percent are noticed.")] = 85.0,
    patience: Annotated[
        float, typer.Option(help="Seconds of tests, at most, that a mutant is tried with.", min=0.1)
    ] = 60.0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier runs have found.")] = False,
    report: Annotated[bool, typer.Option("--report", help="Try nothing: tell what earlier runs have found.")] = False,
) -> None:
    """Change the domain in small ways, one at a time, and see whether a unit test fails.

    A mutant is one module of shared/domain with one small change: `<` for `<=`, `and` for `or`, a number one higher.
    The tests that run the changed lines are run against it, the quick ones first, until one fails: then it is killed.
    One that all of them pass has survived: a mistake of that kind would go unnoticed. It is told with its line; write
    a claim that kills it, or say in tests/mutants/reasons.py why nobody could tell the difference.

    The operators are those of cosmic-ray. Each module has its share of the sample, and at least three mutants if it has
    as many. Left alone are annotations, decorators, options of classes, assertions, and all words: docstrings, labels
    and names are not what rules are made of. A run that was stopped goes on where it was: what was killed stays so
    while its module is the same, what survived is tried again once anything has changed.
    """
    screen = console()
    digest = noting.digest_of(ROOT)
    found = {path: mutants_of(ROOT, path) for path in modules(ROOT) if _wanted(path, module)}
    if not any(found.values()):
        raise typer.BadParameter(f"no module of shared/domain has a mutant and matches {module}")
    results_file = FOLDER / "results.jsonl"
    if fresh:
        results_file.unlink(missing_ok=True)
    chosen = sample(found, sample_size, seed, sound=lambda one: mutated(ROOT, one) is not None)
    held = telling.kept(results_file, ROOT, digest)
    left = [one for one in chosen if one.name not in held]
    if left and not report:
        notes = _notes(digest)
        with progress(screen) as bar:
            bar.begin("mutants", len(left))
            for tried in try_all(ROOT, [_task(one, notes, patience) for one in left], workers):
                result = _result(tried, digest)
                telling.keep(results_file, result)
                held[result.mutant.name] = result
                bar.add(1)
                if result.verdict == "survived":
                    bar.say(f"survived: {result.mutant.path}:{result.mutant.line}  {result.after.strip()}")
    results = [held[one.name] for one in chosen if one.name in held]
    telling.tell(screen, results, found)
    noticed = 100 * telling.share(results)
    screen.print(f"{noticed:.1f} % of {len(results)} mutants were noticed (seed {seed}); asked for are {least:g} %.")
    if noticed < least:
        raise typer.Exit(1)


def _wanted(path: str, parts: Sequence[str] | None) -> bool:
    return not parts or any(part in path for part in parts)


def _notes(digest: str) -> Notes:
    """What was noted of the sources as they are; else every test is run once in a process of its own."""
    file = FOLDER / "notes.json"
    notes = noting.read(file, digest)
    if notes is None:
        typer.echo("Noting which test runs which line: every unit test runs once.")
        taking = get_context("fork").Process(target=noting.take, args=(ROOT, file, digest))
        taking.start()
        taking.join()
        notes = noting.read(file, digest)
        if notes is None:
            raise typer.BadParameter("the unit tests could not be run")
        _control(notes, file)
    return notes


def _control(notes: Notes, file: Path) -> None:
    """The domain as it is must survive, or nothing that is killed would mean anything."""
    typer.echo("Trying the domain without any change, in both ways.")
    source = (ROOT / UNCHANGED.path).read_text(encoding="utf-8")
    tests = sorted(notes.seconds, key=lambda test: notes.seconds[test])
    tasks = [Task(UNCHANGED, source, tests, sum(notes.seconds.values()), anew) for anew in (False, True)]
    for tried in try_all(ROOT, tasks, 1):
        if tried.fate.verdict != "survived":
            file.unlink()
            raise typer.BadParameter(f"without any change, {tried.fate.verdict}: {tried.fate.by}")


def _task(mutant: Mutant, notes: Notes, patience: float) -> Task:
    anew = not mutant.within or notes.runs_at_import(mutant)
    tests = _within(notes.tests_for(mutant), notes, patience)
    return Task(mutant, mutated(ROOT, mutant) or "", tests, sum(notes.seconds[test] for test in tests), anew)


def _within(tests: Sequence[str], notes: Notes, patience: float) -> list[str]:
    """The first of the tests that fit into so many seconds; a mutant that only others notice counts as missed."""
    spent = accumulate(notes.seconds[test] for test in tests)
    return [test for test, seconds in zip(tests, spent, strict=True) if seconds <= patience] or list(tests[:1])


def _result(tried: Tried, digest: str) -> Result:
    task = tried.task
    path = task.mutant.path
    before, after = telling.difference((ROOT / path).read_text(encoding="utf-8"), task.source)
    return Result(
        mutant=task.mutant,
        verdict=tried.fate.verdict,
        by=tried.fate.by,
        seconds=round(tried.seconds, 2),
        tests=len(task.tests),
        before=before,
        after=after,
        source=telling.source_of(ROOT, path),
        digest=digest,
    )


if __name__ == "__main__":
    typer.run(main)

"""What became of mutants: kept line by line, so that a run can be taken up again, and told module by module."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from msgspec import Struct, json
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.mutants.making import Mutant
from tests.mutants.reasons import REASONS
from tests.mutants.trying import Verdict


class Result(Struct, frozen=True):
    """What became of one mutant. `source` is the digest of its module, `digest` of all sources and tests.

    `before` and `after` are the lines that it changes, `by` is the test that killed it.
    """

    mutant: Mutant
    verdict: Verdict
    by: str
    seconds: float
    tests: int
    before: str
    after: str
    source: str
    digest: str

    @property
    def reason(self) -> str | None:
        """Why it may survive, where somebody has looked into it."""
        return REASONS.get((self.mutant.path, self.before.strip(), self.after.strip()))


def source_of(root: Path, path: str) -> str:
    """The digest of a module."""
    return blake2b((root / path).read_bytes(), digest_size=16).hexdigest()


def difference(before: str, after: str) -> tuple[str, str]:
    """The lines of two sources in which they differ."""
    old, new = before.splitlines(), after.splitlines()
    same = 0
    while old[same : same + 1] == new[same : same + 1]:
        same += 1
    tail = 0
    while tail < min(len(old), len(new)) - same and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return "\n".join(old[same : len(old) - tail]), "\n".join(new[same : len(new) - tail])


def keep(file: Path, result: Result) -> None:
    """Write a result down."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as lines:
        lines.write(json.encode(result) + b"\n")


def kept(file: Path, root: Path, digest: str) -> dict[str, Result]:
    """The results that still hold, by the mutants' names.

    Who was killed stays dead while its module is the same; who survived is tried again once anything has changed.
    """
    if not file.exists():
        return {}
    held = {}
    sources: dict[str, str] = {}
    for line in file.read_bytes().splitlines():
        result = json.decode(line, type=Result)
        path = result.mutant.path
        if path not in sources:
            sources[path] = source_of(root, path) if (root / path).exists() else ""
        if result.source == sources[path] and (result.verdict == "killed" or result.digest == digest):
            held[result.mutant.name] = result
    return held


def share(results: Iterable[Result]) -> float:
    """The share of mutants that were noticed: killed by a test, or never done."""
    verdicts = Counter(result.verdict for result in results)
    return 1 - verdicts["survived"] / max(1, verdicts.total())


def tell(console: Console, results: Sequence[Result], found: Mapping[str, Sequence[Mutant]]) -> None:
    """Print what became of the mutants by module, and every survivor with its change."""
    console.print(_table(results, found))
    for result in sorted(results, key=lambda one: (one.mutant.path, one.mutant.line)):
        if result.verdict == "survived":
            console.print(
                f"[bold]{result.mutant.path}:{result.mutant.line}[/]  {escape(result.reason or 'no reason known')}"
            )
            for sign, style, text in (("-", "red", result.before), ("+", "green", result.after)):
                for line in text.splitlines():
                    console.print(f"  {sign} {escape(line.strip())}", style=style, highlight=False)


def _table(results: Sequence[Result], found: Mapping[str, Sequence[Mutant]]) -> Table:
    table = Table("module", title="Mutants of the domain")
    for name in ("possible", "tried", "killed", "timeout", "survived", "noticed"):
        table.add_column(name, justify="right")
    by_module: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_module[result.mutant.path].append(result)
    for path in sorted(by_module):
        table.add_row(path, str(len(found.get(path, ()))), *_figures(by_module[path]))
    table.add_section()
    table.add_row(f"{len(by_module)} modules", str(sum(map(len, found.values()))), *_figures(results))
    return table


def _figures(results: Sequence[Result]) -> list[str]:
    verdicts = Counter(result.verdict for result in results)
    counts = (verdicts.total(), verdicts["killed"], verdicts["timeout"], verdicts["survived"])
    return [*map(str, counts), f"{share(results):.1%}"]

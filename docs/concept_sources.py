"""What the sources say of concepts: their numbers in docstrings, decorators, tests and stories."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

COMPUTED_IN: Final = ("shared/domain", "services")
"""Where computations live."""
TESTED_IN: Final = "tests"
NOT_OF_CONCEPTS: Final = "tests/unit/test_concepts.py"
"""It names numbers to test how they are read."""

_NUMBER: Final = re.compile(r"(?<![\d-])(00[0-4])[-_]([1-9]\d?)(?![\d-])")
_RANGE: Final = re.compile(r"(?<![\d-])(00[0-4])-(\d{1,2})\s*(?:…|\.\.\.)\s*(?:\1-)?(\d{1,2})(?![\d-])")


class Place(NamedTuple):
    """Something in a source file that names concepts: a function by its dotted path, a test as `path::name`."""

    path: str
    name: str
    numbers: frozenset[str]


def numbers_in(text: str) -> frozenset[str]:
    """The concept numbers that a text names, those of ranges as in `001-11 … 001-13` or `002-19…21` included."""
    ranged = {
        f"{part}-{number}" for part, first, last in _RANGE.findall(text) for number in range(int(first), int(last) + 1)
    }
    return frozenset(ranged | {f"{part}-{number}" for part, number in _NUMBER.findall(text)})


def computations(root: Path) -> list[Place]:
    """The functions whose docstring, or `@measure(...)`, names concepts."""
    return [place for folder in COMPUTED_IN for path in _sources(root / folder) for place in _computed(root, path)]


def claims(root: Path) -> list[Place]:
    """The tests, and the stories that tests are made of, that name concepts anywhere between comment and last line."""
    paths = [path for path in _sources(root / TESTED_IN) if path != root / NOT_OF_CONCEPTS]
    return [place for path in paths for place in _claimed(root, path)]


def _sources(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def _computed(root: Path, path: Path) -> Iterator[Place]:
    relative = path.relative_to(root)
    module = ".".join(relative.with_suffix("").parts)
    for name, node in _functions(ast.parse(path.read_text(encoding="utf-8"))):
        numbers = numbers_in(ast.get_docstring(node) or "") | _measured(node)
        if numbers:
            yield Place(relative.as_posix(), f"{module}.{name}", numbers)


def _functions(tree: ast.AST, within: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{within}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{within}{node.name}", node
            yield from _functions(node, f"{within}{node.name}.")


def _measured(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    calls = [one for one in node.decorator_list if isinstance(one, ast.Call) and _called(one) == "measure"]
    given = [argument.value for call in calls for argument in call.args if isinstance(argument, ast.Constant)]
    return frozenset().union(*(numbers_in(str(value)) for value in given))


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _claimed(root: Path, path: Path) -> Iterator[Place]:
    text, relative = path.read_text(encoding="utf-8"), path.relative_to(root).as_posix()
    tree, lines = ast.parse(text), text.splitlines()
    for name, node in _functions(tree):
        if name.rpartition(".")[2].startswith("test_"):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)]) - 1
            while first and lines[first - 1].lstrip().startswith("#"):
                first -= 1
            numbers = numbers_in("\n".join(lines[first : node.end_lineno]))
            if numbers:
                yield Place(relative, f"{relative}::{name.replace('.', '::')}", numbers)
    for slug, call in _stories(tree):
        numbers = numbers_in(ast.get_source_segment(text, call) or "")
        if numbers:
            yield Place(relative, f"{relative}::{slug}", numbers)


def _stories(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) == "Story":
            slugs = [one.value for one in node.keywords if one.arg == "slug"]
            if slugs and isinstance(slugs[0], ast.Constant):
                yield str(slugs[0].value), node

"""Mutants of the domain: its sources with one small change each, made by the operators of cosmic-ray."""

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.provider import OperatorProvider
from msgspec import Struct

DOMAIN: Final = "shared/domain"

OPERATORS: Final = (
    *(
        f"ReplaceComparisonOperator_{change}"
        for change in ("Lt_LtE", "Lt_Gt", "LtE_Lt", "LtE_Eq", "Gt_GtE", "Gt_Lt", "GtE_Gt", "GtE_Eq", "Eq_NotEq",
                       "NotEq_Eq", "Is_IsNot", "IsNot_Is")
    ),
    *(
        f"ReplaceBinaryOperator_{change}"
        for change in ("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "Pow_Mul", "BitOr_BitAnd",
                       "BitAnd_BitOr", "LShift_RShift", "RShift_LShift")
    ),
    "ReplaceUnaryOperator_USub_UAdd", "ReplaceUnaryOperator_Delete_Not", "AddNot",
    "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ReplaceAndWithOr", "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak",
    "ExceptionReplacer", "NumberReplacer", "ZeroIterationForLoop",
)  # fmt: skip
"""The changes that a person could make by mistake. Left out are those that every run would notice, such as a power in
the place of a product, and those that change nothing, such as `==` in the place of `is` between members of an enum."""

Place = tuple[int, int]
"""Line from 1, column from 0, in characters."""
Lines = tuple[int, int]


class Mutant(Struct, frozen=True):
    """One change of one module: the occurrence of an operator.

    `first_line` and `last_line` are those of the statement, or of its head, that the change is in. `within` says
    whether it lies in a function's body.
    """

    path: str
    operator: str
    occurrence: int
    line: int
    column: int
    first_line: int
    last_line: int
    within: bool

    @property
    def lines(self) -> range:
        """The lines of the statement that it changes."""
        return range(self.first_line, self.last_line + 1)

    @property
    def module(self) -> str:
        """The module's dotted name."""
        return module_of(self.path)

    @property
    def name(self) -> str:
        """What tells it from all others of the same sources."""
        return f"{self.path}:{self.line}:{self.column} {self.operator} {self.occurrence}"


class Span(NamedTuple):
    """A stretch of a source, from one place until before another."""

    begin: Place
    end: Place

    def holds(self, place: Place) -> bool:
        """Whether a place lies in it."""
        return self.begin <= place < self.end


def mutants_of(root: Path, path: str) -> list[Mutant]:
    """Every mutant of a module that is worth trying."""
    source = (root / path).read_text(encoding="utf-8")
    tree, nodes = ast.parse(source), list(ast_nodes(get_ast(source)))
    passed, bodies, statements = spans_left_alone(tree, source), spans_of_bodies(tree, source), _statements(tree)
    found = []
    for name in OPERATORS:
        positions = (place for node in nodes for place, _ in _operator(name).mutation_positions(node))
        for occurrence, place in enumerate(positions):
            if not any(span.holds(place) for span in passed) and not _parts_parameters(source, place):
                within = any(span.holds(place) for span in bodies)
                (line, column), (first, last) = place, _lines_of(place[0], statements)
                found.append(Mutant(path, name, occurrence, line, column, first, last, within))
    return found


def mutated(root: Path, mutant: Mutant) -> str | None:
    """The source of the mutant; None where it is no program, or the same one."""
    source = (root / mutant.path).read_text(encoding="utf-8")
    changed = mutate_code(source, _operator(mutant.operator), mutant.occurrence)
    try:
        if changed is None or ast.dump(ast.parse(changed)) == ast.dump(ast.parse(source)):
            return None
    except SyntaxError:
        return None
    return str(changed)


def module_of(path: str) -> str:
    """The dotted name of a module."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def modules(root: Path) -> list[str]:
    """The modules of the domain, in the order of their paths."""
    return sorted(path.relative_to(root).as_posix() for path in (root / DOMAIN).rglob("*.py"))


def sample(
    found: Mapping[str, Sequence[Mutant]],
    size: int,
    seed: int,
    least: int = 3,
    sound: Callable[[Mutant], bool] = lambda mutant: True,
) -> list[Mutant]:
    """So many sound mutants of all modules, more of those with more; of each at least so many, if it has them.

    A sample too small for that takes fewer of each.
    """
    shares = _shares({path: len(mutants) for path, mutants in found.items()}, size, least)
    return [
        one
        for path in sorted(found)
        for one in islice(filter(sound, _by_chance(found[path], f"{seed} {path}")), shares[path])
    ]


def spans_left_alone(tree: ast.AST, source: str) -> list[Span]:
    """What no test could tell changed, or every run would: annotations, decorators, class options, assertions."""
    lines = source.splitlines()
    return [_span(node, lines) for node in _left_alone(tree)]


def spans_of_bodies(tree: ast.AST, source: str) -> list[Span]:
    """What runs when a function is called, not when its module is imported."""
    lines = source.splitlines()
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(Span(_begin(node.body[0], lines), _end(node.body[-1], lines)))
        elif isinstance(node, ast.Lambda):
            found.append(_span(node.body, lines))
    return found


def _parts_parameters(source: str, place: Place) -> bool:
    """Whether a star is no product: after it parameters are given by name."""
    line = source.splitlines()[place[0] - 1]
    return line[place[1] :].startswith(("*,", "/,"))


def _statements(tree: ast.AST) -> list[Lines]:
    """The first and last lines of statements; of those that hold others, of their heads."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            found.append((node.lineno, last))
    return found


def _lines_of(line: int, statements: Sequence[Lines]) -> Lines:
    holding = [lines for lines in statements if lines[0] <= line <= lines[1]]
    return min(holding, key=lambda lines: lines[1] - lines[0], default=(line, line))


def _left_alone(tree: ast.AST) -> Iterator[ast.expr | ast.stmt | ast.keyword]:
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield node.annotation
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns is not None:
            yield node.returns
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from node.decorator_list
        if isinstance(node, ast.ClassDef):
            yield from node.keywords
        if isinstance(node, ast.Assert):
            yield node
        if isinstance(node, ast.keyword) and node.arg == "strict":
            yield node


def _by_chance(mutants: Sequence[Mutant], seed: str) -> list[Mutant]:
    """Mutants in an order of chance, in which no place comes a second time before every other has come once."""
    shuffled = sorted(mutants, key=lambda one: (one.line, one.column, one.operator, one.occurrence))
    Random(seed).shuffle(shuffled)
    times: Counter[Place] = Counter()
    turns = []
    for one in shuffled:
        times[one.line, one.column] += 1
        turns.append(times[one.line, one.column])
    return [one for _, one in sorted(zip(turns, shuffled, strict=True), key=lambda pair: pair[0])]


def _shares(sizes: Mapping[str, int], size: int, least: int) -> dict[str, int]:
    """How many of each, by largest remainder, so that they add up to the size or to all there are."""
    while sum(min(least, count) for count in sizes.values()) > size:
        least -= 1
    given = {path: min(least, count) for path, count in sizes.items()}
    while sum(given.values()) < min(size, sum(sizes.values())):
        short = [path for path in sizes if given[path] < sizes[path]]
        path = max(short, key=lambda one: (sizes[one] / (given[one] + 1), one))
        given[path] += 1
    return given


@cache
def _operator(name: str) -> Any:
    return OperatorProvider()[name]()


def _span(node: ast.expr | ast.stmt | ast.keyword, lines: Sequence[str]) -> Span:
    return Span(_begin(node, lines), _end(node, lines))


def _begin(node: ast.expr | ast.stmt | ast.keyword, lines: Sequence[str]) -> Place:
    return node.lineno, _characters(lines[node.lineno - 1], node.col_offset)


def _end(node: ast.expr | ast.stmt | ast.keyword, lines: Sequence[str]) -> Place:
    line, column = node.end_lineno or node.lineno, node.end_col_offset or 0
    return line, _characters(lines[line - 1], column)


def _characters(line: str, octets: int) -> int:
    """Syntax trees count bytes, cosmic-ray characters."""
    return len(line.encode()[:octets].decode())

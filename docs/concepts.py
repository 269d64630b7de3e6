"""The concepts of the theory: what computes each, which field answers it, which tests name it.

`python -m docs.concepts` prints all of them and writes `docs/concepts.md`; with `--check` it writes nothing and fails
where the page is stale. Either way it fails where a concept has no computation, no field or no test.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from msgspec import json

from deploy.documents import openapi
from docs.concept_sources import Place, claims, computations
from docs.concept_terms import TERMS, TEXTS, Term
from docs.concepts_fields import CUSTOMER, FIELDS, Field
from shared.domain.measures.all import MEASURES
from shared.domain.measures.registry import Card, Measure

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "concepts.md"
SHOWN: Final = 3
"""Tests of a concept that are printed by name."""

INTRODUCTION: Final = """\
# The theory, concept by concept

Made by `python -m docs.concepts` from the sources; `make check` fails when it is stale, or when a concept has no
computation, no field of the API, or no test that names it. A field is an operation with a JSON pointer into its answer.
"""


class Row(NamedTuple):
    """A concept with all that the product has of it. `problems` says what is missing; empty where nothing is."""

    number: str
    term: Term
    functions: Sequence[Place]
    fields: Sequence[Field]
    tests: Sequence[Place]
    problems: Sequence[str]


def rows(root: Path, document: Mapping[str, Any], measures: Mapping[str, Measure] = MEASURES) -> list[Row]:
    """Every concept, from the sources under a folder, an OpenAPI document, and the registered measures."""
    functions, tested = _by_number(computations(root)), _by_number(claims(root))
    return [
        _row(number, functions.get(number, []), _fields(number, measures), tested.get(number, []), document)
        for number in TERMS
    ]


def strangers(root: Path) -> list[str]:
    """What names a number that is no concept."""
    return [
        f"{place.name} names {number}, which is no concept"
        for place in (*computations(root), *claims(root))
        for number in sorted(place.numbers - TERMS.keys())
    ]


def holds(document: Mapping[str, Any], field: Field) -> bool:
    """Whether an OpenAPI document has the operation, and its answer the place that the pointer names."""
    method, _, path = field.operation.partition(" ")
    answers = document["paths"].get(path, {}).get(method.lower(), {}).get("responses", {})
    schema = answers.get("200", {}).get("content", {}).get("application/json", {}).get("schema")
    return schema is not None and _reaches(document, schema, field.pointer.split("/")[1:])


def page(found: Sequence[Row]) -> str:
    """The page of all concepts, by text."""
    parts = [INTRODUCTION]
    for text, title in TEXTS.items():
        parts.append(
            f"\n## {text}: {title}\n\n| # | Term | Computed by | Answered in | Tested in |\n|---|---|---|---|---|\n"
        )
        parts += [_line(row) for row in found if row.number.startswith(text)]
    return "".join(parts)


def told(row: Row) -> str:
    """A concept as it is printed."""
    more = f" and {len(row.tests) - SHOWN} more" if len(row.tests) > SHOWN else ""
    lines = [
        f"{row.number}  {row.term.zh}  {row.term.en}",
        *(f"    computed by  {place.name}" for place in row.functions),
        *(f"    answered in  {field}" for field in row.fields),
        *(f"    tested by    {place.name}" for place in row.tests[:SHOWN]),
        *([f"                {more}"] if more else []),
        *(f"    MISSING      {problem}" for problem in row.problems),
    ]
    return "\n".join(lines)


def main(arguments: Sequence[str], show: Callable[[str], None] = print) -> int:
    """Print the concepts, write or check the page; 1 where something is missing or stale."""
    parser = argparse.ArgumentParser(prog="python -m docs.concepts", description=__doc__)
    parser.add_argument("--check", action="store_true", help="print what is missing alone, and write nothing")
    checking = parser.parse_args(arguments).check
    found = rows(ROOT, json.decode(openapi()))
    for row in [] if checking else found:
        show(told(row))
    problems = [f"{row.number} ({row.term.en}): {one}" for row in found for one in row.problems] + strangers(ROOT)
    made = page(found)
    if not checking:
        PAGE.write_text(made, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != made:
        problems.append(f"{PAGE.relative_to(ROOT)} is stale: make concepts")
    whole = sum(not row.problems for row in found)
    show("\n".join([*problems, f"{whole} of {len(found)} concepts are computed, answered and tested."]))
    return 1 if problems else 0


def _row(
    number: str,
    functions: Sequence[Place],
    fields: Sequence[Field],
    tested: Sequence[Place],
    document: Mapping[str, Any],
) -> Row:
    problems = [f"the API has no {field}" for field in fields if not holds(document, field)]
    problems += [
        problem
        for problem, there in (
            ("no function of shared/domain or services names it", functions),
            ("no measure and no entry of docs/concepts_fields.py answers it", fields),
            ("no test names it", tested),
        )
        if not there
    ]
    return Row(number, TERMS[number], functions, fields, tested, problems)


def _by_number(places: Sequence[Place]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for place in places:
        for number in place.numbers:
            found.setdefault(number, []).append(place)
    return found


def _fields(number: str, measures: Mapping[str, Measure]) -> list[Field]:
    """The fields of the measures, told by their cards, and those of the table."""
    measured = [
        Field(CUSTOMER if one.card is Card.CUSTOMER else f"{CUSTOMER}/{one.card}", f"/measures/{one.name}")
        for one in measures.values()
        if number in one.concepts
    ]
    return [*measured, *FIELDS.get(number, ())]


def _reaches(document: Mapping[str, Any], schema: Mapping[str, Any], steps: Sequence[str]) -> bool:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _reaches(document, document["components"]["schemas"][name], steps)
    choices = [choice for kind in ("anyOf", "oneOf", "allOf") for choice in schema.get(kind, ())]
    if any(_reaches(document, choice, steps) for choice in choices):
        return True
    if not steps:
        return not choices
    inner = schema.get("properties", {}).get(steps[0])
    if inner is None:
        inner = schema.get("items") if steps[0].isdigit() else schema.get("additionalProperties")
    return isinstance(inner, Mapping) and _reaches(document, inner, steps[1:])


def _line(row: Row) -> str:
    functions = [f"[`{place.name.rpartition('.')[2]}`](../{place.path})" for place in row.functions]
    files = [f"[{path.removeprefix('tests/')}](../{path})" for path in dict.fromkeys(place.path for place in row.tests)]
    fields = [f"`{field}`" for field in row.fields]
    cells = (row.number, f"{row.term.zh}: {row.term.en}", *("<br>".join(part) for part in (functions, fields, files)))
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

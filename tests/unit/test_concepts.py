"""Every concept of the theory is computed, answered and tested; and what is missing is told."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from msgspec import json

from deploy.documents import openapi
from docs import concepts
from docs.concept_sources import Place, claims, computations, numbers_in
from docs.concept_terms import TERMS
from docs.concepts import Row, holds, page, rows, strangers, told
from docs.concepts_fields import FIELDS, Field
from shared.domain.measures.case import Case
from shared.domain.measures.reading import Reading, unknown
from shared.domain.measures.registry import Card, Measure

ROOT: Final = Path(__file__).parent.parent.parent
CARD: Final = "/v1/customers/{customer_id}/loyalty"


def tree(root: Path, **files: str) -> Path:
    """A small project: `domain`, `service`, `unit` and `story` are the files that it has."""
    places = {
        "domain": "shared/domain/rules.py",
        "service": "services/api/answers.py",
        "unit": "tests/unit/test_rules.py",
        "story": "tests/stories/told.py",
    }
    for name, text in files.items():
        path = root / places[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def answering(schema: Mapping[str, Any], path: str = "/v1/things", **components: Any) -> dict[str, Any]:
    """A document with one route that answers so."""
    answers = {"200": {"content": {"application/json": {"schema": schema}}}}
    return {"paths": {path: {"get": {"responses": answers}}}, "components": {"schemas": components}}


def measured(*numbers: str, card: Card = Card.LOYALTY) -> Mapping[str, Measure]:
    """A registry with one measure."""

    def tenure(case: Case) -> Reading:
        return unknown("a purchase")

    one = Measure(
        name="tenure", concepts=numbers, card=card, unit="days", low=0, high=None, en="", zh="", words={},
        function=tenure,
    )  # fmt: skip
    return {"tenure": one}


def row_of(number: str, root: Path, document: Mapping[str, Any], measures: Mapping[str, Measure]) -> Row:
    return next(row for row in rows(root, document, measures) if row.number == number)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("002-13: falling", {"002-13"}),
        ("(000-8, 001-12)", {"000-8", "001-12"}),
        ("001-11 … 001-13", {"001-11", "001-12", "001-13"}),
        ("002-19…21", {"002-19", "002-20", "002-21"}),
        ("002-19...21", {"002-19", "002-20", "002-21"}),
        ("test_003_9_long_choosing", {"003-9"}),
        ("2000-1, 0001-2, 000-0, 000-123, 005-1, 000-1-2", set()),
    ],
)
def test_numbers_are_found_one_by_one_and_in_ranges(text: str, numbers: set[str]) -> None:
    assert numbers_in(text) == numbers


def test_a_computation_is_a_function_whose_docstring_or_measure_names_a_number(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        domain='@measure("003-1", "003-6", card=1)\ndef tenure(case):\n    """Days."""\n\n'
        'def other():\n    """Nothing."""\n    return "003-2"\n\n'
        'class Draft:\n    """003-3"""\n\n    def move(self):\n        """002-17"""\n',
        service='async def answer():\n    """What waits (002-6)."""\n',
    )

    assert computations(root) == [
        Place("shared/domain/rules.py", "shared.domain.rules.tenure", frozenset({"003-1", "003-6"})),
        Place("shared/domain/rules.py", "shared.domain.rules.Draft.move", frozenset({"002-17"})),
        Place("services/api/answers.py", "services.api.answers.answer", frozenset({"002-6"})),
    ]


def test_a_test_names_a_number_in_its_name_docstring_comments_or_parameters(tmp_path: Path) -> None:
    root = tree(
        tmp_path,
        unit='"""003-1: a module does not count."""\n\n'
        "def test_000_8_growth(): pass\n\n"
        'def test_a():\n    """001-2"""\n\n'
        "# 001-3: above it\n@mark(1)\ndef test_b(): pass\n\n"
        '@mark("001-4")\ndef test_c(): pass\n\n'
        "def test_d():\n    assert 1  # 001-5\n\n"
        'def helper():\n    """001-6"""\n\n'
        'class TestAll:\n    def test_e(self):\n        """001-7"""\n',
        story='TOLD = (Story(slug="sleeper", says="(004-11)"), Story(says="002-1"), Tale(slug="x", says="002-2"))\n',
    )

    assert {place.name.rpartition("/")[2]: set(place.numbers) for place in claims(root)} == {
        "told.py::sleeper": {"004-11"},
        "test_rules.py::test_000_8_growth": {"000-8"},
        "test_rules.py::test_a": {"001-2"},
        "test_rules.py::test_b": {"001-3"},
        "test_rules.py::test_c": {"001-4"},
        "test_rules.py::test_d": {"001-5"},
        "test_rules.py::TestAll::test_e": {"001-7"},
    }


COMPUTED: Final = 'def tenure():\n    """003-1"""\n'
TESTED: Final = 'def test_tenure():\n    """003-1"""\n'
MEASURES: Final = {"type": "object", "properties": {"measures": {"additionalProperties": {"type": "object"}}}}


def test_a_concept_that_is_computed_answered_and_tested_lacks_nothing(tmp_path: Path) -> None:
    row = row_of("003-1", tree(tmp_path, domain=COMPUTED, unit=TESTED), answering(MEASURES, CARD), measured("003-1"))

    assert row.problems == []
    assert [str(field) for field in row.fields] == [f"GET {CARD} #/measures/tenure"]
    assert told(row).splitlines() == [
        "003-1  客户保持度  tenure and steady attention",
        "    computed by  shared.domain.rules.tenure",
        f"    answered in  GET {CARD} #/measures/tenure",
        "    tested by    tests/unit/test_rules.py::test_tenure",
    ]


def test_a_measure_of_the_customer_is_answered_with_the_customer(tmp_path: Path) -> None:
    document = answering(MEASURES, CARD.removesuffix("/loyalty"))
    row = row_of("003-1", tree(tmp_path), document, measured("003-1", card=Card.CUSTOMER))

    assert [str(field) for field in row.fields] == ["GET /v1/customers/{customer_id} #/measures/tenure"]
    assert not any("API" in problem for problem in row.problems)


@pytest.mark.parametrize(
    ("files", "numbers", "missing"),
    [
        ({"unit": TESTED}, ["003-1"], "no function of shared/domain or services names it"),
        ({"domain": COMPUTED}, ["003-1"], "no test names it"),
        ({"domain": COMPUTED, "unit": TESTED}, [], "no measure and no entry of docs/concepts_fields.py answers it"),
    ],
)
def test_what_a_concept_lacks_is_told(tmp_path: Path, files: dict[str, str], numbers: list[str], missing: str) -> None:
    row = row_of("003-1", tree(tmp_path, **files), answering(MEASURES, CARD), measured(*numbers))

    assert row.problems == [missing]
    assert told(row).splitlines()[-1].split(maxsplit=1) == ["MISSING", missing]


def test_a_field_that_the_document_does_not_have_is_told(tmp_path: Path) -> None:
    root = tree(tmp_path, domain=COMPUTED, unit=TESTED)

    assert row_of("003-1", root, answering(MEASURES), measured("003-1")).problems == [
        f"the API has no GET {CARD} #/measures/tenure"
    ]


LIST: Final = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
THING: Final = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "part": {"anyOf": [{"type": "null"}, LIST]}},
}


@pytest.mark.parametrize(
    ("pointer", "there"),
    [
        ("/0/name", True),
        ("/0/part", True),
        ("/0/part/0/name", True),
        ("/0/part/0/other", False),
        ("/0/name/0", False),
        ("/0/0", False),
        ("/name", False),
    ],
)
def test_a_pointer_is_followed_through_lists_references_and_choices(pointer: str, there: bool) -> None:
    assert holds(answering(LIST, Thing=THING), Field("GET /v1/things", pointer)) is there


@pytest.mark.parametrize("operation", ["POST /v1/things", "GET /v1/others"])
def test_a_field_of_an_operation_that_does_not_exist_is_missing(operation: str) -> None:
    assert not holds(answering(LIST, Thing=THING), Field(operation, "/0/name"))


def test_many_tests_are_counted_after_the_first_three(tmp_path: Path) -> None:
    five = "".join(f'def test_{one}():\n    """003-1"""\n\n' for one in "abcde")
    row = row_of("003-1", tree(tmp_path, unit=five), answering(MEASURES, CARD), measured("003-1"))

    assert "and 2 more" in told(row)
    assert "::test_c" in told(row)
    assert "::test_d" not in told(row)


def test_a_number_that_is_no_concept_is_told(tmp_path: Path) -> None:
    root = tree(tmp_path, unit='def test_tenure():\n    """003-15"""\n')

    assert strangers(root) == ["tests/unit/test_rules.py::test_tenure names 003-15, which is no concept"]


def test_the_page_has_a_table_for_each_text_with_links(tmp_path: Path) -> None:
    found = rows(tree(tmp_path, domain=COMPUTED, unit=TESTED), answering(MEASURES, CARD), measured("003-1"))
    made = page(found)

    assert made.count("| # | Term |") == 5
    assert sum(line.startswith("| 00") for line in made.splitlines()) == 102
    assert (
        "| 003-1 | 客户保持度: tenure and steady attention | [`tenure`](../shared/domain/rules.py)"
        f" | `GET {CARD} #/measures/tenure` | [unit/test_rules.py](../tests/unit/test_rules.py) |" in made
    )


def test_checking_fails_where_the_page_is_stale(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said: list[str] = []
    stale = tmp_path / "docs" / "concepts.md"
    stale.parent.mkdir()
    stale.write_text("old", encoding="utf-8")
    monkeypatch.setattr(concepts, "ROOT", tmp_path)
    monkeypatch.setattr(concepts, "PAGE", stale)

    assert concepts.main(["--check"], said.append) == 1
    assert "docs/concepts.md is stale: make concepts" in said[-1]
    assert stale.read_text(encoding="utf-8") == "old"
    assert concepts.main([], said.append) == 1
    assert stale.read_text(encoding="utf-8").startswith("# The theory")
    assert "0 of 102 concepts" in said[-1]


def test_there_are_a_hundred_and_two_concepts_in_five_texts() -> None:
    count = {text: sum(number.startswith(text) for number in TERMS) for text in ("000", "001", "002", "003", "004")}

    assert count == {"000": 19, "001": 20, "002": 25, "003": 14, "004": 24}
    assert FIELDS.keys() <= TERMS.keys()
    assert len({term.zh for term in TERMS.values()}) > 100


def test_every_concept_is_computed_answered_and_tested_and_the_page_says_so() -> None:
    found = rows(ROOT, json.decode(openapi()))

    assert [f"{row.number}: {problem}" for row in found for problem in row.problems] == []
    assert strangers(ROOT) == []
    assert (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8") == page(found), "stale: make concepts"

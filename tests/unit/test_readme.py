"""The READMEs tell what the code does."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from msgspec import json

from docs.machine import READMES, diagram, with_diagram
from services.api import example_history
from services.api.labels import Language
from services.api.risk import detailed_risk_answer
from services.api.times import instant_of
from shared.domain.lifecycle import fold

EARLIER = instant_of("2026-03-01T12:00:00Z")
"""When the readmes tell the risk of the customer of the API's examples."""
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_the_diagram_in_the_readme_is_the_transition_table(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")

    assert diagram() in text
    assert with_diagram(text) == text


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_every_file_that_the_readme_names_exists(readme: Path) -> None:
    words = readme.read_text(encoding="utf-8").replace("(", "`").replace(")", "`").split("`")
    named = {
        word.split("::")[0].split("#")[0] for word in words if word.startswith(("tests/", "docs/", "bench/", "deploy/"))
    }

    missing = sorted(path for path in named if not (ROOT / path).exists())

    assert not missing


@pytest.mark.parametrize(("readme", "language"), [*zip(READMES, get_args(Language), strict=True)])
def test_the_risk_in_the_readme_is_what_the_api_answers(readme: Path, language: Language) -> None:
    events, rule = example_history.history(), example_history.RULE
    before = [event for event in events if event.occurred_at <= EARLIER]
    customer = fold(example_history.ANNA, before, rule, EARLIER).customer

    found = re.search(r"^\{\"by\".*?^```", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)

    answer = detailed_risk_answer(customer, EARLIER, rule.policies[customer.controls], language)
    assert found is not None
    assert answer is not None
    assert_part_of(json.decode(found[0].removesuffix("```")), answer.model_dump())


def assert_part_of(told: Any, whole: Any) -> None:
    """What is told is in the whole: members of objects, and elements of lists in any place."""
    match told:
        case dict():
            for name, value in told.items():
                assert_part_of(value, whole[name])
        case [dict(), *_]:
            for one in told:
                [same] = [
                    other for other in whole if (other["name"], other["against"]) == (one["name"], one["against"])
                ]
                assert_part_of(one, same)
        case _:
            assert told == whole

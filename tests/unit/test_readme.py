"""The READMEs tell what the code does."""

from pathlib import Path

import pytest

from docs.machine import READMES, diagram, with_diagram

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

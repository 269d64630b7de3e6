"""The pictures and tables that show how right the model is, made of a small shop and as they are committed."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs import plots
from docs.charts import one_customer
from docs.course import Course
from docs.machine import READMES
from services.cli.backtest.plan import AlertPlan, RiskPlan, Span
from tests.unit.backtest.shops import begin, rows, told, written

NAMES = ("calibration", "lift", "one-customer")
COURSE = Course(
    customer_id="anna",
    span=Span(begin(0), begin(200)),
    risks=[(begin(day), day / 200) for day in range(200)],
    bought=[begin(0), begin(30)],
    fitted=begin(100),
    alerted=begin(0) + 150.5,
    threshold=0.75,
    horizon=90,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> plots.Made:
    """Everything that is shown, of a small shop."""
    path = written(tmp_path_factory.mktemp("shop"), "".join(row for _, row in rows()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plots, "ASKED", (RiskPlan(cutoff=begin(150), horizon=40),))
        patch.setattr(plots, "WATCHED", AlertPlan(start=begin(120), horizon=20, gap=45, refit=60))
        return plots.made_of(told(path))


def inside(picture: str) -> bool:
    """Whether everything lies on the card."""
    root = ElementTree.fromstring(picture)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    places = [
        (float(shape.attrib[across]), float(shape.attrib[down]))
        for shape in root.iter()
        for across, down in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy"))
        if across in shape.attrib
    ]
    return len(places) > 10 and all(0 < x < width and 0 < y < height for x, y in places)


def test_pictures_show_what_was_foretold_and_keep_within_their_cards(made: plots.Made, tmp_path: Path) -> None:
    plots.write(made, tmp_path)

    drawn = {path.stem: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert {"calibration", "lift"} <= drawn.keys()
    assert all(map(inside, drawn.values()))
    figures = made.risks[0][1]
    assert f"happened {figures.calibration[0].share:.0%}" in drawn["calibration"]
    assert "silence alone" in drawn["lift"]


def test_a_customers_picture_names_the_day_of_its_alert() -> None:
    picture = one_customer(COURSE).drawn()

    assert inside(picture)
    assert "the alert came on 2024-05-30" in picture


def test_tables_tell_the_figures_of_the_model_first_and_in_bold(made: plots.Made) -> None:
    lines = plots.tables(made, plots.WORDS["README.md"]).splitlines()

    assert lines[2].startswith("| 2024-05-30, 40 | **this model** | 0.")
    assert any(line.startswith("| **this model** | ") for line in lines[4:])
    assert all(line.count("|") == 6 for line in lines if line)


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_readme_shows_the_pictures_and_has_a_place_for_the_tables(readme: Path) -> None:
    text = readme.read_text(encoding="utf-8")

    assert plots.with_tables(text, "told").count(f"{plots.BEGIN}\ntold\n{plots.END}") == 1
    assert all(f"](docs/plots/{name}.svg)" in text for name in NAMES)
    assert f"{plots.BEGIN}\n| {' | '.join(plots.WORDS[readme.name].risks)} |\n" in text


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_picture_is_one(name: str) -> None:
    assert inside((plots.FOLDER / f"{name}.svg").read_text(encoding="utf-8"))

"""The documents agree with the program."""

import re
from pathlib import Path

from bot.routine.loading import SHIPPED, load
from bot.session.diagram import mermaid
from bot.session.effects import ShowCard
from bot.session.state import Preparing, Session
from bot.settings import VARIABLES
from bot.wording.context import RenderContext
from bot.wording.render import render

README = Path("README.md").read_text("utf-8")
SETTINGS = Path("docs/settings.md").read_text("utf-8")


def test_the_state_diagram_is_generated_from_the_table_of_transitions() -> None:
    assert Path("docs/session.md").read_text("utf-8") == mermaid(), (
        "run: python -m bot diagram > docs/session.md"
    )


def test_every_package_says_what_it_offers_and_what_it_must_not_depend_on() -> None:
    for package in Path("bot").glob("*/__init__.py"):
        door = package.read_text("utf-8")
        assert "ffers " in door, package
        assert re.search("ust never|ust not|may import it", door), package


def test_the_table_of_settings_lists_every_variable_with_its_default() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.+?)` )?\| .+ \|$", SETTINGS, re.MULTILINE)
    assert listed == [(variable.name, variable.default) for variable in VARIABLES.values()]


def test_the_transcript_in_the_readme_begins_with_the_coachs_start_card() -> None:
    library = load(SHIPPED)
    session = Session.fresh(1, library.default, 0.0).moved(Preparing())
    card = render(ShowCard(), RenderContext(session, library, "Sam"))
    assert card.text
    plain = card.text.replace("<b>", "").replace("</b>", "").split("\n")
    assert all(line in README for line in plain[:2])
    assert all(f"[{button.text}]" in README for row in card.keyboard for button in row)


def test_every_decision_has_a_date_and_a_line_in_the_index() -> None:
    text = Path("docs/decisions.md").read_text("utf-8")
    index, body = text.split("\n## ", 1)
    headings = re.findall(r"^### (.+)\n\n\*(\d{4}-\d\d-\d\d)\*$", body, re.MULTILINE)
    assert len(headings) == body.count("\n### ")
    assert re.findall(r"^  - \[(.+)\]", index, re.MULTILINE) == [title for title, _ in headings]

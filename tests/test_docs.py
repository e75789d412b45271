"""What the documents say is what the program does."""

import re
from pathlib import Path

from bot.diagram import mermaid
from bot.effects import ShowCard
from bot.loading import SHIPPED, load
from bot.render import render
from bot.scene import Scene
from bot.session import Preparing, Session
from bot.settings import VARIABLES

README = Path("README.md").read_text("utf-8")


def test_the_state_diagram_is_drawn_from_the_table() -> None:
    assert Path("docs/session.md").read_text("utf-8") == mermaid(), "python -m bot diagram > docs/session.md"


def test_every_module_is_in_the_readmes_map() -> None:
    modules = {path.name for path in Path("bot").glob("*.py")} - {"__init__.py", "__main__.py"}
    assert {module for module in modules if f"bot/{module}" not in README} == set()


def test_the_readmes_table_lists_every_setting_with_its_default() -> None:
    listed = re.findall(r"^\| `([A-Z_]+)` \| (?:`(.+?)` )?\| .+ \|$", README, re.MULTILINE)
    assert listed == [(variable.name, variable.default) for variable in VARIABLES.values()]


def test_the_transcript_opens_as_the_coach_does() -> None:
    library = load(SHIPPED)
    session = Session.fresh(1, library.default, 0.0).moved(Preparing())
    card = render(ShowCard(), Scene(session, library, "Sam"))
    assert card.text
    plain = card.text.replace("<b>", "").replace("</b>", "").split("\n")
    assert all(line in README for line in plain[:2])
    assert all(f"[{button.text}]" in README for row in card.keyboard for button in row)

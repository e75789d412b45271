"""What a voice note says for a message, in the message's own words. Pure."""

from bot.session.effects import ShowPart, Visible
from bot.wording.instructions import told
from bot.wording.render import render
from bot.wording.scene import Scene
from bot.wording.script import part_lines
from bot.wording.speech import aloud


def note(effect: Visible, scene: Scene) -> tuple[str, ...]:
    """A part without its lead-in, anything else as it is written."""
    if not isinstance(effect, ShowPart):
        return aloud(render(effect, scene).text or "")
    part = told(effect, scene)
    return (*(line.words for line in part_lines(part, scene)), *aloud(part.request))

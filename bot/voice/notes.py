"""What a voice note says for a message, in the message's own words. Pure."""

from bot.effects import ShowPart, Visible
from bot.render import render
from bot.scene import Scene
from bot.telling import told
from bot.voice.script import part_lines
from bot.voice.words import aloud


def note(effect: Visible, scene: Scene) -> tuple[str, ...]:
    """A part without its lead-in, anything else as it is written."""
    if not isinstance(effect, ShowPart):
        return aloud(render(effect, scene).text or "")
    part = told(effect, scene)
    return (*(line.words for line in part_lines(part, scene)), *aloud(part.request))

"""The text of a voice note, which reads a message aloud in the message's own words."""

from bot.session.effects import ShowPart, Visible
from bot.wording.instructions import part_instructions
from bot.wording.render import render
from bot.wording.scene import Scene
from bot.wording.script import part_lines
from bot.wording.speech import aloud


def note(effect: Visible, scene: Scene) -> tuple[str, ...]:
    """Return the sentences of the voice note for an effect. A part is read without its "Starting in 10 s"."""
    if not isinstance(effect, ShowPart):
        return aloud(render(effect, scene).text or "")
    part = part_instructions(effect, scene)
    return (*(line.words for line in part_lines(part, scene)), *aloud(part.request))

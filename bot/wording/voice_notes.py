"""The text of a voice note. A voice note reads a message aloud, in the message's own words."""

from bot.session.effects import ShowPart, Visible
from bot.wording.context import RenderContext
from bot.wording.instructions import part_instructions
from bot.wording.render import render
from bot.wording.spoken import spoken_sentences
from bot.wording.track_script import part_lines


def voice_note_sentences(effect: Visible, context: RenderContext) -> tuple[str, ...]:
    """Return the sentences of the voice note for an effect. If the effect shows a part of the massage, the
    voice note leaves out when the part starts ("Starting in 10 s").
    """
    if not isinstance(effect, ShowPart):
        return spoken_sentences(render(effect, context).text or "")
    part = part_instructions(effect, context)
    return (*(line.words for line in part_lines(part, context)), *spoken_sentences(part.request))

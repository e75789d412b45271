"""The lines that the coach says during a stroke: reminders for the giver, and check-ins with the receiver.

`bot.session.lines` plans when each line is said. This module must never decide that.
"""

from html import escape

from bot.session.places import part_at
from bot.session.state import Line
from bot.wording.context import RenderContext

CHECK_INS = {Line.CHECK_IN, Line.HALFWAY}
"""The lines that ask the receiver something. Only messages with one of them play a notification sound."""


def coaching_sentences(lines: tuple[Line, ...], context: RenderContext) -> tuple[str, ...]:
    """Return the sentences for these lines about the current part, as Telegram's HTML."""
    return tuple(escape(sentence) for line in lines if (sentence := _sentence(line, context)))


def _sentence(line: Line, context: RenderContext) -> str:
    """Return the sentence for a line, or an empty string if the part has no stroke."""
    safety = context.handbook.safety
    technique = part_at(context.massage, context.routine).step.technique
    match line:
        case Line.CHECK_IN:
            return f"{safety.check_in} {safety.reading}"
        case Line.HALFWAY:
            return f"Halfway. {safety.check_in}"
        case Line.LANDMARK:
            return technique.landmark if technique else ""
        case Line.MISTAKE:
            return technique.mistake if technique else ""
        case Line.WRONG:
            return technique.feels_wrong if technique else ""
        case Line.NEXT:
            return ""

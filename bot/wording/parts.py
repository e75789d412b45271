"""The layout of messages about a part of the massage.

The most important words are in the first line, because a lock screen shows little more. This module must not
contain any sentences: they belong in `instructions`.
"""

from bot.session.effects import ShowPart
from bot.session.state import LATE, Running, Ticking
from bot.wording.context import RenderContext
from bot.wording.instructions import next_part, part_instructions
from bot.wording.text import join_lines


def part_text(effect: ShowPart, context: RenderContext, note: str = "") -> str:
    """Return the message about the current part, as HTML. `note` is shown above the directions.

    The message begins with the title, followed by what to do. Then it says how hard and how long to press,
    and where not to press. Scripts rely on the first line.
    """
    part = part_instructions(effect, context)
    landmark = f"<i>{part.landmark}</i>" if part.landmark else ""
    what_to_do = [note, *part.setup, *part.directions, landmark, part.request]
    how = [f"{part.effort} {part.lead_in}".strip(), part.keep_off]
    return f"<b>{part.step} · {part.name}</b>\n{join_lines(what_to_do)}\n\n{join_lines(how)}"


def part_use_by(context: RenderContext) -> float | None:
    """Return the time, in seconds on the coach's clock, after which it is too late to send the message about
    the current part; None if it is never too late.

    A message sent after that time could arrive after messages about later parts.
    """
    match context.session.state:
        case Running(timing=Ticking(starts_at=starts_at)):
            return starts_at + LATE
        case _:
            return None


def next_text(context: RenderContext) -> str:
    """Return the message about the next part, as HTML. The first line says what the hands do first."""
    part = next_part(context)
    if part.cue and not part.is_first_stroke:
        first, then = part.cue, f"{part.side} {part.transition}"
    else:
        first, then = part.transition, part.cue
    return join_lines([f"<b>{part.heading}</b> {first}".strip(), then.strip()])

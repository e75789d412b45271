"""The layout of messages about a part of the massage.

The most important words are in the first line, because a lock screen shows little more. This module must not
contain any sentences: they belong in `instructions`.
"""

import re

from bot.session.effects import ShowNext, ShowPart
from bot.session.state import LATE, Running, Ticking
from bot.wording.context import RenderContext
from bot.wording.instructions import next_part, part_instructions
from bot.wording.text import join_lines, lower_first


def part_text(effect: ShowPart, context: RenderContext, note: str = "") -> str:
    """Return the message about the current part, as HTML. `note` is shown above the directions.

    The first line is the cue, because a lock screen shows little more; the second line is the title. What to
    do follows, then how hard and how long to press, and where not to press. If the part repeats an earlier
    step, the second line is the last one. Scripts rely on the second line.
    """
    part = part_instructions(effect, context)
    stand = "" if part.cue.startswith(part.stand) else part.stand
    if part.again:
        title = " · ".join([part.step, part.name, *map(_in_passing, filter(None, (part.side, part.effort)))])
        return join_lines([f"<b>{part.cue}</b>", f"{title}. {part.lead_in}".strip(), note, stand])
    what_to_do = [
        f"<b>{part.cue}</b>",
        f"{part.step} · {part.name}",
        note,
        stand,
        part.side,
        *part.directions,
    ]
    how = [f"{part.effort} {part.lead_in}".strip(), part.keep_off, part.request]
    return f"{join_lines(what_to_do)}\n\n{join_lines(how)}"


def _in_passing(sentence: str) -> str:
    """Return a sentence as a part of another one: without bold letters, a capital and a full stop."""
    return lower_first(re.sub(r"</?b>", "", sentence).removesuffix("."))


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


def next_text(effect: ShowNext, context: RenderContext) -> str:
    """Return the message about the next part, as HTML. The first line says what the hands do first."""
    part = next_part(context, effect.seconds)
    if part.cue and not part.is_first_stroke:
        first, then = part.cue, f"{part.side} {part.transition}"
    else:
        first, then = part.transition, part.cue
    return join_lines([f"<b>{part.heading}</b> {first}".strip(), then.strip()])

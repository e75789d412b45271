"""Whole chats as text, from /start to the summary, in which nobody taps anything once the massage has begun.

    python -m tests.chats

writes them to this folder, one file for each routine, length and side, and one with brief coaching for each
routine. So a review of a change shows what the change makes of the whole chat.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.routine.model import Routine, Side, Stance
from bot.session import events as ev
from bot.session.state import Choices, Session, Talk
from bot.session.transitions import advance
from bot.wording.context import RenderContext
from bot.wording.messages import Message
from bot.wording.render import without_markup
from bot.wording.reply import reply
from tests.stage import LIBRARY

FOLDER = Path(__file__).parent
LONGEST = 4096
"""The longest message that Telegram accepts, in characters."""


def _every_choice() -> Iterator[Choices]:
    for routine in LIBRARY.routines.values():
        sides = list(Side) if routine.stance is Stance.BESIDE else [Side.LEFT]
        yield from (Choices(routine.id, length, side) for length in routine.lengths for side in sides)
        yield Choices(routine.id, routine.total_time, talk=Talk.BRIEF)


def _name(choices: Choices) -> str:
    stance = LIBRARY.routines[choices.routine].stance
    from_where = f"-{choices.side}" if stance is Stance.BESIDE else ""
    talk = "" if choices.talk is Talk.FULL else f"-{choices.talk}"
    return f"{choices.routine}-{choices.length / 60:.0f}-min{from_where}{talk}"


CHATS = {_name(choices): choices for choices in _every_choice()}
"""The choices of each chat, by the name of its file."""


def chat(choices: Choices) -> str:
    """Return the chat with these choices. The times count from the beginning of the massage."""
    routine = LIBRARY.routines[choices.routine]
    session = replace(Session.fresh(0, routine, 0.0), choices=choices)
    entries = []
    for said, event in (
        ("/start", ev.Started()),
        ("Begin", ev.Began()),
        ("None of these", ev.ScreenedClear()),
    ):
        session, messages = _after(session, event, routine, 0.0)
        entries += [f"0:00  Sam: {said}", *(_entry(message, 0.0) for message in messages)]
    while (now := session.due_at) is not None:
        session, messages = _after(session, ev.CueDue(), routine, now)
        entries += [_entry(message, now) for message in messages]
    return "\n\n".join(entries) + "\n"


def _after(session: Session, event: ev.Event, routine: Routine, now: float) -> tuple[Session, list[Message]]:
    after, effects = advance(session, event, routine, now)
    messages, _ = reply(effects, RenderContext(after, LIBRARY, "Sam"), now)
    return after, messages


def _entry(message: Message, at: float) -> str:
    minutes, seconds = divmod(round(at), 60)
    lines = without_markup(message.text or "", LONGEST).split("\n")
    if message.attachment:
        lines.insert(0, "[picture]")
    lines += ["".join(f"[{button.text}]" for button in row) for row in message.keyboard]
    first, *rest = lines
    return "\n".join([f"{minutes}:{seconds:02}  {first}", *(f"      {line}".rstrip() for line in rest)])

"""What the coach says about each topic: one table with the text, the buttons and the picture.

To add a sentence, add a `Topic` and a row to `TOPICS`. This module must never change a session or send
anything.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from bot.routine.durations import spell
from bot.routine.model import Routine
from bot.session.effects import Topic
from bot.session.places import part_at
from bot.session.state import CUE_AHEAD, LEAD_IN, Paused, Session
from bot.wording import keyboards
from bot.wording.attachments import PictureName
from bot.wording.commands import menu_commands
from bot.wording.context import RenderContext, pressure_of
from bot.wording.messages import Keyboard
from bot.wording.situations import situation_of
from bot.wording.summary import end_card, summary
from bot.wording.text import join_names


def no_picture(context: RenderContext) -> None:
    return None


@dataclass(frozen=True, slots=True)
class TopicRow:
    """The text, buttons and picture of one topic.

    `words` is Telegram's HTML. It can contain names in braces; each is replaced by the value that `FIELDS`
    gives for the name. `keyboard` returns the buttons. `picture` returns the picture, or None if the topic
    has no picture.
    """

    words: str
    keyboard: Callable[[Session, Routine], Keyboard] = keyboards.controls
    picture: Callable[[RenderContext], PictureName | None] = no_picture

    def text(self, context: RenderContext) -> str:
        """Return the text of the topic, with its names in braces replaced. Raises TypeError if a value
        depends on the massage under way, and no massage is under way.
        """
        return self.words.format_map(_Fields(context))


TOPICS: dict[Topic, TopicRow] = {
    # Before and after a massage
    Topic.SCREENING: TopicRow(
        "<b>Before the first stroke</b>\n"
        "Not today with {not_today}.\n"
        "Ask a doctor first with {ask_first}.\n\n"
        "{disclaimer}"
    ),
    Topic.DECLINED: TopicRow("{declined}"),
    Topic.SUMMARY: TopicRow("{summary}", picture=end_card),
    Topic.CHANGED: TopicRow(
        "The routine has changed since, so this massage ends here. Send /start for a new one."
    ),
    # Pauses
    Topic.PAUSED: TopicRow("<b>Paused</b> at {step}{left}.\nRest a warm hand on the back, or cover it."),
    Topic.STOP: TopicRow("<b>Paused. Stop here for today?</b>\nYou're at {step}."),
    Topic.START_OVER: TopicRow("<b>You're at {step}, and paused.</b>\nResume, or start over?"),
    Topic.STILL_THERE: TopicRow(
        "<b>Still there?</b> I lost touch for a while, so I've paused at {step}{left}."
    ),
    Topic.HURT: TopicRow("<b>{hands_off}</b>{have_paused}\n{pain}"),
    Topic.EMERGENCY: TopicRow("<b>{emergency}</b>{have_paused}"),
    Topic.TAKE_YOUR_TIME: TopicRow("Take your time. {now}"),
    # Time and pressure
    Topic.TIME_ADDED: TopicRow("30 s more."),
    Topic.TIMER_ON: TopicRow("Timer on. I move us along."),
    Topic.TIMER_OFF: TopicRow("Timer off. Only Next moves on."),
    Topic.LIGHTER: TopicRow("<b>Lighter from here{pressure}.</b> I keep it so to the end."),
    # Knots
    Topic.EASED: TopicRow("Lovely, that one has eased."),
    Topic.STILL_TIGHT: TopicRow("Once more, gently. Rest a broad palm on it first."),
    Topic.LEAVE_IT: TopicRow("Leave that one for another day. A knot is never chased."),
    Topic.BEING_WORKED: TopicRow("That one is in hand already. Tap Eased once it has gone."),
    Topic.NO_KNOTS_HERE: TopicRow(
        "This routine has no step for knots. Rest a warm palm there a little longer."
    ),
    # The guided track
    Topic.PLAYER: TopicRow(
        "Your player keeps the time now: pause and skip there. Tap Stop when you're done."
    ),
    Topic.NO_TRACK: TopicRow("Sorry, I could not make the track. Tap Begin, and I coach you step by step."),
    Topic.NO_VOICE: TopicRow("I have no voice here. Send /start, and I coach you in writing."),
    # Small talk, and what cannot be done
    Topic.CHATTED: TopicRow("{thanks}"),
    Topic.UNCLEAR: TopicRow("I didn't follow that. Ask me {questions}.\n{now}"),
    Topic.STALE: TopicRow("That button is from earlier. {now}"),
    Topic.NOT_NOW: TopicRow("Not just now. {now}"),
    Topic.NO_SUCH_STEP: TopicRow("There is no such step. {now}"),
    # Help and privacy
    Topic.HELP: TopicRow(
        "<b>How this works</b>\n"
        "Tap Begin, and the massage runs by itself: each step comes as a message, with a word "
        "{cue_ahead} before the next. After a pause you get {lead_in} to get ready. "
        "Buttons only overrule me. If anything hurts, say so and I pause.\n"
        "{listening_help}"
        "You can write to me, too: say next, back or wait; ask {questions}.\n\n"
        "{menu}"
    ),
    Topic.PRIVACY: TopicRow(
        "<b>What I remember</b>\n"
        "Your chat's number; the routine, length, side and pictures you chose, and whether I read aloud; and "
        "where you are in a massage or its track: the time, knots you marked, what you ticked, what you last "
        "asked about, and whether we paused or went lighter. "
        "Not your name, not your words, and not your answer to the health question.\n"
        "Messages on their way to you are kept until they are sent. /forget deletes it all."
    ),
    Topic.FORGET: TopicRow(
        "<b>Forget everything?</b>\n"
        "Your choices and any massage under way are deleted. This can't be undone.",
        keyboards.forget,
    ),
    Topic.FORGOTTEN: TopicRow("Done. I know nothing of you any more. /start whenever you like."),
    Topic.KEPT: TopicRow("Nothing deleted."),
}

LISTENING_HELP = (
    "To listen instead, tap Guided track: one audio for the whole massage, started once. "
    "Or turn on Read aloud, and each step comes as a voice note too.\n"
)


def _time_left(context: RenderContext) -> str:
    """Return how much time is left in the paused part, such as ", 2 min left"; an empty string if no time is
    left or the massage is not paused.
    """
    state = context.session.state
    return f", {spell(state.left)} left" if isinstance(state, Paused) and state.left else ""


def _pressure(context: RenderContext) -> str:
    """Return the pressure in the current part, such as ": light pressure"; an empty string if the part has no
    stroke.
    """
    pressure = pressure_of(part_at(context.massage, context.routine), context.massage, context.handbook)
    return f": {pressure} pressure" if pressure else ""


def _menu(context: RenderContext) -> str:
    commands = menu_commands(voice=context.voice)
    return "\n".join(f"/{name} – {command.meaning}" for name, command in commands.items())


FIELDS: dict[str, Callable[[RenderContext], str]] = {
    # from the handbook
    "ask_first": lambda context: escape(join_names(context.handbook.safety.ask_first, "or")),
    "declined": lambda context: escape(context.handbook.safety.declined),
    "disclaimer": lambda context: escape(context.handbook.safety.disclaimer),
    "emergency": lambda context: escape(context.handbook.safety.emergency),
    "not_today": lambda context: escape(join_names(context.handbook.safety.not_today, "or")),
    "pain": lambda context: escape(context.handbook.safety.pain),
    # from the situation
    "hands_off": lambda context: situation_of(context.session).hands_off,
    "now": lambda context: situation_of(context.session).now,
    "questions": lambda context: situation_of(context.session).questions,
    "thanks": lambda context: situation_of(context.session).thanks,
    # from the massage
    "have_paused": lambda context: " I've paused." if isinstance(context.session.state, Paused) else "",
    "left": _time_left,
    "pressure": _pressure,
    "step": lambda context: f"step {context.massage.place.step} of {len(context.routine.steps)}",
    "summary": summary,
    # from the coach
    "cue_ahead": lambda context: spell(CUE_AHEAD),
    "lead_in": lambda context: spell(LEAD_IN),
    "listening_help": lambda context: LISTENING_HELP if context.voice else "",
    "menu": _menu,
}
"""For each name in braces in `TOPICS`: the function that returns the value for the name, as Telegram's HTML.
"""


class _Fields:
    """The values for the names in braces, in one context. A value is computed only if the text contains its
    name.
    """

    def __init__(self, context: RenderContext) -> None:
        self._context = context

    def __getitem__(self, name: str) -> str:
        return FIELDS[name](self._context)

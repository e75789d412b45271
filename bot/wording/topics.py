"""What the coach says about each topic: one table with the text, the buttons and the picture.

To add a sentence, add a `Topic` and a row to `TOPICS`. This module must never change a session or send
anything.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from bot.routine.durations import spell
from bot.routine.model import Condition, Routine, Stance
from bot.session.effects import Topic
from bot.session.places import part_at
from bot.session.state import CUE_AHEAD, LEAD_IN, Finished, Listening, Paused, Reason, Running, Session
from bot.wording import keyboards
from bot.wording.attachments import PictureName
from bot.wording.commands import menu_commands
from bot.wording.context import RenderContext, pressure_of
from bot.wording.messages import Keyboard
from bot.wording.situations import situation_of
from bot.wording.summary import end_card, summary
from bot.wording.text import join_names, upper_first


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
        "<b>Does the person {lying_down} have any of these?</b>\n"
        "<b>Not today:</b> {not_today}. Chest pain now? Call 112, 911 or 999.\n"
        "<b>Ask a doctor first:</b> {ask_first}.\n\n"
        "{adults} {disclaimer}"
    ),
    Topic.WHICH: TopicRow(
        "If there's any of them: tap Not today, or A doctor has said yes. If there's none, tap None of these."
    ),
    Topic.DOCTOR_FIRST: TopicRow("Has a doctor said yes to that? If so, tap A doctor has said yes."),
    Topic.AGREEMENT: TopicRow("{agreement}", keyboards.no_buttons),
    Topic.GET_READY: TopicRow("{get_ready}"),
    Topic.DECLINED: TopicRow("{declined}"),
    Topic.SUMMARY: TopicRow("{summary}", picture=end_card),
    Topic.CHANGED: TopicRow(
        "The routine has changed since, so this massage ends here. Send /start for a new one."
    ),
    # Pauses
    Topic.PAUSED: TopicRow("<b>Paused.</b>{left_here}\n{rest}"),
    Topic.STOP: TopicRow("<b>Paused: hands still, or off.</b>\nStop here for today? You're at {step}."),
    Topic.PLAY_TRACK: TopicRow(
        "<b>You're at {step}, and paused.</b>\n"
        "The track plays a whole massage, so this one ends. Resume, or play the track?"
    ),
    Topic.START_OVER: TopicRow("<b>You're at {step}, and paused.</b>\nResume, or start over?"),
    Topic.STILL_THERE: TopicRow(
        "<b>Still there?</b> I lost touch for a while, so I've paused at {step}{left}."
    ),
    Topic.HURT: TopicRow("<b>{hands_off}</b>{have_paused}\n{pain}"),
    Topic.HURT_AT_KNOT: TopicRow(
        "<b>{hands_off}</b>{have_paused}\n"
        "Leave that spot alone for today. When you're both ready, we'll go on to the next."
    ),
    Topic.ACHE_BEFORE: TopicRow(
        "Since when? An everyday tight back is what this is for. If it's new and strong, came from a fall, "
        "or nobody has explained it, ask a doctor first."
    ),
    Topic.EMERGENCY: TopicRow("<b>{emergency}</b>{have_paused}"),
    Topic.EMERGENCY_OVER: TopicRow(
        "Good. It may be best to stop for today. If you both want to go on, I'll go on more lightly."
    ),
    Topic.EMERGENCY_IN_TRACK: TopicRow("<b>Stop the audio. {emergency}</b>"),
    Topic.FIRE: TopicRow("<b>{fire}</b>{have_paused}"),
    Topic.UNSAFE: TopicRow("{have_stopped}{unsafe}", keyboards.no_buttons),
    Topic.HEALTH: TopicRow("{halted}{advice}"),
    Topic.YOUNG: TopicRow("{halted}{young}"),
    Topic.STILL_HELD: TopicRow("{emergency_again}{now}"),
    Topic.TAKE_YOUR_TIME: TopicRow("Take your time. {now}"),
    # Time and pressure
    Topic.TIME_ADDED: TopicRow("30 s more."),
    Topic.TIMER_ON: TopicRow("Timer on. I'll move us along."),
    Topic.TIMER_OFF: TopicRow("Timer off. We'll go on when you tap Next."),
    Topic.TALK_FULL: TopicRow("From the next part I'll say more."),
    Topic.TALK_BRIEF: TopicRow("I'll keep to what comes next."),
    Topic.LIGHTER: TopicRow("<b>Lighter from here{pressure}.</b> I'll ease the rest too."),
    Topic.FIRMER: TopicRow("<b>A little firmer, then{pressure}.</b> Slowly, and ask."),
    Topic.LIGHTEST: TopicRow(
        "That's as light as it gets. If it's still too much, let your hands rest there, or stop."
    ),
    Topic.RATED_FINE: TopicRow("{about} out of ten is fine. {keep}"),
    Topic.RATED_HIGH: TopicRow("<b>{about} is too much: lighter from here{pressure}.</b>"),
    Topic.RATED_PAIN: TopicRow("<b>{about} is pain: lift your hands.</b>{have_paused}\n{pain}"),
    Topic.SIDE_CHANGED: TopicRow("You're on the <b>{stands}</b>, then. Every side from here follows."),
    # Knots
    Topic.EASED: TopicRow("{spot} has eased. Lovely."),
    Topic.STILL_TIGHT: TopicRow("Once more, gently. Rest a broad palm on it first."),
    Topic.KNOT_LEFT: TopicRow("{spot}: enough for now."),
    Topic.LEAVE_IT: TopicRow("{spot}: enough for today. Don't chase a knot."),
    Topic.NOT_MARKED: TopicRow("{spot} isn't marked, so there's nothing to take away."),
    Topic.BEING_WORKED: TopicRow("That one is in hand already. Tap Eased once it has gone."),
    Topic.NO_KNOTS_HERE: TopicRow(
        "This routine has no step for knots. Rest a warm palm there a little longer."
    ),
    # The guided track
    Topic.PLAYER: TopicRow(
        "Your player keeps the time now: pause and skip there. Tap Stop when you're done."
    ),
    Topic.NO_TRACK: TopicRow("Sorry, I couldn't make the track. Tap Begin, and I'll coach you step by step."),
    Topic.NO_VOICE: TopicRow("I have no voice here. Send /start, and I'll coach you in writing."),
    # Small talk, and what cannot be done
    Topic.CHATTED: TopicRow("{thanks}"),
    Topic.UNCLEAR: TopicRow("Sorry, I don't know that one. Ask me {questions}.\n{now}"),
    Topic.STALE: TopicRow("That button is from earlier. {now}"),
    Topic.NOT_NOW: TopicRow("Not just now. {now}"),
    Topic.NO_SUCH_STEP: TopicRow("There's no such step. {now}"),
    Topic.NO_SUCH_LENGTH: TopicRow("This one takes {lengths}. Which would you like?"),
    # Help and privacy
    Topic.HELP: TopicRow(
        "<b>How this works</b>\n"
        "Tap Begin, and the massage runs by itself: each step comes as a message, with a nudge "
        "{cue_ahead} before the next. After a pause you get {lead_in} to get ready. "
        "Tap a button to change anything. If anything hurts, say so and I'll pause.\n"
        "{listening_help}"
        "You can write to me, too: say next, back or wait; ask {questions}.\n\n"
        "{menu}"
    ),
    Topic.PRIVACY: TopicRow(
        "<b>What I remember</b>\n"
        "I keep your chat's number; your choices (routine, length, side, pictures, reading aloud); and "
        "where you are in a massage or its track: the time, knots, ticks, what you last asked about, "
        "how much I talk, how light we went and, while we're paused, why. "
        "I don't keep your name, your words or your answer to the health question.\n"
        "Messages stay only until they're sent. /forget deletes the lot."
    ),
    Topic.FORGET: TopicRow(
        "<b>Forget everything?</b>\nThat deletes your choices and any massage under way. It can't be undone.",
        keyboards.forget,
    ),
    Topic.FORGOTTEN: TopicRow("Done. I've deleted everything about you. /start whenever you like."),
    Topic.KEPT: TopicRow("Nothing deleted."),
}

LYING_DOWN = {Stance.BESIDE: "lying down", Stance.BEHIND: "in the chair"}
"""How the receiver is placed, for each place where the giver stands."""
REST = {
    Stance.BESIDE: "Rest a warm hand on the back, or lay a towel over it.",
    Stance.BEHIND: "Rest your hands on the shoulders, or let go.",
}
"""What the giver does in a pause, for each place where the giver stands."""
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


def _left_here(context: RenderContext) -> str:
    """Return a sentence such as " 2 min left of step 3."; an empty string if there is no time to name."""
    state = context.session.state
    if not isinstance(state, Paused) or not state.left:
        return ""
    return f" {spell(state.left)} left of step {state.massage.place.step}."


def _pressure(context: RenderContext) -> str:
    """Return the pressure in the current part, such as ": light pressure"; an empty string if the part has no
    stroke, or if the massage is a guided track.
    """
    if not isinstance(context.session.state, Running | Paused):
        return ""
    pressure = pressure_of(part_at(context.massage, context.routine), context.massage, context.handbook)
    return f": {pressure} pressure" if pressure else ""


def _advice(context: RenderContext) -> str:
    """Return what to do with the condition that the message is about. If the handbook does not know the
    condition, return what holds for all.
    """
    condition = context.handbook.safety.conditions.get(context.about)
    if condition is None:
        return "I don't know about that. If you're unsure, ask a doctor first."
    return escape(condition.advice)


def _spot(context: RenderContext) -> str:
    spot = context.handbook.spots.get(context.about)
    return escape(upper_first(spot.name)) if spot else "That one"


def _emergency_again(context: RenderContext) -> str:
    """Return whom to call, if the massage is held for an emergency."""
    match context.session.state:
        case Paused(reason=Reason.EMERGENCY):
            return f"<b>{escape(context.handbook.safety.emergency)}</b>\n"
        case _:
            return ""


def _get_ready(context: RenderContext) -> str:
    """Return how to get ready for the current part, as the step before it says."""
    step = context.massage.place.step
    return escape(context.routine.steps[step - 2].transition)


def _is_running(context: RenderContext) -> bool:
    return isinstance(context.session.state, Running)


def _is_over(context: RenderContext) -> bool:
    return isinstance(context.session.state, Finished)


def _halted(context: RenderContext) -> str:
    """Return what stops the hands before anything else is said; empty if no hands are on the back."""
    match context.session.state:
        case Paused():
            return "I've paused. "
        case Listening():
            return "Stop the audio. "
        case _:
            return ""


def _names(conditions: Sequence[Condition], context: RenderContext) -> str:
    """Return the names of the conditions that concern the routine, such as "a fever; a burn or sunburn"."""
    names = [condition.name for condition in conditions if condition.concerns(context.routine)]
    return escape("; ".join(names))


def _menu(context: RenderContext) -> str:
    commands = menu_commands(voice=context.voice)
    return "\n".join(f"/{name} – {command.meaning}" for name, command in commands.items())


FIELDS: dict[str, Callable[[RenderContext], str]] = {
    # from the handbook
    "ask_first": lambda context: _names(context.handbook.safety.ask_first, context),
    "declined": lambda context: escape(context.handbook.safety.declined),
    "disclaimer": lambda context: escape(context.handbook.safety.disclaimer),
    "fire": lambda context: escape(context.handbook.safety.fire),
    "emergency": lambda context: escape(context.handbook.safety.emergency),
    "not_today": lambda context: _names(context.handbook.safety.not_today, context),
    "pain": lambda context: escape(context.handbook.safety.pain),
    "adults": lambda context: escape(context.handbook.safety.adults),
    "advice": _advice,
    "agreement": lambda context: escape(context.handbook.safety.agreement),
    "unsafe": lambda context: escape(context.handbook.safety.unsafe),
    "young": lambda context: escape(context.handbook.safety.young),
    # from the effect
    "about": lambda context: escape(context.about),
    "spot": _spot,
    # from the situation
    "hands_off": lambda context: situation_of(context.session).hands_off,
    "now": lambda context: situation_of(context.session).now,
    "questions": lambda context: situation_of(context.session).questions,
    "thanks": lambda context: situation_of(context.session).thanks,
    # from the massage
    "have_paused": lambda context: " I've paused." if isinstance(context.session.state, Paused) else "",
    "have_stopped": lambda context: "<b>We've stopped.</b> " if _is_over(context) else "",
    "halted": _halted,
    "get_ready": _get_ready,
    "emergency_again": _emergency_again,
    "keep": lambda context: "Keep it there." if _is_running(context) else situation_of(context.session).now,
    "left": _time_left,
    "left_here": _left_here,
    "rest": lambda context: REST[context.routine.stance],
    "lengths": lambda context: join_names([spell(length) for length in context.routine.lengths], "or"),
    "lying_down": lambda context: LYING_DOWN[context.routine.stance],
    "stands": lambda context: context.massage.stands.upper(),
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

"""Effect -> message: every word that a person sees, but those of the routines themselves.

Pure. Short sentences, one idea each; the first 60 characters carry the cue, for a lock screen shows
no more. Text is Telegram's HTML, and whatever comes from a person or a file is escaped.
"""

import re
from dataclasses import replace
from html import escape, unescape

from bot.routine.durations import spell
from bot.routine.model import Handbook
from bot.session.effects import (
    Answer,
    ReadSample,
    Say,
    ShowCard,
    ShowChecklist,
    ShowControls,
    ShowGrid,
    ShowNext,
    ShowPart,
    ShowTrack,
    Tell,
    Topic,
    Visible,
)
from bot.session.places import part_at
from bot.session.state import (
    CUE_AHEAD,
    LATE,
    LEAD_IN,
    Finished,
    Knot,
    Paused,
    Preparing,
    Reason,
    Running,
    Session,
    Ticking,
)
from bot.wording import keyboards
from bot.wording.answers import answer, pictured
from bot.wording.attachments import EndCard, GuidedTrack, KnotMap, VoiceNote
from bot.wording.commands import offered
from bot.wording.instructions import ahead, ended, placed, told
from bot.wording.messages import Keyboard, Message
from bot.wording.scene import Scene, count, listed, part_picture, pressure
from bot.wording.script import caption, script
from bot.wording.speech import aloud


def render(effect: Visible, scene: Scene) -> Message:
    """The message an effect becomes: a new one, or a change of the tapped one."""
    match effect:
        case ShowCard(new=new) | ShowChecklist(new=new) | ShowGrid(new=new):
            message = _shown(effect, scene)
            return message if new else replace(message, edits=scene.tapped)
        case ShowControls(more=more):
            keyboard = keyboards.controls(scene.session, scene.routine, more=more)
            return Message(None, keyboard, edits=scene.tapped)
        case ShowPart():
            return _part_message(effect, scene)
        case ShowNext(use_by=use_by):
            return Message(_next(scene), _controls(scene), use_by=use_by)
        case ShowTrack():
            return _track(scene)
        case ReadSample():
            return _sample()
        case Say():
            return _said(effect, scene)
        case Answer(question=question, left=left):
            words, shown = answer(question, scene, left), pictured(question, scene)
            return Message(words, _controls(scene), attachment=shown)
        case Tell(topic=topic):
            return Message(say(topic, scene), _controls(scene))


def _said(effect: Say, scene: Scene) -> Message:
    words = say(effect.topic, scene)
    match effect.topic:
        case Topic.FORGET:
            return Message(words, keyboards.forget(scene.session, scene.routine))
        case Topic.SUMMARY:
            return Message(words, _controls(scene), attachment=_end_card(scene))
        case _:
            return Message(words, _controls(scene), edits=None if effect.new else scene.tapped)


def _shown(effect: ShowCard | ShowChecklist | ShowGrid, scene: Scene) -> Message:
    """What can be changed in place."""
    match effect:
        case ShowCard():
            return Message(_card(scene), keyboards.card(scene.session, scene.library, voice=scene.voice))
        case ShowChecklist():
            keyboard = keyboards.checklist(scene.session, scene.routine)
            preparing = isinstance(scene.session.state, Preparing)
            return Message(_checklist(scene), keyboard, replaces=not preparing)
        case ShowGrid(open=True):
            keyboard = keyboards.grid(scene.session, scene.massage, scene.library)
            return Message(_grid(scene), keyboard, attachment=_knot_map(scene))
        case _:
            return Message(_marked(scene), _controls(scene), attachment=_knot_map(scene))


def _part_message(effect: ShowPart, scene: Scene) -> Message:
    place = scene.massage.place
    return Message(
        _part(effect, scene),
        _controls(scene),
        use_by=_use_by(scene),
        part=(place.step, place.part),
        attachment=part_picture(place, scene.massage, scene),
    )


def _use_by(scene: Scene) -> float | None:
    """Until when a part's own message is welcome: later it would come on top of what follows."""
    match scene.session.state:
        case Running(timing=Ticking(starts_at=starts_at)):
            return starts_at + LATE
        case _:
            return None


def _controls(scene: Scene) -> Keyboard:
    return keyboards.controls(scene.session, scene.routine)


# --- The start card and the checklist ------------------------------------------------------------


def _card(scene: Scene) -> str:
    routine, choices = scene.routine, scene.session.choices
    hello = f"Hi {escape(scene.name)}." if scene.name else "Hello."
    return (
        f"{hello} I'll coach you through a <b>{escape(routine.name.lower())}</b>, one stroke at a time.\n"
        f"{len(routine.steps)} steps, about {spell(choices.length)}. {placed(routine, choices)}\n\n"
        "Once you begin I keep the time and tell you what comes next. Your hands need not touch the phone."
        f"{READ_ALOUD if scene.voice and choices.aloud else ''}"
    )


def _checklist(scene: Scene) -> str:
    items = scene.routine.checklist
    if len(scene.session.ticked) == len(items):
        return "<b>Prep checklist</b>\nAll ready. Take a slow breath together."
    return f"<b>Prep checklist</b>\nAbout {spell(scene.routine.prep_time)}. Tap each one when it's ready."


# --- To be heard ---------------------------------------------------------------------------------

SAMPLE = "I'll read each step aloud, like this."
READ_ALOUD = (
    "\n\n<b>Read aloud:</b> a voice note comes before each step. Tap it to hear it; "
    "while one is playing, it goes on to the next by itself."
)
HOW_TO_LISTEN = (
    "Start it once, lock the phone and put it down. Pause and skip in the player. "
    "If anything hurts, stop the audio."
)


def spoken(lines: tuple[str, ...], use_by: float | None = None) -> Message:
    """A voice note without words or buttons, and without a sound of its own."""
    return Message("", replaces=False, silent=True, use_by=use_by, attachment=VoiceNote(lines))


def _sample() -> Message:
    """It waits for the voice to warm up, and holds up nobody's words."""
    return replace(spoken(aloud(SAMPLE)), awaited=True)


def _track(scene: Scene) -> Message:
    choices = scene.session.choices
    track = script(scene.library, choices)
    named = GuidedTrack(
        choices.routine, choices.length, choices.side, choices.tone, track.title, track.seconds
    )
    return Message(caption(track, HOW_TO_LISTEN), _controls(scene), attachment=named, awaited=True)


def making(done: float) -> str:
    """That a track is being made, and how much of it is, from 0 to 1."""
    return f"Making your track: {round(100 * done)} %"


# --- A part --------------------------------------------------------------------------------------


def _part(effect: ShowPart, scene: Scene) -> str:
    """Title; what to do; how hard, how long, what to keep off. Scripts and people rely on how it begins."""
    part = told(effect, scene)
    note = PASSING[effect.note] if effect.note else ""
    landmark = f"<i>{part.landmark}</i>" if part.landmark else ""
    what = [note, *part.start, *part.direction, landmark, part.request]
    how = [f"{part.effort} {part.starting}".strip(), part.keep_off]
    return f"<b>{part.step} · {part.name}</b>\n{_lines(what)}\n\n{_lines(how)}"


def _lines(sentences: list[str]) -> str:
    return "\n".join(sentence for sentence in sentences if sentence)


def _next(scene: Scene) -> str:
    """What comes after the present part; what is done before it, first."""
    part = ahead(scene)
    later = part.cue and not part.starts
    first, then = (part.cue, f"{part.side} {part.move}") if later else (part.move, part.cue)
    return _lines([f"<b>{part.head}</b> {first}".strip(), then.strip()])


# --- Knots ---------------------------------------------------------------------------------------


def _grid(scene: Scene) -> str:
    return "<b>Where is the knot?</b>\nLeft and right are your partner's own. Tap again to take a mark away."


def _marked(scene: Scene) -> str:
    names = [scene.handbook.spots[knot.spot].name.lower() for knot in scene.massage.knots]
    if not names:
        return "No knots marked."
    step = next((n for n, step in enumerate(scene.routine.steps, 1) if step.each_knot), 0)
    here = scene.massage.place.step
    if here < step:
        later = f"We come back to {'it' if len(names) == 1 else 'them'} in step {step}."
    else:
        later = "" if here == step else f"Step {step} is behind us: rest a warm palm there for a moment."
    return f"<b>Marked:</b> {escape(listed(names))}. {later}".strip()


# --- Single sentences ----------------------------------------------------------------------------


def say(topic: Topic, scene: Scene) -> str:
    """The words for a topic, whether they become a message or a toast. HTML."""
    match topic:
        case Topic.SCREENING:
            return _screening(scene.handbook)
        case Topic.SUMMARY:
            return _summary(scene)
        case Topic.PAUSED | Topic.STOP | Topic.START_OVER | Topic.STILL_THERE:
            return _paused(topic, scene)
        case Topic.HURT:
            return _hurt(scene)
        case Topic.EMERGENCY:
            return f"<b>{escape(scene.handbook.safety.emergency)}</b>{_paused_too(scene)}"
        case Topic.DECLINED:
            return escape(scene.handbook.safety.declined)
        case Topic.HELP:
            return _help(scene)
        case Topic.LIGHTER:
            return _lighter(scene)
        case Topic.CHATTED:
            return KIND[_kind(scene.session)]
        case _:
            return _plainly(topic, scene)


def _plainly(topic: Topic, scene: Scene) -> str:
    now = NOW[_kind(scene.session)]
    if topic is Topic.UNCLEAR:
        return f"I didn't follow that. Ask me {_three(scene)}.\n{now}"
    return f"{BEFORE_NOW[topic]} {now}" if topic in BEFORE_NOW else PASSING[topic]


BEFORE_NOW = {
    Topic.STALE: "That button is from earlier.",
    Topic.NOT_NOW: "Not just now.",
    Topic.TAKE_YOUR_TIME: "Take your time.",
    Topic.NO_SUCH_STEP: "There is no such step.",
}
"""What is followed by where we are."""


def _hurt(scene: Scene) -> str:
    head = HANDS_OFF.get(scene.session.state.kind, "Stop there; lift your hands.")
    return f"<b>{head}</b>{_paused_too(scene)}\n{escape(scene.handbook.safety.pain)}"


HANDS_OFF = {
    "listening": "Stop the audio; lift your hands.",
    "finished": "Sit or lie down again, and rest.",
}
"""What to do at once where something hurts and no stroke of ours is under way."""


def _paused_too(scene: Scene) -> str:
    return " I've paused." if isinstance(scene.session.state, Paused) else ""


def _lighter(scene: Scene) -> str:
    force = pressure(part_at(scene.massage, scene.routine), scene.massage, scene.handbook)
    named = f": {force} pressure" if force else ""
    return f"<b>Lighter from here{named}.</b> I keep it so to the end."


def _knot_map(scene: Scene) -> KnotMap:
    return KnotMap(tuple((knot.spot, knot.eased) for knot in scene.massage.knots), scene.session.choices.tone)


def _screening(handbook: Handbook) -> str:
    safety = handbook.safety
    return (
        "<b>Before the first stroke</b>\n"
        f"Not today with {escape(listed(safety.not_today, 'or'))}.\n"
        f"Ask a doctor first with {escape(listed(safety.ask_first, 'or'))}.\n\n"
        f"{escape(safety.disclaimer)}"
    )


def _paused(topic: Topic, scene: Scene) -> str:
    state = scene.session.state
    left = f", {spell(state.left)} left" if isinstance(state, Paused) and state.left else ""
    step = f"step {scene.massage.place.step} of {len(scene.routine.steps)}"
    match topic:
        case Topic.STOP:
            return f"<b>Paused. Stop here for today?</b>\nYou're at {step}."
        case Topic.START_OVER:
            return f"<b>You're at {step}, and paused.</b>\nResume, or start over?"
        case Topic.STILL_THERE:
            return f"<b>Still there?</b> I lost touch for a while, so I've paused at {step}{left}."
        case _:
            return f"<b>Paused</b> at {step}{left}.\nRest a warm hand on the back, or cover it."


def _summary(scene: Scene) -> str:
    state = scene.session.state
    if not isinstance(state, Finished):
        raise TypeError("a summary is told of a finished massage only")
    head, *after = ended(state, scene.routine)
    minutes = max(1, round(state.worked / 60))
    steps = [count(state.steps, "step")] if state.steps else []
    figures = [count(minutes, "minute"), *steps, *_knots(state.knots)]
    return "\n".join([f"<b>{head}</b>", *after, "", f"{listed(figures)}."])


def _end_card(scene: Scene) -> EndCard | None:
    """None where nothing was worked."""
    state, routine = scene.session.state, scene.routine
    if not isinstance(state, Finished) or not state.steps:
        return None
    eased = sum(knot.eased for knot in state.knots)
    minutes, tone = max(1, round(state.worked / 60)), scene.session.choices.tone
    return EndCard(routine.id, state.steps, minutes, len(state.knots), eased, tone)


def _knots(knots: tuple[Knot, ...]) -> list[str]:
    """Hands-free nobody says that a knot has eased, and so nothing is said of it."""
    eased = sum(knot.eased for knot in knots)
    if not knots:
        return []
    return [f"{eased} of {count(len(knots), 'knot')} eased" if eased else count(len(knots), "knot")]


def _help(scene: Scene) -> str:
    menu = "\n".join(f"/{name} – {command.meaning}" for name, command in offered(voice=scene.voice).items())
    return (
        "<b>How this works</b>\n"
        "Tap Begin, and the massage runs by itself: each step comes as a message, with a word "
        f"{spell(CUE_AHEAD)} before the next. After a pause you get {spell(LEAD_IN)} to get ready. "
        "Buttons only overrule me. If anything hurts, say so and I pause.\n"
        f"{HEAR_IT if scene.voice else ''}"
        f"You can write to me, too: say next, back or wait; ask {_three(scene)}.\n\n"
        f"{menu}"
    )


HEAR_IT = (
    "To listen instead, tap Guided track: one audio for the whole massage, started once. "
    "Or turn on Read aloud, and each step comes as a voice note too.\n"
)

PRIVACY = (
    "<b>What I remember</b>\n"
    "Your chat's number; the routine, length, side and pictures you chose, and whether I read aloud; and "
    "where you are in a massage or its track: the time, knots you marked, what you ticked, what you last "
    "asked about, and whether we paused or went lighter. "
    "Not your name, not your words, and not your answer to the health question.\n"
    "Messages on their way to you are kept until they are sent. /forget deletes it all."
)

PASSING = {
    Topic.PRIVACY: PRIVACY,
    Topic.FORGET: (
        "<b>Forget everything?</b>\nYour choices and any massage under way are deleted. This can't be undone."
    ),
    Topic.FORGOTTEN: "Done. I know nothing of you any more. /start whenever you like.",
    Topic.KEPT: "Nothing deleted.",
    Topic.CHANGED: "The routine has changed since, so this massage ends here. Send /start for a new one.",
    Topic.TIME_ADDED: "30 s more.",
    Topic.TIMER_ON: "Timer on. I move us along.",
    Topic.TIMER_OFF: "Timer off. Only Next moves on.",
    Topic.EASED: "Lovely, that one has eased.",
    Topic.STILL_TIGHT: "Once more, gently. Rest a broad palm on it first.",
    Topic.LEAVE_IT: "Leave that one for another day. A knot is never chased.",
    Topic.BEING_WORKED: "That one is in hand already. Tap Eased once it has gone.",
    Topic.PLAYER: "Your player keeps the time now: pause and skip there. Tap Stop when you're done.",
    Topic.NO_TRACK: "Sorry, I could not make the track. Tap Begin, and I coach you step by step.",
    Topic.NO_VOICE: "I have no voice here. Send /start, and I coach you in writing.",
    Topic.NO_KNOTS_HERE: "This routine has no step for knots. Rest a warm palm there a little longer.",
}

NOW: dict[str, str] = {
    "idle": "Send /start and we begin.",
    "preparing": "Tap Begin when you're both ready.",
    "screening": "First the question: None of these, or Not today?",
    "running": "We're under way: tap Next, Pause or More. If anything hurts, say so.",
    "listening": "You're listening to your track: ask me anything, or tap Stop when you're done.",
    "finished": "This massage is over. Rest now, or send /start for another.",
    Reason.ASKED: "We're paused: tap Resume when you're ready.",
    Reason.LATE: "We're paused: tap Resume when you're ready.",
    Reason.PAIN: "We're paused. Resume lighter, or stop?",
    Reason.STOPPING: "We're paused. Resume, or stop?",
    Reason.RESTARTING: "We're paused. Resume, or start over?",
}
"""Where we are, and what one can do there."""


KIND = {
    "idle": "Hello. Send /start whenever you like.",
    "preparing": "Lovely. Tap Begin when you're both ready.",
    "screening": "Good. So is it None of these, or Not today?",
    "running": "Good to hear. I keep the time.",
    "listening": "Good to hear. Your player keeps the time.",
    "finished": "You're welcome. Rest well, both of you.",
    **dict.fromkeys(map(str, Reason), "Good. Say resume when you're ready."),
}
"""A kind word for a kind word."""


def _three(scene: Scene) -> str:
    """Three things that can be asked here."""
    if isinstance(scene.session.state, Running | Paused):
        return "where to press, how hard, or how long is left"
    if isinstance(scene.session.state, Finished):
        return "what to do afterwards, what a word means, or why we did a step"
    return "what you need, how long it takes, or what the steps are"


def _kind(session: Session) -> str:
    match session.state:
        case Preparing(screening=True):
            return "screening"
        case Paused(reason=reason):
            return reason
        case state:
            return state.kind


def plain(html: str, most: int = 200) -> str:
    """Without markup, at most `most` characters; a toast shows no more than 200."""
    return unescape(re.sub(r"<[^>]+>", "", html))[:most]

"""Sentences that depend only on the state of the session: one table, with one row for each state or reason
for a pause.

This module must never decide what happens next; it only says what a person can do now.
"""

from dataclasses import dataclass

from bot.session.state import Paused, Preparing, Reason, Session

BEFORE_MASSAGE = "what you need, how long it takes, or what the steps are"
DURING_MASSAGE = "where to press, how hard, or how long is left"
AFTER_MASSAGE = "what to do afterwards, what a word means, or why we did a step"


@dataclass(frozen=True, slots=True)
class Situation:
    """The sentences for one state of the session.

    `now` says what state the massage is in, and what the person can do. `thanks` is the reply to a kind word.
    `questions` gives three examples of what a person can ask. `hands_off` says what to do first if something
    hurts.
    """

    now: str
    thanks: str
    questions: str = BEFORE_MASSAGE
    hands_off: str = "Stop there; lift your hands."


def _paused(now: str) -> Situation:
    return Situation(now, "Good. Say resume when you're ready.", DURING_MASSAGE)


def _held(now: str) -> Situation:
    return Situation(now, f"Thank you. {now}", DURING_MASSAGE)


SITUATIONS: dict[str, Situation] = {
    "idle": Situation("Send /start and we begin.", "Hello. Send /start whenever you like."),
    "preparing": Situation("Tap Begin when you're both ready.", "Lovely. Tap Begin when you're both ready."),
    "screening": Situation(
        "First the question: None of these, or Not today?", "Good. So is it None of these, or Not today?"
    ),
    "running": Situation(
        "We're in the middle of it: carry on. If anything hurts, just say so.",
        "Lovely.",
        DURING_MASSAGE,
    ),
    "listening": Situation(
        "You're listening to your track: ask me anything, or tap Stop when you're done.",
        "Good to hear. Your player keeps the time.",
        hands_off="Stop the audio; lift your hands.",
    ),
    "finished": Situation(
        "We've finished. Rest now, or send /start for another.",
        "You're welcome. Rest well, both of you.",
        AFTER_MASSAGE,
        hands_off="Sit or lie down again, and rest.",
    ),
    Reason.ASKED: _paused("We're paused: tap Resume when you're ready."),
    Reason.LATE: _paused("We're paused: tap Resume when you're ready."),
    Reason.PAIN: _paused("We're paused. Resume lighter, or stop?"),
    Reason.STOPPING: _paused("We're paused. Resume, or stop?"),
    Reason.RESTARTING: _paused("We're paused. Resume, or start over?"),
    Reason.TRACK: _paused("We're paused. Resume, or play the track?"),
    Reason.EMERGENCY: _held("We're paused. If it's over, tap We're all right. If not, tap Stop."),
    Reason.ASK_FIRST: _held("We're paused. Has a doctor said yes? If not, tap Stop for today."),
    Reason.NOT_TODAY: _held("We're paused, and today is not the day for it. Tap Stop, and rest."),
    Reason.YOUNG: _held("We're paused. Has a parent said yes? If not, tap Stop."),
}


def situation_of(session: Session) -> Situation:
    """Return the sentences for the state of the session. During a pause, they depend on the reason for the
    pause.
    """
    match session.state:
        case Preparing(screening=True):
            return SITUATIONS["screening"]
        case Paused(reason=reason):
            return SITUATIONS[reason]
        case state:
            return SITUATIONS[state.kind]

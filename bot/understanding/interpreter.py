"""Turn a person's message into an event, given the current state of the session.

The interpreter checks for several things, in this order: an answer to something that the coach has just
asked; a whole message that the handbook's `words.means` gives a meaning to; pain; a health matter; a
follow-up question about a place on the body; a wish to end a pause; and last, the meaning that the classifier
finds most probable. The interpreter must never guess: a message that it does not understand becomes the event
`Unclear`.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import takewhile

from bot.routine.model import Library, Side
from bot.session import events as ev
from bot.session.state import (
    Ask,
    Massage,
    Paused,
    Place,
    Preparing,
    Question,
    Reason,
    Running,
    Session,
    Waiting,
)
from bot.understanding.classifier import read
from bot.understanding.phrases import PhraseMatcher, words_of
from bot.understanding.references import number, place_meant, step_called, step_meant
from bot.understanding.utterance import ASKING, CERTAIN, OF_A_STEP, Situation, Utterance

COMMAND_EVENTS: dict[str, type[ev.Event]] = {
    "next": ev.NextAsked,
    "back": ev.BackAsked,
    "pause": ev.PauseAsked,
    "resume": ev.ResumeAsked,
    "stop": ev.StopAsked,
    "again": ev.AgainAsked,
    "start": ev.Started,
    "checklist": ev.ChecklistAsked,
    "more-time": ev.MoreTimeAsked,
    "eased": ev.KnotEased,
    "still-tight": ev.KnotStayedTight,
    "lighter": ev.LighterAsked,
}
WANTED = {*COMMAND_EVENTS, "goto", "skip", "knot", "harder"}
"""The meanings of messages that ask the coach to do something."""
MEANINGS = {*WANTED, *Ask, "pain", "safety", "talk", "outside"}
"""Every meaning that a message can have."""
PLACE_FOLLOW_UP = re.compile(r"(and|n|how about|what about)( \w+){1,4}")
"""Matches a follow-up question that may name a place on the body, such as "how about the neck"."""
NOT_A_COMMAND = re.compile(r"\b(too|also|as well|same|go there|that one|back of|next to)\b")
"""Matches words which show that a message is not a command, although it begins like one: "next one as well",
"back of her neck".
"""
ASKS_WITH_MARK = re.compile(r"\b(next|nxt|nex|again|more|longer|harder|deeper|firmer|lighter|softer)\b")
"""Matches words that are a command on their own, but a question when the message contains a "?": "next?"
after "where do I press".
"""
MORE_THAN_ONE = {"two", "2", "both", "knots", "spots", "another"}
"""Words which show that a message is about several knots, if the message also contains "left" and "right".
One message can mark only one knot, so the coach then shows the grid for marking knots.
"""
YES_NO: dict[Reason, tuple[ev.Event, ev.Event]] = {
    Reason.STOPPING: (ev.StopConfirmed(), ev.ResumeAsked()),
    Reason.RESTARTING: (ev.StartedOver(), ev.ResumeAsked()),
    Reason.LATE: (ev.ResumeAsked(), ev.PauseAsked()),
}
"""For each pause in which the coach asks a yes-or-no question: the event for yes, and the event for no."""
BODY_PARTS = PhraseMatcher(
    {"head": ["head", "face", "neck", "nose", "cheek"], "arms": ["arm", "arms", "hands", "elbows"]}
)
"""Finds the part of the body that a question about how to lie down names."""
MOVING = {"next", "back", "pause", "resume", "stop", "again", "start", "more-time", "lighter", "goto", "skip"}
"""Meanings that start or stop the massage, move it on or back, or change its pressure. A question must do
none of these things.
"""
LIKE_NOT_YET = {"next", "resume", "more-time", "again", "start"}
"""Meanings that the classifier may give to a message such as "not yet" during a pause."""
PAIN_THRESHOLD, SAFETY_THRESHOLD, MEANING_THRESHOLD = 0.08, 0.2, 0.4
"""The probabilities above which a message counts as a report of pain, as a health matter, and as having its
most probable meaning.
"""
LOW_THRESHOLD = 0.05
"""A lower probability threshold for two cases. In the first, the message names an illness, and may be about a
health matter. In the second, the message wants an answer, so it counts as the most probable question and not
as a command.
"""


class Interpreter:
    """Turns messages into events. The library gives the routines and the handbook's known phrases."""

    def __init__(self, library: Library) -> None:
        self._library = library
        words = library.handbook.words
        self._yes, self._no, self._clear, self._not_today = (
            {" ".join(words_of(text)) for text in texts}
            for texts in (words.yes, words.no, words.none_of_these, words.not_today)
        )
        self._commands = PhraseMatcher({"said": words.commands})
        self._halts = PhraseMatcher({"said": words.halts})
        self._command_words = PhraseMatcher({"said": " ".join(words.commands).split()})
        self._fillers = frozenset(words.fillers)
        self._own = {" ".join(words_of(text)): label for label, said in words.means.items() for text in said}
        self._resume, self._onward, self._not_yet, self._done = (
            PhraseMatcher({"said": said}) for said in (words.resume, words.onward, words.not_yet, words.done)
        )
        self._emergency, self._pain, self._wishes, self._too_much = (
            PhraseMatcher({"said": said})
            for said in (words.emergency, words.pain, words.wishes, words.too_much)
        )
        self._conditions = PhraseMatcher(words.conditions)
        self._places = PhraseMatcher(words.places)
        self._items = PhraseMatcher(words.items)
        self._terms = PhraseMatcher({term: [term] for term in _terms(library)})

    def understand(self, text: str, session: Session) -> ev.Event:
        """Return the event that a message causes.

        A command usually means the same whatever was asked before, so the session's last question is ignored.
        There is one exception. If a command contains other words too, and the whole message counts as pain
        when it is read as a follow-up to the last question, then the message counts as pain.
        """
        words = words_of(text)
        if session.asked and self._is_command(text, words):
            hurts = not self._is_bare(words) and isinstance(self._read(text, words, session), ev.PainReported)
            session = session if hurts else replace(session, asked=None)
        return self._read(text, words, session)

    def _read(self, text: str, words: list[str], session: Session) -> ev.Event:
        """Return the event that a message causes. If the session has a last question, the message is read as
        a possible follow-up to that question.
        """
        situation = Situation(session, self._library.routines[session.choices.routine])
        if event := self._answered(" ".join(words), situation):
            return event
        utterance = Utterance(
            words,
            asks="?" in text or bool(ASKING.match(" ".join(words))),
            ill=self._conditions.first(words) is not None,
            reading=read(situation.told, text),
            situation=situation,
        )
        if label := self._own.get(" ".join(words)):
            meaning, _, about = label.partition(" ")
            return self._event(meaning, about or None, utterance)
        return (
            self._hurt(utterance)
            or self._unsafe(utterance)
            or self._place_too(utterance)
            or self._in_pause(utterance)
            or self._meant(utterance)
        )

    def hurts(self, text: str) -> bool:
        """Return whether a message would count as pain if it were written in the middle of a massage."""
        routine = self._library.default
        working = Running(Massage(0, Side.LEFT, Place(2)), Waiting(0.0, 0.0))
        return isinstance(
            self.understand(text, Session.fresh(0, routine, 0.0).moved(working)), ev.PainReported
        )

    def cries(self, text: str) -> bool:
        """Return whether a message contains words that clearly report pain or an emergency.

        This check takes only microseconds, because it looks for known phrases and does not use the
        classifier.
        """
        words = words_of(text)
        own = self._own.get(" ".join(words)) == "pain"
        return own or bool(self._emergency.first(words) or self._pain.first(words))

    def _is_command(self, text: str, words: list[str]) -> bool:
        """Return whether a message is a plain yes, or begins with the words of a command. Filler words may
        come before the command.
        """
        said, fillers = " ".join(words), len(list(takewhile(self._fillers.__contains__, words)))
        starts = [words[at:] for at in range(fillers + 1)]
        if any(map(self._halts.begins, starts)):
            return True
        asks = (
            "?" in text
            and not ASKING.match(said)
            and (ASKS_WITH_MARK.search(said) or not self._is_bare(words))
        )
        if asks or NOT_A_COMMAND.search(said):
            return False
        return said in self._yes or any(map(self._commands.begins, starts))

    def _is_bare(self, words: list[str]) -> bool:
        """Return whether a message contains nothing but fillers and words of commands."""
        return all(word in self._fillers or self._command_words.begins([word]) for word in words)

    def _answered(self, said: str, situation: Situation) -> ev.Event | None:
        """Return the event if a message answers the health question, or the question that the coach asked
        when it paused; else None.
        """
        match situation.session.state:
            case Preparing(screening=True) if said in self._clear:
                return ev.ScreenedClear()
            case Preparing(screening=True) if said in self._not_today:
                return ev.ScreenedOut()
            case Preparing(screening=True) if said in self._yes | self._no:
                return ev.Began()
            case Paused(reason=Reason.STOPPING) if self._is_done(said.split()):
                return ev.StopConfirmed()
            case Paused(reason=reason) if reason in YES_NO:
                yes, no = YES_NO[reason]
                return yes if said in self._yes else no if said in self._no else None
            case Paused() if said in self._yes:
                return ev.ResumeAsked()
            case _:
                return None

    def _is_done(self, words: list[str]) -> bool:
        """Return whether a message agrees to end the massage, with no words for "go on" or "not yet"."""
        on = self._resume.first(words) or self._not_yet.first(words)
        return self._done.first(words) is not None and not on

    # --- Pain and safety --------------------------------------------------------------------------

    def _hurt(self, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message is about pain, else None.

        In case of doubt, a message counts as a report of pain, because a needless pause does no harm.
        """
        if self._emergency.first(utterance.words) and not utterance.asks:
            return ev.PainReported(emergency=True)
        told = self._pain.first(utterance.words) and not utterance.harmless
        sick = utterance.ill and utterance.likely("safety") > SAFETY_THRESHOLD
        wished = utterance.meaning != "pain" and self._wishes.first(utterance.words)
        likely = utterance.likely("pain") > (CERTAIN if self._goes_on(utterance) else PAIN_THRESHOLD)
        if told or (likely and not sick and not wished):
            return ev.PainReported()
        if utterance.meaning != Ask.ACHE:
            return None
        ache = ev.Asked(question=Question(Ask.ACHE, utterance.situation.massage.place))
        return ache if utterance.situation.at_knots else ev.PainReported()

    def _unsafe(self, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message is about a health matter, else None. A lower probability is enough if
        the message names an illness.
        """
        if utterance.likely("safety") <= (LOW_THRESHOLD if utterance.ill else SAFETY_THRESHOLD):
            return None
        return (None if utterance.ill else self._may_press(utterance)) or self._condition(utterance)

    def _may_press(self, utterance: Utterance) -> ev.Event | None:
        """Return the event that asks whether a place may be pressed. Return None if the message is no
        question or names no place.
        """
        place = self._places.first(utterance.words) if utterance.asks else None
        return ev.Asked(question=Question(Ask.MAY_PRESS, about=place)) if place else None

    def _place_too(self, utterance: Utterance) -> ev.Event | None:
        """Return the event that asks whether a place may be pressed, if a message is a follow-up question
        such as "how about the neck"; else None.
        """
        if not PLACE_FOLLOW_UP.fullmatch(" ".join(utterance.words)) or step_called(
            utterance.words, utterance.situation
        ):
            return None
        place = self._places.first(utterance.words)
        return ev.Asked(question=Question(Ask.MAY_PRESS, about=place)) if place else None

    def _condition(self, utterance: Utterance) -> ev.Event:
        condition = self._conditions.first(utterance.words) or "other"
        return ev.Asked(question=Question(Ask.CONDITION, about=condition))

    # --- Everything else --------------------------------------------------------------------------

    def _goes_on(self, utterance: Utterance) -> bool:
        """Return whether a message asks to end the current pause. A question or a "not yet" does not, because
        the hands press again as soon as the pause ends.
        """
        if utterance.asks or not utterance.situation.paused or self._not_yet.first(utterance.words):
            return False
        vague = utterance.meaning == "next" and not self._onward.first(utterance.words)
        return vague or utterance.meaning == "resume" or self._resume.first(utterance.words) is not None

    def _in_pause(self, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message asks to end the current pause, or to stay paused; else None."""
        if self._goes_on(utterance):
            return ev.ResumeAsked()
        waits = utterance.situation.paused and not utterance.asks and utterance.meaning in LIKE_NOT_YET
        return ev.PauseAsked() if waits and self._not_yet.first(utterance.words) else None

    def _meant(self, utterance: Utterance) -> ev.Event:
        """Return the event for the most probable meaning, or `Unclear` if no meaning is probable enough."""
        if self._too_much.first(utterance.words) and not utterance.asks and utterance.situation.under_way:
            return ev.LighterAsked()
        if utterance.inquires and utterance.meaning in MOVING:
            question = max(Ask, key=lambda ask: utterance.reading.means.get(ask, 0.0))
            return (
                self._event(question, None, utterance)
                if utterance.likely(question) > LOW_THRESHOLD
                else ev.Unclear()
            )
        if utterance.meaning != "outside" and utterance.likely(utterance.meaning) > MEANING_THRESHOLD:
            return self._event(utterance.meaning, None, utterance)
        return self._may_press(utterance) or ev.Unclear()

    def _event(self, meaning: str, about: str | None, utterance: Utterance) -> ev.Event:
        """Return the event for a meaning.

        `about` is what the message is about, if the handbook's `words.means` contains the message and says
        so; else None.
        """
        situation = utterance.situation
        match meaning:
            case "pain":
                return ev.PainReported()
            case "talk":
                return ev.Chatted()
            case "outside":
                return ev.Unclear()
            case "safety" if about is None:
                return self._condition(utterance)
            case "goto" | "skip" | "start":
                return self._moved(meaning, about, utterance)
            case Ask.INSTEAD if situation.screening and not utterance.asks:
                return ev.Began()
            case "knot":
                several = {"left", "right"} <= set(utterance.words) and MORE_THAN_ONE & set(utterance.words)
                spot = None if several else about or utterance.about(["-", *self._library.handbook.spots])
                return ev.KnotsAsked() if spot in ("-", None) else ev.KnotReported(spot=spot)
            case _ if meaning in COMMAND_EVENTS:
                return COMMAND_EVENTS[meaning]()
            case _:
                ask = Ask.MAY_PRESS if meaning == "safety" else Ask(meaning)
                return ev.Asked(question=self._question(ask, about, utterance))

    def _moved(self, meaning: str, about: str | None, utterance: Utterance) -> ev.Event:
        """Return the event for the meanings "goto", "skip" and "start"."""
        situation, last = utterance.situation, len(utterance.situation.routine.steps)
        if meaning == "start":
            if situation.under_way and situation.massage.place == Place() and "over" not in utterance.words:
                # There are no strokes yet in the first step, so "start" means the next step.
                return ev.NextAsked()
            return ev.Began() if isinstance(situation.session.state, Preparing) else ev.Started()
        if meaning == "skip":
            count = next((n for word in utterance.words if (n := number(word))), 2)
            return ev.StepChosen(step=min(situation.massage.place.step + count, last))
        step = step_meant(about, utterance)  # the session refuses a step that does not exist
        return ev.StepChosen(step=step) if step else ev.Unclear()

    def _question(self, ask: Ask, about: str | None, utterance: Utterance) -> Question:
        """Return the question, together with what it is about: a part of the massage, or a thing such as a
        term or an item.
        """
        if ask in OF_A_STEP:
            return Question(ask, place_meant(ask, about, utterance))
        named = about or self._thing(ask, utterance) or ""
        return Question(ask, utterance.situation.massage.place, named)

    def _thing(self, ask: Ask, utterance: Utterance) -> str | None:
        """Return the term, item, place or part of the body that a question is about, or None."""
        match ask:
            case Ask.WORD:
                return self._terms.first(utterance.words) or utterance.about(self._terms.names)
            case Ask.INSTEAD:
                return utterance.about(self._items.names) or self._items.first(utterance.words)
            case Ask.MAY_PRESS:
                return self._places.first(utterance.words) or utterance.about(self._library.handbook.no_press)
            case Ask.LIE:
                return BODY_PARTS.first(utterance.words)
            case _:
                return None


def _terms(library: Library) -> Iterable[str]:
    """Yield every term that a person can ask the meaning of."""
    for routine in library.routines.values():
        yield from routine.terms
    yield from library.handbook.strokes
    yield "knot"

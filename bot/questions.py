"""A person's words, here and now -> what they mean. Pure.

An answer to what the coach has just asked comes first, then an author's own phrases; then pain, what wants
a doctor's word, and the likeliest meaning with what it is about. What is not understood is `Unclear`, never a
guess.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from bot import events as ev
from bot.places import part_at, parts_of, place_after, place_before
from bot.reader import Reading
from bot.readers import readers
from bot.routine import Library, Routine, Side, Step
from bot.session import (
    Ask,
    Finished,
    Listening,
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
from bot.wording import Dictionary, words_of

COMMANDS: dict[str, type[ev.Event]] = {
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
WANTED = {*COMMANDS, "goto", "skip", "knot", "harder"}
"""What a person wants done."""
MEANINGS = {*WANTED, *Ask, "pain", "safety", "talk", "outside"}
OF_ALL = {Ask.LENGTH, Ask.TIME_LEFT, Ask.KEEP_OFF, Ask.WHY, Ask.WRONG}
"""What can be asked of the whole massage."""
OF_A_STEP = OF_ALL | {
    Ask.WHERE,
    Ask.DIRECTION,
    Ask.SIDE,
    Ask.HOW,
    Ask.HANDS,
    Ask.PRESSURE,
    Ask.PACE,
    Ask.FEEL,
    Ask.TIP,
}
AND_NEXT = (["and", "then"], ["and", "next"], ["and", "after"])
"""How a question goes on from the last one's part to the next."""
AND_PLACE = re.compile(r"(and|n|how about|what about)( \w+){1,4}")
"""How it goes on to a place by naming it."""
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
SEVERAL = {"two", "2", "both", "knots", "spots", "another"}
"""What tells of more knots than one message can mark."""
A_STEP = {"step", "number", "part", "stage", "no"}
YES_NO: dict[Reason, tuple[ev.Event, ev.Event]] = {
    Reason.STOPPING: (ev.StopConfirmed(), ev.ResumeAsked()),
    Reason.RESTARTING: (ev.StartedOver(), ev.ResumeAsked()),
    Reason.LATE: (ev.ResumeAsked(), ev.PauseAsked()),
}
"""What yes and no stand for where a pause has asked something."""
LIMBS = Dictionary(
    {"head": ["head", "face", "neck", "nose", "cheek"], "arms": ["arm", "arms", "hands", "elbows"]}
)
"""What lying down can be asked of."""
HARMLESS = {Ask.TIRED, Ask.NORMAL_ACHE, Ask.HARDER, "talk"}
"""Where a word of pain is none."""
ASKING = re.compile(
    r"(is|are|am|was|do(es)?|did|will|would|should|can|could|may|has|have|wh(at|ich|en|ere|y|o)s?|how|if|any)\b"
)
"""Words that begin a question."""
INQUIRING = re.compile(
    r"(is|are|am|was|does|do (i|we|you|they|he|she)|did|should|wh(at|ich|en|ere|y|o)s?|how(?! about))\b"
)
"""Words that begin one that is no polite command."""
MOVES = {"next", "back", "pause", "resume", "stop", "again", "start", "more-time", "lighter", "goto", "skip"}
"""What moves the massage or its pressure: nothing that a question does."""
GOING_ON = {"next", "resume", "more-time", "again", "start"}
"""What "not yet" in a pause reads like."""
PAIN, SAFETY, SURE, SURELY = 0.08, 0.2, 0.4, 0.9
"""Likely enough to be taken for pain, for a doctor's matter, for anything else at all; and beyond doubt."""
FAINT = 0.05
"""Likely enough for a doctor's matter that is called by its name."""


@dataclass(frozen=True, slots=True)
class Here:
    """Where in which routine the words were said."""

    session: Session
    routine: Routine

    @property
    def massage(self) -> Massage:
        """The one under way; at rest, one that stands at its beginning or its end."""
        match self.session.state:
            case Running(massage=massage) | Paused(massage=massage):
                return massage
            case Finished():
                place = Place(len(self.routine.steps))
            case _:
                place = Place()
        return Massage(run=0, stands=self.session.choices.side, place=place)

    @property
    def under_way(self) -> bool:
        return isinstance(self.session.state, Running | Paused)

    @property
    def screening(self) -> bool:
        return isinstance(self.session.state, Preparing) and self.session.state.screening

    @property
    def paused(self) -> bool:
        return isinstance(self.session.state, Paused)

    @property
    def at_knots(self) -> bool:
        return self.under_way and self.routine.steps[self.massage.place.step - 1].each_knot is not None

    @property
    def told(self) -> str:
        """In a few words, as they stand before each message that was learnt."""
        knots = ["knots"] if self.at_knots else []
        working = isinstance(self.session.state, Running | Paused | Listening)
        state = "running" if working else self.session.state.kind
        return " ".join([state, *knots, *self._asked()])

    def _asked(self) -> Iterable[str]:
        last = self.session.asked
        if last is None:
            return []
        of_a_step = last.ask in OF_A_STEP and last.place
        step = [self.routine.steps[last.place.step - 1].id] if of_a_step and last.place else []
        return [*last.ask.split("-"), *step, *last.about.split("-")]

    def after(self, place: Place) -> Place:
        if place == Place() and not self.under_way:
            return place
        if place.step != self.massage.place.step:
            return Place(min(place.step + 1, len(self.routine.steps)))
        return place_after(replace(self.massage, place=place), self.routine) or place

    def of(self, step: int) -> Place:
        """Where a step's own stroke is worked: here, or in its first part that is no other one repeated."""
        place, own = self.massage.place, self.routine.steps[step - 1]
        if place.step == step and part_at(self.massage, self.routine).step == own:
            return place
        parts = parts_of(self.massage, self.routine, step)
        return Place(step, next(i for i, part in enumerate(parts) if part.step == own))

    def before(self, place: Place) -> Place:
        return place_before(replace(self.massage, place=place), self.routine)


@dataclass(frozen=True, slots=True)
class Heard:
    """A message: its words, how they read, and where they were said."""

    words: list[str]
    asks: bool
    ill: bool
    reading: Reading
    here: Here

    @property
    def inquires(self) -> bool:
        """Whether it wants an answer, rather than asks in all politeness for something to be done."""
        return bool(INQUIRING.match(" ".join(self.words))) and "lets" not in self.words

    @property
    def meaning(self) -> str:
        """The likeliest."""
        return max(self.reading.means, key=self.reading.means.__getitem__)

    @property
    def harmless(self) -> bool:
        """Whether a word of pain in it is none."""
        sure = self.likely(self.meaning) > SURELY
        asks = self.asks or (sure and self.meaning == Ask.MAY_PRESS)
        return asks or self.meaning in HARMLESS or (sure and self.ill and self.meaning == "safety")

    def likely(self, meaning: str) -> float:
        return self.reading.means[meaning]

    def about(self, names: Iterable[str]) -> str | None:
        """The likeliest of these that it may be about; None where all are strange to the reader."""
        known = [name for name in names if name in self.reading.about]
        return max(known, key=self.reading.about.__getitem__) if known else None


class Ear:
    """Understands what people write, about a library's routines."""

    def __init__(self, library: Library) -> None:
        self._library = library
        words = library.handbook.words
        self._yes, self._no, self._clear, self._not_today = (
            {" ".join(words_of(text)) for text in texts}
            for texts in (words.yes, words.no, words.none_of_these, words.not_today)
        )
        self._own = {" ".join(words_of(text)): label for label, said in words.means.items() for text in said}
        self._resume, self._onward, self._not_yet, self._done = (
            Dictionary({"said": said}) for said in (words.resume, words.onward, words.not_yet, words.done)
        )
        self._emergency, self._pain, self._wishes, self._too_much = (
            Dictionary({"said": said}) for said in (words.emergency, words.pain, words.wishes, words.too_much)
        )
        self._conditions = Dictionary(words.conditions)
        self._places = Dictionary(words.places)
        self._items = Dictionary(words.items)
        self._terms = Dictionary({term: [term] for term in _terms(library)})

    def understand(self, text: str, session: Session) -> ev.Event:
        """The event that a message's words stand for."""
        words = words_of(text)
        here = Here(session, self._library.routines[session.choices.routine])
        if event := self._answered(" ".join(words), here):
            return event
        heard = Heard(
            words,
            asks="?" in text or bool(ASKING.match(" ".join(words))),
            ill=self._conditions.first(words) is not None,
            reading=readers().read(here.told, text),
            here=here,
        )
        if label := self._own.get(" ".join(words)):
            meaning, _, about = label.partition(" ")
            return self._event(meaning, about or None, heard)
        return self._hurt(heard) or self._unsafe(heard) or self._in_pause(heard) or self._meant(heard)

    def hurts(self, text: str) -> bool:
        """Whether it would be words of pain in the middle of a massage."""
        routine = self._library.default
        working = Running(Massage(0, Side.LEFT, Place(2)), Waiting(0.0, 0.0))
        return isinstance(self.understand(text, Session.fresh(0, routine, 0.0).moved(working)), ev.HurtSaid)

    def _answered(self, said: str, here: Here) -> ev.Event | None:
        """What answers the health question, or yes or no to what a pause has asked."""
        match here.session.state:
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
        """Whether it agrees that the massage is to end, and does not take it back."""
        on = self._resume.first(words) or self._not_yet.first(words)
        return self._done.first(words) is not None and not on

    # --- Pain and safety --------------------------------------------------------------------------

    def _hurt(self, heard: Heard) -> ev.Event | None:
        """Rather once too often: a pause harms nobody."""
        if self._emergency.first(heard.words) and not heard.asks:
            return ev.HurtSaid(emergency=True)
        told = self._pain.first(heard.words) and not heard.harmless
        sick = heard.ill and heard.likely("safety") > SAFETY
        wished = heard.meaning != "pain" and self._wishes.first(heard.words)
        likely = heard.likely("pain") > (SURELY if self._goes_on(heard) else PAIN)
        if told or (likely and not sick and not wished):
            return ev.HurtSaid()
        if heard.meaning != Ask.ACHE:
            return None
        ache = ev.Asked(question=Question(Ask.ACHE, heard.here.massage.place))
        return ache if heard.here.at_knots else ev.HurtSaid()

    def _unsafe(self, heard: Heard) -> ev.Event | None:
        """An illness by its name is one, wherever it is at all likely."""
        if heard.likely("safety") <= (FAINT if heard.ill else SAFETY):
            return None
        return (None if heard.ill else self._may_press(heard)) or self._condition(heard)

    def _may_press(self, heard: Heard) -> ev.Event | None:
        """A place to keep off that is named in a question."""
        place = self._places.first(heard.words) if heard.asks else None
        return ev.Asked(question=Question(Ask.MAY_PRESS, about=place)) if place else None

    def _condition(self, heard: Heard) -> ev.Event:
        condition = self._conditions.first(heard.words) or "other"
        return ev.Asked(question=Question(Ask.CONDITION, about=condition))

    # --- Everything else --------------------------------------------------------------------------

    def _goes_on(self, heard: Heard) -> bool:
        """Whether it ends a pause: nothing but clear words does, since hands would start again."""
        if heard.asks or not heard.here.paused or self._not_yet.first(heard.words):
            return False
        vague = heard.meaning == "next" and not self._onward.first(heard.words)
        return vague or heard.meaning == "resume" or self._resume.first(heard.words) is not None

    def _in_pause(self, heard: Heard) -> ev.Event | None:
        """What ends a pause, or asks for more of it."""
        if self._goes_on(heard):
            return ev.ResumeAsked()
        waits = heard.here.paused and not heard.asks and heard.meaning in GOING_ON
        return ev.PauseAsked() if waits and self._not_yet.first(heard.words) else None

    def _place_too(self, heard: Heard) -> ev.Event | None:
        """A place to keep off that a question goes on to: "how about the neck"."""
        if not AND_PLACE.fullmatch(" ".join(heard.words)) or self._called(heard.words, heard.here):
            return None
        place = self._places.first(heard.words)
        return ev.Asked(question=Question(Ask.MAY_PRESS, about=place)) if place else None

    def _meant(self, heard: Heard) -> ev.Event:
        if place := self._place_too(heard):
            return place
        if self._too_much.first(heard.words) and not heard.asks and heard.here.under_way:
            return ev.LighterAsked()
        if heard.inquires and heard.meaning in MOVES:
            question = max(Ask, key=lambda ask: heard.reading.means.get(ask, 0.0))
            return self._event(question, None, heard) if heard.likely(question) > FAINT else ev.Unclear()
        if heard.meaning != "outside" and heard.likely(heard.meaning) > SURE:
            return self._event(heard.meaning, None, heard)
        return self._may_press(heard) or ev.Unclear()

    def _event(self, meaning: str, about: str | None, heard: Heard) -> ev.Event:
        """What a meaning comes to here; `about` where a label names it."""
        here = heard.here
        match meaning:
            case "pain":
                return ev.HurtSaid()
            case "talk":
                return ev.Chatted()
            case "outside":
                return ev.Unclear()
            case "safety" if about is None:
                return self._condition(heard)
            case "goto" | "skip" | "start":
                return self._moved(meaning, about, heard)
            case Ask.INSTEAD if here.screening and not heard.asks:
                return ev.Began()
            case "knot":
                several = {"left", "right"} <= set(heard.words) and SEVERAL & set(heard.words)
                spot = None if several else about or heard.about(["-", *self._library.handbook.spots])
                return ev.KnotsAsked() if spot in ("-", None) else ev.KnotTold(spot=spot)
            case _ if meaning in COMMANDS:
                return COMMANDS[meaning]()
            case _:
                ask = Ask.MAY_PRESS if meaning == "safety" else Ask(meaning)
                return ev.Asked(question=self._question(ask, about, heard))

    def _moved(self, meaning: str, about: str | None, heard: Heard) -> ev.Event:
        """Where to go, or what to begin."""
        here, last = heard.here, len(heard.here.routine.steps)
        if meaning == "start":
            if here.under_way and here.massage.place == Place() and "over" not in heard.words:
                return ev.NextAsked()  # they still lie down, and want the strokes to begin
            return ev.Began() if isinstance(here.session.state, Preparing) else ev.Started()
        if meaning == "skip":
            ahead = next((n for word in heard.words if (n := _number(word))), 2)
            return ev.StepChosen(step=min(here.massage.place.step + ahead, last))
        number = _numbered(heard.words, last)
        if number and number > last:
            return ev.StepChosen(step=number)  # which the machine refuses in a sentence
        step = self._step(about or self._named(heard) or "", here)
        return ev.StepChosen(step=step) if step else ev.Unclear()

    def _question(self, ask: Ask, about: str | None, heard: Heard) -> Question:
        if ask in OF_A_STEP:
            return Question(ask, self._place(ask, about, heard))
        named = about or self._thing(ask, heard) or ""
        return Question(ask, heard.here.massage.place, named)

    def _thing(self, ask: Ask, heard: Heard) -> str | None:
        """The word, item, place or part of the body that is asked about."""
        match ask:
            case Ask.WORD:
                return self._terms.first(heard.words) or heard.about(self._terms.names)
            case Ask.INSTEAD:
                return heard.about(self._items.names) or self._items.first(heard.words)
            case Ask.MAY_PRESS:
                return self._places.first(heard.words) or heard.about(self._library.handbook.no_press)
            case Ask.LIE:
                return LIMBS.first(heard.words)
            case _:
                return None

    # --- Which step -------------------------------------------------------------------------------

    def _place(self, ask: Ask, about: str | None, heard: Heard) -> Place | None:
        """The part that is meant; None for the whole."""
        here, last = heard.here, heard.here.session.asked
        if beside := self._beside(heard):
            return beside
        follows = heard.words[:1] in (["and"], ["then"], ["n"])
        base = last.place if follows and last and last.place else here.massage.place
        if heard.words[:2] in AND_NEXT:
            return here.after(base)
        match about or self._named(heard, "this", "next", "previous", *["all"] * (ask in OF_ALL)):
            case "all":
                return None
            case "next":
                return here.after(base)
            case "previous":
                return here.before(base)
            case str(name) if step := self._step(name, here):
                return here.of(step)
            case _:
                return base

    def _beside(self, heard: Heard) -> Place | None:
        """The step after or before one that is named: "what comes after the thumbs"."""
        last = len(heard.here.routine.steps)
        for beside, *names in (heard.words[at : at + 4] for at in range(len(heard.words))):
            if beside in ("after", "before"):
                number = _numbered(names, last) or self._called(names, heard.here)
                other = (number or 0) + (1 if beside == "after" else -1)
                return heard.here.of(other) if number and 1 <= other <= last else None
        return None

    def _called(self, words: list[str], here: Here) -> int | None:
        """The number of the step that is called by one of its names."""
        names = Dictionary({step.id: _names(step) for step in here.routine.steps})
        return self._step(names.first(words) or "", here)

    def _named(self, heard: Heard, *else_: str) -> str | None:
        """The step that is meant: by its number, by a name that was never learnt, or as it reads."""
        steps = heard.here.routine.steps
        number = _numbered(heard.words, len(steps))
        if number and number <= len(steps):
            return steps[number - 1].id
        strange = {step.id: _names(step) for step in steps if step.id not in heard.reading.about}
        return Dictionary(strange).first(heard.words) or heard.about([*else_, *(step.id for step in steps)])

    def _step(self, name: str, here: Here) -> int | None:
        return next((n for n, step in enumerate(here.routine.steps, 1) if step.id == name), None)


def _names(step: Step) -> list[str]:
    return [step.name, step.id, *step.called]


def _terms(library: Library) -> Iterable[str]:
    for routine in library.routines.values():
        yield from routine.terms
    yield from library.handbook.strokes
    yield "knot"


def _numbered(words: list[str], last: int) -> int | None:
    """The step that "step five", "the fifth one" or "third to last" names, be there one or not."""
    for one, two in pairwise(words):
        number = _number(two) if one in A_STEP else _ordinal(one) if two in A_STEP | {"one", "bit"} else None
        if number is None and two in ("last", "to", "from") and "last" in words + ["end"] * (two == "from"):
            from_end = _ordinal(one)
            number = last - from_end + 1 if from_end else None
        if number and number >= 1:
            return number
    return None


def _number(word: str) -> int | None:
    if word.isdecimal() and len(word) < 3:
        return int(word)
    return NUMBERS.index(word) + 1 if word in NUMBERS else None


def _ordinal(word: str) -> int | None:
    if word in ORDINALS:
        return ORDINALS.index(word) + 1
    return _number(word[:-2]) if word.endswith(("st", "nd", "rd", "th")) else None

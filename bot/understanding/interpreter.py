"""Turn a person's message into an event, given the current state of the session.

The interpreter checks for several things, in this order: an emergency; somebody who is afraid or not listened
to; an answer to something that the coach has just asked; somebody's age; a whole message that the handbook's
`words.means` gives a meaning to; a choice, such as a length, and a number out of ten; a health matter that is
told in plain words; pain; any other health matter; a follow-up question about a place on the body; a wish to
end a pause; and last, the meaning that the classifier finds most probable. What must never be missed is found
by plain rules, without the classifier. The interpreter must never guess: a message that it does not
understand becomes the event `Unclear`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product, takewhile

from bot.routine.model import Library, Side
from bot.session import events as ev
from bot.session.state import (
    HOLDING,
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
from bot.understanding import calm, choices, consent, said, whose
from bot.understanding.classifier import read
from bot.understanding.phrases import PhraseMatcher, words_of
from bot.understanding.references import number, place_meant, step_called, step_meant
from bot.understanding.signs import SignMatcher, is_happening
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
    "harder": ev.FirmerAsked,
}
WANTED = {*COMMAND_EVENTS, "goto", "skip", "knot"}
"""The meanings of messages that ask the coach to do something."""
CRIES = {"emergency", "unsafe", Ask.CAN_ASK}
"""Meanings of messages that are an alarm as a whole, such as "fire".

"Help" is one in a massage; before it and after it, it asks how this works.
"""
MEANINGS = {*WANTED, *Ask, *choices.MEANINGS, *CRIES, "pain", "safety", "talk", "outside"}
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
    Reason.TRACK: (ev.TrackConfirmed(), ev.ResumeAsked()),
}
"""For each pause in which the coach asks a yes-or-no question: the event for yes, and the event for no."""
SHOUTED = {"stop", "outside"}
"""Meanings of whole messages, such as "stop" and "no", that are a cry of pain if they are shouted."""
CUT_SHORT = re.compile(r"\W*(?:please |pls )?don['’]?t\s*[!.,;:]+\s*stop", re.IGNORECASE)
"""Matches "don't! stop", which is the opposite of "don't stop"."""
CALM: dict[calm.Matter, ev.Event] = {
    calm.Matter.COLD: ev.Asked(question=Question(Ask.INSTEAD, about="towel")),
    calm.Matter.NOISE: ev.PauseAsked(),
    calm.Matter.PLEASURE: ev.Chatted(),
    calm.Matter.OTHER: ev.Unclear(),
}
"""The event for each small matter that only sounds like an alarm."""
WHO_AGREES = {
    Reason.ASK_FIRST: consent.DOCTORS,
    Reason.NOT_TODAY: consent.DOCTORS,
    Reason.YOUNG: consent.PARENTS,
}
"""For each pause that somebody's permission can end, or cannot: who has to give it."""
SAME_AS = {
    **dict.fromkeys(("he", "they"), "she"),
    **dict.fromkeys(("hes", "theyre"), "shes"),
    **dict.fromkeys(("him", "his", "them", "their"), "her"),
    **dict.fromkeys(("husband", "partner", "girlfriend", "boyfriend"), "wife"),
}
"""Words for other people than those the handbook's cries are written of."""
CRIED_WITH = {
    "please",
    "pls",
    "quick",
    "quickly",
    "now",
    "omg",
    "oh",
    "god",
    "wait",
    "hey",
    "coach",
    "ok",
    "right",
    "just",
}
"""Words that may stand around a message that is an alarm as a whole."""
PEOPLE = {"i", "she", "he", "we", "they", "wife", "husband", "partner", "girlfriend", "boyfriend", "gf", "bf"}
"""Words for somebody who is here."""
OWN = {"her", "his", "my", "their"}
IS = {"is", "are", "am", "feels", "feel", "got", "looks"}
HAPPENED = {
    "broke",
    "fractured",
    "cracked",
    "dislocated",
    "sprained",
    "tore",
    "strained",
    "burnt",
    "burned",
    "fainted",
}
"""Words that tell of a condition, if it was a person who did this."""
DIZZY, DRUNK, INFECTED = "dizziness or fainting", "too much alcohol", "anything infected or inflamed"
FEVER, CLOT, BURN, WOUND = (
    "a fever",
    "a blood clot in a vein",
    "a burn or sunburn",
    "an open or healing wound",
)
"""Conditions that come during a massage, or that people tell of without a verb."""
DRUNKEN = {
    *("drunk", "tipsy", "tipsey", "merry", "pissed", "drank", "beers"),
    *("wasted", "stoned", "plastered", "tripping", "weed", "gummies", "edibles", "high"),
}
DOUBTS = {"but", "still", "though", "except", "however"}
"""Words with which a message does not say that an emergency is over."""
FEVERISH = re.compile(r"(?<!\d )\b(?:38|39|40|41) \d\b")
"""Matches a body temperature in degrees Celsius, such as "38.7"."""
SWOLLEN_LEG = re.compile(
    r"^(?=.*\b(?:calf|calves)\b)(?=.*\b(?:swollen|swelling|hot and red|red and hot|red hot|is hot|is red)\b)|"
    r"^(?=.*\b(?:leg|thigh)\b)(?=.*\b(?:swollen|swelling)\b)(?=.*\b(?:red|hot|warm|sore|hurts|painful)\b)"
)
"""Matches the signs of a clot in a leg."""
UNNAMED = re.compile(
    r"\b(?:miscarr\w*|breast ?feeding|breast ?feeds|gave birth|given birth|postpartum|varicose|rheumatoid|"
    r"blood sugar)\b"
)
"""Matches matters for a doctor that none of the handbook's sentences fits."""
NEEDS_A_DOCTOR = re.compile(
    r"\b(?:oil|soap|lotion|cream|wax)(?: \w+){0,2} (?:in|into) (?:her|his|my|the|their) (?:left |right )?"
    r"eyes?\b|"
    r"\blump\b.*\b(?:doesnt|does not|wont|not) (?:move|moving)\b"
)
"""Matches what a doctor should see, though it is no illness."""
SURE = re.compile(
    r"\b(?:nose ?bleeds?|nose is bleeding|burnt|burned|hot wax|hot and shivery|shivery and hot)\b"
)
"""Matches a fever, a burn or a wound in words that need no "she has"."""
HAS = {"has", "have", "had", "gets", "takes", "took", "im", "shes", "hes", "theyre", "weve", "ive"}
"""Words which show that somebody has the condition that is named after them."""
ADDS = {
    *(
        "a",
        "an",
        "and",
        "the",
        "some",
        "really",
        "very",
        "quite",
        "bit",
        "slightly",
        "just",
        "still",
        "also",
        "always",
        "both",
    ),
    *(
        "all",
        "got",
        "had",
        "been",
        "having",
        "taking",
        "on",
        "of",
        "to",
        "with",
        "bad",
        "low",
        "high",
        "recent",
        "little",
    ),
    *("small", "mild", "severe", "chronic", "diagnosed", "pretty"),
}
"""Words that may stand between."""
DIAGNOSIS = re.compile(
    r"(do|does|have|has|could|might|is (it|this|that)(?! (ok|okay|safe|fine|bad|all))|whats?)\b"
)
"""Matches the first words of a question such as "do I have a slipped disc", which tells of no condition."""
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


FIRE = {"fire", "flames", "smoke", "gas", "burning"}
"""Words which show that an emergency is a fire."""


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
        self._own = {
            " ".join(words_of(text)): label for label, texts in words.means.items() for text in texts
        }
        self._switches = {spelt: label for spelt, label in self._own.items() if label in choices.LABELS}
        self._resume, self._onward, self._not_yet, self._done = (
            PhraseMatcher({"said": texts})
            for texts in (words.resume, words.onward, words.not_yet, words.done)
        )
        self._emergency, self._unsafe = SignMatcher(words.emergency), SignMatcher(words.unsafe)
        self._all_right, self._pain, self._wishes, self._too_much = (
            PhraseMatcher({"said": texts})
            for texts in (words.all_right, words.pain, words.wishes, words.too_much)
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
        told = said.normal(text)
        if event := (
            self._alarm(words, told, situation)
            or self._willing(told, situation)
            or self._answered(words, told, situation)
            or (ev.YoungTold() if said.is_young(told) else None)
        ):
            return event
        utterance = Utterance(
            words,
            asks="?" in text or bool(ASKING.match(" ".join(words))),
            ill=self._conditions.first(words) is not None,
            reading=read(situation.told, text),
            situation=situation,
        )
        label = self._own.get(" ".join(words))
        if label and label not in choices.LABELS:
            meaning, _, about = label.partition(" ")
            if (meaning in SHOUTED and ("!" in text or text.isupper())) or CUT_SHORT.match(text):
                return ev.PainReported()
            if meaning != "outside" or not situation.at_knots:
                return self._event(meaning, about or None, utterance)
        return (
            self._chosen(text, told, utterance)
            or self._harmless(told, utterance)
            or self._told_of_condition(utterance)
            or self._hurt(told, utterance)
            or self._ails(utterance)
            or self._place_too(utterance)
            or self._in_pause(utterance)
            or self._meant(utterance)
        )

    def hurts(self, text: str) -> bool:
        """Return whether a message would stop the hands if it were written in the middle of a massage: it
        reports pain, an emergency or another alarm.
        """
        routine = self._library.default
        working = Running(Massage(0, Side.LEFT, Place(2)), Waiting(0.0, 0.0))
        match self.understand(text, Session.fresh(0, routine, 0.0).moved(working)):
            case ev.PressureRated(score=score):
                return score >= ev.PAIN_SCORE
            case event:
                return isinstance(event, ev.Alarm | ev.StopAsked)

    def cries(self, text: str) -> bool:
        """Return whether a message contains words that clearly report pain, an emergency or another alarm.

        This check is faster than `hurts`, because it looks for known phrases and patterns and does not use
        the classifier.
        """
        words, told = words_of(text), said.normal(text)
        own = self._own.get(" ".join(words)) in ("pain", "stop")
        return (
            own
            or self._conditions.first(words) == DIZZY
            or self._pain.first(words) is not None
            or self._is_emergency(words, told)
            or self._is_unsafe(words, told)
            or said.is_young(told)
        )

    def _is_command(self, text: str, words: list[str]) -> bool:
        """Return whether a message is a plain yes, or begins with the words of a command. Filler words may
        come before the command.
        """
        spelt, fillers = " ".join(words), len(list(takewhile(self._fillers.__contains__, words)))
        starts = [words[at:] for at in range(fillers + 1)]
        if any(map(self._halts.begins, starts)):
            return True
        asks = (
            "?" in text
            and not ASKING.match(spelt)
            and (ASKS_WITH_MARK.search(spelt) or not self._is_bare(words))
        )
        if asks or NOT_A_COMMAND.search(spelt):
            return False
        return spelt in self._yes or any(map(self._commands.begins, starts))

    def _is_bare(self, words: list[str]) -> bool:
        """Return whether a message contains nothing but fillers and words of commands."""
        return all(word in self._fillers or self._command_words.begins([word]) for word in words)

    def _alarm(self, words: list[str], told: str, situation: Situation) -> ev.Event | None:
        """Return the event if a message tells of an emergency, or of somebody who is not safe; else None."""
        if self._is_emergency(words, told) or (situation.under_way and self._cry(words) == Ask.CAN_ASK):
            return ev.EmergencyReported(fire=not FIRE.isdisjoint(words))
        answers = situation.screening or situation.at_knots or situation.reason in {*YES_NO, *WHO_AGREES}
        unheard = (consent.says_no(told) or consent.says_stop(told)) and not answers
        return ev.UnsafeReported() if unheard or self._is_unsafe(words, told) else None

    def _is_emergency(self, words: list[str], told: str) -> bool:
        shown = self._emergency.shown_in(words) and is_happening(told)
        return shown or self._cry(words) == "emergency"

    def _is_unsafe(self, words: list[str], told: str) -> bool:
        return self._unsafe.shown_in(words) or consent.is_unheard(told) or self._cry(words) == "unsafe"

    def _cry(self, words: list[str]) -> str | None:
        """Return which of CRIES a whole message is, with or without CRIED_WITH, however often it
        is repeated; else None.
        """
        once = [SAME_AS.get(word, word) for word in dict.fromkeys(words)]
        spelt = (
            " ".join(word for word in once if word not in CRIED_WITH)
            .replace("she is ", "shes ")
            .replace("i am ", "im ")
        )
        labels = map(self._own.get, (spelt.removeprefix("help ").removesuffix(" help"), spelt))
        return next((label for label in labels if label in CRIES), None)

    def _willing(self, told: str, situation: Situation) -> ev.Event | None:
        """Return the event if a message agrees to begin, or refuses to go on after pain; else None."""
        match situation.session.state:
            case Preparing(screening=False) if consent.is_bare_yes(told):
                return ev.Began()
            case Paused(reason=Reason.PAIN) if consent.will_not_go_on(told):
                return ev.StopConfirmed()
            case _:
                return None

    def _answered(self, words: list[str], told: str, situation: Situation) -> ev.Event | None:
        """Return the event if a message answers the health question, or the question that the coach asked
        when it paused; else None.
        """
        spelt = " ".join(words)
        match situation.session.state:
            case Preparing(screening=True, told=True) if consent.is_sure_yes(told):
                return ev.PermissionGiven()
            case Preparing(screening=True, told=True) if consent.is_sure_no(told) or consent.says_no(told):
                return ev.ScreenedOut()
            case Preparing(screening=True):
                return self._screened(spelt, told)
            case Paused(reason=reason) if reason in HOLDING:
                return self._released(words, told, reason)
            case Paused(reason=Reason.STOPPING) if self._is_done(words):
                return ev.StopConfirmed()
            case Paused(reason=Reason.TRACK) if words[:1] == ["play"]:
                return ev.TrackConfirmed()
            case Paused(reason=reason) if reason in YES_NO:
                yes, no = YES_NO[reason]
                return yes if spelt in self._yes else no if spelt in self._no else None
            case Paused() if spelt in self._yes:
                return ev.ResumeAsked()
            case Paused() if consent.is_sure_no(told):
                return ev.PauseAsked()
            case _:
                return None

    def _screened(self, spelt: str, told: str) -> ev.Event | None:
        """Return the event if a message answers the health question; else None."""
        if spelt in self._clear:
            return ev.ScreenedClear()
        if spelt in self._not_today:
            return ev.ScreenedOut()
        if consent.agreed_by(consent.DOCTORS, told):
            return ev.PermissionGiven()
        if consent.refused_by(consent.DOCTORS, told):
            return ev.ScreenedOut()
        vague = spelt in self._yes | self._no or consent.says_no(told) or self._is_permission(told)
        vague = vague or consent.is_vague_about_health(told)
        return ev.VagueAnswer() if vague else None

    def _released(self, words: list[str], told: str, reason: Reason) -> ev.Event | None:
        """Return the event if a message answers what a pause waits for that is held; else None.

        "Ok" and "carry on" are no answers: whoever wants to go on has to say that it is over, or that
        somebody has agreed.
        """
        if consent.wants_to_end(told):
            return ev.StopConfirmed()
        if reason is Reason.EMERGENCY and self._all_right.first(words):
            over = not self._not_yet.first(words) and DOUBTS.isdisjoint(words)
            return ev.EmergencyEnded() if over else ev.PauseAsked()
        people = WHO_AGREES.get(reason)
        if people and consent.agreed_by(people, told):
            return ev.PermissionGiven()
        if reason in (Reason.ASK_FIRST, Reason.YOUNG):
            if consent.is_sure_yes(told) and not (reason is Reason.ASK_FIRST and consent.is_bare_yes(told)):
                return ev.PermissionGiven()
            if (
                consent.is_sure_no(told)
                or consent.says_no(told)
                or consent.refused_by(WHO_AGREES[reason], told)
            ):
                return ev.StopConfirmed()
        return ev.PauseAsked() if self._is_vague(words, told) else None

    def _is_vague(self, words: list[str], told: str) -> bool:
        """Return whether a message says no more than yes or no, or that people agree who cannot decide it."""
        return (
            " ".join(words) in self._yes | self._no
            or consent.is_sure_yes(told)
            or consent.is_sure_no(told)
            or self._is_permission(told)
        )

    def _is_permission(self, told: str) -> bool:
        return any(consent.agreed_by(people, told) for people in (consent.DOCTORS, consent.PARENTS))

    def _is_done(self, words: list[str]) -> bool:
        """Return whether a message agrees to end the massage, with no words for "go on" or "not yet"."""
        on = self._resume.first(words) or self._not_yet.first(words)
        return self._done.first(words) is not None and not on

    def _chosen(self, text: str, told: str, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message chooses or switches something, or rates the pressure; else None."""
        situation, asks = utterance.situation, "?" in text
        label = self._switch(utterance.words)
        if label and (event := choices.switched(label, situation, self._library)):
            return event
        if event := choices.chosen(told, situation, self._library, asks=asks):
            return event
        if not asks and (event := choices.retracted(told, situation)):
            return event
        hurt = self._pain.first(utterance.words) or self._halts.first(utterance.words)
        if not utterance.ill and self._is_permission(told):
            return ev.PermissionGiven()
        score = said.score_in(told, asks=asks) if situation.under_way and not hurt else None
        return None if score is None else ev.PressureRated(score=score)

    def _switch(self, words: list[str]) -> str | None:
        """Return the label of a choice if a message consists of its words, with or without fillers around
        them; else None.
        """
        before = len(list(takewhile(self._fillers.__contains__, words)))
        after = len(list(takewhile(self._fillers.__contains__, reversed(words))))
        spelt = (
            " ".join(words[start : len(words) - end])
            for start, end in product(range(before + 1), range(after + 1))
        )
        return next((self._switches[each] for each in spelt if each in self._switches), None)

    # --- Pain and safety --------------------------------------------------------------------------

    def _hurt(self, text: str, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message is about pain, else None.

        In case of doubt, a message counts as a report of pain, because a needless pause does no harm.
        """
        if utterance.situation.under_way and not utterance.asks and calm.is_displeased(text):
            return ev.PainReported()
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

    def _ails(self, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message is about a health matter, else None. A lower probability is enough if
        the message names an illness.
        """
        if utterance.likely("safety") <= (LOW_THRESHOLD if utterance.ill else SAFETY_THRESHOLD):
            return None
        return (None if utterance.ill else self._may_press(utterance)) or self._condition(utterance)

    def _told_of_condition(self, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message says that somebody has a condition, whatever the classifier makes of
        it; else None. In a massage, words of pain win.
        """
        words, spelt = utterance.words, " ".join(utterance.words)
        if NEEDS_A_DOCTOR.search(spelt) and not utterance.asks:
            return ev.HealthTold(condition="")
        if (SWOLLEN_LEG.search(spelt) or FEVERISH.search(spelt)) and not DIAGNOSIS.match(spelt):
            return self._condition(utterance)
        hurt = utterance.situation.under_way and self._pain.first(words)
        if hurt or DIAGNOSIS.match(" ".join(words)):
            return None
        found = self._conditions.found(words)
        told = any(_has(words, at, name) for name, starts in found.items() for at in starts)
        return self._condition(utterance) if told or self._comes_over(utterance) else None

    def _comes_over(self, utterance: Utterance) -> bool:
        """Return whether a message names what comes during a massage, and so needs no "she has": "dizzy"."""
        condition = self._conditions.first(utterance.words)
        dizzy = condition == DIZZY and utterance.meaning != "talk"
        drunk = condition == DRUNK and not DRUNKEN.isdisjoint(utterance.words)
        sure = condition in (FEVER, BURN, WOUND) and SURE.search(" ".join(utterance.words))
        return bool(dizzy or drunk or sure) and not utterance.asks

    def _harmless(self, told: str, utterance: Utterance) -> ev.Event | None:
        """Return the event if a message only sounds like pain or an illness: a small matter, or an illness of
        somebody who is not here, or one long over; else None.
        """
        if FEVERISH.search(" ".join(utterance.words)):
            return None
        matter, situation = calm.matter_of(told), utterance.situation
        if matter and not (matter is calm.Matter.OTHER and utterance.asks):
            return CALM[matter]
        rates = isinstance(situation.session.state, Running) and not situation.at_knots
        if rates and not utterance.asks and calm.is_just_right(told):
            return ev.Chatted()
        if not utterance.ill and utterance.meaning != "safety":
            return None
        if utterance.asks or len(self._conditions.found(utterance.words)) > 1 + told.count(" no "):
            return None
        if whose.is_denied(told):
            return ev.VagueAnswer() if utterance.situation.screening else ev.Chatted()
        elsewhere = not utterance.situation.screening and whose.is_elsewhere(told)
        over = whose.is_over(told, self._conditions.first(utterance.words) or "")
        return ev.Unclear() if elsewhere or (over and not self._pain.first(utterance.words)) else None

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
        condition, spelt = self._conditions.first(utterance.words) or "", " ".join(utterance.words)
        if SWOLLEN_LEG.search(spelt):
            condition = CLOT
        elif FEVERISH.search(spelt):
            condition = FEVER
        elif UNNAMED.search(spelt) and len(self._conditions.found(utterance.words)) == 1:
            condition = ""
        not_today = condition in [each.name for each in self._library.handbook.safety.not_today]
        return ev.HealthTold(condition=condition, not_today=not_today)

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


def _has(words: Sequence[str], at: int, condition: str) -> bool:
    """Return whether the words before a condition, which begins at index `at`, say that somebody has it."""
    before = [word for word in words[:at] if word not in ADDS]
    subject, other = ["", "", *before][:-3:-1]
    if words[at] in HAPPENED:
        return subject in PEOPLE | HAS
    if "broken" in words[at:]:
        return subject in OWN | HAS
    return (
        subject in HAS or (subject in IS and other in PEOPLE) or (subject == "its" and condition == INFECTED)
    )


def _terms(library: Library) -> Iterable[str]:
    """Yield every term that a person can ask the meaning of."""
    for routine in library.routines.values():
        yield from routine.terms
    yield from library.handbook.strokes
    yield "knot"

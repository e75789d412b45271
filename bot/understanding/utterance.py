"""A message together with everything that is known about it: its words, the classifier's result, and the
session.

This module must never decide what a message means; `bot.understanding.interpreter` does that.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.routine.model import Routine
from bot.session.places import part_at, parts_of, place_after, place_before
from bot.session.state import (
    Ask,
    Finished,
    Listening,
    Massage,
    Paused,
    Place,
    Preparing,
    Reason,
    Running,
    Session,
)
from bot.understanding.network import Reading

OF_ALL = {Ask.LENGTH, Ask.TIME_LEFT, Ask.KEEP_OFF, Ask.WHY, Ask.WRONG}
"""Questions that can be about the whole massage."""
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
"""Questions that can be about one step."""
HARMLESS = {Ask.TIRED, Ask.NORMAL_ACHE, Ask.HARDER, "talk"}
"""If a message has one of these meanings, a word for pain in it does not mean that something hurts now."""
ASKING = re.compile(
    r"(is|are|am|was|do(es)?|did|will|would|should|can|could|may|has|have|wh(at|ich|en|ere|y|o)s?|how|if|any)\b"
)
"""Matches the first word of a question. Some commands match too, because they are put politely as questions:
"can you go back".
"""
WANTS_ANSWER = re.compile(
    r"(is|are|am|was|does|do (i|we|you|they|he|she)|did|should|wh(at|ich|en|ere|y|o)s?|how(?! about))\b"
)
"""Matches the first words of a question that wants an answer. A command that is put politely as a question
("can you go back") does not match.
"""
CERTAIN = 0.9
"""The probability above which a meaning counts as certain."""


@dataclass(frozen=True, slots=True)
class Situation:
    """The session and its routine at the time when a message arrived."""

    session: Session
    routine: Routine

    @property
    def massage(self) -> Massage:
        """The massage under way. If no massage is under way, this is a made-up massage, which is at the last
        step if the session is finished, and otherwise at the first step.
        """
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
    def reason(self) -> Reason | None:
        """Why the massage is paused; None if it is not."""
        return self.session.state.reason if isinstance(self.session.state, Paused) else None

    @property
    def at_knots(self) -> bool:
        return self.under_way and self.routine.steps[self.massage.place.step - 1].each_knot is not None

    @property
    def told(self) -> str:
        """A description of the state of the session, in a few words.

        The classifier was trained on messages with such descriptions, so the words must not change.
        """
        knots = ["knots"] if self.at_knots else []
        working = isinstance(self.session.state, Running | Paused | Listening)
        state = "running" if working else self.session.state.kind
        return " ".join([state, *knots, *self._asked()])

    def _asked(self) -> Iterable[str]:
        """Return words that describe the session's last question: its kind, its step and its topic. Without a
        last question, return no words.
        """
        last = self.session.asked
        if last is None:
            return []
        of_a_step = last.ask in OF_A_STEP and last.place
        step = [self.routine.steps[last.place.step - 1].id] if of_a_step and last.place else []
        return [*last.ask.split("-"), *step, *last.about.split("-")]

    def after(self, place: Place) -> Place:
        """Return the place that a person means by "what comes after" the part at `place`.

        If `place` is in the current step, the result is the next part. If `place` is in another step, the
        result is the first part of the step after that one. The result is `place` itself if nothing follows.
        The result is also `place` itself if `place` is the first part and no massage is under way, because
        that part is then still to come.
        """
        if place == Place() and not self.under_way:
            return place
        if place.step != self.massage.place.step:
            return Place(min(place.step + 1, len(self.routine.steps)))
        return place_after(replace(self.massage, place=place), self.routine) or place

    def of(self, step: int) -> Place:
        """Return the place at which a step's own stroke is done.

        This is the current part if the step's own stroke is being done there. Otherwise, it is the first part
        of the step with that stroke. The step may have earlier parts, which repeat the strokes of other
        steps.
        """
        place, own = self.massage.place, self.routine.steps[step - 1]
        if place.step == step and part_at(self.massage, self.routine).step == own:
            return place
        parts = parts_of(self.massage, self.routine, step)
        return Place(step, next(i for i, part in enumerate(parts) if part.step == own))

    def before(self, place: Place) -> Place:
        return place_before(replace(self.massage, place=place), self.routine)


@dataclass(frozen=True, slots=True)
class Utterance:
    """A message, together with the situation in which it arrived.

    `asks` is true if the message is a question, and `ill` is true if the message names an illness. `reading`
    is the classifier's result.
    """

    words: list[str]
    asks: bool
    ill: bool
    reading: Reading
    situation: Situation

    @property
    def inquires(self) -> bool:
        """Whether the message wants an answer. A command that is put politely as a question does not."""
        return bool(WANTS_ANSWER.match(" ".join(self.words))) and "lets" not in self.words

    @property
    def meaning(self) -> str:
        """The most probable meaning."""
        return max(self.reading.means, key=self.reading.means.__getitem__)

    @property
    def harmless(self) -> bool:
        """Whether the message reports no pain, even if it contains a word for pain."""
        sure = self.likely(self.meaning) > CERTAIN
        asks = self.asks or (sure and self.meaning == Ask.MAY_PRESS)
        return asks or self.meaning in HARMLESS or (sure and self.ill and self.meaning == "safety")

    def likely(self, meaning: str) -> float:
        """Return the probability of a meaning, from 0 to 1."""
        return self.reading.means[meaning]

    def about(self, names: Iterable[str]) -> str | None:
        """Return the one of these names that the message is most likely about; None if the classifier knows
        none of these names.
        """
        known = [name for name in names if name in self.reading.about]
        return max(known, key=self.reading.about.__getitem__) if known else None

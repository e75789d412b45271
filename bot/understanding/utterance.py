"""A message as it was heard: its words, how they read, and where in which routine they were said. Pure.

It says what stands there; what comes of it is decided in `bot.understanding.interpreter`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.routine.model import Routine
from bot.session.places import part_at, parts_of, place_after, place_before
from bot.session.state import Ask, Finished, Listening, Massage, Paused, Place, Preparing, Running, Session
from bot.understanding.network import Reading

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
SURELY = 0.9
"""Likely beyond doubt."""


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

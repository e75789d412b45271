"""What a massage routine is: steps, the parts they are worked in, and how long each part lasts.

Plain, frozen data under schema.org's HowTo names (`performTime` in YAML is `perform_time` here).
Reading it from files is `bot.routine.loading`'s work. Nothing here may know Telegram, a database or the
time of day; all times are seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic.alias_generators import to_camel

from bot.routine.durations import Duration

WALK_ROUND = 10.0
"""Seconds given for walking round to the other side, so that both sides are worked equally long."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
Name = Annotated[str, Field(min_length=2, max_length=40)]
Cue = Annotated[str, Field(min_length=2, max_length=60)]
Sentence = Annotated[str, Field(min_length=2, max_length=160)]
Note = Annotated[str, Field(min_length=2, max_length=300)]


class Data(BaseModel):
    """Base of everything read from YAML: frozen, no unknown keys, camelCase outside."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


class Side(StrEnum):
    """A side of the person lying down, always theirs: left is their left hand's side."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Tone(StrEnum):
    """The skin that pictures show."""

    LIGHT = "light"
    MEDIUM = "medium"
    DEEP = "deep"


class Pressure(StrEnum):
    """How hard to press; at most 3 on Walton's scale of 5, which is as far as a couple should go."""

    VERY_LIGHT = "very light"
    LIGHT = "light"
    MEDIUM = "medium"
    FIRM = "firm"

    @property
    def lighter(self) -> "Pressure":
        scale = list(Pressure)
        return scale[max(0, scale.index(self) - 1)]


class Motion(StrEnum):
    """How the hands travel over the skin."""

    GLIDE = "glide"
    CIRCLES = "circles"
    BACK_AND_FORTH = "back and forth"
    PRESS = "press and hold"
    TAP = "tap"


class Pace(StrEnum):
    SLOW = "slow"
    STEADY = "steady"
    QUICK = "quick"


class Covers(StrEnum):
    """Which side a stroke works, and so in how many parts its step is done."""

    BOTH = "both"
    """Both sides at once: one part."""
    FAR = "far"
    """The side far from the giver; then the giver walks round and works the other: two parts."""
    EACH = "each"
    """The left, then the right, from where the giver is: two parts."""


class Stance(StrEnum):
    """Where the giver is; only one who stands beside has a side to choose."""

    BESIDE = "beside"
    BEHIND = "behind"


class Times(Data):
    """The least, usual and most seconds for a part."""

    least: Duration
    usual: Duration
    most: Duration

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.least <= self.usual <= self.most:
            raise ValueError("the times are out of order; write least, usual and most from short to long")
        return self

    def at(self, stretch: float) -> float:
        """Seconds at a stretch of -1 (least), 0 (usual) or 1 (most), or between; whole 5 s."""
        end = self.most if stretch > 0 else self.least
        exact = self.usual + abs(stretch) * (end - self.usual)
        return min(self.most, max(self.least, 5 * round(exact / 5)))


class EachKnot(Data):
    """What to do at a marked knot, and the least and most seconds for it.

    Where to look for it, the handbook's spot says.
    """

    least: Duration
    most: Duration
    direction: tuple[Sentence, ...] = Field(min_length=1, max_length=5)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.least > self.most:
            raise ValueError("the times are out of order; write least before most, short before long")
        return self


class Where(Data):
    """The zones a stroke runs between, by their ids in the handbook."""

    start: Slug = Field(alias="from")
    end: Slug = Field(alias="to")
    covers: Covers = Field(alias="side")


class Technique(Data):
    """How a step's hands work. What `stroke`, `handShape` and `noPress` name stands in the handbook."""

    stroke: Slug
    hand_shape: Slug
    where: Where
    motion: Motion
    pace: Pace
    pressure: Pressure
    landmark: Sentence
    no_press: tuple[Slug, ...] = Field(min_length=1)
    feels_right: Note
    feels_wrong: Note
    mistake: Note


class Repeat(Data):
    """An earlier step done again, with a time of its own."""

    step: Slug
    perform_time: Times


class Step(Data):
    """One step of a routine. Where its stroke takes two sides, `performTime` is that of one side."""

    id: Slug
    name: Name
    called: tuple[Name, ...] = ()
    cue: Cue
    direction: tuple[Sentence, ...] = Field(min_length=1, max_length=5)
    technique: Technique | None = None
    perform_time: Times
    each_knot: EachKnot | None = None
    asks_for_knots: StrictBool = False
    repeats: tuple[Repeat, ...] = ()
    why: Note
    tip: Note
    transition: Sentence
    say: tuple[Sentence, ...] = ()


class Item(Data):
    """Something needed or to be done beforehand, and what may stand in for it."""

    name: Name
    why: Note | None = None
    instead: Note | None = None


class Routine(Data):
    """A whole massage. `id` is its file's name without the ending."""

    id: Slug
    name: Name
    description: Note
    stance: Stance
    prep_time: Duration
    total_time: Duration
    lengths: tuple[Duration, ...] = Field(min_length=1, max_length=5)
    checklist: tuple[Item, ...] = Field(min_length=1, max_length=12)
    supply: tuple[Item, ...] = ()
    tool: tuple[Item, ...] = ()
    terms: dict[Slug, Note] = Field(default_factory=dict)
    steps: tuple[Step, ...] = Field(alias="step", min_length=1, max_length=20)
    aftercare: tuple[Sentence, ...] = Field(min_length=1, max_length=4)

    @cached_property
    def by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps}


class NoPress(Data):
    """A place to keep off: `name` follows "Keep off", `why` is a sentence."""

    name: Name
    why: Note


class Spot(Data):
    """A cell of the grid in which knots are marked: how to go about it there; how hard, if not as usual."""

    name: Name
    how: Note
    pressure: Pressure | None = None


class Zone(Data):
    """A named place on the body that a stroke can run from or to."""

    name: Name


class HandShape(Data):
    """The part of the hand that works: `name` follows "with", `how` is a sentence."""

    name: Name
    how: Note


class Safety(Data):
    """What is said before the first stroke, and whenever something hurts."""

    disclaimer: Sentence
    not_today: tuple[Name, ...] = Field(min_length=1)
    ask_first: tuple[Name, ...] = Field(min_length=1)
    stop_signs: Note
    pain: Note
    emergency: Note
    declined: Note


Word = Annotated[str, Field(min_length=1, max_length=40)]
Phrase = Annotated[str, Field(min_length=1, max_length=500)]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]


class Words(Data):
    """What an author may add to what was learnt; `bot.understanding.phrases` says how phrases are found."""

    yes: Phrases
    no: Phrases
    none_of_these: Phrases
    not_today: Phrases
    commands: Phrases
    halts: Phrases
    fillers: Phrases
    resume: Phrases
    onward: Phrases
    not_yet: Phrases
    done: Phrases
    means: dict[str, Phrases]
    emergency: Phrases
    pain: Phrases
    wishes: Phrases
    too_much: Phrases
    conditions: dict[str, Phrases]
    places: dict[Slug, Phrases]
    items: dict[Slug, Phrases]


class Handbook(Data):
    """What all routines share: safety, the body's places, hands and strokes, and how people say things."""

    safety: Safety
    zones: dict[Slug, Zone]
    no_press: dict[Slug, NoPress]
    spots: dict[Slug, Spot] = Field(min_length=9, max_length=9)
    hand_shapes: dict[Slug, HandShape]
    strokes: dict[Slug, Note]
    words: Words


@dataclass(frozen=True, slots=True)
class Library:
    """The handbook and every routine by its id; the first is the one offered to a newcomer."""

    handbook: Handbook
    routines: dict[str, Routine]

    @property
    def default(self) -> Routine:
        return next(iter(self.routines.values()))


class Turn(StrEnum):
    """Which side's turn a part is."""

    BOTH = "both"
    FAR = "far"
    FAR_AFTER_WALKING = "far after walking"
    LEFT = "left"
    RIGHT = "right"


TURNS = {
    Covers.BOTH: (Turn.BOTH,),
    Covers.FAR: (Turn.FAR, Turn.FAR_AFTER_WALKING),
    Covers.EACH: (Turn.LEFT, Turn.RIGHT),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of work that gets a message and a time of its own.

    `number` is the step it belongs to, from 1; `step` the one whose stroke is worked, which is an
    earlier one where `again`. `knot` is the spot a knot was marked in; all knots share `times`.
    """

    number: int
    step: Step
    times: Times
    turn: Turn = Turn.BOTH
    again: bool = False
    knot: str | None = None

    def side(self, stands: Side) -> Side | None:
        """The side worked by a giver standing at `stands`; None where both are."""
        match self.turn:
            case Turn.BOTH:
                return None
            case Turn.LEFT | Turn.RIGHT:
                return Side(self.turn.value)
            case _:
                return stands.other


def parts(routine: Routine, number: int, knots: Sequence[str] = ()) -> tuple[Part, ...]:
    """The parts of step `number` (from 1): sides, marked knots, repeated strokes, then its own."""
    step = routine.steps[number - 1]
    own = Part(number, step, step.perform_time)
    if step.each_knot and knots:
        return tuple(replace(own, knot=spot) for spot in knots)
    repeated = [
        part
        for repeat in step.repeats
        for part in _turns(Part(number, routine.by_id[repeat.step], repeat.perform_time, again=True))
    ]
    return (*repeated, *_turns(own))


def _turns(part: Part) -> list[Part]:
    covers = part.step.technique.where.covers if part.step.technique else Covers.BOTH
    return [replace(part, turn=turn) for turn in TURNS[covers]]


def all_parts(routine: Routine) -> list[Part]:
    """Every part of the routine in order, with no knots marked."""
    return [part for number in range(1, len(routine.steps) + 1) for part in parts(routine, number)]


def span(routine: Routine) -> tuple[float, float, float]:
    """The least, usual and most seconds the whole routine can take, walking not counted."""
    times = [part.times for part in all_parts(routine)]
    return sum(t.least for t in times), sum(t.usual for t in times), sum(t.most for t in times)


def stretch(routine: Routine, length: float) -> float:
    """How far `length` seconds lies from the usual: -1 least, 0 usual, 1 most.

    Raises ValueError where the parts' least and most do not allow it.
    """
    least, usual, most = span(routine)
    if not least <= length <= most:
        raise ValueError(f"{routine.name} takes between {least:.0f} s and {most:.0f} s, not {length:.0f} s")
    room = most - usual if length > usual else usual - least
    return (length - usual) / room if room else 0.0


def part_time(routine: Routine, part: Part, length: float, knots: int = 0) -> float:
    """Seconds of work for `part` in a massage of `length` seconds with so many knots marked.

    The knots share their step's time, each within its own least and most.
    """
    seconds = part.times.at(stretch(routine, length))
    each = part.step.each_knot
    if part.knot is None or each is None:
        return seconds
    return min(each.most, max(each.least, 5 * round(seconds / max(1, knots) / 5)))

"""What a massage routine is: its steps, the parts each step is worked in, and how long each part lasts.

Keys follow schema.org's HowTo where it has one; `performTime` in YAML is `perform_time` here. The docstrings
of a routine's fields are shown to its author: they become the descriptions in the JSON Schema and in
docs/routines.md. All times are in seconds. This module must never know Telegram, a database or the time of
day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, model_validator
from pydantic.alias_generators import to_camel

from bot.routine.durations import Duration
from bot.routine.vocabulary import HAND_SHAPES, NO_PRESS, ZONES

WALK_ROUND_SECONDS = 10.0
"""Seconds to walk round to the other side. They are added, so that both sides are worked equally long."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
ZoneId = Annotated[Slug, Field(json_schema_extra={"enum": list(ZONES)})]
NoPressId = Annotated[Slug, Field(json_schema_extra={"enum": list(NO_PRESS)})]
HandShapeId = Annotated[Slug, Field(json_schema_extra={"enum": list(HAND_SHAPES)})]
Name = Annotated[str, Field(min_length=2, max_length=40)]
Cue = Annotated[str, Field(min_length=2, max_length=60)]
Sentence = Annotated[str, Field(min_length=2, max_length=160)]
Note = Annotated[str, Field(min_length=2, max_length=300)]


class YamlModel(BaseModel):
    """Base class of everything read from YAML: frozen, no unknown keys, camelCase keys in the file."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Side(StrEnum):
    """A side of the receiver, the person lying down: left is the side of their left hand."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> "Side":
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Tone(StrEnum):
    """The skin tone in the pictures."""

    LIGHT = "light"
    MEDIUM = "medium"
    DEEP = "deep"


class Pressure(StrEnum):
    """How hard to press. `firm` is 3 on Walton's scale of 5, the most that two people at home should use."""

    VERY_LIGHT = "very light"
    LIGHT = "light"
    MEDIUM = "medium"
    FIRM = "firm"

    @property
    def lighter(self) -> "Pressure":
        """The next lighter pressure; the lightest stays as it is."""
        scale = list(Pressure)
        return scale[max(0, scale.index(self) - 1)]


class Motion(StrEnum):
    """How the hands move over the skin."""

    GLIDE = "glide"
    CIRCLES = "circles"
    BACK_AND_FORTH = "back and forth"
    PRESS = "press and hold"
    TAP = "tap"


class Pace(StrEnum):
    """How fast the hands move."""

    SLOW = "slow"
    STEADY = "steady"
    QUICK = "quick"


class Covers(StrEnum):
    """Which side a stroke works. With `far` and `each` the step has two parts, one for each side."""

    BOTH = "both"
    """Both sides at the same time."""
    FAR = "far"
    """The side far from the giver, who then walks round and works the other one."""
    EACH = "each"
    """The left side, then the right; the giver stays in place."""


class Stance(StrEnum):
    """Where the giver stands. Only a giver who stands beside the receiver has a far side."""

    BESIDE = "beside"
    BEHIND = "behind"


class Times(YamlModel):
    """How long a part lasts. `least` is at most `usual`, and `usual` is at most `most`."""

    least: Duration
    """In the shortest massage."""
    usual: Duration
    """In a massage of the routine's usual length."""
    most: Duration
    """In the longest massage."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.least <= self.usual <= self.most:
            raise ValueError("the times are out of order; write least, usual and most from short to long")
        return self

    def at(self, stretch: float) -> float:
        """Return the seconds at a `stretch` from -1 (least) through 0 (usual) to 1 (most), in whole 5 s."""
        end = self.most if stretch > 0 else self.least
        exact = self.usual + abs(stretch) * (end - self.usual)
        return min(self.most, max(self.least, 5 * round(exact / 5)))


class EachKnot(YamlModel):
    """What to do at each marked knot, and for how long. The handbook's spot says where to look for it."""

    least: Duration
    """The shortest time for one knot, however many are marked."""
    most: Duration
    """The longest time for one knot, even if it is the only one."""
    direction: tuple[Sentence, ...] = Field(min_length=1, max_length=5)
    """What to do at the knot, one idea per sentence."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.least > self.most:
            raise ValueError("the times are out of order; write least before most, short before long")
        return self


class Where(YamlModel):
    """The zones that a stroke runs between, and the side it works."""

    start: ZoneId = Field(alias="from")
    """The zone where the stroke begins, from the handbook's `zones`."""
    end: ZoneId = Field(alias="to")
    """The zone where the stroke ends, from the handbook's `zones`."""
    covers: Covers = Field(alias="side")
    """`both` at once; the `far` side, then round to the other; or `each`, left and then right, in place."""


class Technique(YamlModel):
    """How the hands work in a step."""

    stroke: Slug
    """The massage term for the stroke, from the handbook's `strokes` or the routine's `terms`."""
    hand_shape: HandShapeId
    """The part of the hand that works, from the handbook's `handShapes`."""
    where: Where
    """The zones that the stroke runs between, and the side it works."""
    motion: Motion
    """How the hands move."""
    pace: Pace
    """How fast the hands move."""
    pressure: Pressure
    """How hard to press; `firm` is the most that two people at home should use."""
    landmark: Sentence
    """What the giver can find by touch, to know that the hands are in the right place."""
    no_press: tuple[NoPressId, ...] = Field(min_length=1)
    """Where not to press, from the handbook's `noPress`."""
    feels_right: Note
    """How it feels, to giver or receiver, when it goes well."""
    feels_wrong: Note
    """How it feels when it does not go well."""
    mistake: Note
    """What most people do wrong, and what to do instead."""


class Repeat(YamlModel):
    """An earlier step to do again."""

    step: Slug
    """The id of an earlier step that has no `repeats` of its own."""
    perform_time: Times
    """How long a part of it takes this time."""


class Step(YamlModel):
    """One step of a routine."""

    id: Slug
    """A name for the step in this file, which `repeats` refers to. Each step has its own."""
    name: Name
    """The step's title: "Step 3 of 8 · Heel circles"."""
    called: tuple[Name, ...] = ()
    """Other names for the step in messages, as in "the ... one". Its name and id are understood anyway."""
    cue: Cue
    """The step at a glance, shown 10 seconds ahead: hands, place, then what to do."""
    direction: tuple[Sentence, ...] = Field(min_length=1, max_length=5)
    """What to do, in order, one idea per sentence."""
    technique: Technique | None = None
    """How the hands work. A step without it, such as lying down, has no side, no pressure and no picture."""
    perform_time: Times
    """How long a part takes. If the stroke works two sides, this is the time for one of them."""
    each_knot: EachKnot | None = None
    """What to do at each marked knot. The knots share this step's `performTime`; with no knot marked, the
    step as a whole takes that time."""
    asks_for_knots: StrictBool = False
    """Whether the coach asks for knots in this step. A routine has this and `eachKnot`, or neither."""
    repeats: tuple[Repeat, ...] = ()
    """Earlier steps to do again before this step's own stroke."""
    why: Note
    """What the step is good for."""
    tip: Note
    """What makes it easier or better."""
    transition: Sentence
    """How to go on to the next step without losing contact."""
    say: tuple[Sentence, ...] = ()
    """What a voice says instead of `direction`, if that would sound wrong."""


class Item(YamlModel):
    """Something that is needed, or to be done beforehand."""

    name: Name
    """What it is. It stands on a button, so keep it short."""
    why: Note | None = None
    """What it is good for."""
    instead: Note | None = None
    """What can be used instead."""


class Routine(YamlModel):
    """A whole massage routine."""

    id: Slug
    """The name of the routine's file without its ending; the loader fills it in."""
    name: Name
    """The routine's name, shown on the start card and in sentences: "Back massage"."""
    description: Note
    """What the routine is, in a sentence or two."""
    stance: Stance
    """Where the giver stands. Only with `beside` is there a side to choose, and a far side."""
    prep_time: Duration
    """How long it takes to get ready."""
    total_time: Duration
    """The length that is offered first; one of `lengths`."""
    lengths: tuple[Duration, ...] = Field(min_length=1, max_length=5)
    """The lengths on offer. Each lies between the sum of all parts' `least` and the sum of their `most`."""
    checklist: tuple[Item, ...] = Field(min_length=1, max_length=12)
    """What to do beforehand; people tick it off in the chat."""
    supply: tuple[Item, ...] = ()
    """What is used up, such as oil."""
    tool: tuple[Item, ...] = ()
    """What is needed but not used up, such as a towel."""
    terms: dict[Slug, Note] = Field(default_factory=dict)
    """Terms of this routine and their meanings, by id. A stroke here overrides the handbook's."""
    steps: tuple[Step, ...] = Field(alias="step", min_length=1, max_length=20)
    """The steps, in order."""
    aftercare: tuple[Sentence, ...] = Field(min_length=1, max_length=4)
    """What to do when the massage is over."""

    @cached_property
    def by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps}


class NoPress(YamlModel):
    """A place where the hands must not press. `name` follows "Keep off"; `why` is a sentence."""

    name: Name
    why: Note


class Spot(YamlModel):
    """A cell of the grid in which knots are marked.

    `how` says how to work on a knot there; `pressure`, if given, replaces the stroke's pressure.
    """

    name: Name
    how: Note
    pressure: Pressure | None = None


class Zone(YamlModel):
    """A named place on the body where a stroke can begin or end."""

    name: Name


class HandShape(YamlModel):
    """The part of the hand that works. `name` follows "with"; `how` is a sentence."""

    name: Name
    how: Note


class Safety(YamlModel):
    """What the coach says before the first stroke, and whenever something hurts."""

    disclaimer: Sentence
    not_today: tuple[Name, ...] = Field(min_length=1)
    ask_first: tuple[Name, ...] = Field(min_length=1)
    stop_signs: Note
    pain: Note
    emergency: Note
    declined: Note


Phrase = Annotated[str, Field(min_length=1, max_length=500)]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]


class Words(YamlModel):
    """Phrases that authors add to what the classifier learned; `bot.understanding.phrases` looks for them."""

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


class Handbook(YamlModel):
    """What all routines share: safety, places on the body, hands, strokes, and how people say things."""

    safety: Safety
    zones: dict[Slug, Zone]
    no_press: dict[Slug, NoPress]
    spots: dict[Slug, Spot] = Field(min_length=9, max_length=9)
    hand_shapes: dict[Slug, HandShape]
    strokes: dict[Slug, Note]
    words: Words


@dataclass(frozen=True, slots=True)
class Library:
    """The handbook, and the routines by id in the order of their file names."""

    handbook: Handbook
    routines: dict[str, Routine]

    @property
    def default(self) -> Routine:
        """The first routine, which a new chat is offered."""
        return next(iter(self.routines.values()))


class Turn(StrEnum):
    """The side or sides that a part works, as far as the routine alone decides it."""

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
"""The turns of a step's parts, in order, by what the step's stroke covers."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a step with a message and a time of its own, such as one side of a stroke or one knot.

    `number` is the step that the part belongs to, counted from 1. `step` holds the stroke to work; if `again`
    is true, this is an earlier step that step `number` repeats. `knot` is the spot of a marked knot; all
    knots of a step share `times`.
    """

    number: int
    step: Step
    times: Times
    turn: Turn = Turn.BOTH
    again: bool = False
    knot: str | None = None

    def side(self, stands: Side) -> Side | None:
        """Return the side that a giver who stands at `stands` works, or None if it is both."""
        match self.turn:
            case Turn.BOTH:
                return None
            case Turn.LEFT | Turn.RIGHT:
                return Side(self.turn.value)
            case _:
                return stands.other


def parts(routine: Routine, number: int, knots: Sequence[str] = ()) -> tuple[Part, ...]:
    """Return the parts of step `number`, counted from 1.

    A step that works on knots has one part for each of the marked `knots`, which are names of spots. Any
    other step has the parts of the steps it repeats and then its own. A stroke that works one side at a time
    has two parts.
    """
    step = routine.steps[number - 1]
    own = Part(number, step, step.perform_time)
    if step.each_knot and knots:
        return tuple(replace(own, knot=spot) for spot in knots)
    repeated = [
        part
        for repeat in step.repeats
        for part in _by_side(Part(number, routine.by_id[repeat.step], repeat.perform_time, again=True))
    ]
    return (*repeated, *_by_side(own))


def _by_side(part: Part) -> list[Part]:
    covers = part.step.technique.where.covers if part.step.technique else Covers.BOTH
    return [replace(part, turn=turn) for turn in TURNS[covers]]


def all_parts(routine: Routine) -> list[Part]:
    """Return every part of the routine in order, with no knots marked."""
    return [part for number in range(1, len(routine.steps) + 1) for part in parts(routine, number)]


def span(routine: Routine) -> tuple[float, float, float]:
    """Return the least, usual and most seconds of the whole routine, without the time for walking round."""
    times = [part.times for part in all_parts(routine)]
    return sum(t.least for t in times), sum(t.usual for t in times), sum(t.most for t in times)


def stretch(routine: Routine, length: float) -> float:
    """Return how far `length` seconds is from the usual length: -1 is the least, 0 the usual, 1 the most.

    Raises ValueError if the parts' least and most times do not allow this length.
    """
    least, usual, most = span(routine)
    if not least <= length <= most:
        raise ValueError(f"{routine.name} takes between {least:.0f} s and {most:.0f} s, not {length:.0f} s")
    room = most - usual if length > usual else usual - least
    return (length - usual) / room if room else 0.0


def part_time(routine: Routine, part: Part, length: float, knots: int = 0) -> float:
    """Return the seconds of work for `part` in a massage of `length` seconds with `knots` marked knots.

    Knots share the time of their step equally, within the least and most time for one knot.
    """
    seconds = part.times.at(stretch(routine, length))
    each = part.step.each_knot
    if part.knot is None or each is None:
        return seconds
    return min(each.most, max(each.least, 5 * round(seconds / max(1, knots) / 5)))

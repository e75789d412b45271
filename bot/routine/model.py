"""What a massage routine is: its steps, the parts of each step, and how long each part lasts.

A part is a piece of a step with a message and a time of its own, such as one side of a stroke. A key has the
name that schema.org's HowTo uses, if there is a suitable one. The key `performTime` in YAML is the field
`perform_time` here. The docstrings of a routine's fields are written for authors: they become the
descriptions in the JSON Schema and in docs/routines.md. All times are in seconds. This module must not depend
on Telegram, a database or the time of day.
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

WALK_ROUND_SECONDS = 15.0
"""Seconds for the giver to walk round to the other side of the receiver. They are added to the length of the
massage instead of taken from the second side, so that both sides are massaged equally long."""

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
ZoneId = Annotated[Slug, Field(json_schema_extra={"enum": list(ZONES)})]
NoPressId = Annotated[Slug, Field(json_schema_extra={"enum": list(NO_PRESS)})]
HandShapeId = Annotated[Slug, Field(json_schema_extra={"enum": list(HAND_SHAPES)})]
Name = Annotated[str, Field(min_length=2, max_length=40)]
Cue = Annotated[str, Field(min_length=2, max_length=60)]
Sentence = Annotated[str, Field(min_length=2, max_length=160)]
Note = Annotated[str, Field(min_length=2, max_length=300)]


class YamlModel(BaseModel):
    """Base class of everything that is read from YAML. Keys are in camelCase in the file.

    Objects are frozen, and unknown keys are errors.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        populate_by_name=True,
        use_attribute_docstrings=True,
    )


class Side(StrEnum):
    """A side of the receiver, the person being massaged. Left is the side of the receiver's left hand."""

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
    """How hard to press. `firm` is 3 on Walton's scale from 1 to 5. People at home should not use more."""

    VERY_LIGHT = "very light"
    LIGHT = "light"
    MEDIUM = "medium"
    FIRM = "firm"

    def lighter_by(self, levels: int) -> "Pressure":
        """Return the pressure that is lighter by this many levels, or the lightest one if there are not so
        many.
        """
        scale = list(Pressure)
        return scale[max(0, scale.index(self) - levels)]


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
    """Which side a stroke massages. With `far` or `each`, the stroke has two parts, one for each side.

    With `far`, the second part comes after the giver has walked round to the other side.
    """

    BOTH = "both"
    """Both sides at the same time."""
    FAR = "far"
    """First the side far from the giver. Then the giver walks round and massages the other side."""
    EACH = "each"
    """The left side, then the right side. The giver stays in place."""


class Stance(StrEnum):
    """Where the giver stands. If the giver stands behind the receiver, neither side is the far side."""

    BESIDE = "beside"
    BEHIND = "behind"


class Times(YamlModel):
    """How long a part lasts. `usual` must not be less than `least` or more than `most`."""

    least: Duration
    """How long the part lasts in the shortest massage."""
    usual: Duration
    """How long the part lasts in a massage of the routine's usual length."""
    most: Duration
    """How long the part lasts in the longest massage."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if not self.least <= self.usual <= self.most:
            raise ValueError("the times are out of order; write least, usual and most from short to long")
        return self

    def at(self, stretch: float) -> float:
        """Return the seconds that the part lasts in a massage stretched by `stretch`, which is from -1 to 1.

        At -1, the part takes `least`; at 0, `usual`; at 1, `most`. The result is rounded to 5 s, but is never
        less than `least` or more than `most`.
        """
        end = self.most if stretch > 0 else self.least
        exact = self.usual + abs(stretch) * (end - self.usual)
        return min(self.most, max(self.least, 5 * round(exact / 5)))


class EachKnot(YamlModel):
    """What to do at each marked knot, and for how long. The handbook's spots say where to look for a knot."""

    least: Duration
    """The shortest time for one knot, however many knots are marked."""
    most: Duration
    """The longest time for one knot. It applies even if only one knot is marked, which could otherwise take
    the step's whole time."""
    direction: tuple[Sentence, ...] = Field(min_length=1, max_length=5)
    """What to do at the knot, with one idea per sentence."""

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.least > self.most:
            raise ValueError("the times are out of order; write least before most, short before long")
        return self


class Where(YamlModel):
    """The zones between which a stroke moves, and the side that the stroke massages."""

    start: ZoneId = Field(alias="from")
    """The zone where the stroke begins, from the handbook's `zones`."""
    end: ZoneId = Field(alias="to")
    """The zone where the stroke ends, from the handbook's `zones`."""
    covers: Covers = Field(alias="side")
    """With `both`, the stroke massages both sides at once. With `far`, it massages the far side; then the
    giver walks round and massages the other side. With `each`, it massages the left side, then the right, and
    the giver stays in place."""


class Technique(YamlModel):
    """How to do the stroke of a step."""

    stroke: Slug
    """The massage term for the stroke, from the handbook's `strokes` or the routine's `terms`."""
    hand_shape: HandShapeId
    """The part of the hand or arm that touches the skin, from the handbook's `handShapes`."""
    where: Where
    """The zones between which the stroke moves, and the side that it massages."""
    motion: Motion
    """How the hands move."""
    pace: Pace
    """How fast the hands move."""
    pressure: Pressure
    """How hard to press; `firm` is the most that two people at home should use."""
    landmark: Sentence
    """What the giver can feel when the hands are in the right place."""
    no_press: tuple[NoPressId, ...] = Field(min_length=1)
    """Where not to press, from the handbook's `noPress`."""
    feels_right: Note
    """How the stroke feels, to giver or receiver, when it is done well."""
    feels_wrong: Note
    """How the stroke feels when it is not done well, and what to do then, in one short line."""
    mistake: Note
    """What most people do wrong, and what to do instead, in one short line."""


class Repeat(YamlModel):
    """An earlier step to do again."""

    step: Slug
    """The id of an earlier step that has no `repeats` of its own."""
    perform_time: Times
    """How long each part of the earlier step takes when it is repeated here. It is repeated with the next
    lighter pressure."""


class Step(YamlModel):
    """One step of a routine."""

    id: Slug
    """The step's id, which `repeats` refers to. No two steps may have the same id."""
    name: Name
    """The step's name, which is shown in its title: "Step 3 of 8 · Heel circles"."""
    called: tuple[Name, ...] = ()
    """Other names that people use for the step, such as "circles". The step's name and id are understood
    anyway."""
    cue: Cue
    """The first line of the step's message, and its announcement before the step begins. It names the hands
    and the place, and then says what to do."""
    direction: tuple[Sentence, ...] = Field(min_length=1, max_length=5)
    """What to do, in order, with one idea per sentence."""
    technique: Technique | None = None
    """How to do the step's stroke. A step without a stroke, such as lying down, leaves this out, and has no
    side, no pressure and no picture."""
    perform_time: Times
    """How long each part of the step takes. If the stroke massages one side after the other, this is the time
    for one side."""
    each_knot: EachKnot | None = None
    """What to do at each marked knot. The marked knots share this step's `performTime`. If no knot is marked,
    people follow the step's own `direction` instead."""
    asks_for_knots: StrictBool = False
    """Whether the coach asks in this step where the receiver has knots. A routine has both this and
    `eachKnot`, or neither."""
    repeats: tuple[Repeat, ...] = ()
    """Earlier steps to do again before this step's own stroke."""
    why: Note
    """What the step is good for."""
    tip: Note
    """What makes the step easier or better."""
    transition: Sentence
    """How to go on to the next step without losing contact."""
    say: tuple[Sentence, ...] = ()
    """What the voice says instead of `direction`, if `direction` would sound wrong when read aloud."""


class Item(YamlModel):
    """Something that is needed for a massage, or that has to be done before it."""

    name: Name
    """What the item is. A button shows the name, so keep it short."""
    why: Note | None = None
    """What the item is good for."""
    instead: Note | None = None
    """What can be used instead of this item."""


class Routine(YamlModel):
    """A whole massage routine."""

    id: Slug
    """The name of the routine's file without its extension. The loader fills in this field."""
    name: Name
    """The routine's name, such as "Back massage". It is shown on the start card and in sentences."""
    called: tuple[Name, ...] = ()
    """Other names that people use for the routine, such as "neck" or "chair". The routine's name and id are
    understood anyway."""
    description: Note
    """What the routine is, in a sentence or two."""
    stance: Stance
    """Where the giver stands. With `beside`, people choose the side where the giver stands, and the other
    side is the far side. With `behind`, there is no choice and no far side."""
    prep_time: Duration
    """How long it takes to prepare the massage."""
    total_time: Duration
    """The length of the massage unless people choose another one. It must be one of `lengths`."""
    lengths: tuple[Duration, ...] = Field(min_length=1, max_length=5)
    """The lengths that people can choose. Each lies between the sum of all parts' `least` and the sum of
    their `most`."""
    checklist: tuple[Item, ...] = Field(min_length=1, max_length=12)
    """What to do before the massage. People tick off the items in the chat."""
    supply: tuple[Item, ...] = ()
    """What is used up in the massage, such as oil."""
    tool: tuple[Item, ...] = ()
    """What is needed for the massage but not used up, such as a towel."""
    terms: dict[Slug, Note] = Field(default_factory=dict)
    """Terms that this routine uses, and their meanings, by id. A stroke here overrides the handbook's stroke
    with the same id."""
    steps: tuple[Step, ...] = Field(alias="step", min_length=1, max_length=20)
    """The steps of the massage, in order."""
    aftercare: tuple[Sentence, ...] = Field(min_length=1, max_length=4)
    """What to do after the massage."""

    @cached_property
    def by_id(self) -> dict[str, Step]:
        return {step.id: step for step in self.steps}


class NoPress(YamlModel):
    """A place where the hands must not press. In messages, `name` follows "Keep off"; `why` is a sentence."""

    name: Name
    why: Note


class Spot(YamlModel):
    """A cell of the grid in which people mark knots.

    `cue` says which part of the hand goes where, and `how` what to mind there. If `pressure` is given, it
    replaces the pressure of the stroke, and `how` replaces the directions of the step's `eachKnot`.
    """

    name: Name
    cue: Cue
    how: Note
    pressure: Pressure | None = None


class Zone(YamlModel):
    """A named place on the body where a stroke can begin or end."""

    name: Name


class HandShape(YamlModel):
    """A part of the hand or arm for a stroke. In a message, `name` follows "with"; `how` is a sentence."""

    name: Name
    how: Note


class Condition(YamlModel):
    """A health matter that people are asked about before a massage.

    `name` is how lists and questions name it. `advice` says what to do about it, and is said alone.
    """

    name: Name
    advice: Note
    only_with: Name | None = None

    def concerns(self, routine: Routine) -> bool:
        """Return whether to ask about the condition before a massage with this routine.

        A condition with `only_with` concerns a routine only if one of its supplies has that word in its name.
        """
        if self.only_with is None:
            return True
        return any(self.only_with in item.name.lower().split() for item in routine.supply)


class Safety(YamlModel):
    """What the coach says to keep people safe: before the first stroke, during it, and if something is wrong.

    A massage does not begin with a condition in `not_today`. With one in `ask_first` it may begin after a
    doctor has said yes.
    """

    disclaimer: Sentence
    adults: Sentence
    not_today: tuple[Condition, ...] = Field(min_length=1)
    ask_first: tuple[Condition, ...] = Field(min_length=1)
    agreement: Sentence
    check_in: Sentence
    reading: Sentence
    posture: tuple[Sentence, ...] = Field(min_length=1)
    stop_signs: Note
    pain: Note
    young: Note
    unsafe: Note
    emergency: Note
    fire: Note
    declined: Note

    @cached_property
    def conditions(self) -> dict[str, Condition]:
        """All conditions by name."""
        return {condition.name: condition for condition in (*self.not_today, *self.ask_first)}


Phrase = Annotated[str, Field(min_length=1, max_length=500)]
Phrases = Annotated[tuple[Phrase, ...], Field(min_length=1)]


class Sign(YamlModel):
    """What an emergency or a person in fear is recognised by: words of each of the groups `all`, near each
    other, and none of `unless`.
    """

    all: Annotated[tuple[Phrases, ...], Field(min_length=1)]
    unless: tuple[Phrase, ...] = ()


class Words(YamlModel):
    """Phrases that authors add to those the classifier has learned. docs/routines.md explains each field."""

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
    emergency: tuple[Sign, ...]
    unsafe: tuple[Sign, ...]
    all_right: Phrases
    pain: Phrases
    wishes: Phrases
    too_much: Phrases
    conditions: dict[str, Phrases]
    places: dict[Slug, Phrases]
    items: dict[Slug, Phrases]


class Handbook(YamlModel):
    """What all routines share: safety, places on the body, hands, strokes, and how people phrase messages."""

    safety: Safety
    zones: dict[Slug, Zone]
    no_press: dict[Slug, NoPress]
    spots: dict[Slug, Spot] = Field(min_length=9, max_length=9)
    hand_shapes: dict[Slug, HandShape]
    strokes: dict[Slug, Note]
    words: Words
    situations: dict[Slug, "Situation"] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Library:
    """The handbook, and the routines by id. The routines are in the order of their file names."""

    handbook: Handbook
    routines: dict[str, Routine]

    @property
    def default(self) -> Routine:
        """The first routine, which a new chat starts with."""
        return next(iter(self.routines.values()))


class Turn(StrEnum):
    """The side or sides that a part massages, as far as the routine decides this.

    Whether the far side is left or right depends on where the giver stands.
    """

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
"""The `turn` of each part of a step, in order, for each value of the stroke's `covers`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a step with a message and a time of its own, such as one side of a stroke or one knot.

    The part belongs to step `number`, counted from 1. `step` is the step whose stroke is done. That is
    usually step `number` itself; but if `again` is true, it is an earlier step that step `number` repeats.
    `knot` is the spot of the marked knot to massage, or None. All marked knots of a step share the time that
    `times` allows.
    """

    number: int
    step: Step
    times: Times
    turn: Turn = Turn.BOTH
    again: bool = False
    knot: str | None = None

    @property
    def pressure(self) -> Pressure | None:
        """How hard to press; None if the part has no stroke.

        A repeated stroke is one level lighter than the first time, so that the massage fades out.
        """
        if self.step.technique is None:
            return None
        pressure = self.step.technique.pressure
        return pressure.lighter_by(1) if self.again else pressure

    def side(self, stands: Side) -> Side | None:
        """Return the side that this part massages, or None for both. The giver stands on side `stands`."""
        match self.turn:
            case Turn.BOTH:
                return None
            case Turn.LEFT | Turn.RIGHT:
                return Side(self.turn.value)
            case _:
                return stands.other


def parts(routine: Routine, number: int, knots: Sequence[str] = ()) -> tuple[Part, ...]:
    """Return the parts of step `number`, counted from 1. `knots` are the spots of the marked knots.

    A step with `each_knot` has one part for each marked knot. If no knot is marked, or if the step has no
    `each_knot`, it has the parts of the steps that it repeats, and then its own parts. A stroke that massages
    one side at a time has two parts.
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
    """Return every part of the routine in order, as if no knots were marked."""
    return [part for number in range(1, len(routine.steps) + 1) for part in parts(routine, number)]


def span(routine: Routine) -> tuple[float, float, float]:
    """Return the routine's shortest, usual and longest length in seconds, without time for walking round."""
    times = [part.times for part in all_parts(routine)]
    return sum(t.least for t in times), sum(t.usual for t in times), sum(t.most for t in times)


def stretch(routine: Routine, length: float) -> float:
    """Return how `length` compares to the routine's usual length. Both are in seconds.

    The result is -1 for the least length, 0 for the usual length, 1 for the greatest length, and a fraction
    for a length between these. Raises ValueError for a length outside of this range.
    """
    least, usual, most = span(routine)
    if not least <= length <= most:
        raise ValueError(f"{routine.name} takes between {least:.0f} s and {most:.0f} s, not {length:.0f} s")
    room = most - usual if length > usual else usual - least
    return (length - usual) / room if room else 0.0


def part_time(routine: Routine, part: Part, length: float, knots: int = 0) -> float:
    """Return the seconds of work for `part` in a massage of `length` seconds with `knots` marked knots.

    The knots share the time of their step equally, but each knot gets a time between `least` and `most` of
    `EachKnot`. Raises ValueError if the routine does not allow this length.
    """
    seconds = part.times.at(stretch(routine, length))
    each = part.step.each_knot
    if part.knot is None or each is None:
        return seconds
    return min(each.most, max(each.least, 5 * round(seconds / max(1, knots) / 5)))


Asked = Annotated[str, Field(min_length=2, max_length=100)]
Advice = Annotated[str, Field(min_length=2, max_length=200)]


class Situation(YamlModel):
    """Something that comes up in a massage at home and that the routines do not answer, with its answer."""

    about: Name
    """A short name of the situation, such as "a ticklish back". No two situations may have the same."""
    asked: tuple[Asked, ...] = Field(min_length=2, max_length=8)
    """How people put it, in the words that they would type. No two situations may have the same words."""
    say: Advice
    """The answer, in one or two sentences to the giver. It is said alone, so it must be true on its own. If
    `yes` is given, it must also read well after "Yes" or "No" as a sentence of its own."""
    yes: StrictBool | None = None
    """The answer to the yes-or-no question that people usually ask here. It is left out if they ask none, or
    if it depends."""
    source: Note
    """Who says so."""
    stops: StrictBool = False
    """Whether the hands come off, and the massage pauses, until this is settled."""


Handbook.model_rebuild()

"""The sentences that describe one part of a massage. They are used in messages and in spoken text.

Sentences are Telegram's HTML, and everything that comes from a file is escaped. This module must never decide
where a sentence goes or how long it takes to say: `parts` lays out messages, and `track_script` plans what
the voice says.
"""

from dataclasses import dataclass
from html import escape

from bot.routine.durations import spell
from bot.routine.model import Handbook, Part, Pressure, Routine, Side, Stance, Technique, Turn
from bot.session.effects import ShowPart
from bot.session.places import part_at, place_after, stands_at, starts_strokes
from bot.session.state import CUE_AHEAD, Choices, Finished
from bot.wording.context import RenderContext, planned_pressure, pressure_of
from bot.wording.text import join_names

WALK_ROUND = "Walk round, one hand on the back."
WALK_BACK = "Walk back round, one hand on the back."
BEFORE_WALKING = "Finish this stroke, then rest your hands there."
SAME_ON_THE_RIGHT = "The same again on the RIGHT."
JUST_REST = "Just rest your weight; no pressing."
"""What replaces the pressing in a stroke's directions, if people have asked for so little pressure."""
LIGHT = (Pressure.VERY_LIGHT, Pressure.LIGHT)


@dataclass(frozen=True, slots=True)
class PartInstructions:
    """The sentences about the current part. A field is empty if there is nothing to say.

    `cue` says what to do first: to walk round, to change sides, or what the hands do. `step` is the step's
    number, `name` the part's title. `stand` says where to walk or stand, and `side` which side to massage. A
    message shows `directions`; the voice says `spoken_directions` instead. `landmark` says what the giver can
    find by touch. `request` asks the giver to look for knots. `effort` says how hard to press and for how
    long, `lead_in` how soon the part starts. `keep_off` names the places that must not be pressed. `again` is
    true if the part repeats an earlier step.
    """

    cue: str
    step: str
    name: str
    stand: str
    side: str
    directions: tuple[str, ...]
    spoken_directions: tuple[str, ...]
    landmark: str
    request: str
    effort: str
    lead_in: str
    keep_off: str
    again: bool

    @property
    def setup(self) -> tuple[str, ...]:
        """What comes before the stroke: where to walk or stand, and which side to massage."""
        return tuple(sentence for sentence in (self.stand, self.side) if sentence)


@dataclass(frozen=True, slots=True)
class NextPart:
    """The sentences about the part after the current one. A field is empty if there is nothing to say.

    `heading` announces the part. `cue` says what the hands will do, `side` which side they will massage, and
    `transition` how to get there from the current stroke. `is_first_stroke` is true if the massage has had no
    stroke so far.
    """

    heading: str
    cue: str = ""
    side: str = ""
    transition: str = ""
    is_first_stroke: bool = False


# --- The current part ----------------------------------------------------------------------------


def part_instructions(effect: ShowPart, context: RenderContext) -> PartInstructions:
    """Return the sentences about the current part. Raises TypeError if no massage is under way.

    If the giver has just walked round to do the same stroke on the second side, the directions are only "The
    same stroke as before.", and there is no landmark. A part about a marked knot has its own directions, and
    no landmark. A part that repeats an earlier step has only its cue as a direction.
    """
    part = part_at(context.massage, context.routine)
    walked_over = effect.walk and part.turn is Turn.FAR_AFTER_WALKING
    stand = _where_to_stand(part, effect, context)
    directions = _directions(part, walked_over, context)
    is_full = not (walked_over or part.again or part.knot)
    technique = part.step.technique
    return PartInstructions(
        cue=_walk_and_side(part, context) if walked_over else _first_line(part, context),
        step=f"Step {part.number} of {len(context.routine.steps)}",
        name=escape(_name(part, context)),
        stand=stand,
        side=_side_to_work(part, context),
        directions=directions,
        spoken_directions=(_escaped(part.step.say) if is_full else ()) or directions,
        landmark=escape(technique.landmark) if is_full and technique else "",
        request=_request(part) if is_full else "",
        effort=_effort(part, effect, context),
        lead_in=f"Starting in {spell(effect.lead_in)}." if effect.lead_in and context.massage.timer else "",
        keep_off="" if part.again else _keep_off(technique, context.handbook),
        again=part.again,
    )


def _first_line(part: Part, context: RenderContext) -> str:
    return SAME_ON_THE_RIGHT if part.turn is Turn.RIGHT else _cue(part, context)


def _walk_and_side(part: Part, context: RenderContext) -> str:
    side = part.side(context.massage.stands)
    return f"{WALK_ROUND} Then the {side.upper()} side." if side else WALK_ROUND


def _cue(part: Part, context: RenderContext) -> str:
    return escape(context.handbook.spots[part.knot].cue if part.knot else part.step.cue)


def _name(part: Part, context: RenderContext) -> str:
    """Return the part's title, such as "Fingertips, other side" or "Knot 1 of 2: upper left"."""
    if part.knot:
        number, total = context.massage.place.part + 1, len(context.massage.knots)
        return f"Knot {number} of {total}: {context.handbook.spots[part.knot].name.lower()}"
    name = f"{part.step.name} again" if part.again else part.step.name
    match part.turn:
        case Turn.FAR_AFTER_WALKING:
            return f"{name}, other side"
        case Turn.LEFT | Turn.RIGHT:
            return f"{name}, {part.turn.upper()} side"
        case _:
            return name


def _where_to_stand(part: Part, effect: ShowPart, context: RenderContext) -> str:
    """Return the sentence that tells the giver to walk to the other side; an empty string if the giver stays
    in place.

    After a pause, if the part is done from a particular side, return a sentence that says where to stand
    instead. A part about a marked knot has no such sentence.
    """
    if part.knot:
        return ""
    if effect.walk and part.turn is Turn.FAR_AFTER_WALKING:
        return WALK_ROUND
    if effect.resumed and part.turn in (Turn.FAR, Turn.FAR_AFTER_WALKING):
        return _stand(context.massage.stands)
    return WALK_BACK if effect.walk else ""


def _directions(part: Part, walked_over: bool, context: RenderContext) -> tuple[str, ...]:
    if part.again:
        return () if walked_over else (f"{_cue(part, context)}.",)
    if walked_over:
        return ("The same stroke as before.",)
    return _escaped(directions_of(part, context.handbook))


def directions_of(part: Part, handbook: Handbook) -> tuple[str, ...]:
    """Return what to do in a part, as in the files.

    A knot at a spot with a pressure of its own is not pressed like the others: only the spot's text says how.
    """
    if part.knot is None or part.step.each_knot is None:
        return part.step.direction
    spot = handbook.spots[part.knot]
    return (spot.how,) if spot.pressure else (spot.how, *part.step.each_knot.direction)


def _escaped(sentences: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(escape, sentences))


def _side_to_work(part: Part, context: RenderContext) -> str:
    """Return a sentence such as "Work the LEFT side, far from you."; an empty string if both sides are
    massaged, or if the part's title names the side.

    A giver who stands behind has the same left and right as the receiver, so the sentence names the hand.
    """
    side = part.side(context.massage.stands)
    if side is None or part.knot:
        return ""
    if part.turn not in (Turn.LEFT, Turn.RIGHT):
        return f"Work the <b>{side.upper()}</b> side, far from you."
    is_behind = context.routine.stance is Stance.BEHIND
    return f"Work with your <b>{side.upper()}</b> hand." if is_behind else ""


def _request(part: Part) -> str:
    if part.step.asks_for_knots and not part.again:
        return (
            "Ask where it is tight, and remember the place. With a dry finger, tap Found a knot: "
            "we'll come back to it."
        )
    return ""


def _effort(part: Part, effect: ShowPart, context: RenderContext) -> str:
    """Return how hard to press and for how long, such as "Medium pressure, 3 min."."""
    massage = context.massage
    time = spell(effect.seconds) + (" left" if effect.resumed else "")
    if not massage.timer:
        time = f"about {time}; tap Next when you're ready"
    pressure = pressure_of(part, massage, context.handbook)
    if pressure is None:
        return f"{time[0].upper()}{time[1:]}."
    just_rest = f" {JUST_REST}" if pressure in LIGHT and _presses(part, context.handbook) else ""
    return f"<b>{pressure.capitalize()} pressure</b>, {time}.{just_rest}"


def _presses(part: Part, handbook: Handbook) -> bool:
    """Return whether the part's stroke presses, unless people have asked for less."""
    return planned_pressure(part, handbook) not in LIGHT


def _keep_off(technique: Technique | None, handbook: Handbook) -> str:
    if technique is None:
        return ""
    return escape(f"Keep off {join_names([handbook.no_press[place].name for place in technique.no_press])}.")


# --- The next part -------------------------------------------------------------------------------


def next_part(context: RenderContext, seconds: float = CUE_AHEAD) -> NextPart:
    """Return the sentences about the part after the current one, which begins in `seconds`. Raises TypeError
    if no massage is running or paused.
    """
    massage, routine = context.massage, context.routine
    place = place_after(massage, routine)
    transition = escape(part_at(massage, routine).step.transition)
    if place is None:
        return NextPart("Nearly there.", transition=transition)
    part = part_at(massage, routine, place)
    cue = escape(part.step.cue)
    if starts_strokes(routine, place):
        heading = f"Starting in {spell(seconds)}."
        return NextPart(heading, cue, transition=transition, is_first_stroke=True)
    if part.knot:
        spot = escape(context.handbook.spots[part.knot].name.lower())
        return NextPart(f"Next: the knot, {spot}.", transition=transition)
    match part.turn:
        case Turn.FAR_AFTER_WALKING:
            return NextPart("Next: the other side.", BEFORE_WALKING)
        case Turn.LEFT:
            with_hand = ", with your left hand" if routine.stance is Stance.BEHIND else ""
            return NextPart("Next:", cue, f"The <b>LEFT</b> side first{with_hand}.", transition)
        case Turn.RIGHT:
            return NextPart("Next: the other side.", SAME_ON_THE_RIGHT)
        case Turn.FAR:
            far_side = stands_at(massage, routine, place).other.upper()
            return NextPart("Next:", cue, f"The far side is the <b>{far_side}</b>.", transition)
        case _:
            return NextPart("Next:", cue, transition=transition)


# --- Beginning and end ---------------------------------------------------------------------------


def starting_position(routine: Routine, choices: Choices) -> str:
    """Return the sentence that says where the giver stands when the massage begins."""
    return _stand(choices.side) if routine.stance is Stance.BESIDE else "You stand behind your partner."


def _stand(side: Side) -> str:
    return f"You stand on your partner's <b>{side.upper()}</b>."


def closing_sentences(state: Finished, routine: Routine) -> tuple[str, ...]:
    """Return the sentence that ends a massage, followed by the sentences about aftercare."""
    is_whole = state.steps and not state.stopped
    heading = "That's the whole massage. Well done." if is_whole else "We'll stop there. That's fine."
    return (heading, *_escaped(routine.aftercare))

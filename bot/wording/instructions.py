"""The sentences that describe one part of a massage. They are used in messages and in spoken text.

Sentences are Telegram's HTML, and everything that comes from a file is escaped. This module must never decide
where a sentence goes or how long it takes to say: `parts` lays out messages, and `track_script` plans what
the voice says.
"""

from dataclasses import dataclass
from html import escape

from bot.routine.durations import spell
from bot.routine.model import Handbook, Part, Routine, Side, Stance, Technique, Turn
from bot.session.effects import ShowPart
from bot.session.places import part_at, place_after, stands_at, starts_strokes
from bot.session.state import CUE_AHEAD, Choices, Finished
from bot.wording.context import RenderContext, pressure_of
from bot.wording.text import join_names

WALK_ROUND = "Walk round with one hand on the back."
WALK_BACK = "Walk back round with one hand on the back."


@dataclass(frozen=True, slots=True)
class PartInstructions:
    """The sentences about the current part. A field is empty if there is nothing to say.

    `step` is the step's number, `name` the part's title. `setup` comes before the stroke: where to walk or
    stand, and which side to massage. A message shows `directions`; the voice says `spoken_directions`
    instead. `landmark` says what the giver can find by touch. `request` asks the giver to look for knots.
    `effort` says how hard to press and for how long, `lead_in` how soon the part starts. `keep_off` names the
    places that must not be pressed.
    """

    step: str
    name: str
    setup: tuple[str, ...]
    directions: tuple[str, ...]
    spoken_directions: tuple[str, ...]
    landmark: str
    request: str
    effort: str
    lead_in: str
    keep_off: str


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
    no landmark.
    """
    part = part_at(context.massage, context.routine)
    walked_over = effect.walk and part.turn is Turn.FAR_AFTER_WALKING
    directions = _directions(part, walked_over, context)
    is_full = not walked_over and part.knot is None
    technique = part.step.technique
    return PartInstructions(
        step=f"Step {part.number} of {len(context.routine.steps)}",
        name=escape(_name(part, context)),
        setup=_setup(part, effect, context),
        directions=directions,
        spoken_directions=(_escaped(part.step.say) if is_full else ()) or directions,
        landmark=escape(technique.landmark) if is_full and technique else "",
        request=_request(part) if is_full else "",
        effort=_effort(part, effect, context),
        lead_in=f"Starting in {spell(effect.lead_in)}." if effect.lead_in and context.massage.timer else "",
        keep_off=_keep_off(technique, context.handbook),
    )


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
            return f"{name}, {part.turn} side"
        case _:
            return name


def _setup(part: Part, effect: ShowPart, context: RenderContext) -> tuple[str, ...]:
    """Return the sentences that say where to walk or stand, and which side to massage. A part about a marked
    knot has no such sentences.
    """
    if part.knot:
        return ()
    side = _side_to_work(part, context.massage.stands)
    return tuple(sentence for sentence in (_where_to_stand(part, effect, context), side) if sentence)


def _where_to_stand(part: Part, effect: ShowPart, context: RenderContext) -> str:
    """Return the sentence that tells the giver to walk to the other side; an empty string if the giver stays
    in place.

    After a pause, if the part is done from a particular side, return a sentence that says where to stand
    instead.
    """
    if effect.walk and part.turn is Turn.FAR_AFTER_WALKING:
        return WALK_ROUND
    if effect.resumed and part.turn in (Turn.FAR, Turn.FAR_AFTER_WALKING):
        return _stand(context.massage.stands)
    return WALK_BACK if effect.walk else ""


def _directions(part: Part, walked_over: bool, context: RenderContext) -> tuple[str, ...]:
    if walked_over:
        return ("The same stroke as before.",)
    if part.knot and part.step.each_knot:
        return _escaped((context.handbook.spots[part.knot].how, *part.step.each_knot.direction))
    return _escaped(part.step.direction)


def _escaped(sentences: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(escape, sentences))


def _side_to_work(part: Part, stands: Side) -> str:
    """Return a sentence such as "Work the LEFT side."; an empty string if both sides are massaged."""
    side = part.side(stands)
    if side is None:
        return ""
    far = "" if part.turn in (Turn.LEFT, Turn.RIGHT) else ", the far one from you"
    return f"Work the <b>{side.upper()}</b> side{far}."


def _request(part: Part) -> str:
    if part.step.asks_for_knots and not part.again:
        return "Ask where it feels knotted, and tap Found a knot: we come back to it."
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
    now_lighter = " from here" if massage.lighter else ""
    return f"<b>{pressure.capitalize()} pressure</b>{now_lighter}, {time}."


def _keep_off(technique: Technique | None, handbook: Handbook) -> str:
    if technique is None:
        return ""
    return escape(f"Keep off {join_names([handbook.no_press[place].name for place in technique.no_press])}.")


# --- The next part -------------------------------------------------------------------------------


def next_part(context: RenderContext) -> NextPart:
    """Return the sentences about the part after the current one. Raises TypeError if no massage is running or
    paused.
    """
    massage, routine = context.massage, context.routine
    place = place_after(massage, routine)
    transition = escape(part_at(massage, routine).step.transition)
    if place is None:
        return NextPart("Nearly there.", transition=transition)
    part = part_at(massage, routine, place)
    cue = escape(part.step.cue)
    if starts_strokes(routine, place):
        heading = f"Starting in {spell(CUE_AHEAD)}."
        return NextPart(heading, cue, transition=transition, is_first_stroke=True)
    if part.knot:
        return NextPart(f"Next: the knot, {escape(context.handbook.spots[part.knot].name.lower())}.")
    match part.turn:
        case Turn.FAR_AFTER_WALKING:
            return NextPart("Next: the other side.", WALK_ROUND)
        case Turn.RIGHT:
            return NextPart("Next: the other side.", "The same again on the RIGHT.")
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
    heading = "That's the whole massage. Well done." if is_whole else "We stop here. That's fine."
    return (heading, *_escaped(routine.aftercare))

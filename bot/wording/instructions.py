"""A part in words, sentence by sentence: what a message shows and what a voice says of it come from here.

Pure. Sentences are Telegram's HTML, and whatever comes from a file is escaped. `render` and `script` put them
together; nothing here may know where they will stand, or how long they take to say.
"""

from dataclasses import dataclass
from html import escape

from bot.routine.durations import spell
from bot.routine.model import Handbook, Part, Routine, Side, Stance, Technique, Turn
from bot.session.effects import ShowPart
from bot.session.places import part_at, place_after, stands_at, starts_strokes
from bot.session.state import CUE_AHEAD, Choices, Finished
from bot.wording.scene import Scene, listed, pressure


@dataclass(frozen=True, slots=True)
class Told:
    """A part; what there is nothing to say of is empty. A voice has `say` in place of `direction`."""

    step: str
    name: str
    start: tuple[str, ...]
    direction: tuple[str, ...]
    say: tuple[str, ...]
    landmark: str
    request: str
    effort: str
    starting: str
    keep_off: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes after the present part; `starts` where it is the first stroke of all.

    `cue` is what one will do then, `side` on which side that is, `move` how to pass on to it.
    """

    head: str
    cue: str = ""
    side: str = ""
    move: str = ""
    starts: bool = False


def told(effect: ShowPart, scene: Scene) -> Told:
    """The part that the massage is at."""
    part = part_at(scene.massage, scene.routine)
    again = part.turn is Turn.FAR_AFTER_WALKING and effect.walk
    landmark = "" if again or _is_own(part) or not part.step.technique else part.step.technique.landmark
    direction = _directions(part, again, scene)
    return Told(
        step=f"Step {part.number} of {len(scene.routine.steps)}",
        name=escape(_name(part, scene)),
        start=_start(part, effect, scene),
        direction=direction,
        say=direction if again or _is_own(part) else tuple(map(escape, part.step.say)) or direction,
        landmark=escape(landmark),
        request="" if again or _is_own(part) else _knots_line(part),
        effort=_effort(part, effect, scene),
        starting=f"Starting in {spell(effect.lead_in)}." if effect.lead_in and scene.massage.timer else "",
        keep_off=_keep_off(part.step.technique, scene.handbook),
    )


def _is_own(part: Part) -> bool:
    """Whether it is a marked knot's, which has words of its own."""
    return bool(part.knot and part.step.each_knot)


def _name(part: Part, scene: Scene) -> str:
    """ "Fingertips, other side", or "Knot 1 of 2: upper left"."""
    if part.knot:
        number, of = scene.massage.place.part + 1, len(scene.massage.knots)
        return f"Knot {number} of {of}: {scene.handbook.spots[part.knot].name.lower()}"
    again = " again" if part.again else ""
    match part.turn:
        case Turn.FAR_AFTER_WALKING:
            return f"{part.step.name}{again}, other side"
        case Turn.LEFT | Turn.RIGHT:
            return f"{part.step.name}{again}, {part.turn} side"
        case _:
            return f"{part.step.name}{again}"


def _start(part: Part, effect: ShowPart, scene: Scene) -> tuple[str, ...]:
    """What comes before the stroke: to walk, and the side."""
    side, stands = _side_line(part, scene.massage.stands), scene.massage.stands
    if part.turn is Turn.FAR_AFTER_WALKING and effect.walk:
        return _sentences("Walk round with one hand on the back.", side)
    if _is_own(part):
        return ()
    walk = "Walk back round with one hand on the back." if effect.walk else ""
    if effect.resumed and part.turn in (Turn.FAR, Turn.FAR_AFTER_WALKING):
        walk = standing(stands)
    return _sentences(walk, side)


def _sentences(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)


def _directions(part: Part, again: bool, scene: Scene) -> tuple[str, ...]:
    """After walking round they are told in one breath: the stroke is known by then."""
    if again:
        return ("The same stroke as before.",)
    if part.knot and part.step.each_knot:
        return (escape(scene.handbook.spots[part.knot].how), *map(escape, part.step.each_knot.direction))
    return tuple(map(escape, part.step.direction))


def standing(side: Side) -> str:
    return f"You stand on your partner's <b>{side.upper()}</b>."


def placed(routine: Routine, choices: Choices) -> str:
    """Where the giver is when the massage begins."""
    return standing(choices.side) if routine.stance is Stance.BESIDE else "You stand behind your partner."


def _side_line(part: Part, stands: Side) -> str:
    side = part.side(stands)
    if side is None:
        return ""
    far = "" if part.turn in (Turn.LEFT, Turn.RIGHT) else ", the far one from you"
    return f"Work the <b>{side.upper()}</b> side{far}."


def _knots_line(part: Part) -> str:
    if part.step.asks_for_knots and not part.again:
        return "Ask where it feels knotted, and tap Found a knot: we come back to it."
    return ""


def _effort(part: Part, effect: ShowPart, scene: Scene) -> str:
    """ "Medium pressure, 3 min."."""
    massage = scene.massage
    time = spell(effect.seconds) + (" left" if effect.resumed else "")
    if not massage.timer:
        time = f"about {time}; tap Next when you're ready"
    force = pressure(part, massage, scene.handbook)
    if force is None:
        return f"{time[0].upper()}{time[1:]}."
    now = " from here" if massage.lighter else ""
    return f"<b>{force.capitalize()} pressure</b>{now}, {time}."


def _keep_off(technique: Technique | None, handbook: Handbook) -> str:
    if technique is None:
        return ""
    return escape(f"Keep off {listed([handbook.no_press[place].name for place in technique.no_press])}.")


def ahead(scene: Scene) -> Ahead:
    """What comes after the present part; before the first stroke, that it starts."""
    massage, routine = scene.massage, scene.routine
    after = place_after(massage, routine)
    move = escape(part_at(massage, routine).step.transition)
    if after is None:
        return Ahead("Nearly there.", move=move)
    part = part_at(massage, routine, after)
    cue = escape(part.step.cue)
    if starts_strokes(routine, after):
        return Ahead(f"Starting in {spell(CUE_AHEAD)}.", cue, move=move, starts=True)
    if part.knot:
        return Ahead(f"Next: the knot, {escape(scene.handbook.spots[part.knot].name.lower())}.")
    match part.turn:
        case Turn.FAR_AFTER_WALKING:
            return Ahead("Next: the other side.", "Walk round with one hand on the back.")
        case Turn.RIGHT:
            return Ahead("Next: the other side.", "The same again on the RIGHT.")
        case Turn.FAR:
            side = stands_at(massage, routine, after).other.upper()
            return Ahead("Next:", cue, f"The far side is the <b>{side}</b>.", move)
        case _:
            return Ahead("Next:", cue, move=move)


def ended(state: Finished, routine: Routine) -> tuple[str, ...]:
    """What is said first when it is over, then what to do afterwards."""
    whole = state.steps and not state.stopped
    head = "That's the whole massage. Well done." if whole else "We stop here. That's fine."
    return (head, *map(escape, routine.aftercare))

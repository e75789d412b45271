"""Answers about a stroke: where, how, how hard, how fast and why.

To add an answer, add an `Ask`, a function and a row to `STROKE_ANSWERS`. Each answer is one or two short
sentences in Telegram's HTML. An answer must never say anything that is not in the routine's data.
"""

import re
from html import escape

from bot.routine.model import Motion, Pace, Part, Spot, Stance, Turn
from bot.session.state import Ask
from bot.wording.asked import AnswerRow, Asked, picture_of_part, picture_of_stroke
from bot.wording.context import pressure_of
from bot.wording.instructions import WALK_ROUND, directions_of
from bot.wording.text import join_names, upper_first

PACE_WORDS = {Pace.SLOW: "Slowly", Pace.STEADY: "At a steady pace", Pace.QUICK: "Quickly"}
MOTION_WORDS = {
    Motion.GLIDE: "in one long glide",
    Motion.CIRCLES: "in circles",
    Motion.BACK_AND_FORTH: "up and back",
    Motion.PRESS: "about one press to a breath",
    Motion.TAP: "tapping",
}
_DIRECTION_WORD = re.compile(r"\b(up|upwards|down|out|in|towards|further|round)\b")


def _where(asked: Asked) -> str:
    asked = asked.with_stroke()
    if asked.part.knot:
        return asked.named(escape(_at_knot(asked.handbook.spots[asked.part.knot])))
    where, zones = asked.technique.where, asked.handbook.zones
    hands = upper_first(asked.hand_shape.name)
    side = asked.part.side(asked.stands)
    on_side = f" on the <b>{side.upper()}</b> side{_far(asked.part)}," if side else ""
    if where.start == where.end:
        zone = f" on the {zones[where.start].name}"
    else:
        zone = f" from the {zones[where.start].name} to the {zones[where.end].name}"
    return asked.named(f"{escape(hands)}{on_side}{escape(zone)}. {escape(asked.technique.landmark)}")


def _at_knot(spot: Spot) -> str:
    return f"{spot.cue}. {spot.how}"


def _far(part: Part) -> str:
    return "" if part.turn in (Turn.LEFT, Turn.RIGHT) else ", the far one from you"


def _direction(asked: Asked) -> str:
    """Return at most two sentences of the directions that contain a word such as "up" or "towards". If there
    are none, return the first two sentences of the directions.

    The first sentence of the directions is not searched, because it only says where to place the hands.
    """
    asked = asked.with_stroke()
    _, *rest = asked.step.direction
    sentences = [sentence for sentence in rest if _DIRECTION_WORD.search(sentence)]
    return asked.named(escape(" ".join((sentences or asked.step.direction)[:2])))


def _side(asked: Asked) -> str:
    asked = asked.with_stroke()
    return asked.named(_side_sentences(asked))


def _side_sentences(asked: Asked) -> str:
    side = asked.part.side(asked.stands)
    is_beside = asked.routine.stance is Stance.BESIDE
    stand = f" You stand on your partner's {asked.stands.upper()}." if is_beside else ""
    if asked.part.knot:
        return f"At the knot, {escape(asked.handbook.spots[asked.part.knot].name)}.{stand}"
    match asked.part.turn:
        case Turn.FAR if side:
            return f"The <b>{side.upper()}</b> side, the far one from you. Then walk round for the other."
        case Turn.FAR_AFTER_WALKING if side:
            return f"The <b>{side.upper()}</b> side now, the far one from where you stand."
        case Turn.LEFT:
            return "The <b>LEFT</b> side first, then the right."
        case Turn.RIGHT:
            return "The <b>RIGHT</b> side now. The left is done."
        case _:
            return f"Both sides. {escape(asked.step.direction[0])}{stand}"


def _how(asked: Asked) -> str:
    if not asked.is_about_part_under_way:
        return _how_elsewhere(asked)
    part, sentences = asked.part, directions_of(asked.part, asked.handbook)
    cue = (f"{asked.handbook.spots[part.knot].cue}.",) if part.knot else ()
    return escape(" ".join((*cue, *sentences)))


def _how_elsewhere(asked: Asked) -> str:
    """Return a short description of how to do a part other than the current one. The words are those in which
    the part will be announced.
    """
    side = asked.part.side(asked.stands)
    if asked.part.turn is Turn.FAR_AFTER_WALKING and side:
        same = f"The same stroke on the <b>{side.upper()}</b>."
        return asked.named(f"{WALK_ROUND} {same}")
    on_side = f" It is the <b>{side.upper()}</b> side{_far(asked.part)}." if side else ""
    heading = asked.heading.replace(":</b>", ".</b>")
    return f"{heading} {escape(asked.step.cue)}.{on_side}"


def _hands(asked: Asked) -> str:
    asked = asked.with_stroke()
    return asked.named(f"With {escape(asked.hand_shape.name)}. {escape(asked.hand_shape.how)}")


def _pressure(asked: Asked) -> str:
    asked = asked.with_stroke()
    signs = asked.handbook.safety.stop_signs.split(". ")[0]
    return asked.named(f"{upper_first(_pressure_word(asked))} pressure. {escape(signs)}.")


def _pressure_word(asked: Asked) -> str:
    return str(pressure_of(asked.part, asked.massage, asked.handbook))


def _pace(asked: Asked) -> str:
    asked = asked.with_stroke()
    technique = asked.technique
    pace, motion = PACE_WORDS[technique.pace], MOTION_WORDS[technique.motion]
    return asked.named(f"{pace}, {motion}.")


def _why(asked: Asked) -> str:
    if asked.is_about_whole_massage:
        return escape(asked.routine.description)
    return asked.named(escape(asked.step.why))


def _feel(asked: Asked) -> str:
    asked = asked.with_stroke()
    return asked.named(escape(asked.light_spot or asked.technique.feels_right))


def _wrong(asked: Asked) -> str:
    asked = asked.with_stroke()
    return asked.named(escape(asked.technique.mistake))


def _keep_off(asked: Asked) -> str:
    """Return a sentence that names the places to keep off. If there is only one place, the reason follows."""
    steps = asked.routine.steps if asked.is_about_whole_massage else [asked.with_stroke().step]
    ids = dict.fromkeys(place for step in steps if step.technique for place in step.technique.no_press)
    places = [asked.handbook.no_press[place] for place in ids]
    why = f" {places[0].why}" if len(places) == 1 else ""
    return escape(f"Keep off {join_names([place.name for place in places])}.{why}")


def _tip(asked: Asked) -> str:
    return asked.named(escape(asked.step.tip))


def _tired(asked: Asked) -> str:
    asked = asked.with_stroke()
    if "tire" in asked.step.tip:
        return escape(asked.step.tip)
    return f"{escape(asked.hand_shape.how)} Say pause, and rest as long as you like."


def _harder(asked: Asked) -> str:
    asked = asked.with_stroke()
    if asked.massage.sore:
        return f"Stay at {_pressure_word(asked)} pressure: something hurt before."
    return f"Lean in a little more, slowly: up to {_pressure_word(asked)} pressure, and no harder."


STROKE_ANSWERS = {
    Ask.WHERE: AnswerRow(_where, picture_of_stroke),
    Ask.DIRECTION: AnswerRow(_direction, picture_of_stroke),
    Ask.SIDE: AnswerRow(_side, picture_of_stroke),
    Ask.HOW: AnswerRow(_how, picture_of_part),
    Ask.HANDS: AnswerRow(_hands, picture_of_stroke),
    Ask.PRESSURE: AnswerRow(_pressure),
    Ask.PACE: AnswerRow(_pace),
    Ask.WHY: AnswerRow(_why),
    Ask.FEEL: AnswerRow(_feel),
    Ask.WRONG: AnswerRow(_wrong),
    Ask.KEEP_OFF: AnswerRow(_keep_off),
    Ask.TIRED: AnswerRow(_tired),
    Ask.TIP: AnswerRow(_tip),
    Ask.HARDER: AnswerRow(_harder),
}

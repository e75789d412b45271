"""Question -> the words that answer it, from the routine's data and from where the session is.

Pure. One or two short sentences, never invented: what the data does not say is not said. The first 60
characters carry the answer. Text is Telegram's HTML, and whatever comes from a file is escaped.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from html import escape
from math import ceil

from bot.routine.durations import spell
from bot.routine.model import Item, Motion, Pace, Part, Routine, Side, Stance, Step, Technique, Turn
from bot.session.places import part_at, place_after, seconds_at, stands_at
from bot.session.state import Ask, Finished, Massage, Paused, Place, Question, Running
from bot.wording.attachments import Attachment, KnotMap
from bot.wording.scene import Scene, count, listed, part_picture, pressure

PACES = {Pace.SLOW: "Slowly", Pace.STEADY: "At a steady pace", Pace.QUICK: "Quickly"}
MOTIONS = {
    Motion.GLIDE: "in one long glide",
    Motion.CIRCLES: "in circles",
    Motion.BACK_AND_FORTH: "up and back",
    Motion.PRESS: "press, wait, let go",
    Motion.TAP: "tapping",
}
LYING = {"head": ("head", "neck"), "arms": ("arms",)}
"""What one may ask of in lying down, and the words that its sentences have."""
_WAY = re.compile(r"\b(up|upwards|down|out|in|towards|further|round)\b")


class _Asked:
    """A question with what it is about at hand: the massage, the part, its step and technique."""

    def __init__(self, question: Question, scene: Scene, left: float) -> None:
        self.scene, self.routine, self.handbook = scene, scene.routine, scene.handbook
        self.question, self.left = question, left
        self.under_way = isinstance(scene.session.state, Running | Paused)
        self.massage = scene.massage if self.under_way else _at_rest(scene)
        self.place = question.place or self.massage.place
        self.part = part_at(self.massage, self.routine, self.place)

    @property
    def step(self) -> Step:
        return self.part.step

    def stroke(self) -> "_Asked":
        """Where nothing is stroked yet, of the first stroke after it."""
        here = self
        while here.step.technique is None and (after := place_after(_moved(here), self.routine)):
            here = _Asked(replace(self.question, place=after), self.scene, self.left)
        return here

    @property
    def technique(self) -> Technique:
        if self.step.technique is None:
            raise TypeError("nothing is stroked in this step")
        return self.step.technique

    @property
    def stands(self) -> Side:
        return stands_at(self.massage, self.routine, self.place)

    def lead(self, text: str) -> str:
        """With the step named in front, where it is not the one under way."""
        if self.place == self.massage.place and self.under_way:
            return text
        after = place_after(self.massage, self.routine) if self.under_way else None
        if self.place == after and self.place.step == self.massage.place.step:
            name = "Next, the other side"
        else:
            step = "Next, step" if self.place == after else "Step"
            name = f"{step} {self.place.step}, {self.step.name.lower()}"
        return f"<b>{escape(name)}:</b> {_lower(text)}"


def answer(question: Question, scene: Scene, left: float = 0.0) -> str:
    """The answer to a question; `left` is the seconds left of the part under way. HTML."""
    asked = _Asked(question, scene, left)
    return ANSWERS[question.ask](asked)


PICTURED = {Ask.WHERE, Ask.DIRECTION, Ask.SIDE, Ask.HOW, Ask.HANDS}
"""What a picture of the part tells too."""


def pictured(question: Question, scene: Scene) -> Attachment | None:
    """What can be seen of the answer: the part that it is about, or the knots."""
    asked = _Asked(question, scene, 0.0)
    match question.ask:
        case Ask.KNOTS if asked.under_way:
            marked = tuple((knot.spot, knot.eased) for knot in asked.massage.knots)
            return KnotMap(marked, scene.session.choices.tone)
        case ask if ask in PICTURED:
            asked = asked if ask is Ask.HOW else asked.stroke()
            return part_picture(asked.place, asked.massage, scene, moves=False)
        case _:
            return None


def _at_rest(scene: Scene) -> Massage:
    """A massage that stands at its beginning, or at its end once finished."""
    step = len(scene.routine.steps) if isinstance(scene.session.state, Finished) else 1
    return Massage(run=0, stands=scene.session.choices.side, place=Place(step))


def _moved(asked: _Asked) -> Massage:
    return replace(asked.massage, place=asked.place)


def _lower(text: str) -> str:
    """To go on after a colon; what is all capitals stays."""
    first = text.partition(" ")[0]
    return text if first == "I" or (len(first) > 1 and first.isupper()) else text[:1].lower() + text[1:]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- About a stroke ------------------------------------------------------------------------------


def _where(asked: _Asked) -> str:
    asked = asked.stroke()
    if asked.part.knot:
        return asked.lead(escape(asked.handbook.spots[asked.part.knot].how))
    where, zones = asked.technique.where, asked.handbook.zones
    hands = _upper(asked.handbook.hand_shapes[asked.technique.hand_shape].name)
    side = asked.part.side(asked.stands)
    worked = f" on the <b>{side.upper()}</b> side{_far(asked.part)}," if side else ""
    if where.start == where.end:
        run = f" on the {zones[where.start].name}"
    else:
        run = f" from the {zones[where.start].name} to the {zones[where.end].name}"
    return asked.lead(f"{escape(hands)}{worked}{escape(run)}. {escape(asked.technique.landmark)}")


def _far(part: Part) -> str:
    return "" if part.turn in (Turn.LEFT, Turn.RIGHT) else ", the far one from you"


def _direction(asked: _Asked) -> str:
    asked = asked.stroke()
    _, *rest = asked.step.direction
    ways = [sentence for sentence in rest if _WAY.search(sentence)] or list(asked.step.direction)
    return asked.lead(escape(" ".join(ways[:2])))


def _side(asked: _Asked) -> str:
    asked = asked.stroke()
    side = asked.part.side(asked.stands)
    standing = (
        f" You stand on your partner's {asked.stands.upper()}."
        if asked.routine.stance is Stance.BESIDE
        else ""
    )
    match asked.part.turn:
        case _ if asked.part.knot:
            return asked.lead(f"At the knot, {escape(asked.handbook.spots[asked.part.knot].name)}.{standing}")
        case Turn.FAR if side:
            return asked.lead(
                f"The <b>{side.upper()}</b> side, the far one from you. Then walk round for the other."
            )
        case Turn.FAR_AFTER_WALKING if side:
            return asked.lead(f"The <b>{side.upper()}</b> side now, the far one from where you stand.")
        case Turn.LEFT:
            return asked.lead("The <b>LEFT</b> side first, then the right.")
        case Turn.RIGHT:
            return asked.lead("The <b>RIGHT</b> side now. The left is done.")
        case _:
            return asked.lead(f"Both sides. {escape(asked.step.direction[0])}{standing}")


def _how(asked: _Asked) -> str:
    if asked.place != asked.massage.place or not asked.under_way:
        return _how_there(asked)
    knot = asked.part.knot
    told = (
        (asked.handbook.spots[knot].how, *asked.step.each_knot.direction)
        if knot and asked.step.each_knot
        else None
    )
    return escape(" ".join(told or asked.step.direction))


def _how_there(asked: _Asked) -> str:
    """Of a step that is not under way: what its cue will say."""
    side = asked.part.side(asked.stands)
    if asked.part.turn is Turn.FAR_AFTER_WALKING and side:
        same = f"The same stroke on the <b>{side.upper()}</b>."
        return asked.lead(f"Walk round with one hand on the back. {same}")
    worked = f" It is the <b>{side.upper()}</b> side{_far(asked.part)}." if side else ""
    named = asked.lead("").rstrip(": </b>")
    return f"{named}.</b> {escape(asked.step.cue)}.{worked}"


def _hands(asked: _Asked) -> str:
    asked = asked.stroke()
    hand = asked.handbook.hand_shapes[asked.technique.hand_shape]
    return asked.lead(f"With {escape(hand.name)}. {escape(hand.how)}")


def _pressure(asked: _Asked) -> str:
    asked = asked.stroke()
    force = pressure(asked.part, asked.massage, asked.handbook)
    signs = asked.handbook.safety.stop_signs.split(". ")[0]
    return asked.lead(f"{_upper(str(force))} pressure. {escape(signs)}.")


def _pace(asked: _Asked) -> str:
    asked = asked.stroke()
    technique = asked.technique
    return asked.lead(
        f"{PACES[technique.pace]}, {MOTIONS[technique.motion]}. {escape(technique.feels_right)}"
    )


def _why(asked: _Asked) -> str:
    return (
        escape(asked.routine.description)
        if asked.question.place is None
        else asked.lead(escape(asked.step.why))
    )


def _feel(asked: _Asked) -> str:
    return asked.stroke().lead(escape(asked.stroke().technique.feels_right))


def _wrong(asked: _Asked) -> str:
    return asked.stroke().lead(f"The usual slip: {escape(_lower(asked.stroke().technique.mistake))}")


def _keep_off(asked: _Asked) -> str:
    steps = asked.routine.steps if asked.question.place is None else [asked.stroke().step]
    places = list(
        dict.fromkeys(place for step in steps if step.technique for place in step.technique.no_press)
    )
    named = listed([asked.handbook.no_press[place].name for place in places])
    why = f" {asked.handbook.no_press[places[0]].why}" if len(places) == 1 else ""
    return escape(f"Keep off {named}.{why}")


def _tip(asked: _Asked) -> str:
    return asked.lead(escape(asked.step.tip))


def _tired(asked: _Asked) -> str:
    asked = asked.stroke()
    if "tire" in asked.step.tip:
        return escape(asked.step.tip)
    how = asked.handbook.hand_shapes[asked.technique.hand_shape].how
    return f"{escape(how)} Say pause, and rest as long as you like."


def _harder(asked: _Asked) -> str:
    asked = asked.stroke()
    force = pressure(asked.part, asked.massage, asked.handbook)
    if asked.massage.lighter:
        return f"Stay at {force} pressure: it was too much before."
    return f"Lean in a little more, slowly: up to {force} pressure, and no harder."


# --- Times and steps -----------------------------------------------------------------------------


def _length(asked: _Asked) -> str:
    if asked.question.place is None or (not asked.under_way and asked.place == Place()):
        steps = count(len(asked.routine.steps), "step")
        return f"About {spell(asked.scene.session.choices.length)} in all, {steps}."
    seconds = seconds_at(asked.massage, asked.scene.session, asked.routine, asked.place)
    side = " a side" if asked.part.turn is not Turn.BOTH else ""
    return asked.lead(f"{_upper(spell(seconds))}{side}.")


def _time_left(asked: _Asked) -> str:
    if not asked.under_way:
        return _length(replace_place(asked))
    if not asked.massage.timer:
        return "The timer is off, so there is no hurry. Say next when you're ready."
    to_come = _to_come(asked)
    if not to_come:
        return f"{spell(asked.left)} left, then it's done." if asked.left else "That was the last part."
    left = f"{spell(asked.left)} left here" if asked.left else "This part is over"
    if asked.question.place is not None:
        return f"{left}."
    minutes = max(1, round((asked.left + to_come) / 60), ceil(asked.left / 60))
    return f"About {spell(60 * minutes)} to the end; {_lower(left)}."


def replace_place(asked: _Asked) -> _Asked:
    return _Asked(replace(asked.question, place=None), asked.scene, asked.left)


def _to_come(asked: _Asked) -> float:
    """Seconds of work in the parts after the one under way."""
    massage, seconds = asked.massage, 0.0
    while place := place_after(massage, asked.routine):
        massage = replace(massage, place=place)
        seconds += seconds_at(massage, asked.scene.session, asked.routine, place)
    return seconds


def _steps_left(asked: _Asked) -> str:
    last = len(asked.routine.steps)
    if isinstance(asked.scene.session.state, Finished):
        return f"None: the massage is over. It had {count(last, 'step')}."
    if not asked.under_way:
        return f"{_upper(count(last, 'step'))}, and none begun yet."
    here = asked.massage.place.step
    after = f"{count(last - here, 'step')} after it." if here < last else "It is the last."
    return f"Step {here} of {last}, {escape(asked.routine.steps[here - 1].name.lower())}. {_upper(after)}"


def _steps(asked: _Asked) -> str:
    names = [step.name.lower() for step in asked.routine.steps]
    return f"{_upper(count(len(names), 'step'))}: {escape(listed(names))}."


# --- Words, things, the body ---------------------------------------------------------------------


def _word(asked: _Asked) -> str:
    word = asked.question.about
    if word.startswith("knot"):
        return _what_a_knot_is(asked)
    meaning = asked.routine.terms.get(word) or asked.handbook.strokes.get(word) or _elsewhere(word, asked)
    return f"<b>{escape(_upper(word))}:</b> {escape(meaning)}"


def _elsewhere(word: str, asked: _Asked) -> str:
    return next(
        routine.terms[word] for routine in asked.scene.library.routines.values() if word in routine.terms
    )


def _what_a_knot_is(asked: _Asked) -> str:
    step = _eases_knots(asked.routine) or next(
        filter(None, map(_eases_knots, asked.scene.library.routines.values()))
    )
    return escape(step.technique.landmark if step.technique else step.direction[0])


def _eases_knots(routine: Routine) -> Step | None:
    return next((step for step in routine.steps if step.each_knot), None)


def _needed(asked: _Asked) -> str:
    things = [item.name.lower() for item in (*asked.routine.supply, *asked.routine.tool)]
    needed = f"{_upper(listed(list(dict.fromkeys(things))))}. " if things else ""
    time = spell(asked.routine.prep_time)
    return f"{escape(needed)}/checklist has all there is to see to; it takes about {time}."


def _instead(asked: _Asked) -> str:
    item = _item(asked.question.about, asked)
    if item is None:
        return f"{escape(asked.routine.name)} needs none. /checklist says what it does need."
    if item.instead:
        return escape(f"In place of {item.name.lower()}: {_lower(item.instead)}")
    return f"I know of nothing in its place. {escape(item.why or '')}".strip()


def _item(about: str, asked: _Asked) -> Item | None:
    """The item that is meant: by its own name rather than by what could stand in for it."""
    items = (*asked.routine.supply, *asked.routine.tool, *asked.routine.checklist)
    said = [about, about.rstrip("s"), *asked.handbook.words.items[about]]
    found = [
        item for word in said for item in items if re.search(rf"\b{re.escape(word)}\b", item.name.lower())
    ]
    return next((item for item in found if item.instead), found[0] if found else None)


def _lie(asked: _Asked) -> str:
    """What is said of the part of the body that was asked about, else how to lie."""
    step = asked.routine.steps[0]
    sentences = [*step.direction, step.tip.split(". ")[0].rstrip(".") + "."]
    words = LYING.get(asked.question.about, ())
    about = [sentence for sentence in sentences if any(word in sentence.lower() for word in words)]
    return escape(" ".join((about or sentences)[:2]))


def _knots(asked: _Asked) -> str:
    step = _eases_knots(asked.routine)
    if step is None or step.each_knot is None:
        return "This routine has no step for knots. Rest a warm palm there a little longer."
    number = asked.routine.steps.index(step) + 1
    if asked.under_way and asked.massage.place.step < number:
        return f"Tell me where it is, or tap Found a knot: we come back to it in step {number}."
    return escape(" ".join(step.each_knot.direction))


def _knot_done(asked: _Asked) -> str:
    step = _eases_knots(asked.routine)
    if step is None or step.each_knot is None:
        return _knots(asked)
    least, most = spell(step.each_knot.least), spell(step.each_knot.most)
    mistake = f" The usual slip: {escape(_lower(step.technique.mistake))}" if step.technique else ""
    return f"When the ache has faded: {least} to {most}, no longer.{mistake}"


def _normal_ache(asked: _Asked) -> str:
    technique = asked.stroke().technique
    right, wrong = technique.feels_right, technique.feels_wrong
    return (
        "A good ache is all right; pain is not, so lift your hands and go lighter."
        f" Right is: {escape(_lower(right))} Not right: {escape(_lower(wrong))}"
    )


def _ache(asked: _Asked) -> str:
    technique = asked.stroke().technique
    wrong = escape(_lower(technique.feels_wrong))
    return f"Ease off until it is a good ache, and wait there. Not right: {wrong}"


def _when_stop(asked: _Asked) -> str:
    return f"{escape(asked.handbook.safety.stop_signs)} Say stop, and I pause at once."


def _aftercare(asked: _Asked) -> str:
    return escape(" ".join(asked.routine.aftercare))


def _can_ask(asked: _Asked) -> str:
    return (
        "It runs by itself; your hands need not touch the phone. Ask where, how hard, how long or why; "
        "say next, back or wait. If anything hurts, say so and I pause."
    )


def _condition(asked: _Asked) -> str:
    safety, about = asked.handbook.safety, asked.question.about
    if about in safety.not_today:
        return f"<b>Not today, with {escape(about)}.</b> {escape(safety.disclaimer)}"
    named = f" with {escape(about)}" if about in safety.ask_first else ""
    return f"<b>Ask a doctor first{named}.</b> {escape(safety.disclaimer)}"


def _may_press(asked: _Asked) -> str:
    place = asked.handbook.no_press[asked.question.about]
    return f"Keep off {escape(place.name)}. {escape(place.why)}"


ANSWERS: dict[Ask, Callable[[_Asked], str]] = {
    Ask.WHERE: _where,
    Ask.DIRECTION: _direction,
    Ask.SIDE: _side,
    Ask.HOW: _how,
    Ask.HANDS: _hands,
    Ask.PRESSURE: _pressure,
    Ask.PACE: _pace,
    Ask.LENGTH: _length,
    Ask.TIME_LEFT: _time_left,
    Ask.STEPS_LEFT: _steps_left,
    Ask.STEPS: _steps,
    Ask.WHY: _why,
    Ask.WORD: _word,
    Ask.FEEL: _feel,
    Ask.WRONG: _wrong,
    Ask.KEEP_OFF: _keep_off,
    Ask.TIRED: _tired,
    Ask.TIP: _tip,
    Ask.NEEDED: _needed,
    Ask.INSTEAD: _instead,
    Ask.LIE: _lie,
    Ask.KNOTS: _knots,
    Ask.KNOT_DONE: _knot_done,
    Ask.NORMAL_ACHE: _normal_ache,
    Ask.WHEN_STOP: _when_stop,
    Ask.AFTERCARE: _aftercare,
    Ask.CAN_ASK: _can_ask,
    Ask.CONDITION: _condition,
    Ask.MAY_PRESS: _may_press,
    Ask.ACHE: _ache,
    Ask.HARDER: _harder,
}

"""A question, together with the data that its answer is made from: the session, and the part of the massage
that the question is about, with its step and stroke.

This module must not contain answers: those are in `stroke_answers`, `massage_answers` and `body_answers`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from bot.routine.model import HandShape, Side, Step, Technique
from bot.session.places import part_at, place_after, stands_at
from bot.session.state import Finished, Massage, Paused, Place, Question, Running
from bot.wording.attachments import PictureName
from bot.wording.context import RenderContext, part_picture
from bot.wording.text import lower_first


class Asked:
    """A question, and the part of the massage that the question is about.

    `left` is the number of seconds left in the current part. If no massage is under way, `massage` is a
    made-up massage, which is at the last step if the session is finished, and otherwise at the first step.
    """

    def __init__(self, question: Question, context: RenderContext, left: float) -> None:
        self.context, self.routine, self.handbook = context, context.routine, context.handbook
        self.question, self.left = question, left
        self.under_way = isinstance(context.session.state, Running | Paused)
        self.massage = context.massage if self.under_way else _massage_at_rest(context)
        self.place = question.place or self.massage.place
        self.part = part_at(self.massage, self.routine, self.place)

    @property
    def is_about_whole_massage(self) -> bool:
        return self.question.place is None

    @property
    def is_about_part_under_way(self) -> bool:
        return self.under_way and self.place == self.massage.place

    @property
    def step(self) -> Step:
        return self.part.step

    @property
    def technique(self) -> Technique:
        """The technique of the part's stroke. Raises TypeError if the part has no stroke; to avoid this, call
        `with_stroke()` first.
        """
        if self.step.technique is None:
            raise TypeError("this step has no stroke")
        return self.step.technique

    @property
    def light_spot(self) -> str:
        """What to do at the part's knot if its spot has a pressure of its own; an empty string otherwise."""
        spot = self.handbook.spots[self.part.knot] if self.part.knot else None
        return spot.how if spot and spot.pressure else ""

    @property
    def hand_shape(self) -> HandShape:
        return self.handbook.hand_shapes[self.technique.hand_shape]

    @property
    def stands(self) -> Side:
        """The side of the receiver on which the giver stands during the part."""
        return stands_at(self.massage, self.routine, self.place)

    def with_stroke(self) -> "Asked":
        """Return the same question about the nearest part that has a stroke: this question's part, or else
        the next part with a stroke after it. If there is no such part, the result is about the last part.
        """
        asked = self
        while asked.step.technique is None:
            after = place_after(replace(asked.massage, place=asked.place), self.routine)
            if after is None:
                break
            asked = self.at(after)
        return asked

    def at(self, place: Place) -> "Asked":
        """Return the same question about the part at another place."""
        return Asked(replace(self.question, place=place), self.context, self.left)

    def named(self, text: str) -> str:
        """Return `text`, an answer as HTML, with the name of the step before it. If the question is about the
        current part, return `text` alone.
        """
        return text if self.is_about_part_under_way else f"{self.heading} {lower_first(text)}"

    @property
    def heading(self) -> str:
        """The heading that names the step, as HTML, such as "<b>Next, step 4, fingertips:</b>"."""
        after = place_after(self.massage, self.routine) if self.under_way else None
        if self.place == after and self.place.step == self.massage.place.step:
            name = "Next, the other side"
        else:
            step = "Next, step" if self.place == after else "Step"
            name = f"{step} {self.place.step}, {self.step.name.lower()}"
        return f"<b>{escape(name)}:</b>"


def _massage_at_rest(context: RenderContext) -> Massage:
    step = len(context.routine.steps) if isinstance(context.session.state, Finished) else 1
    return Massage(run=0, stands=context.session.choices.side, place=Place(step))


def no_picture(asked: Asked) -> PictureName | None:
    return None


def picture_of_part(asked: Asked) -> PictureName | None:
    """Return the still picture of the part that the question is about."""
    return part_picture(asked.place, asked.massage, asked.context, moves=False)


def picture_of_stroke(asked: Asked) -> PictureName | None:
    """Return the still picture of the part whose stroke the answer is about (see `Asked.with_stroke`)."""
    return picture_of_part(asked.with_stroke())


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """How one kind of question is answered. `words` returns the answer as HTML. `picture` returns the picture
    that goes with the answer; None if there is no picture.
    """

    words: Callable[[Asked], str]
    picture: Callable[[Asked], PictureName | None] = no_picture

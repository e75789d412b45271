"""The data that text is made from (the session and the library), and functions that look something up in this
data for several modules.

This module must not write any text; the other modules of this package do that.
"""

from dataclasses import dataclass

from bot.routine.model import Handbook, Library, Part, Pressure, Routine
from bot.session.places import part_at, stands_at
from bot.session.state import Massage, Paused, Place, Running, Session
from bot.wording.attachments import KnotMap, PartPicture


@dataclass(frozen=True, slots=True)
class RenderContext:
    """The data that a message is made from.

    `session` is the session as it is after the event. `name` is the person's first name, or empty. `tapped`
    is the message_id of the message whose button was tapped; None if the event was not a tap. `voice` is true
    if this coach can speak. `about` is what a message about a topic is about, such as the id of a spot, or
    empty.
    """

    session: Session
    library: Library
    name: str = ""
    tapped: int | None = None
    voice: bool = False
    about: str = ""

    @property
    def routine(self) -> Routine:
        return self.library.routines[self.session.choices.routine]

    @property
    def handbook(self) -> Handbook:
        return self.library.handbook

    @property
    def massage(self) -> Massage:
        """The massage under way, whether it is running or paused. Raises TypeError if no massage is under
        way.
        """
        if isinstance(self.session.state, Running | Paused):
            return self.session.state.massage
        raise TypeError("there is no massage under way")


def pressure_of(part: Part, massage: Massage, handbook: Handbook) -> Pressure | None:
    """Return how hard to press in a part; None if the part has no stroke.

    The result is lighter than planned by `massage.lighter` levels.
    """
    planned = planned_pressure(part, handbook)
    return planned and planned.lighter_by(massage.lighter)


def planned_pressure(part: Part, handbook: Handbook) -> Pressure | None:
    """Return how hard to press in a part if nobody asks for less; None if the part has no stroke.

    At a marked knot, the spot's own pressure is used if the handbook gives one.
    """
    spot_pressure = handbook.spots[part.knot].pressure if part.knot else None
    return spot_pressure or part.pressure


def part_picture(
    place: Place, massage: Massage, context: RenderContext, *, moves: bool = True
) -> PartPicture:
    """Return the picture of the part at `place`, seen from the side where the giver stands for that part."""
    knot = part_at(massage, context.routine, place).knot
    stands, tone = stands_at(massage, context.routine, place), context.session.choices.tone
    return PartPicture(context.routine.id, place.step, 0 if knot else place.part, knot, stands, tone, moves)


def knot_map(context: RenderContext) -> KnotMap:
    """Return the map of the knots that are marked in the massage under way."""
    marked = tuple((knot.spot, knot.eased) for knot in context.massage.knots)
    return KnotMap(marked, context.session.choices.tone)

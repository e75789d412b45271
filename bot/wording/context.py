"""The data that words are made from: the session and the library, plus lookups that several modules share.

Must never put words together; the other modules of this package do that.
"""

from dataclasses import dataclass

from bot.routine.model import Handbook, Library, Part, Pressure, Routine
from bot.session.places import part_at, stands_at
from bot.session.state import Massage, Paused, Place, Running, Session
from bot.wording.attachments import KnotMap, PartPicture


@dataclass(frozen=True, slots=True)
class RenderContext:
    """Everything that a message can be made from: the session after the event, and the library.

    `name` is the person's first name, or empty. `tapped` is the message_id of the message whose button was
    tapped; None if the person wrote or a timer fired. `voice` says whether this coach can speak at all.
    """

    session: Session
    library: Library
    name: str = ""
    tapped: int | None = None
    voice: bool = False

    @property
    def routine(self) -> Routine:
        return self.library.routines[self.session.choices.routine]

    @property
    def handbook(self) -> Handbook:
        return self.library.handbook

    @property
    def massage(self) -> Massage:
        """The massage under way, running or paused. Raises TypeError if there is none."""
        if isinstance(self.session.state, Running | Paused):
            return self.session.state.massage
        raise TypeError("there is no massage under way")


def pressure_of(part: Part, massage: Massage, handbook: Handbook) -> Pressure | None:
    """Return how hard to press in a part; None if the part has no stroke.

    A marked spot may have a lighter pressure of its own. After pain, everything is one level lighter.
    """
    if part.step.technique is None:
        return None
    spot_pressure = handbook.spots[part.knot].pressure if part.knot else None
    pressure = spot_pressure or part.step.technique.pressure
    return pressure.lighter if massage.lighter else pressure


def part_picture(
    place: Place, massage: Massage, context: RenderContext, *, moves: bool = True
) -> PartPicture:
    """Name the picture of the part at `place`, seen from where the giver stands then."""
    knot = part_at(massage, context.routine, place).knot
    stands, tone = stands_at(massage, context.routine, place), context.session.choices.tone
    return PartPicture(context.routine.id, place.step, 0 if knot else place.part, knot, stands, tone, moves)


def knot_map(context: RenderContext) -> KnotMap:
    """Name the map of the knots marked in the massage under way."""
    marked = tuple((knot.spot, knot.eased) for knot in context.massage.knots)
    return KnotMap(marked, context.session.choices.tone)

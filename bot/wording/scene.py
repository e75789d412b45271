"""What there is to speak from, and how words are put together. Pure; says nothing itself."""

from dataclasses import dataclass

from bot.routine.model import Handbook, Library, Part, Pressure, Routine
from bot.session.places import part_at, stands_at
from bot.session.state import Massage, Paused, Place, Running, Session
from bot.wording.attachments import PartPicture


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to speak from: the session after the event, and the library.

    `name` is the person's first name, `tapped` the message_id under which they tapped, if they did; `voice`:
    whether there is anything to be heard.
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
        """Of a session under way; raises TypeError for any other."""
        if isinstance(self.session.state, Running | Paused):
            return self.session.state.massage
        raise TypeError("there is no massage under way")


def pressure(part: Part, massage: Massage, handbook: Handbook) -> Pressure | None:
    """The stroke's, or the spot's own where a knot wants less; one less once something has hurt."""
    if part.step.technique is None:
        return None
    spot = handbook.spots[part.knot].pressure if part.knot else None
    usual = spot or part.step.technique.pressure
    return usual.lighter if massage.lighter else usual


def part_picture(place: Place, massage: Massage, scene: Scene, *, moves: bool = True) -> PartPicture:
    """Of the part at a place of the massage, seen from where one stands then."""
    knot = part_at(massage, scene.routine, place).knot
    stands, tone = stands_at(massage, scene.routine, place), scene.session.choices.tone
    return PartPicture(scene.routine.id, place.step, 0 if knot else place.part, knot, stands, tone, moves)


def count(number: int, thing: str) -> str:
    return f"{number} {thing}" + ("" if number == 1 else "s")


def listed(names: list[str] | tuple[str, ...], joint: str = "and") -> str:
    """ "a, b and c"."""
    *most, last = names
    return f"{', '.join(most)} {joint} {last}" if most else last

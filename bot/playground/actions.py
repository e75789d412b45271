"""The actions that a user can take on the playground's page.

Each action is a Pydantic model that validates its fields. This module must not depend on HTTP: page.py
receives the actions as JSON and performs them.
"""

from abc import ABC, abstractmethod
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.playground.faults import Cut, Delay, Effect, Fail
from bot.playground.host import Playground
from bot.playground.model import Json
from bot.playground.people import Person, add_person

FaultKind = Literal["cut", "500", "429", "slow"]


class Action(BaseModel, ABC):
    """Base class of the actions, which are read from JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @abstractmethod
    async def perform(self, playground: Playground) -> Json | None:
        """Perform the action. Return what the page needs to know about the result, or None.

        Raises LookupError or ValueError if the action is not possible now. The error has one sentence for the
        user.
        """


class PersonAction(Action):
    """Base class of the actions of one person. `who` is the person's user id."""

    who: int

    def person(self, playground: Playground) -> Person:
        return Person(playground.world, self.who)


class AddPerson(Action):
    """Add a person, who gets an empty private chat with the bot."""

    action: Literal["add person"]
    name: str = Field(min_length=1, max_length=64)

    async def perform(self, playground: Playground) -> Json:
        return {"who": add_person(playground.world, self.name).chat_id}


class Write(PersonAction):
    action: Literal["write"]
    text: str

    async def perform(self, playground: Playground) -> None:
        self.person(playground).writes(self.text)


class Tap(PersonAction):
    """Tap a button. `message` is a message_id, and `data` is the button's callback data."""

    action: Literal["tap"]
    message: int
    data: str

    async def perform(self, playground: Playground) -> Json:
        # A page can lag behind, as a phone can. So the user can tap a button that has been removed meanwhile.
        return {"query": self.person(playground).taps(self.message, self.data, stale=True).id}


class Block(PersonAction):
    """Block the bot if `on` is true; otherwise unblock it."""

    action: Literal["block"]
    on: bool

    async def perform(self, playground: Playground) -> None:
        person = self.person(playground)
        person.blocks() if self.on else person.unblocks()


class SetSpeed(Action):
    action: Literal["set speed"]
    speed: float = Field(gt=0, le=1000)

    async def perform(self, playground: Playground) -> None:
        playground.clock.set_speed(self.speed)


class SkipToNextCue(Action):
    action: Literal["skip to next cue"]

    async def perform(self, playground: Playground) -> None:
        await playground.skip_to_next_cue()


class SetFault(Action):
    """Switch on a kind of fault, or change its settings.

    For "slow", `amount` is the delay in milliseconds. For "429", `amount` is the number of seconds that the
    bot must wait. Other kinds ignore `amount`. `share` is the share of calls that are affected, from 0 to 1.
    """

    action: Literal["set fault"]
    kind: FaultKind
    amount: int = Field(ge=1, le=60_000)
    share: float = Field(gt=0, le=1)

    async def perform(self, playground: Playground) -> None:
        faults = playground.world.faults
        faults.on(self._effect(), share=self.share, replaces=lambda effect: fault_kind(effect) == self.kind)

    def _effect(self) -> Effect:
        match self.kind:
            case "cut":
                return Cut()
            case "slow":
                return Delay(self.amount / 1000)
            case "429":
                return Fail(429, self.amount)
            case _:
                return Fail(500)


class StartOutage(Action):
    """Cut all connections for this many seconds."""

    action: Literal["start outage"]
    seconds: float = Field(gt=0, le=86_400)

    async def perform(self, playground: Playground) -> None:
        playground.world.faults.dark(self.seconds)


class ClearFaults(Action):
    """Switch off one kind of fault. If `kind` is None, switch off all faults and end an outage."""

    action: Literal["clear faults"]
    kind: FaultKind | None

    async def perform(self, playground: Playground) -> None:
        faults = playground.world.faults
        if self.kind:
            faults.off(lambda effect: fault_kind(effect) == self.kind)
        else:
            faults.clear()


class KillBot(Action):
    """Kill the bot. If `restart` is true, start it again at once."""

    action: Literal["kill bot"]
    restart: bool

    async def perform(self, playground: Playground) -> None:
        await playground.kill_bot()
        if self.restart:
            playground.start_bot()


class StartBot(Action):
    action: Literal["start bot"]

    async def perform(self, playground: Playground) -> None:
        playground.start_bot()


AnyAction = (
    AddPerson
    | Write
    | Tap
    | Block
    | SetSpeed
    | SkipToNextCue
    | SetFault
    | StartOutage
    | ClearFaults
    | KillBot
    | StartBot
)
ACTIONS: TypeAdapter[AnyAction] = TypeAdapter(Annotated[AnyAction, Field(discriminator="action")])


def fault_kind(effect: Effect) -> str:
    """Return the page's name for the effect of a fault.

    The name is a FaultKind, or the code of an error that cannot be switched on from the page.
    """
    match effect:
        case Cut():
            return "cut"
        case Delay():
            return "slow"
        case Fail(code=code):
            return str(code)


def fault_amount(effect: Effect) -> int:
    """Return the `amount` of SetFault that corresponds to an effect; 0 for an effect without an amount."""
    match effect:
        case Delay(seconds=seconds):
            return round(seconds * 1000)
        case Fail(retry_after=seconds):
            return seconds
        case _:
            return 0

"""What can be done on the playground's page, each deed checked before it is done. Knows no HTTP."""

from abc import ABC, abstractmethod
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from bot.playground.faults import Cut, Delay, Effect, Fail
from bot.playground.host import Playground
from bot.playground.model import Json
from bot.playground.people import Person

Kind = Literal["cut", "500", "429", "slow"]


class Deed(BaseModel, ABC):
    """Something done on the page; its fields come as JSON. `do` raises LookupError or ValueError."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @abstractmethod
    async def do(self, playground: Playground) -> Json | None: ...


class PersonsDeed(Deed):
    who: int

    def person(self, playground: Playground) -> Person:
        person = playground.world.people.get(self.who)
        if person is None:
            raise LookupError(f"There is nobody with the number {self.who}.")
        return person


class Come(Deed):
    """Another person opens the chat."""

    deed: Literal["come"]
    name: str = Field(min_length=1, max_length=64)

    async def do(self, playground: Playground) -> Json:
        return {"who": playground.world.person(self.name).chat_id}


class Write(PersonsDeed):
    deed: Literal["write"]
    text: str

    async def do(self, playground: Playground) -> None:
        self.person(playground).writes(self.text)


class Tap(PersonsDeed):
    deed: Literal["tap"]
    message: int
    data: str

    async def do(self, playground: Playground) -> Json:
        # A page can lag behind as a phone does, so that what has gone meanwhile can still be tapped.
        return {"query": self.person(playground).taps(self.message, self.data, stale=True).id}


class Block(PersonsDeed):
    deed: Literal["block"]
    on: bool

    async def do(self, playground: Playground) -> None:
        person = self.person(playground)
        person.blocks() if self.on else person.unblocks()


class Speed(Deed):
    deed: Literal["speed"]
    speed: float = Field(gt=0, le=1000)

    async def do(self, playground: Playground) -> None:
        playground.clock.set_speed(self.speed)


class NextCue(Deed):
    deed: Literal["next cue"]

    async def do(self, playground: Playground) -> None:
        await playground.to_next_cue()


class Fault(Deed):
    """Switched on, or changed. `amount`: the milliseconds of "slow", the seconds to wait of "429"."""

    deed: Literal["fault"]
    kind: Kind
    amount: int = Field(ge=1, le=60_000)
    share: float = Field(gt=0, le=1)

    async def do(self, playground: Playground) -> None:
        faults = playground.world.faults
        faults.on(self._effect(), share=self.share, instead=lambda effect: kind(effect) == self.kind)

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


class Dark(Deed):
    deed: Literal["dark"]
    seconds: float = Field(gt=0, le=86_400)

    async def do(self, playground: Playground) -> None:
        playground.world.faults.dark(self.seconds)


class Mend(Deed):
    """One kind of fault off; all of them, and the darkness, for None."""

    deed: Literal["mend"]
    kind: Kind | None

    async def do(self, playground: Playground) -> None:
        faults = playground.world.faults
        if self.kind:
            faults.off(lambda effect: kind(effect) == self.kind)
        else:
            faults.clear()


class Kill(Deed):
    """Kill the bot; start it again at once if `restart`."""

    deed: Literal["kill"]
    restart: bool

    async def do(self, playground: Playground) -> None:
        await playground.kill_bot()
        if self.restart:
            playground.start_bot()


class Start(Deed):
    deed: Literal["start"]

    async def do(self, playground: Playground) -> None:
        playground.start_bot()


AnyDeed = Come | Write | Tap | Block | Speed | NextCue | Fault | Dark | Mend | Kill | Start
DEEDS: TypeAdapter[AnyDeed] = TypeAdapter(Annotated[AnyDeed, Field(discriminator="deed")])


def kind(effect: Effect) -> str:
    """An effect's name on the page."""
    match effect:
        case Cut():
            return "cut"
        case Delay():
            return "slow"
        case Fail(code=code):
            return str(code)


def amount(effect: Effect) -> int:
    """What there is to set on the page about an effect; 0 for nothing."""
    match effect:
        case Delay(seconds=seconds):
            return round(seconds * 1000)
        case Fail(retry_after=seconds):
            return seconds
        case _:
            return 0

"""Conversations with the whole coach, on a real database and against a fake Telegram server (the stand-in).

    async with stage(database_url) as theatre:
        sam = theatre.person("Sam")
        await sam.writes("/start")
        await sam.taps("Begin")
        sam.sees("Before the first stroke")

The clock stands still until a test moves it forward, and no test waits in real time. After an action, the
helpers wait until the coach has confirmed the update, sent everything that it can send and answered every
tap. This needs the event loop of tests/resting.py, in which every test runs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx

from bot.app import Clocks, over_http, serve
from bot.clock import Clock
from bot.playground.api import StandIn
from bot.playground.model import Message
from bot.playground.people import Person, add_person
from bot.playground.world import Limits, Rate, World
from bot.routine import loading
from bot.routine.model import Library
from bot.settings import Settings
from bot.storage.store import Store
from bot.transport.request import Request
from tests.resting import running_loop

LIBRARY = loading.load(Path("routines"))
FREE = Limits(private=Rate(1e6, 10**6), edits=Rate(1e6, 10**6), total=Rate(1e6, 10**6))
"""Without rate limits. While the clock stands still, the wait after a 429 would never end."""
THE_MASSAGE = [
    "Step 1 of 8 · Lying down",
    "Step 2 of 8 · Long strokes",
    "Step 3 of 8 · Heel circles",
    "Step 4 of 8 · Fingertips",
    "Step 4 of 8 · Fingertips, other side",
    "Step 5 of 8 · Thumbs along the spine",
    "Step 6 of 8 · Forearms, LEFT side",
    "Step 6 of 8 · Forearms, RIGHT side",
    "Step 7 of 8 · Knots",
    "Step 8 of 8 · Long strokes again",
    "Step 8 of 8 · Heel circles again",
    "Step 8 of 8 · Fingertips again",
    "Step 8 of 8 · Fingertips again, other side",
    "Step 8 of 8 · Tapping",
]
"""The titles of all parts of the back massage."""
PATIENCE = 120.0
"""Real seconds after which a test that hangs fails. The result of a test must not depend on this."""


def title_of(text: str) -> str:
    """Return the title of a message that begins a part, such as "Step 2 of 8 · Long strokes"; "" for others.

    The title is in the second line. If the part repeats an earlier step, pressure and time follow it there.
    """
    _, _, rest = text.partition("\n")
    title = " · ".join(rest.partition("\n")[0].split(" · ")[:2])
    return title if title.startswith("Step ") else ""


class Theatre:
    """One coach with its database and a fake Telegram. A test may change `settings` before a start.

    `real_time` is the clock for the coach's waits for Telegram. By default it is the coach's clock, so these
    waits do not end while that clock stands still.
    """

    def __init__(self, url: str, library: Library, limits: Limits) -> None:
        self.library = library
        self.clock = Clock(speed=0)
        self.real_time = self.clock
        self.world = World(self.clock.now, limits=limits)
        self.settings = Settings(
            token=self.world.token,
            api_url="http://telegram.test",
            database_url=url,
            speed=1.0,
            log_level="INFO",
            log_format="text",
            webhook_url="",
            webhook_secret="",
            port=None,
            bind_address="",
            rate=limits.total.per_second,
            chat_rate=limits.private.per_second,
            person_rate=1e6,
            media_folder=None,
            voice_file=None,
            playground_port=0,
        )
        self.stand_in = StandIn(self.world, self.clock.sleep)
        self.uploads_over: httpx.AsyncBaseTransport = httpx.ASGITransport(app=self.stand_in)
        self.store: Store
        self._serving: asyncio.Task[None] | None = None

    def person(self, name: str) -> "Guest":
        return Guest(self, add_person(self.world, name))

    def start(self) -> None:
        over = httpx.ASGITransport(app=self.stand_in)
        uploads = Request(httpx_kwargs={"transport": self.uploads_over})
        requests = replace(over_http(transport=over), uploads=uploads)
        clocks = Clocks(self.clock, self.real_time)
        self._serving = asyncio.create_task(serve(self.settings, self.library, clocks, requests))

    async def stop(self) -> None:
        """Stop the coach as SIGTERM would, and wait until all of its worker processes have ended."""
        if self._serving:
            self._serving.cancel()
            with suppress(asyncio.CancelledError):
                await self._serving
            self._serving = None
        async with asyncio.timeout(PATIENCE):
            await running_loop().no_child_runs()

    async def ended(self) -> BaseException | None:
        """Wait until the coach ends by itself. Return the error that ended it; None if there is none."""
        assert self._serving
        serving, self._serving = self._serving, None
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({serving})
        return serving.exception()

    def calls(self, method: str) -> int:
        """Return how many calls of this method the stand-in has recorded."""
        return sum(call.method.lower() == method.lower() for call in self.world.calls)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until `happened` returns true. It is called again after every change in the stand-in."""
        changed = asyncio.Event()
        unsubscribe = self.world.subscribe(lambda _: changed.set())
        try:
            async with asyncio.timeout(PATIENCE):
                while not happened():
                    changed.clear()
                    await changed.wait()
        finally:
            unsubscribe()

    async def quiet(self) -> None:
        """Wait until the coach has no update, cue, message or tap left to handle at this moment.

        If `real_time` is a separate clock, it is moved forward, so that waits for Telegram end.
        """
        async with asyncio.timeout(PATIENCE):
            await self.rests()
            while await self._has_work():
                self._raise_if_ended()
                if self.real_time is self.clock:
                    await running_loop().stir()
                else:
                    self.real_time.skip(0.1)
                await self.rests()

    async def _has_work(self) -> bool:
        return bool(
            self.world.pending
            or await self.store.due(self.clock.now(), limit=1)
            or await self.store.heads([], limit=1)
            or not all(query.answer for query in self.world.queries.values())
        )

    async def rests(self) -> None:
        """Wait until the coach has done everything it can do before the time changes.

        Messages may still be waiting to be sent.
        """
        async with asyncio.timeout(PATIENCE):
            await running_loop().rest()

    def _raise_if_ended(self) -> None:
        """If the coach has ended, raise the error with which it ended."""
        if self._serving and self._serving.done():
            self._serving.result()

    async def until_due(self, late: float = 0.0) -> None:
        """Skip to the next time at which something is due, or to `late` seconds after it."""
        due_at = await self.store.next_due()
        assert due_at is not None, "nothing is due"
        await self.wait(due_at - self.clock.now() + late)

    async def passes(self, seconds: float) -> None:
        """Move the clock forward in steps of one second, while Telegram fails.

        All cues become due, whether or not messages can be sent.
        """
        until = self.clock.now() + seconds
        while self.clock.now() < until:
            await self.tick(1.0)

    async def recovers(self) -> None:
        """Move the clock forward, no further than needed, until all delayed messages are sent."""
        async with asyncio.timeout(PATIENCE):
            while await self.store.heads([], limit=1):
                await self.tick()
        await self.quiet()

    async def tick(self, seconds: float = 0.1) -> None:
        """Move the clock forward a little, and let the coach do what it then has to do."""
        self.clock.skip(seconds)
        await self.rests()

    async def wait(self, seconds: float) -> None:
        self.clock.skip(seconds)
        await self.quiet()


class Guest:
    """A person in a conversation with the coach."""

    def __init__(self, theatre: Theatre, person: Person) -> None:
        self.theatre = theatre
        self.person = person

    @property
    def screen(self) -> list[Message]:
        """The coach's messages, oldest first."""
        bot = self.theatre.world.bot
        return [message for message in self.person.messages() if message.sender == bot]

    @property
    def last(self) -> Message:
        return self.screen[-1]

    @property
    def buttons(self) -> list[str]:
        """The labels of the newest message's buttons."""
        return [button.text for button in self.last.buttons]

    @property
    def toast(self) -> str:
        return self.person.answers[-1].text

    @property
    def titles(self) -> list[str]:
        """The title of each message that begins a part of the massage."""
        return [title for message in self.screen if (title := title_of(message.text))]

    async def writes(self, text: str) -> None:
        self.person.writes(text)
        await self.theatre.quiet()

    def has_seen(self, messages: int) -> bool:
        return len(self.screen) >= messages

    async def writes_and_sees(self, text: str, fragment: str) -> None:
        """Write, and wait only for the answer, even if messages to other people have to wait."""
        self.person.writes(text)
        await self.theatre.until(lambda: bool(self.screen) and fragment in self.last.text)

    async def taps(self, button: str, on: Message | None = None) -> None:
        """Tap a button of the newest message, or of the message `on`."""
        message = on or self.last
        self.person.taps(message.id, button, stale=on is not None)
        await self.theatre.quiet()

    async def taps_and_sees(self, button: str, fragment: str) -> None:
        """Tap a button of the newest message. Wait for the answer, but not for a picture that follows it."""
        self.person.taps(self.last.id, button)
        await self.theatre.until(lambda: fragment in self.last.text)

    async def begins(self) -> None:
        await self.writes("/start")
        await self.taps("Begin")
        await self.taps("None of these")

    async def reaches(self, title: str) -> None:
        """Tap Next until the newest message is about a part whose title begins like this."""
        while not title_of(self.last.text).startswith(title):
            await self.taps("Next")

    async def hears(self, fragment: str) -> None:
        """Let time pass, and tap nothing, until the newest message contains the fragment."""
        while fragment not in self.last.text:
            await self.theatre.until_due()

    def sees(self, *fragments: str) -> None:
        """Assert that the newest message contains all fragments."""
        for fragment in fragments:
            assert fragment in self.last.text, f"{fragment!r} is not in {self.last.text!r}"


@asynccontextmanager
async def stage(
    url: str, library: Library = LIBRARY, limits: Limits = FREE, media_folder: Path | None = None
) -> AsyncIterator[Theatre]:
    """Run a coach on the database at `url` while the block runs.

    If `media_folder` is None, the coach sends no pictures.
    """
    theatre = Theatre(url, library, limits)
    theatre.settings = replace(theatre.settings, media_folder=media_folder)
    async with Store.open(url) as theatre.store:
        theatre.start()
        try:
            yield theatre
        finally:
            await theatre.stop()

"""The playground in one process: the fake Telegram server (stand-in), the real coach, and one clock for both.

The coach calls the stand-in over real HTTP, as it would call Telegram. When the playground ends, everything
that people have done in it is lost, because the stand-in and the database are new at each start. Only the
generated pictures and audio in MEDIA_FOLDER are kept.
"""

import asyncio
import logging
from dataclasses import replace

from bot.app import Clocks, over_http, serve
from bot.clock import Clock
from bot.playground.api import StandIn
from bot.playground.model import Change
from bot.playground.world import World
from bot.routine.model import Library
from bot.settings import Settings
from bot.storage.store import Store

log = logging.getLogger(__name__)


class Playground:
    """The world (the state of the stand-in), the clock and the bot. The actions on the page control them.

    `address` is the base URL of the page and of the Bot API. It must be set before the bot starts.
    """

    def __init__(self, settings: Settings, library: Library, clock: Clock, store: Store) -> None:
        self.clock = clock
        self.world = World(clock.now, settings.token)
        self.stand_in = StandIn(self.world, clock.sleep)
        self.address = ""
        self._settings = settings
        self._library = library
        self._store = store
        self._bot: asyncio.Task[None] | None = None
        clock.on_change(lambda: self.world.tell(Change("clock")))

    @property
    def is_coaching(self) -> bool:
        """Whether the bot is running."""
        return self._bot is not None

    def start_bot(self) -> None:
        """Start the bot if it is not running."""
        if self._bot is None:
            self._bot = asyncio.create_task(self._coach())
            self._bot.add_done_callback(self._ended)
            self.world.tell(Change("bot"))

    async def kill_bot(self) -> None:
        """Stop the bot, even while it is doing something. Return when the bot has ended."""
        if self._bot:
            self._bot.cancel()
            await asyncio.wait({self._bot})

    async def skip_to_next_cue(self) -> None:
        """Move the clock to the next time at which the coach has something to do.

        Raises LookupError if nothing is due or the bot is not running.
        """
        if self._bot is None:
            raise LookupError("The bot is dead: start it first.")
        due_at = await self._store.next_due()
        if due_at is None:
            raise LookupError("Nothing is due: no massage is running, or it is paused.")
        self.clock.skip(due_at - self.clock.now())

    async def _coach(self) -> None:
        settings = replace(self._settings, api_url=self.address, webhook_url="", webhook_secret="", port=None)
        try:
            clocks = Clocks(coach=self.clock, real_time=self.clock)
            await serve(settings, self._library, clocks, over_http(trust_env=False))
        except Exception:
            log.exception("the bot has stopped")

    def _ended(self, bot: asyncio.Task[None]) -> None:
        self._bot = None
        self.world.tell(Change("bot"))

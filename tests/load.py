"""What bench and soak share: the coach as a process of its own, over real HTTP, and people by the hundred.

The stand-in and whoever taps live in the process that measures, so that what is said of the coach's core and
memory is said of the coach alone. Linux only: figures of a process come from /proc.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from pydantic import TypeAdapter
from sqlalchemy import Connection, insert, make_url

from bot.playground.api import StandIn, serve
from bot.playground.model import Body, Button, Change
from bot.playground.people import Person, add_person
from bot.playground.world import World
from bot.routine import loading
from bot.session import events as ev
from bot.session.state import Finished, Session
from bot.session.transitions import advance
from bot.storage.database import connect
from bot.storage.store import Store
from bot.storage.tables import sessions
from bot.wording.messages import button
from tests.postgres import free_port

ROOT = Path(__file__).parent.parent
LIBRARY = loading.load(ROOT / "routines")
BACK = LIBRARY.routines["back"]
BEGINNING: tuple[ev.Event, ...] = (ev.Started(), ev.Began(), ev.ScreenedClear())
TICKS = os.sysconf("SC_CLK_TCK")
_SESSION = TypeAdapter(Session)


class Process:
    """The coach, started and killed; what it logs is in `log`."""

    def __init__(self, world: World, api_url: str, folder: Path, database_url: str, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / "log"
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": world.token,
            "TELEGRAM_API_URL": api_url,
            "DATABASE_URL": database_url.replace("+asyncpg", ""),
            "PORT": str(self.port),
            "COACH_LOG": "WARNING",
            "MEDIA_FOLDER": "off",
        } | settings
        self._process: asyncio.subprocess.Process

    async def starts(self, *command: str) -> None:
        """Run it; `command`: other arguments to Python than the coach's."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(command or ("-m", "bot")),
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=log,
            )

    async def ends(self, by: signal.Signals = signal.SIGKILL) -> None:
        if self._process.returncode is None:
            self._process.send_signal(by)
        await self._process.wait()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def cpu(self) -> float:
        """Seconds of a core it has used, all threads together."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def memory(self) -> int:
        """Bytes resident."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def figures(self) -> dict[str, float]:
        """What /metrics says; a sample with labels goes by its name and its labels' values."""
        async with httpx.AsyncClient() as client:
            page = (await client.get(f"http://127.0.0.1:{self.port}/metrics", timeout=30)).text
        samples = [s for family in text_string_to_metric_families(page) for s in family.samples]
        return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


class Watch:
    """Everything that changes in a world, as it comes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[tuple[float, str, int]] = []
        self.posted: list[tuple[float, int, str]] = []
        self._changed = asyncio.Event()
        world.subscribe(self._notice)

    def _notice(self, change: Change) -> None:
        subject = change.subject
        if change.what == "called" and subject is not None and not isinstance(subject, str):
            call = self.world.calls[-1]
            self.calls.append((self.world.now(), call.method, call.code))
        elif change.what == "posted" and self.world.chats[change.chat_id].messages:
            message = next(reversed(self.world.chats[change.chat_id].messages.values()))
            if message.sender.is_bot:
                self.posted.append((self.world.now(), change.chat_id, message.text))
        self._changed.set()

    async def until(self, done: Callable[[], bool], within: float) -> None:
        """Raises TimeoutError after so many seconds."""
        async with asyncio.timeout(within):
            while not done():
                self._changed.clear()
                await self._changed.wait()


def offers(person: Person, button: str) -> bool:
    return any(offered.text == button for offered in person.messages()[-1].buttons)


async def taps_once_offered(watch: Watch, person: Person, button: str) -> None:
    await watch.until(lambda: offers(person, button), 60)
    person.taps(person.messages()[-1].id, button)


@asynccontextmanager
async def world_over_http(world: World) -> AsyncIterator[str]:
    async with serve(StandIn(world)) as url:
        yield url


def people(world: World, number: int) -> list[Person]:
    """That many who have written to the bot before."""
    found = [add_person(world, f"Guest {index}") for index in range(number)]
    for person in found:
        world.chats[person.chat_id].members.add(person.chat_id)
    return found


def session_under_way(chat: int, elapsed: float, now: float) -> Session:
    """A massage that began so many seconds ago, run by itself until now."""
    session = Session.fresh(chat, BACK, now - elapsed)
    for event in BEGINNING:
        session, _ = advance(session, event, BACK, now - elapsed)
    while session.due_at is not None and session.due_at <= now:
        session, _ = advance(session, ev.CueDue(), BACK, session.due_at)
    return session


def length() -> float:
    """Seconds that a massage takes when nobody touches anything."""
    session, now = session_under_way(1, 0.0, 0.0), 0.0
    while session.due_at is not None and not isinstance(session.state, Finished):
        now = session.due_at
        session, _ = advance(session, ev.CueDue(), BACK, now)
    return now


async def stored(url: str, given: Iterable[Session]) -> None:
    """Put sessions into a new database, all at once."""
    async with Store.open(url):
        pass
    rows = [
        {
            "chat": session.chat,
            "version": 1,
            "due_at": session.due_at,
            "body": _SESSION.dump_json(replace(session, version=1)).decode(),
            "controls": "[]",
        }
        for session in given
    ]

    def transaction(connection: Connection) -> None:
        connection.execute(insert(sessions), rows)

    database = connect(make_url(url))
    try:
        await database.write(transaction)
    finally:
        await database.close()


def next_button(world: World, person: Person, session: Session) -> int:
    """Put a message with Next into the chat; its message_id."""
    shown = button("Next", ev.NextAsked(session.revision))
    keyboard = ((Button(shown.text, "callback_data", shown.data),),)
    return world.post(world.chats[person.chat_id], world.bot, Body("Step", keyboard=keyboard)).id

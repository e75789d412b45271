"""Used by bench and soak: the coach as a separate process, over real HTTP, with hundreds of people.

The people and the fake Telegram server (the stand-in) run in the process that measures. So the CPU time and
the memory of the coach's process are those of the coach alone. This works only on Linux, because the figures
are read from /proc.
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
FIRST_EVENTS: tuple[ev.Event, ...] = (ev.Started(), ev.Began(), ev.ScreenedClear())
"""The events with which every massage begins."""
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_SESSION = TypeAdapter(Session)


class Process:
    """A process of the coach, which can be killed and started again. It writes its log to the file `log`."""

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
        """Start the coach or, if `command` is given, Python with these arguments."""
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
        """The CPU time in seconds that all threads of the process together have used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    @property
    def memory(self) -> int:
        """The resident memory of the process in bytes."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    async def figures(self) -> dict[str, float]:
        """Return the samples of /metrics.

        Each key is the name of a sample and the values of its labels, joined by spaces.
        """
        async with httpx.AsyncClient() as client:
            page = (await client.get(f"http://127.0.0.1:{self.port}/metrics", timeout=30)).text
        samples = [s for family in text_string_to_metric_families(page) for s in family.samples]
        return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


class Watch:
    """Records all calls and all messages of the bot in a fake Telegram, from now on.

    `calls` contains the time, method and status code of each call, `posted` the time, chat_id and text of
    each message.
    """

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
        """Wait until `done` returns true. Raises TimeoutError after `within` real seconds."""
        async with asyncio.timeout(within):
            while not done():
                self._changed.clear()
                await self._changed.wait()


def offers(person: Person, button: str) -> bool:
    """Return whether the newest message has a button with this label."""
    return any(offered.text == button for offered in person.messages()[-1].buttons)


async def taps_once_offered(watch: Watch, person: Person, button: str) -> None:
    await watch.until(lambda: offers(person, button), 60)
    person.taps(person.messages()[-1].id, button)


@asynccontextmanager
async def world_over_http(world: World) -> AsyncIterator[str]:
    async with serve(StandIn(world)) as url:
        yield url


def people(world: World, number: int) -> list[Person]:
    """Add this many people who have already written to the bot, so that it may write to them."""
    found = [add_person(world, f"Guest {index}") for index in range(number)]
    for person in found:
        world.chats[person.chat_id].members.add(person.chat_id)
    return found


def session_under_way(chat: int, elapsed: float, now: float) -> Session:
    """Return a massage that began `elapsed` seconds before `now`, and in which nobody has tapped since."""
    session = Session.fresh(chat, BACK, now - elapsed)
    for event in FIRST_EVENTS:
        session, _ = advance(session, event, BACK, now - elapsed)
    while session.due_at is not None and session.due_at <= now:
        session, _ = advance(session, ev.CueDue(), BACK, session.due_at)
    return session


def length() -> float:
    """Return the seconds that a massage takes if nobody taps or writes anything."""
    session, now = session_under_way(1, 0.0, 0.0), 0.0
    while session.due_at is not None and not isinstance(session.state, Finished):
        now = session.due_at
        session, _ = advance(session, ev.CueDue(), BACK, now)
    return now


async def stored(url: str, given: Iterable[Session]) -> None:
    """Create a database that contains these sessions."""
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
    """Post a message with the button Next in the person's chat. Return its message_id."""
    shown = button("Next", ev.NextAsked(session.revision))
    keyboard = ((Button(shown.text, "callback_data", shown.data),),)
    return world.post(world.chats[person.chat_id], world.bot, Body("Step", keyboard=keyboard)).id

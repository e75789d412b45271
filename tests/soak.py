"""Long tests: `make soak`, or `python -m tests.soak kills rain hostile ...`.

While massages run at several times their normal speed, the coach is killed, its network and database fail,
and strangers send it hostile updates. At its end, each trial prints a line of counts. A trial raises
AssertionError if something has gone wrong.
"""

import asyncio
import json
import math
import random
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from itertools import count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from bot.playground.faults import Cut, Delay, Fail
from bot.playground.people import Person
from bot.playground.world import World
from bot.session.state import Finished, Paused, Place, Running, Session, Ticking
from bot.storage.policy import Rank
from bot.storage.store import Store
from tests import postgres
from tests.hostile import storm
from tests.load import (
    Process,
    Watch,
    offers,
    people,
    session_under_way,
    stored,
    taps_once_offered,
    world_over_http,
)
from tests.resting import RestingLoop
from tests.stage import THE_MASSAGE, title_of

KILLS = 50
SPEED = 8
"""The speed of the coach's clock. A massage takes about three minutes, and a delay of 15 s is two minutes on
that clock."""
FLOODERS, FLOOD_RATE = 30, 10
"""How many people flood the coach, and how many messages or taps each of them sends per second."""


def report(trial: str, **counts: object) -> None:
    print(
        f"{trial}: " + ", ".join(f"{what.replace('_', ' ')} {count}" for what, count in counts.items()),
        flush=True,
    )


@asynccontextmanager
async def coached(
    database_url: str, folder: Path, number: int
) -> AsyncIterator[tuple[World, Process, list[Person]]]:
    """Run a coach at SPEED under Telegram's rate limits, with `number` people whose massages have begun."""
    world = World(time.time)
    async with world_over_http(world) as address:
        process = Process(world, address, folder, database_url, COACH_SPEED=str(SPEED), PERSON_RATE="100")
        guests, watch = people(world, number), Watch(world)
        await process.starts()
        try:
            for guest in guests:
                guest.writes("/start")
            for button in ("Begin", "None of these"):
                for guest in guests:
                    await taps_once_offered(watch, guest, button)
            yield world, process, guests
        finally:
            await process.ends()


def titles(guest: Person) -> list[str]:
    return [title for message in guest.messages() if (title := title_of(message.text))]


# 1. The coach is killed at random moments.


async def kills() -> None:
    with TemporaryDirectory(prefix="soak-") as folder:
        await _killed("kill -9, SQLite", f"sqlite:///{folder}/coach.db", Path(folder))
    with (
        TemporaryDirectory(prefix="soak-") as folder,
        postgres.server() as server,
        server.database("soak") as url,
    ):
        await _killed("kill -9, PostgreSQL", url, Path(folder))


async def _killed(trial: str, url: str, folder: Path) -> None:
    chance = random.Random()
    async with coached(url, folder, 30) as (world, process, guests):
        world.faults.on(Delay(0.05))  # so that some kills come between a send and its answer
        watch = Watch(world)
        for _ in range(KILLS):
            await asyncio.sleep(chance.uniform(0, 2))
            await process.ends(signal.SIGKILL)
            watch.calls.clear()
            await process.starts()
            await watch.until(lambda: bool(watch.calls), 60)  # the coach has started
            for guest in guests:
                _resume(guest)
        await _all_finish(url, guests, 240)
    told = [titles(guest) for guest in guests]
    assert all(list(dict.fromkeys(each)) == THE_MASSAGE for each in told), (
        "a part was skipped, or told out of order"
    )
    repeats = [_repeats(guest) for guest in guests]
    assert max(repeats) <= KILLS, "more than one message was repeated for each kill"
    report(
        trial,
        kills=KILLS,
        sessions=len(guests),
        lost=0,
        parts_skipped=0,
        messages_repeated=sum(repeats),
        most_in_one_session=max(repeats),
    )


def _repeats(guest: Person) -> int:
    """Return how many of the bot's messages have the same text as the message before.

    Later repetitions do not count, because after a pause the coach repeats a part on purpose.
    """
    texts = [message.text for message in guest.messages() if message.sender.is_bot]
    return sum(before == after for before, after in pairwise(texts))


def _resume(guest: Person) -> None:
    """If the coach asks "Still there?", tap Resume.

    At this speed, a restart can take minutes on the coach's clock, which makes it ask.
    """
    last = guest.messages()[-1]
    if last.text.startswith("Still there?") and offers(guest, "Resume"):
        guest.taps(last.id, "Resume")


async def _all_finish(url: str, guests: list[Person], within: float) -> None:
    async with Store.open(url) as store:
        await _until(lambda: _all_finished(store, guests), within)
        await _until(lambda: _nothing_waits(store), within)


async def _nothing_waits(store: Store) -> bool:
    return not await store.heads([], limit=1, last=Rank.IDLE)


async def _until(done: Callable[[], Awaitable[bool]], within: float) -> None:
    """Wait until `done` returns true. Raises AssertionError after `within` seconds."""
    for _ in range(int(within / 0.2)):
        if await done():
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"it did not happen within {within} s")


async def _all_finished(store: Store, guests: list[Person]) -> bool:
    for guest in guests:
        _resume(guest)
    sessions = [await store.load(guest.chat_id) for guest in guests]
    assert all(sessions), "a session was lost"
    return all(session and isinstance(session.state, Finished) for session in sessions)


# 2. Many random faults, then an outage.


async def rain() -> None:
    with TemporaryDirectory(prefix="soak-") as folder:
        url = f"sqlite:///{folder}/coach.db"
        async with coached(url, Path(folder), 20) as (world, _, guests):
            *staying, leaving = guests
            _switch_on_faults(world)
            leaving.blocks()
            await asyncio.sleep(20)
            before = {guest.chat_id: len(guest.messages()) for guest in staying}
            world.faults.dark(600 / SPEED)
            await asyncio.sleep(600 / SPEED + 12)
            burst = max(len(guest.messages()) - before[guest.chat_id] for guest in staying)
            assert burst <= 3, "what was due during the outage came in a burst"
            await _all_finish(url, staying, 240)
            codes = [call.code for call in world.calls]
        assert all(list(dict.fromkeys(titles(guest))) == THE_MASSAGE for guest in staying)
        async with Store.open(url) as store:
            gone = await store.load(leaving.chat_id)
        assert gone is None or not isinstance(gone.state, Running | Paused)
        report(
            "A rain of faults and ten minutes dark",
            sessions=len(staying),
            in_the_wrong_place=0,
            most_messages_after_the_dark=burst,
            repeated=sum(map(_repeats, staying)),
            last_codes=sorted(set(codes)),
        )


def _switch_on_faults(world: World) -> None:
    for effect, share in (
        (Fail(500), 0.05),
        (Cut(), 0.03),
        (Cut(acted=True), 0.02),
        (Fail(429, 2), 0.02),
        (Delay(1), 0.05),
    ):
        world.faults.on(effect, share=share)


# 3. Hostile updates.


async def hostile() -> None:
    with TemporaryDirectory(prefix="soak-") as folder:
        for webhook, way in ((True, "webhook"), (False, "polling")):
            counts = await storm(f"sqlite:///{folder}/{way}.db", 10_000, webhook=webhook)
            report(f"Hostile updates by {way}", **counts)


# 4. The disk is full, or the database is locked or unreachable.


async def disk() -> None:
    with TemporaryDirectory(prefix="soak-") as folder:
        url = f"sqlite:///{folder}/coach.db"
        async with coached(url, Path(folder), 10) as (_, process, guests):
            await _troubled("The disk full for 30 s", process, guests, url, _full(process, folder))
            await _troubled("The database locked for 30 s", process, guests, url, _locked(url))
    with (
        TemporaryDirectory(prefix="soak-") as folder,
        postgres.server() as server,
        server.database("soak") as url,
    ):
        async with Gate(server.port) as gate:
            through = make_url(url).set(port=gate.port).render_as_string(hide_password=False)
            async with coached(through, Path(folder), 10) as (_, process, guests):
                await _troubled("PostgreSQL gone for 30 s", process, guests, url, gate.shuts(30))


async def _troubled(
    trial: str, process: Process, guests: list[Person], url: str, trouble: Awaitable[None]
) -> None:
    """Wait until the trouble has ended, then check the consequences.

    The log must explain the trouble, everybody must be answered afterwards, and a SQLite file must be
    undamaged.
    """
    logged = len(process.log.read_text())
    await trouble
    lines = process.log.read_text()[logged:].splitlines()
    assert lines, "nothing was logged"
    assert not any("Traceback" in line for line in lines), "an error was not understood"
    for guest in guests:
        guest.writes("/help")
    await _until(lambda: _all_answered(guests), 90)
    sound = _integrity(url)
    assert sound == "ok"
    report(
        trial,
        log_lines=len(lines),
        first=json.dumps(lines[0][24:120]),
        integrity=sound,
        answered_after=len(guests),
    )


async def _all_answered(guests: list[Person]) -> bool:
    return all(any("How this works" in m.text for m in guest.messages()[-4:]) for guest in guests)


def _integrity(url: str) -> str:
    """Return "ok" if SQLite finds no damage in its file, otherwise the damage.

    A PostgreSQL database is not checked.
    """
    if not url.startswith("sqlite"):
        return "ok"
    with closing(sqlite3.connect(str(make_url(url).database))) as other:
        [(sound,)] = other.execute("pragma integrity_check")
    return str(sound)


def _largest(folder: str) -> int:
    return max(path.stat().st_size for path in Path(folder).iterdir() if path.name.startswith("coach"))


async def _full(process: Process, folder: str) -> None:
    """For 30 seconds, prevent all files of the process from growing, as a full disk would."""
    largest = _largest(folder)
    limits = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest // 2, limits[1]))
    await asyncio.sleep(30)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, limits)


async def _locked(url: str) -> None:
    """Lock the SQLite database for 30 seconds."""
    with closing(sqlite3.connect(str(make_url(url).database), isolation_level=None)) as other:
        other.execute("begin immediate")
        await asyncio.sleep(30)
        other.execute("rollback")


class Gate:
    """A proxy for a local port. While the gate is shut, all connections are closed, including new ones."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._open = True
        self._connections: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> "Gate":
        self._server = await asyncio.start_server(self._pass, "127.0.0.1")
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._cut()
        self._server.close()

    async def shuts(self, seconds: float) -> None:
        self._open = False
        self._cut()
        await asyncio.sleep(seconds)
        self._open = True

    def _cut(self) -> None:
        for connection in tuple(self._connections):
            connection.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._open:
            writer.close()
            return
        onward, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._connections |= {writer, back}
        await asyncio.gather(_copy(reader, back), _copy(onward, writer))
        self._connections -= {writer, back}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy data until one side closes its connection."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


# 5. There are more idle connections to the port than the process may open.


STRANGERS, MAX_OPEN_FILES = 1100, 1024
"""How many strangers connect without sending anything, and how many files the process may open."""
IDLE_FOR = 40.0
MAX_PAIN_WAIT = 5.0
"""Seconds within which a report of pain must be answered, even while strangers hold idle connections."""


async def idle() -> None:
    with TemporaryDirectory(prefix="soak-") as folder:
        url = f"sqlite:///{folder}/coach.db"
        async with coached(url, Path(folder), 10) as (world, process, [before, during, *others]):
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (MAX_OPEN_FILES, MAX_OPEN_FILES))
            watch = Watch(world)
            usual = await _hurts(watch, before)
            logged, told = len(process.log.read_text()), len(watch.posted)
            async with _strangers(process.port):
                await asyncio.sleep(IDLE_FOR / 2)
                answered = await _hurts(watch, during)
                await asyncio.sleep(IDLE_FOR / 2)
                lines = process.log.read_text()[logged:].splitlines()
                told = len(watch.posted) - told
                counts = f"{told} messages, ow after {answered:.1f} s, {len(lines)} log lines"
                assert told >= len(others), f"the massages stood still: {counts}"
                assert answered < MAX_PAIN_WAIT, f"words of pain had to wait: {counts}"
                assert len(lines) <= 2, f"strangers can fill the log: {counts}"
                figures = await process.figures()
        report(
            f"{STRANGERS} idle connections, {MAX_OPEN_FILES} files, {IDLE_FOR:.0f} s",
            messages=told,
            ow_answered_after=f"{answered:.2f} s",
            without_strangers=f"{usual:.2f} s",
            open_files=int(figures["process_open_fds"]),
            log_lines=len(lines),
        )


@asynccontextmanager
async def _strangers(port: int) -> AsyncIterator[None]:
    strangers = [asyncio.create_task(_says_nothing(port)) for _ in range(STRANGERS)]
    try:
        yield
    finally:
        for stranger in strangers:
            stranger.cancel()
        await asyncio.gather(*strangers, return_exceptions=True)


async def _hurts(watch: Watch, guest: Person) -> float:
    """Report pain. Return the seconds until the answer."""
    start = time.perf_counter()
    guest.writes("ow")
    await watch.until(lambda: "lift your hands" in guest.messages()[-1].text, 120)
    return time.perf_counter() - start


async def _says_nothing(port: int) -> None:
    """Connect, and send nothing.

    After the server has closed the connection, connect again a second later.
    """
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            with closing(writer):
                await reader.read()
        await asyncio.sleep(1)


# 6. A crowd, chats whose cues fail, and slow answers.


async def crowd() -> None:
    """5,000 people send /start at once, and then one person in the middle of a massage reports pain."""
    with TemporaryDirectory(prefix="soak-") as folder:
        url = f"sqlite:///{folder}/coach.db"
        world = World(time.time)
        async with world_over_http(world) as address:
            [sam, *others] = people(world, 5001)
            await stored(url, [session_under_way(sam.chat_id, 300, time.time())])
            process, watch = Process(world, address, Path(folder), url), Watch(world)
            await process.starts()
            try:
                for person in others:
                    person.writes("/start")
                start = time.perf_counter()
                sam.writes("ow")
                await watch.until(lambda: _said(sam, "Stop there"), 120)
                waited, told = time.perf_counter() - start, sum(map(_is_told, others))
            finally:
                await process.ends()
    report("5,000 start cards before an ow", answered_after=f"{waited:.1f} s", cards_sent_by_then=told)


def _said(person: Person, fragment: str) -> bool:
    return any(fragment in message.text for message in person.messages() if message.sender.is_bot)


def _is_told(person: Person) -> bool:
    return any(message.sender.is_bot for message in person.messages())


async def failing() -> None:
    """30 parts end in the same second. In 8 of the chats, the coach fails to write the next message."""
    with TemporaryDirectory(prefix="soak-") as folder:
        url = f"sqlite:///{folder}/coach.db"
        world = World(time.time)
        async with world_over_http(world) as address:
            guests = people(world, 30)
            due_at = time.time() + 8
            massages = [_first_side_ending(guest.chat_id, due_at) for guest in guests]
            # The coach cannot write a message about an infinite duration.
            broken = [_with_extra(massage, math.inf) for massage in massages[:8]]
            await stored(url, [*broken, *massages[8:]])
            process, watch = Process(world, address, Path(folder), url), Watch(world)
            await process.starts()
            try:
                chats = {guest.chat_id for guest in guests[8:]}
                await watch.until(lambda: chats <= {chat for _, chat, _ in watch.posted}, 60)
                late = max(at for at, _, _ in watch.posted) - due_at
                await asyncio.sleep(20)
                log = process.log.read_text()
            finally:
                await process.ends()
    left = log.count("is left alone")
    assert left == 8
    report("8 of 30 chats fail", others_told_within=f"{late:.1f} s", left_alone_in_the_end=left)


def _first_side_ending(chat: int, at: float) -> Session:
    """Return a massage that is on the first side in step 4.

    The end of this part has been announced, and comes at the time `at`.
    """
    elapsed = next(e for e in range(60, 1500, 5) if _place(chat, e) == Place(4, 0))
    session = session_under_way(chat, elapsed, 0.0)
    assert isinstance(session.state, Running)
    timing = Ticking(at - 60, at)
    return replace(session, state=replace(session.state, timing=timing))


def _place(chat: int, elapsed: float) -> Place | None:
    state = session_under_way(chat, elapsed, 0.0).state
    return state.massage.place if isinstance(state, Running) else None


def _with_extra(session: Session, seconds: float) -> Session:
    assert isinstance(session.state, Running)
    massage = replace(session.state.massage, extra=seconds)
    return replace(session, state=replace(session.state, massage=massage))


async def slow() -> None:
    """For 150 s, Telegram posts every message at once, but answers the call a minute later."""
    with TemporaryDirectory(prefix="soak-") as folder:
        url = f"sqlite:///{folder}/coach.db"
        async with coached(url, Path(folder), 10) as (world, _, guests):
            world.faults.on(Delay(60), method="sendMessage")
            before = [len(guest.messages()) for guest in guests]
            for guest in guests:
                guest.writes("/help")
            await asyncio.sleep(150)
            helped = [_count(guest, "How this works") for guest in guests]
            parts = [len(guest.messages()) - number for guest, number in zip(guests, before, strict=True)]
            repeated = sum(map(_repeats, guests))
            world.faults.clear()
            await _all_finish(url, guests, 300)
    assert helped == [1] * len(guests)
    report(
        "Answers a minute late, for 150 s",
        sessions=len(guests),
        copies_of_an_answer=0,
        messages_meanwhile=sum(parts),
        repeated=repeated,
    )


def _count(person: Person, fragment: str) -> int:
    return sum(fragment in message.text for message in person.messages() if message.sender.is_bot)


# 7. A crowd floods the coach during somebody's massage.


async def flood() -> None:
    with TemporaryDirectory(prefix="soak-") as folder:
        world = World(time.time)
        async with world_over_http(world) as address:
            process = Process(world, address, Path(folder), f"sqlite:///{folder}/coach.db")
            await process.starts()
            try:
                await _flooded(world, process)
            finally:
                await process.ends()


async def _flooded(world: World, process: Process) -> None:
    watch, [sam, *crowd] = Watch(world), people(world, 1 + FLOODERS)
    sam.writes("/start")
    for button in ("Begin", "None of these"):
        await taps_once_offered(watch, sam, button)
    for one in crowd:
        one.writes("/start")
    await watch.until(lambda: all(offers(one, "Begin") for one in crowd), 60)
    alone = await _waits(watch, sam, 30)
    report("Nobody floods", **_figures(alone))
    for kind, does in FLOODS.items():
        flooding = asyncio.create_task(_flood(crowd, does))
        cpu, start = process.cpu, time.perf_counter()
        waits = await _waits(watch, sam, 60)
        core = (process.cpu - cpu) / (time.perf_counter() - start)
        flooding.cancel()
        report(
            f"{FLOODERS} people at {FLOOD_RATE}/s each: {kind}", **_figures(waits), of_a_core=f"{core:.0%}"
        )
        await watch.until(lambda: not world.pending, 600)
        await asyncio.sleep(20)  # until all answers are sent, and the rate limits have recovered
        assert max(waits) < max(alone) + 3, "a bystander had to wait"


def _figures(waits: list[float]) -> dict[str, object]:
    ordered = sorted(waits)
    middle, most = ordered[len(ordered) // 2], ordered[-1]
    return {"asked": len(waits), "seconds_to_the_answer": f"{middle:.2f}", "at_most": f"{most:.2f}"}


async def _waits(watch: Watch, person: Person, seconds: float) -> list[float]:
    """Ask questions for `seconds` seconds. Return how many seconds each answer took."""
    until, waits = time.monotonic() + seconds, list[float]()
    while time.monotonic() < until:
        asked = person.writes("how hard?")
        start = time.perf_counter()
        await watch.until(lambda asked=asked: _is_answered(person, asked.id), 120)  # type: ignore[misc]
        waits.append(time.perf_counter() - start)
        await asyncio.sleep(1.5)
    return waits


def _is_answered(person: Person, asked: int) -> bool:
    return any(m.id > asked and m.sender.is_bot and "pressure" in m.text for m in person.messages()[-4:])


async def _flood(crowd: list[Person], does: Callable[[Person, int], object]) -> None:
    for number in count():
        for one in crowd:
            does(one, number)
        await asyncio.sleep(1 / FLOOD_RATE)


def _taps(person: Person, _: int) -> None:
    card = next(message for message in person.messages() if message.shown)
    person.taps(card.id, "Begin", stale=True)


FLOODS: dict[str, Callable[[Person, int], object]] = {
    "words": lambda person, number: person.writes(f"hello {number}"),
    "words of pain": lambda person, _: person.writes("ow, that hurts"),
    "taps": _taps,
}


TRIALS: dict[str, Callable[[], Awaitable[None]]] = {
    "kills": kills,
    "rain": rain,
    "hostile": hostile,
    "disk": disk,
    "idle": idle,
    "crowd": crowd,
    "failing": failing,
    "slow": slow,
    "flood": flood,
}


async def main(names: list[str]) -> None:
    for name in names or TRIALS:
        await TRIALS[name]()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=RestingLoop) as runner:  # because tests/stage.py needs this loop
        runner.run(main(sys.argv[1:]))

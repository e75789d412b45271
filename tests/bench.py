"""Measures the coach's speed and capacity: `make bench`, or `python -m tests.bench taps live ...`.

The coach talks to a fake Telegram server (the stand-in), which has Telegram's rate limits and answers each
call after 50 ms. Most figures are counts, shares or ratios within one run, because seconds measured on one
machine say little about another.
"""

import asyncio
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.playground.faults import Delay
from bot.playground.people import Person
from bot.playground.world import World
from bot.session.moves import time_left
from bot.session.state import Running, Session
from tests.load import (
    Process,
    Watch,
    length,
    next_button,
    people,
    session_under_way,
    stored,
    taps_once_offered,
    world_over_http,
)
from tests.stage import FREE

RATE = 30
"""Telegram's limit: messages per second."""
NETWORK_DELAY = 0.05
"""Seconds after which the fake Telegram server answers."""
START_TIMEOUT = 60.0
SETTLING_TIME = 20.0
"""Seconds that the coach is given after a start to send what is overdue."""
STORED_SESSIONS = 100_000
TOMORROW = time.time() + 86400


def say(what: str, figure: str, wanted: str = "") -> None:
    """Print a row of the table of results."""
    print(f"| {what} | {figure} | {wanted} |", flush=True)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def with_network_delay(world: World) -> World:
    world.faults.on(Delay(NETWORK_DELAY))
    return world


def quiet(chat: int) -> Session:
    """Return a massage in which nothing is due until tomorrow."""
    return session_under_way(chat, 0, TOMORROW)


class Scene(AsyncExitStack):
    """A temporary folder, a fake Telegram over HTTP, and a process of the coach that uses both."""

    def __init__(self, world: World | None = None, **settings: str) -> None:
        super().__init__()
        self.world = with_network_delay(world or World(time.time))
        self.watch = Watch(self.world)
        self._settings = settings

    async def __aenter__(self) -> "Scene":
        self.folder = Path(self.enter_context(TemporaryDirectory(prefix="bench-")))
        self.url = f"sqlite:///{self.folder}/coach.db"
        address = await self.enter_async_context(world_over_http(self.world))
        self.process = Process(self.world, address, self.folder, self.url, **self._settings)
        return self

    async def starts(self, *command: str) -> None:
        """Start the process, and wait until it has called Telegram."""
        await self.process.starts(*command)
        self.push_async_callback(self.process.ends, signal.SIGKILL)
        before = len(self.watch.calls)
        await self.watch.until(
            lambda: any(method in STARTUP_CALLS for _, method, _ in self.watch.calls[before:]), START_TIMEOUT
        )


STARTUP_CALLS = {"deleteWebhook", "setMyDescription", "getUpdates"}


# The time from a tap on Next to the next part.


async def taps() -> None:
    """Compare the coach with two minimal bots.

    The three take turns, so that other load on the machine affects all of them.
    """
    async with Scene() as coach, Scene() as bare, Scene() as beside:
        scenes = {"coach": coach, "bare": bare, "beside": beside}
        crowd = {name: people(scene.world, 150) for name, scene in scenes.items()}
        massages = {p.chat_id: quiet(p.chat_id) for p in crowd["coach"]}
        await stored(coach.url, massages.values())
        await coach.starts()
        await bare.starts("-m", "tests.bare")
        await beside.starts("-m", "tests.bare", "beside")
        waits: dict[str, list[float]] = {name: [] for name in scenes}
        for index in range(150 * 2):
            for name, scene in scenes.items():
                person = crowd[name][index % 150]
                waits[name].append(await _tap(scene, person, massages.get(person.chat_id)))
                if name == "coach":
                    massages[person.chat_id] = _moved(massages[person.chat_id])
    for share, most in ((0.5, 1.2), (0.99, 1.5)):
        ours = quantile(waits["coach"], share)
        against = [f"{ours / quantile(waits[name], share):.2f}" for name in ("bare", "beside")]
        say(
            f"Next tapped to next part, p{share * 100:.0f}: times that of a bare bot (answers, then sends)",
            against[0],
            f"at most {most}",
        )
        say("... times that of one that does both at once", against[1])


def _moved(session: Session) -> Session:
    return session.moved(session.state)


async def _tap(scene: Scene, person: Person, session: Session | None) -> float:
    """Tap Next. Return the seconds until the next message."""
    massage = session or quiet(person.chat_id)
    message_id = next_button(scene.world, person, massage)
    before, start = len(scene.watch.posted), time.perf_counter()
    person.taps(message_id, "Next")
    await scene.watch.until(lambda: len(scene.watch.posted) > before, 30)
    return time.perf_counter() - start


# The calls in a whole massage, and how many massages fit under Telegram's rate limit.


async def count_calls() -> Counter[str]:
    """Return how often each method is called in one massage, from /start to the summary.

    After the first buttons, nobody taps anything.
    """
    async with Scene(
        World(time.time, limits=FREE),
        COACH_SPEED="100",
        TELEGRAM_RATE="1000000",
        TELEGRAM_CHAT_RATE="1000000",
    ) as scene:
        [sam] = people(scene.world, 1)
        await scene.starts()
        sam.writes("/start")
        for button in ("Begin", "None of these"):
            await taps_once_offered(scene.watch, sam, button)
        await scene.watch.until(lambda: "whole massage" in sam.messages()[-1].text, 60)
        await asyncio.sleep(1)
        return Counter(method for _, method, code in scene.watch.calls if code == 200)


async def live(seconds: float = 60.0) -> None:
    counted = await count_calls()
    messages, strips = counted["sendMessage"], counted["editMessageReplyMarkup"]
    say("Calls for one massage, hands-free: messages", str(messages))
    say("... buttons taken away, where there is leisure", str(strips))
    say("... callback answers, which count against no rate", str(counted["answerCallbackQuery"]))
    lasting = length()
    carried = int(RATE * lasting / messages)
    say("Live sessions that 30/s carries, their buttons left when it is crowded", str(carried))
    say("... every old button taken away", str(int(RATE * lasting / (messages + strips))))
    await measure_load(carried, lasting, seconds)


async def measure_load(carried: int, lasting: float, seconds: float) -> None:
    """Measure the coach for `seconds` while `carried` massages run, each of which takes `lasting` seconds."""
    async with Scene() as scene:
        crowd = people(scene.world, carried)
        now, chance = time.time(), random.Random(1)
        await stored(
            scene.url, (session_under_way(p.chat_id, chance.uniform(5, lasting - 60), now) for p in crowd)
        )
        await scene.starts()
        await asyncio.sleep(SETTLING_TIME)
        before, cpu, start = await scene.process.figures(), scene.process.cpu, time.perf_counter()
        await asyncio.sleep(seconds)
        after, passed = await scene.process.figures(), time.perf_counter() - start
        used = (scene.process.cpu - cpu) / passed
        cues = after[LATENESS.format("+Inf")] - before[LATENESS.format("+Inf")]
        punctual = after[LATENESS.format("0.1")] - before[LATENESS.format("0.1")]
        sent = after["coach_telegram_calls_total sendMessage ok"] - before.get(
            "coach_telegram_calls_total sendMessage ok", 0
        )
        say(f"With {carried} live: cues committed a second", f"{cues / passed:.1f}")
        say("... within 100 ms of their moment", f"{punctual / cues:.2%}", "99% or more")
        say("... messages sent a second", f"{sent / passed:.1f}")
        say("... of one core used", f"{used:.0%}", "less than 50%")
        say("... 429s drawn", str(sum(code == 429 for _, _, code in scene.watch.calls)), "0")
        say("... memory for each live session, beyond an idle coach's", await _bytes_each(scene, carried))


LATENESS = "coach_cue_lateness_seconds_bucket {}"


async def _bytes_each(scene: Scene, carried: int) -> str:
    async with Scene() as idle:
        await idle.starts()
        await asyncio.sleep(3)
        return f"{max(0, scene.process.memory - idle.process.memory) / carried:.0f} bytes"


# Many parts that are due at once.


async def crowd() -> None:
    """Measure the coach when 500 parts are due in the same second, while other people tap."""
    async with Scene() as scene:
        guests, tappers = people(scene.world, 500), people(scene.world, 40)
        due_at = time.time() + 8
        massages = [*(_ending(p.chat_id, due_at) for p in guests), *(quiet(p.chat_id) for p in tappers)]
        await stored(scene.url, massages)
        await scene.starts()
        answers: list[float] = []
        await asyncio.sleep(max(0.0, due_at - time.time()))
        for person in tappers:
            answers.append(await _answered(scene, person))
            await asyncio.sleep(0.2)
        chats = {person.chat_id for person in guests}
        await scene.watch.until(lambda: chats <= {chat for _, chat, _ in scene.watch.posted}, 60)
        told = [at for at, chat, _ in scene.watch.posted if chat in chats]
        sent = [at for at, method, code in scene.watch.calls if method == "sendMessage" and at <= max(told)]
        used = len(sent) / (RATE * (max(told) - due_at))
        say(
            "500 due in the same second: of the 30/s used until the last was told",
            f"{used:.0%}",
            "95% or more",
        )
        say("... 429s drawn", str(sum(code == 429 for _, _, code in scene.watch.calls)), "0")
        say("... callback answers meanwhile, p99", f"{quantile(answers, 0.99) * 1000:.0f} ms", "under 200 ms")
        say("... the last one's delay; 500 at 30/s are 16.3 s", f"{max(told) - due_at:.1f} s")


def _ending(chat: int, at: float) -> Session:
    """Return a massage in step 3. The end of the step has been announced, and comes at the time `at`."""
    session = session_under_way(chat, 400, at)
    assert isinstance(session.state, Running)
    ends_in = time_left(session.state, at)
    session = session_under_way(chat, 400 + ends_in - 5, at - 5)
    assert session.due_at is not None
    return session_under_way(chat, 395 + ends_in, at - 5)


async def _answered(scene: Scene, person: Person) -> float:
    """Tap Next. Return the seconds until the callback query is answered."""
    massage = quiet(person.chat_id)
    message_id = next_button(scene.world, person, massage)
    start = time.perf_counter()
    query = person.taps(message_id, "Next")
    await scene.watch.until(lambda: query.answer is not None, 30)
    return time.perf_counter() - start


# The number of taps per second that one process can commit.


async def committed() -> None:
    """Measure how many taps per second the coach commits."""
    async with Scene() as scene:
        crowd = people(scene.world, 1500)
        massages = [quiet(p.chat_id) for p in crowd]
        await stored(scene.url, massages)
        await scene.starts()
        for person, massage in zip(crowd, massages, strict=True):
            person.taps(next_button(scene.world, person, massage), "Next")
        start = time.perf_counter()
        await scene.watch.until(lambda: not scene.world.pending, 120)
        rate = len(crowd) / (time.perf_counter() - start)
        say("Taps committed a second, times the 30/s that Telegram takes", f"{rate / RATE:.1f}", "at least 3")


# A restart over many stored sessions.


async def restart() -> None:
    """Measure the start of the coach with an empty database and with STORED_SESSIONS sessions."""
    memory = []
    for number in (0, STORED_SESSIONS):
        async with Scene() as scene:
            [sam] = people(scene.world, 1)
            now = time.time()
            far = quiet(1)
            many = (replace(far, chat=10**10 + index) for index in range(number))
            await stored(scene.url, [*many, _ending(sam.chat_id, now - 1)])
            start = time.perf_counter()
            await scene.process.starts()
            scene.push_async_callback(scene.process.ends, signal.SIGKILL)
            await scene.watch.until(lambda: bool(scene.watch.posted), 60)
            took = time.perf_counter() - start
            await asyncio.sleep(2)
            memory.append(scene.process.memory)
            say(
                f"A restart over {number} stored sessions: the first due cue is there after",
                f"{took:.1f} s",
                "within 2 s" if number else "",
            )
    say("... memory, times that over none", f"{memory[1] / memory[0]:.2f}", "1")


PARTS: dict[str, Callable[[], Awaitable[None]]] = {
    "taps": taps, "live": live, "crowd": crowd, "committed": committed, "restart": restart,
}  # fmt: skip


async def main(names: list[str]) -> None:
    print("| figure | measured | wanted |\n| --- | --- | --- |")
    for name in names or PARTS:
        await PARTS[name]()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

"""The coach as it is deployed: a separate process that uses real HTTP, and is killed or asked to stop."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.playground.api import StandIn, serve
from bot.playground.people import Person, add_person
from bot.playground.world import World
from bot.session.state import Paused, Running, Session, Ticking
from bot.storage.store import Store
from tests.stage import FREE, PATIENCE, title_of

ROOT = Path(__file__).parent.parent


class Deployment:
    """The fake Telegram server (stand-in), and the coach's processes that use it, one after the other."""

    def __init__(self, world: World, api_url: str, folder: Path, database_url: str) -> None:
        self.world = world
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "TELEGRAM_BOT_TOKEN": world.token,
            "TELEGRAM_API_URL": api_url,
            "DATABASE_URL": database_url.replace("+asyncpg", ""),
            "TELEGRAM_CHAT_RATE": "1000",
            "COACH_LOG": "DEBUG",
            "MEDIA_FOLDER": "off",
        }
        self.folder = folder
        self.log = folder / "log"
        self._process: asyncio.subprocess.Process

    async def starts(self) -> None:
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", cwd=self.folder, env=self.environment, stdout=log, stderr=log
            )

    async def ends(self, by: signal.Signals | None = None) -> int:
        """Send the process a signal, if one is given. Wait until the process ends; return its exit code."""
        if by and self._process.returncode is None:
            self._process.send_signal(by)
        async with asyncio.timeout(PATIENCE):
            return await self._process.wait()

    async def until(self, person: Person, fragment: str) -> None:
        """Wait until the person's newest message contains the fragment."""
        changed = asyncio.Event()
        self.world.subscribe(lambda _: changed.set())
        async with asyncio.timeout(PATIENCE):
            while fragment not in person.messages()[-1].text:
                changed.clear()
                await changed.wait()

    async def taps(self, person: Person, button: str, then: str) -> None:
        person.taps(person.messages()[-1].id, button)
        await self.until(person, then)


@pytest.fixture
async def deployment(tmp_path: Path, database_url: str) -> AsyncIterator[Deployment]:
    async with _deployed(tmp_path, database_url) as running:
        yield running


@asynccontextmanager
async def _deployed(folder: Path, database_url: str) -> AsyncIterator[Deployment]:
    loop = asyncio.get_running_loop()
    world = World(loop.time, limits=FREE)
    async with serve(StandIn(world)) as url:
        deployment = Deployment(world, url, folder, database_url)
        await deployment.starts()
        try:
            yield deployment
        finally:
            await deployment.ends(signal.SIGKILL)


async def _stored(url: str, person: Person) -> Session:
    async with Store.open(url) as store:
        session = await store.load(person.chat_id)
    assert session
    return session


async def test_a_coach_killed_in_step_five_goes_on_at_the_right_second(
    deployment: Deployment, database_url: str
) -> None:
    sam = add_person(deployment.world, "Sam")
    sam.writes("/start")
    await deployment.until(sam, "Hi Sam.")
    await deployment.taps(sam, "Begin", "Does the person lying down")
    await deployment.taps(sam, "None of these", "Step 1 of 8")
    for title in ("Step 2", "Step 3", "Step 4", "other side", "Step 5"):
        await deployment.taps(sam, "Next", title)
    await deployment.ends(signal.SIGKILL)
    before = await _stored(database_url, sam)
    assert isinstance(before.state, Running)
    assert isinstance(before.state.timing, Ticking)

    await deployment.starts()
    sam.writes("/pause")
    await deployment.until(sam, "left of step 5")
    after = await _stored(database_url, sam)
    assert isinstance(after.state, Paused)
    assert after.state.since + after.state.left == before.state.timing.ends_at
    titles = [title for m in sam.messages() if (title := title_of(m.text))]
    assert [*dict.fromkeys(titles)] == [*dict.fromkeys(titles[:6])], "each part, in order"
    assert len(titles) <= 7, "at most one message arrives twice, the one whose sending was cut off"


async def test_sigterm_stops_the_coach_cleanly_and_the_log_says_so_without_the_token(
    deployment: Deployment,
) -> None:
    sam = add_person(deployment.world, "Sam")
    sam.writes("/start")
    await deployment.until(sam, "Hi Sam.")
    assert await deployment.ends(signal.SIGTERM) == 0
    log = deployment.log.read_text()
    assert "coaching as @back_massage_bot" in log
    assert [line.split(" ", 2)[2] for line in log.splitlines() if " bot.cli: " in line] == [
        "INFO bot.cli: asked to stop by SIGTERM",
        "INFO bot.cli: stopped",
    ]
    assert deployment.world.token not in log
    assert deployment.world.token.partition(":")[2] not in log
    assert "Traceback" not in log


async def test_an_outage_at_the_start_does_not_stop_the_coach(deployment: Deployment) -> None:
    await deployment.ends(signal.SIGKILL)
    deployment.world.faults.dark(1e9)
    await deployment.starts()
    dark = asyncio.Event()
    deployment.world.subscribe(lambda change: dark.set() if change.what == "called" else None)
    async with asyncio.timeout(PATIENCE):
        await dark.wait()
    deployment.world.faults.clear()
    sam = add_person(deployment.world, "Sam")
    sam.writes("/start")
    await deployment.until(sam, "Hi Sam.")
    assert "trying again" in deployment.log.read_text()


async def test_a_missing_token_is_reported_in_one_sentence(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await process.communicate()
    assert process.returncode == 1
    assert error.decode().startswith("TELEGRAM_BOT_TOKEN is not set")
    assert error.decode().count("\n") == 1


async def test_a_token_that_telegram_does_not_know_is_reported_in_one_sentence(
    deployment: Deployment,
) -> None:
    await deployment.ends(signal.SIGKILL)
    deployment.log.unlink()
    deployment.environment["TELEGRAM_BOT_TOKEN"] = "123456789:AAnobody_has_ever_been_given_this_token"
    await deployment.starts()
    assert await deployment.ends() == 1
    log = deployment.log.read_text()
    assert " CRITICAL bot.cli: TELEGRAM_BOT_TOKEN is not known to Telegram" in log.splitlines()[-1]
    assert "AAnobody" not in log


async def test_a_token_that_is_revoked_later_stops_the_coach_with_one_sentence(
    deployment: Deployment,
) -> None:
    sam = add_person(deployment.world, "Sam")
    sam.writes("/start")
    await deployment.until(sam, "Hi Sam.")
    deployment.world.token = "123456789:AAanother_one"
    sam.writes("/help")  # ends the long poll that began with the old token
    assert await deployment.ends() == 1
    log = deployment.log.read_text()
    assert " CRITICAL bot.cli: TELEGRAM_BOT_TOKEN is not known to Telegram" in log.splitlines()[-1]
    assert "Traceback" not in log


async def test_every_line_of_a_json_log_is_json(deployment: Deployment) -> None:
    await deployment.ends(signal.SIGKILL)
    deployment.log.unlink()
    deployment.environment |= {"COACH_LOG_FORMAT": "json", "COACH_SPED": "30", "PORT": "0"}
    await deployment.starts()
    sam = add_person(deployment.world, "Sam")
    sam.writes("/start")
    await deployment.until(sam, "Hi Sam.")
    deployment.world.token = "123456789:AAanother_one"
    sam.writes("/help")
    assert await deployment.ends() == 1
    told = [json.loads(line) for line in deployment.log.read_text().splitlines()]
    assert "did you mean COACH_SPEED?" in told[0]["message"]
    assert any("of all addresses" in each["message"] for each in told)
    assert told[-1]["level"] == "CRITICAL"
    assert told[-1]["message"].startswith("TELEGRAM_BOT_TOKEN is not known to Telegram")

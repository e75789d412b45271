"""The package is built and installed without a network, and its command works in any folder."""

import asyncio
import subprocess
import sys
import sysconfig
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest

from bot import __version__
from bot.playground.api import StandIn, serve
from bot.playground.model import Message
from bot.playground.people import add_person
from bot.playground.world import World
from tests.stage import FREE, PATIENCE


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the package in a virtual environment of its own; return the path of `massage-coach` in it.

    The dependencies are those of the environment in which the tests run.
    """
    folder = tmp_path_factory.mktemp("package")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), ".")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    [packages] = folder.glob("venv/lib/python*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    [wheel] = folder.glob("*.whl")
    python = str(folder / "venv/bin/python")
    run(*pip, "--python", python, "install", "--no-deps", "--no-index", str(wheel))
    return folder / "venv/bin/massage-coach"


def run(*command: str, folder: Path | None = None) -> str:
    done = subprocess.run(command, cwd=folder, env={}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_command_prints_its_version(command: Path, tmp_path: Path) -> None:
    assert run(str(command), "--version", folder=tmp_path) == f"massage-coach {__version__}\n"


def test_all_files_that_are_not_code_are_installed_too(command: Path) -> None:
    [installed] = command.parents[1].glob("lib/python*/site-packages/bot")
    ours = Path("bot")
    data = [
        path.relative_to(ours)
        for path in ours.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    assert [path for path in data if not (installed / path).exists()] == []
    routines = [path for path in Path("routines").rglob("*") if path.is_file()]
    assert routines
    assert [path for path in routines if path.read_bytes() != (installed / path).read_bytes()] == []


def test_the_command_checks_the_shipped_routines_from_an_empty_folder(command: Path, tmp_path: Path) -> None:
    assert run(str(command), "check", folder=tmp_path) == ""
    assert list(tmp_path.iterdir()) == []


@asynccontextmanager
async def started(
    *command: str | Path, folder: Path, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the command in this folder. At the end it is asked to stop; if the test fails, it is killed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            yield process
            process.terminate()
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_command_opens_a_playground_from_an_empty_folder(command: Path, tmp_path: Path) -> None:
    settings = {"PLAYGROUND_PORT": "0", "MEDIA_FOLDER": "off"}
    async with started(command, "playground", folder=tmp_path, **settings) as process:
        assert process.stdout
        address = (await process.stdout.readline()).decode().split()[1]
        async with httpx.AsyncClient() as client:
            page = await client.get(address)
    assert "<!doctype html>" in page.text.lower()


def has(button: str, message: Message) -> bool:
    return button in [each.text for each in message.buttons]


async def test_the_command_coaches_with_pictures_and_keeps_its_data_in_the_working_folder(
    command: Path, tmp_path: Path
) -> None:
    world = World(asyncio.get_running_loop().time, limits=FREE)
    changed = asyncio.Event()
    world.subscribe(lambda _: changed.set())
    sam = add_person(world, "Sam")

    async def until(seen: Callable[[Message], bool]) -> Message:
        while not seen(sam.messages()[-1]):
            changed.clear()
            await changed.wait()
        return sam.messages()[-1]

    async with serve(StandIn(world)) as url:
        settings = {"TELEGRAM_BOT_TOKEN": world.token, "TELEGRAM_API_URL": url}
        async with started(command, folder=tmp_path, **settings):
            sam.writes("/start")
            for button in ("Begin", "None of these"):
                card = await until(partial(has, button))
                sam.taps(card.id, button)
            step = await until(lambda message: message.media is not None)
    assert "Step 1 of 8" in step.text
    assert (tmp_path / "data/coach.db").exists()
    assert list((tmp_path / "data/media").iterdir())

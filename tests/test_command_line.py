"""The command line, run as a program: when it opens the playground, and when it stops with an error."""

import ast
import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from bot.playground.api import StandIn, serve
from bot.playground.people import add_person
from bot.playground.world import World
from tests.stage import FREE, PATIENCE
from tests.test_store import damage

ROOT = Path(__file__).parent.parent
Start = Callable[..., Awaitable[asyncio.subprocess.Process]]


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Return a function that starts `python -m bot` in an empty folder.

    Its keyword arguments become environment variables of the program.
    """
    started = []

    async def start(*arguments: str, **environment: str) -> asyncio.subprocess.Process:
        (tmp_path / "temporary").mkdir()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            cwd=tmp_path,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": str(ROOT),
                "TMPDIR": f"{tmp_path}/temporary",
                "MEDIA_FOLDER": "off",
            }
            | environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def line(process: asyncio.subprocess.Process) -> str:
    assert process.stdout
    async with asyncio.timeout(PATIENCE):
        return (await process.stdout.readline()).decode().strip()


async def end(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    """Wait until the process ends; return its exit code and what it wrote to stderr."""
    async with asyncio.timeout(PATIENCE):
        _, said = await process.communicate()
    return process.returncode, said.decode().strip()


async def test_mistakes_are_reported_even_if_the_output_must_be_ascii(start: Start, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("n\N{LATIN SMALL LETTER A WITH ACUTE}me: Back\n", encoding="utf-8")
    process = await start("check", "mine.yaml", PYTHONIOENCODING="ascii")
    async with asyncio.timeout(PATIENCE):
        told, said = await process.communicate()
    assert process.returncode == 1
    assert rb"mine.yaml:1: there is no key `n\xe1me` here; did you mean `name`?" in told
    assert said == b""


async def test_the_coach_does_not_start_on_a_damaged_database(start: Start, tmp_path: Path) -> None:
    (tmp_path / "coach.db").write_bytes(b"x" * 10_000)
    async with telegram() as (world, url):
        code, said = await end(await start(**settings(world, url)))
    assert code == 1
    [sentence] = [line for line in said.split("\n") if "INFO" not in line]
    assert "The database sqlite:///coach.db cannot be used: file is not a database. If it is" in sentence


async def test_damage_found_later_stops_the_coach_with_one_sentence(start: Start, tmp_path: Path) -> None:
    async with telegram() as (world, url):
        called = asyncio.Event()
        world.subscribe(lambda change: called.set() if change.what == "profile" else None)
        process = await start(**settings(world, url))
        async with asyncio.timeout(PATIENCE):
            await called.wait()
        damage(tmp_path / "coach.db")
        add_person(world, "Sam").writes("/start")
        code, said = await end(process)
    assert code == 1
    assert "Traceback" not in said
    sentence = said.split("\n")[-1]
    assert " CRITICAL bot.cli: The database sqlite:///coach.db cannot be used: " in sentence
    assert sentence.endswith(
        "(docs/operating.md tells more). If it is not, name another one in DATABASE_URL."
    )


def settings(world: World, url: str) -> dict[str, str]:
    return {
        "TELEGRAM_BOT_TOKEN": world.token,
        "TELEGRAM_API_URL": url,
        "DATABASE_URL": "sqlite:///coach.db",
    }


def contents_of(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*")]


@asynccontextmanager
async def telegram() -> AsyncIterator[tuple[World, str]]:
    """Serve a fake Telegram server (stand-in); yield its world and its address."""
    world = World(asyncio.get_running_loop().time, limits=FREE)
    async with serve(StandIn(world)) as url:
        yield world, url


async def test_without_a_token_the_coach_stops_with_an_error(start: Start) -> None:
    code, said = await end(await start())
    assert code == 1
    assert said.startswith("TELEGRAM_BOT_TOKEN is not set: ask @BotFather")


async def test_each_wrong_setting_is_reported_on_a_line_of_its_own(start: Start, tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    wrong = {"COACH_SPEED": "fast", "PORT": "eighty", "MEDIA_FOLDER": "taken", "TELEGRAM_TOKN": "1:a"}
    code, said = await end(await start(**wrong))
    assert code == 1
    misspelt, *told = said.split("\n")
    assert misspelt.startswith("TELEGRAM_TOKN is not a setting: did you mean TELEGRAM_BOT_TOKEN?")
    assert [line.split(" ")[0] for line in told] == [
        "TELEGRAM_BOT_TOKEN",
        "COACH_SPEED",
        "PORT",
        "MEDIA_FOLDER",
    ]
    assert told[-1].endswith(" cannot be written to (Not a directory): name another folder, or write off.")


@pytest.mark.parametrize("command", [[], ["playground"]])
async def test_nothing_starts_if_the_media_folder_cannot_be_written(start: Start, command: list[str]) -> None:
    code, said = await end(await start(*command, TELEGRAM_BOT_TOKEN="1:a", MEDIA_FOLDER="/dev/null/media"))
    assert code == 1
    assert said == "MEDIA_FOLDER cannot be written to (Not a directory): name another folder, or write off."


async def test_the_playground_warns_of_a_misspelt_token_variable(start: Start) -> None:
    process = await start("playground", "--unless-token", PLAYGROUND_PORT="0", TELEGRAM_TOKEN="1:a")
    for _ in range(3):
        await line(process)
    process.send_signal(signal.SIGTERM)
    code, said = await end(process)
    assert code == 0
    assert "WARNING bot.cli: TELEGRAM_TOKEN is not a setting: did you mean TELEGRAM_BOT_TOKEN?" in said
    assert said.endswith("INFO bot.cli: stopped")


async def test_the_playground_opens_without_a_token_and_leaves_no_files_behind(
    start: Start, tmp_path: Path
) -> None:
    process = await start(
        "playground", "--unless-token", PLAYGROUND_PORT="0", COACH_SPEED="60", HTTP_PROXY="http://127.0.0.1:9"
    )
    assert (await line(process)).startswith("No token is set, so here is the playground.")
    assert "TELEGRAM_BOT_TOKEN=" in await line(process)
    address = (await line(process)).split()[1]
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream("GET", f"{address}/changes") as changes,
    ):
        assert '"speed": 60.0' in await anext(changes.aiter_lines())
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection(("127.0.0.2", int(address.rpartition(":")[2])), 1),
    ):
        pass
    process.send_signal(signal.SIGINT)
    code, said = await end(process)
    assert code == 0
    assert "Traceback" not in said
    assert contents_of(tmp_path) == ["temporary"]


async def test_the_playground_ignores_the_settings_of_the_port_and_the_webhook(start: Start) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        webhook = {"WEBHOOK_URL": "https://coach.example/telegram", "WEBHOOK_SECRET": "hush"}
        port = str(taken.getsockname()[1])
        process = await start("playground", PLAYGROUND_PORT="0", PORT=port, **webhook)
        address = (await line(process)).split()[1]
        async with (
            httpx.AsyncClient(timeout=PATIENCE) as client,
            client.stream("GET", f"{address}/changes") as changes,
        ):
            told = changes.aiter_lines()
            async with asyncio.timeout(PATIENCE):
                while "deleteWebhook" not in await anext(told):
                    pass
        process.send_signal(signal.SIGINT)
        code, said = await end(process)
    assert code == 0
    assert "Traceback" not in said


async def test_with_a_token_the_playground_command_coaches_in_telegram(start: Start, tmp_path: Path) -> None:
    async with telegram() as (world, url):
        called = asyncio.Event()
        world.subscribe(lambda change: called.set() if change.what == "profile" else None)
        (tmp_path / ".env").write_text(f"TELEGRAM_BOT_TOKEN={world.token}\nTELEGRAM_API_URL={url}\n")
        process = await start("playground", "--unless-token")
        async with asyncio.timeout(PATIENCE):
            await called.wait()
        process.terminate()
        assert await line(process) == ""
        assert (await end(process))[0] == 0


async def test_a_port_that_is_taken_is_reported(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = await end(await start("playground", PLAYGROUND_PORT=str(port)))
    assert code == 1
    assert said.endswith(
        f"Port {port} is taken, perhaps by another playground: end that, or set PLAYGROUND_PORT."
    )


async def test_an_invalid_port_is_reported(start: Start) -> None:
    code, said = await end(await start("playground", PLAYGROUND_PORT="eighty"))
    assert code == 1
    assert said.startswith("PLAYGROUND_PORT is not a port: write a number up to 65535")


def test_only_the_command_line_imports_the_playground() -> None:
    sources = [
        path for path in (ROOT / "bot").rglob("*.py") if "playground" not in path.relative_to(ROOT).parts
    ]
    assert [path.name for path in sources if "playground" in imported(path)] == ["cli.py"]


def imported(path: Path) -> set[str]:
    """Return every part of every dotted name in the module's import statements."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import | ast.ImportFrom):
            whole = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
            names |= {part for name in whole for part in name.split(".")}
    return names


async def test_pictures_are_made_in_the_media_folder(start: Start, tmp_path: Path) -> None:
    code, said = await end(await start("pictures", MEDIA_FOLDER="off"))
    assert (code, said) == (1, "MEDIA_FOLDER is off: name a folder with --out.")


async def test_saying_nothing_is_answered_with_one_sentence(start: Start, tmp_path: Path) -> None:
    code, said = await end(await start("say", "🙂"))
    assert (code, said) == (1, "There is nothing to say in this text: write some words.")
    assert not (tmp_path / "data").exists()

"""The command line: `python -m bot` coaches in Telegram, `python -m bot playground` in a browser.

A server whose token is missing must fail loudly: only who asks for the playground gets it.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import loading, logs
from bot.app import over_http, serve
from bot.clock import Clock
from bot.diagram import mermaid
from bot.loading import RoutineErrors
from bot.playground.page import playground
from bot.playground.world import TOKEN
from bot.settings import Settings, SettingsError, has_token, load
from bot.store import StoreError

log = logging.getLogger(__name__)

DOTENV = Path(".env")
END_WITHIN = 4.0
"""Seconds from SIGTERM after which the process ends, whatever still hangs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Coaches a massage in Telegram, live.")
    parser.set_defaults(run=_run)
    commands = parser.add_subparsers(title="commands")
    run = commands.add_parser("run", help="coach people in Telegram (the default); needs a token")
    run.set_defaults(run=_run)
    play = commands.add_parser("playground", help="try the coach in a browser; needs no token, keeps nothing")
    play.add_argument("--unless-token", action="store_true", help="but if a token is set, run instead")
    play.set_defaults(run=_playground)
    check = commands.add_parser("check", help="read routines over and report all that is wrong in them")
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", default=[loading.SHIPPED])
    check.set_defaults(run=_check)
    diagram = commands.add_parser("diagram", help="the states of a session as a page with a Mermaid diagram")
    diagram.set_defaults(run=_diagram)
    return parser


def _run(options: argparse.Namespace) -> int:
    return _reported(lambda: _coach(load(os.environ, DOTENV)))


def _coach(settings: Settings) -> None:
    logs.configure(settings.log_level, settings.token, settings.webhook_secret)
    library, clock = loading.load(loading.SHIPPED), Clock(settings.speed)
    real_time = Clock(world=time.monotonic)  # which nobody sets back
    asyncio.run(_until_told(serve(settings, library, clock, real_time, over_http())))


def _playground(options: argparse.Namespace) -> int:
    return _reported(lambda: _play(options.unless_token))


def _play(unless_token: bool) -> None:
    if unless_token and has_token(os.environ, DOTENV):
        _coach(load(os.environ, DOTENV))
        return
    if unless_token:
        print("No token is set, so here is the playground. README.md says how to coach in Telegram.")
    with TemporaryDirectory(prefix="playground-") as folder:
        fresh = {"TELEGRAM_BOT_TOKEN": TOKEN, "DATABASE_URL": f"sqlite:///{folder}/coach.db"}
        settings = load(os.environ | fresh, DOTENV)
        logs.configure(settings.log_level, settings.token)
        asyncio.run(_until_told(_opened(settings)))


async def _opened(settings: Settings) -> None:
    """A playground until cancelled; the page changes its one clock's speed."""
    clock = Clock()
    clock.run_at(settings.speed)
    async with playground(settings, loading.load(loading.SHIPPED), clock) as opened:
        print(f"Open {opened.address} in a browser. Ctrl+C ends it, and nothing is kept.", flush=True)
        await asyncio.Event().wait()


def _reported(work: Callable[[], None]) -> int:
    """Do it; returns the exit code, having said in one sentence what went wrong."""
    try:
        work()
    except (SettingsError, StoreError, RoutineErrors) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception:
        # Through the log, since python-telegram-bot's errors can name the token.
        log.exception("the coach has stopped")
        return 1
    return 0


async def _until_told(work: Coroutine[None, None, None]) -> None:
    """Until SIGTERM or SIGINT."""
    task = asyncio.ensure_future(work)
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, _end, task)
    try:
        await task
    except asyncio.CancelledError:
        return


def _end(task: asyncio.Future[None]) -> None:
    """End in good order, or without it: a database that hangs must not hold us, and a crash loses nothing."""
    task.cancel()
    asyncio.get_running_loop().call_later(END_WITHIN, os._exit, 0)


def _check(options: argparse.Namespace) -> int:
    problems = loading.check(options.paths)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _diagram(options: argparse.Namespace) -> int:
    print(mermaid(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

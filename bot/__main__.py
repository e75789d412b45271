"""The command line: `python -m bot` coaches; `check` reads routines over, `pictures` makes pictures."""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from bot import loading, logs
from bot.app import over_http, serve
from bot.clock import Clock
from bot.diagram import mermaid
from bot.loading import RoutineErrors
from bot.pictures.figure import Tone
from bot.pictures.gallery import Gallery, contact_sheet, every_picture
from bot.settings import Settings, SettingsError, load
from bot.store import StoreError

log = logging.getLogger(__name__)

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
    check = commands.add_parser("check", help="read routines over and report all that is wrong in them")
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", default=[loading.SHIPPED])
    check.set_defaults(run=_check)
    pictures = commands.add_parser("pictures", help="make all pictures ahead, and a sheet of them")
    pictures.add_argument("--out", type=Path, metavar="FOLDER", default=Path("data/pictures"))
    pictures.add_argument("--tone", type=Tone, choices=list(Tone), default=Tone.MEDIUM, help="the skin's")
    pictures.set_defaults(run=_pictures)
    diagram = commands.add_parser("diagram", help="the states of a session as a page with a Mermaid diagram")
    diagram.set_defaults(run=_diagram)
    return parser


def _run(options: argparse.Namespace) -> int:
    try:
        settings = load(os.environ, Path(".env"))
        logs.configure(settings.log_level, settings.token)
        asyncio.run(_until_told(settings))
    except (SettingsError, StoreError, RoutineErrors) as error:
        print(error, file=sys.stderr)
        return 1
    except Exception:
        # Through the log, since python-telegram-bot's errors can name the token.
        log.exception("the coach has stopped")
        return 1
    return 0


async def _until_told(settings: Settings) -> None:
    """Coach until SIGTERM or SIGINT."""
    library = loading.load(loading.SHIPPED)
    task = asyncio.ensure_future(serve(settings, library, Clock(settings.speed), Clock(), over_http()))
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


def _pictures(options: argparse.Namespace) -> int:
    try:
        library, gallery = loading.load(loading.SHIPPED), Gallery(options.out)
        wanted = every_picture(library, options.tone)
        for number, picture in enumerate(wanted):
            _progress(number, len(wanted))
            gallery.make(picture)
        (options.out / "pictures.png").write_bytes(contact_sheet(gallery, library, options.tone))
        _progress(len(wanted), len(wanted))
    except (RoutineErrors, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _progress(done: int, total: int) -> None:
    """A bar where somebody watches."""
    if sys.stderr.isatty():
        filled = 30 * done // total
        end = "\n" if done == total else "\r"
        print(f"[{'#' * filled}{'.' * (30 - filled)}] {done}/{total}", end=end, file=sys.stderr, flush=True)


def _diagram(options: argparse.Namespace) -> int:
    print(mermaid(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

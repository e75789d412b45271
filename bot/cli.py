"""The command line: `python -m bot` coaches in Telegram, `python -m bot playground` in a browser.

A server whose token is missing must fail loudly: only who asks for the playground gets it.
"""

import argparse
import asyncio
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from secrets import token_urlsafe
from tempfile import TemporaryDirectory
from typing import NoReturn

from bot import __version__, logs
from bot.app import over_http, serve
from bot.clock import Clock
from bot.media.pictures.gallery import Gallery, contact_sheet, every_picture
from bot.media.voice.speech import NoVoice
from bot.media.voice.studio import Recording, Studio, open_studio
from bot.playground.page import playground
from bot.routine import loading
from bot.routine.durations import spell
from bot.routine.loading import RoutineErrors
from bot.routine.model import Library, Routine, Side, Tone
from bot.routine.schema import routine_schema_text
from bot.session.diagram import mermaid
from bot.session.effects import Forget
from bot.session.events import ScreenedClear, StepChosen, TimerSwitched
from bot.session.state import Choices, Preparing, Session
from bot.session.transitions import advance
from bot.settings import Settings, SettingsError, has_token, load, misspelt
from bot.storage.errors import StoreError
from bot.understanding.interpreter import Interpreter
from bot.wording.context import RenderContext
from bot.wording.render import render, without_markup
from bot.wording.spoken import spoken_sentences
from bot.wording.track_script import caption, write_track_script

log = logging.getLogger(__name__)

DOTENV = Path(".env")
VOICE = Path("data/voice")
BOT_ID = 123456789
"""The playground's bot."""
NO_TOKEN = """\
No token is set, so here is the playground. To coach in Telegram, ask @BotFather there for a token, copy
.env.example to .env, put the token into it as TELEGRAM_BOT_TOKEN=..., and start again."""
END_WITHIN = 4.0
"""Seconds from SIGTERM after which the process ends, whatever still hangs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # its encoding may lack a letter of the text
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bot",
        description="Coaches a massage in Telegram, live.",
        epilog="Settings are environment variables, or lines of a file .env; .env.example tells of each.",
    )
    parser.add_argument("--version", action="version", version=f"massage-coach {__version__}")
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
    ask = commands.add_parser("ask", help="say what the coach would answer to a message")
    ask.add_argument("text", metavar="MESSAGE")
    ask.add_argument("--step", type=int, help="the step under way; without it nothing has begun")
    ask.add_argument(
        "--side", type=Side, choices=list(Side), default=Side.LEFT, help="where the giver stands"
    )
    ask.add_argument("--routine", help="its file's name without the ending; the first one if left out")
    ask.add_argument("--folder", type=Path, default=loading.SHIPPED, help="where the routines are")
    ask.set_defaults(run=_ask)
    pictures = commands.add_parser("pictures", help="make all pictures ahead, and a sheet of them")
    pictures.add_argument("--out", type=Path, metavar="FOLDER", default=Path("data/media"))
    pictures.add_argument("--tone", type=Tone, choices=list(Tone), default=Tone.MEDIUM, help="the skin's")
    pictures.set_defaults(run=_pictures)
    _add_voice(commands)
    diagram = commands.add_parser("diagram", help="the states of a session as a page with a Mermaid diagram")
    diagram.set_defaults(run=_diagram)
    schema = commands.add_parser("schema", help="the JSON Schema of a routine file, for editors")
    schema.set_defaults(run=_schema)
    return parser


def _add_voice(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    track = commands.add_parser("track", help="make a guided track: a whole massage to listen to")
    track.add_argument("--routine", help="its file's name without the ending; the first one if left out")
    track.add_argument("--minutes", type=float, help="how long the massage is; as usual if left out")
    track.add_argument(
        "--side", type=Side, choices=list(Side), default=Side.LEFT, help="where the giver stands"
    )
    track.set_defaults(run=_track)
    say = commands.add_parser("say", help="hear how words sound: make a voice note of them")
    say.add_argument("text", metavar="WORDS")
    say.set_defaults(run=_say)
    for command in (track, say):
        command.add_argument("--out", type=Path, metavar="FILE", help="in data/voice if left out")
        command.add_argument("--voice", type=Path, metavar="FILE", help="a voice for Piper")


def _run(options: argparse.Namespace) -> int:
    return _reported(_coach)


def _coach() -> None:
    settings = _configured(os.environ)
    library, clock = loading.load(loading.SHIPPED), Clock(settings.speed)
    _until_told(serve(settings, library, clock, Clock(), over_http()))


def _configured(environ: Mapping[str, str]) -> Settings:
    """The settings, and the log set up as they say. Raises SettingsError.

    Either way a line in the log names each variable that may be misspelt.
    """
    try:
        settings = load(environ, DOTENV)
        logs.configure(settings.log_level, settings.token, settings.webhook_secret, settings.log_format)
    finally:
        for sentence in misspelt(environ, DOTENV):
            log.warning("%s", sentence)
    return settings


def _playground(options: argparse.Namespace) -> int:
    return _reported(lambda: _play(options.unless_token))


def _play(unless_token: bool) -> None:
    if unless_token and has_token(os.environ, DOTENV):
        _coach()
        return
    if unless_token:
        print(NO_TOKEN)
    with TemporaryDirectory(prefix="playground-") as folder:
        token = f"{BOT_ID}:{token_urlsafe(26)}"  # nobody else's page may guess it, and play the bot
        fresh = {"TELEGRAM_BOT_TOKEN": token, "DATABASE_URL": f"sqlite:///{folder}/coach.db"}
        _until_told(_opened(_configured(os.environ | fresh)))


async def _opened(settings: Settings) -> None:
    """A playground until cancelled; the page changes its one clock's speed."""
    clock = Clock()
    clock.set_speed(settings.speed)
    async with playground(settings, loading.load(loading.SHIPPED), clock) as opened:
        print(f"Open {opened.address} in a browser. Ctrl+C ends it, and nothing is kept.", flush=True)
        await asyncio.Event().wait()


def _reported(work: Callable[[], None]) -> int:
    """Do it; returns the exit code, having said what went wrong, a sentence a line.

    Through the log: what collects it is to get this too, and python-telegram-bot's errors can name the token.
    Until the log is configured, Python writes the bare sentence to stderr.
    """
    try:
        work()
    except (SettingsError, StoreError, RoutineErrors) as error:
        for sentence in str(error).splitlines():
            log.critical("%s", sentence)
        return 1
    except Exception:
        log.critical("the coach has stopped", exc_info=True)
        return 1
    return 0


def _until_told(work: Coroutine[None, None, None]) -> None:
    """Run until SIGTERM or SIGINT."""
    asyncio.run(_cancelled_by_signal(work))
    log.info("stopped")


async def _cancelled_by_signal(work: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _end, task, number)
    with suppress(asyncio.CancelledError):
        await task


def _end(task: asyncio.Future[None], number: signal.Signals) -> None:
    """End in good order, or without it: a database that hangs must not hold us, and a crash loses nothing."""
    log.info("asked to stop by %s", number.name)
    task.cancel()
    asyncio.get_running_loop().call_later(END_WITHIN, _end_at_once)


def _end_at_once() -> NoReturn:
    log.warning("stopped without waiting for what still hangs after %.0f s", END_WITHIN)
    os._exit(0)


def _check(options: argparse.Namespace) -> int:
    problems = loading.check(options.paths)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _ask(options: argparse.Namespace) -> int:
    try:
        library = loading.load(options.folder)
        routine = _routine_called(options.routine, library)
        session = _session_at(routine, options.step, options.side)
    except (RoutineErrors, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(_answers(options.text, session, library)))
    return 0


def _routine_called(name: str | None, library: Library) -> Routine:
    if name is None:
        return library.default
    if name not in library.routines:
        raise ValueError(f"there is no routine {name}; choose one of: {', '.join(library.routines)}")
    return library.routines[name]


def _session_at(routine: Routine, step: int | None, side: Side) -> Session:
    """With the timer off at the beginning of that step, or with nothing begun."""
    fresh = Session.fresh(0, routine, 0.0)
    fresh = replace(fresh, choices=replace(fresh.choices, side=side))
    if step is None:
        return fresh
    if not 1 <= step <= len(routine.steps):
        raise ValueError(f"{routine.name} has no step {step}; choose 1 to {len(routine.steps)}")
    session = fresh.moved(Preparing(screening=True))
    for event in (ScreenedClear(), TimerSwitched(on=False), StepChosen(step=step)):
        session, _ = advance(session, event, routine, 0.0)
    return session


def _answers(text: str, session: Session, library: Library) -> list[str]:
    routine = library.routines[session.choices.routine]
    after, effects = advance(session, Interpreter(library).understand(text, session), routine, 0.0)
    context = RenderContext(after, library)
    return [
        without_markup(render(each, context).text or "", 4096)
        for each in effects
        if not isinstance(each, Forget)
    ]


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


def _track(options: argparse.Namespace) -> int:
    def work() -> None:
        library = loading.load(loading.SHIPPED)
        routine = _routine_called(options.routine, library)
        length = options.minutes * 60 if options.minutes else routine.total_time
        track = write_track_script(library, Choices(routine.id, length, options.side))
        _record(options, lambda studio: studio.track(track))
        print(without_markup(caption(track), 4096))

    return _told_of(work)


def _say(options: argparse.Namespace) -> int:
    return _told_of(lambda: _record(options, lambda studio: studio.note(spoken_sentences(options.text))))


def _record(options: argparse.Namespace, wanted: Callable[[Studio], Recording]) -> None:
    studio = open_studio(VOICE, options.voice)
    made = studio.make(wanted(studio), lambda done: _progress(round(100 * done), 100))
    path = shutil.copyfile(made.path, options.out) if options.out else made.path
    print(f"{path}: {spell(made.seconds)}, {path.stat().st_size / 1e6:.1f} MB")


def _told_of(work: Callable[[], None]) -> int:
    """Do it; returns the exit code, having said in one sentence what went wrong."""
    try:
        work()
    except (RoutineErrors, NoVoice, OSError, ValueError) as error:
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


def _schema(options: argparse.Namespace) -> int:
    print(routine_schema_text(), end="")
    return 0

"""The command line: `python -m bot` coaches in Telegram, `python -m bot playground` in a browser.

Without a token, `run` must fail with an error. It must not start the playground instead.
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
from bot.app import Clocks, over_http, serve
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
from bot.session.state import Choices, Preparing, Session, Talk
from bot.session.transitions import advance
from bot.settings import Settings, SettingsError, has_token, load, media_folder, misspelt
from bot.storage.errors import StoreError
from bot.understanding.interpreter import Interpreter
from bot.wording.context import RenderContext
from bot.wording.render import render, without_markup
from bot.wording.spoken import spoken_sentences
from bot.wording.track_script import caption, write_track_script

log = logging.getLogger(__name__)

DOTENV = Path(".env")
VOICE_FOLDER = Path("data/voice")
PLAYGROUND_BOT_ID = 123456789
NO_TOKEN = """\
No token is set, so here is the playground. To coach in Telegram, ask @BotFather there for a token, copy
.env.example to .env, put the token into it as TELEGRAM_BOT_TOKEN=..., and start again."""
SHUTDOWN_TIMEOUT = 4.0
"""How many seconds after SIGTERM or SIGINT the process exits, even if something still hangs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line. Return the exit code."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # the terminal's encoding may lack some characters
    options = _parser().parse_args(arguments)
    return int(options.run(options))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="massage-coach" if Path(sys.argv[0]).name == "massage-coach" else "python -m bot",
        description="Coaches a massage in Telegram, live.",
        epilog="Settings are environment variables, or lines in a file .env; .env.example describes each.",
    )
    parser.add_argument("--version", action="version", version=f"massage-coach {__version__}")
    parser.set_defaults(run=_run)
    commands = parser.add_subparsers(title="commands")
    run = commands.add_parser("run", help="coach people in Telegram (the default); needs a token")
    run.set_defaults(run=_run)
    play = commands.add_parser("playground", help="try the coach in a browser; needs no token")
    play.add_argument(
        "--unless-token", action="store_true", help="if a token is set, do what `run` does instead"
    )
    play.set_defaults(run=_playground)
    check = commands.add_parser("check", help="check routine files and report all mistakes in them")
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", default=[loading.SHIPPED])
    check.set_defaults(run=_check)
    ask = commands.add_parser("ask", help="say what the coach would answer to a message")
    ask.add_argument("text", metavar="MESSAGE")
    ask.add_argument("--step", type=int, help="the step of the massage; no massage has begun if omitted")
    ask.add_argument(
        "--side", type=Side, choices=list(Side), default=Side.LEFT, help="where the giver stands"
    )
    ask.add_argument("--routine", help="the routine's file name without extension; default: the first one")
    ask.add_argument("--folder", type=Path, default=loading.SHIPPED, help="where the routines are")
    ask.set_defaults(run=_ask)
    pictures = commands.add_parser(
        "pictures", help="make all pictures in advance, and a contact sheet of them"
    )
    pictures.add_argument("--out", type=Path, metavar="FOLDER", help="default: MEDIA_FOLDER")
    pictures.add_argument(
        "--tone", type=Tone, choices=list(Tone), default=Tone.MEDIUM, help="the skin tone; default: medium"
    )
    pictures.set_defaults(run=_pictures)
    _add_voice(commands)
    diagram = commands.add_parser("diagram", help="the states of a session as a page with a Mermaid diagram")
    diagram.set_defaults(run=_diagram)
    schema = commands.add_parser("schema", help="the JSON Schema of a routine file, for editors")
    schema.set_defaults(run=_schema)
    return parser


def _add_voice(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    track = commands.add_parser("track", help="make a guided track: a whole massage to listen to")
    track.add_argument("--routine", help="the routine's file name without extension; default: the first one")
    track.add_argument("--minutes", type=float, help="the length of the massage; default: the routine's own")
    track.add_argument(
        "--side", type=Side, choices=list(Side), default=Side.LEFT, help="where the giver stands"
    )
    track.add_argument(
        "--talk", type=Talk, choices=list(Talk), default=Talk.FULL, help="how much the voice says"
    )
    track.set_defaults(run=_track)
    say = commands.add_parser("say", help="hear how words sound: make a voice note of them")
    say.add_argument("text", metavar="WORDS")
    say.set_defaults(run=_say)
    for command in (track, say):
        command.add_argument(
            "--out", type=Path, metavar="FILE", help="where to save it; default: in data/voice"
        )
        command.add_argument("--voice", type=Path, metavar="FILE", help="the file of a Piper voice")


def _run(options: argparse.Namespace) -> int:
    return _exit_code_logged(_coach)


def _coach() -> None:
    settings = _configured(os.environ)
    library = loading.load(loading.SHIPPED)
    clocks = Clocks(coach=Clock(settings.speed), real_time=Clock())
    _run_until_signal(serve(settings, library, clocks, over_http()))


def _configured(environ: Mapping[str, str]) -> Settings:
    """Load the settings, and configure the log with them. Raises SettingsError.

    Whether or not there is an error, warn of each variable whose name looks misspelt.
    """
    try:
        settings = load(environ, DOTENV)
        logs.configure(settings.log_level, settings.token, settings.webhook_secret, settings.log_format)
    finally:
        for sentence in misspelt(environ, DOTENV):
            log.warning("%s", sentence)
    return settings


def _playground(options: argparse.Namespace) -> int:
    return _exit_code_logged(lambda: _play(options.unless_token))


def _play(unless_token: bool) -> None:
    """Run the playground. If `unless_token` is true and a token is set, coach in Telegram instead."""
    if unless_token and has_token(os.environ, DOTENV):
        _coach()
        return
    if unless_token:
        print(NO_TOKEN)
    with TemporaryDirectory(prefix="playground-") as folder:
        # The token is random, so that no other website can call the playground's Bot API.
        token = f"{PLAYGROUND_BOT_ID}:{token_urlsafe(26)}"
        temporary = {"TELEGRAM_BOT_TOKEN": token, "DATABASE_URL": f"sqlite:///{folder}/coach.db"}
        _run_until_signal(_run_playground(_configured(os.environ | temporary)))


async def _run_playground(settings: Settings) -> None:
    """Run the playground until cancelled."""
    clock = Clock()
    clock.set_speed(settings.speed)
    async with playground(settings, loading.load(loading.SHIPPED), clock) as opened:
        print(
            f"Open {opened.address} in a browser. Ctrl+C ends it. Nothing is kept but the pictures.",
            flush=True,
        )
        await asyncio.Event().wait()


def _exit_code_logged(work: Callable[[], None]) -> int:
    """Call `work`, and return the exit code. If `work` raises an error, log the error.

    An error that people can correct is logged as its sentences, one per line, and any other error with its
    traceback. Errors are logged instead of printed so that log collectors get them, and because the log hides
    the token, which python-telegram-bot's errors can contain. Until the log is configured, Python writes the
    bare sentences to stderr.
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


def _run_until_signal(work: Coroutine[None, None, None]) -> None:
    """Run `work` until it ends or the process gets SIGTERM or SIGINT."""
    asyncio.run(_cancelled_by_signal(work))
    log.info("stopped")


async def _cancelled_by_signal(work: Coroutine[None, None, None]) -> None:
    task = asyncio.ensure_future(work)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, _stop, task, number)
    with suppress(asyncio.CancelledError):
        await task


def _stop(task: asyncio.Future[None], number: signal.Signals) -> None:
    """Cancel `task`, so that the coach shuts down in good order. If that takes too long, exit anyway.

    Shutting down can take too long if the database hangs, for example. Exiting then is safe, because the
    coach loses nothing in a crash either.
    """
    log.info("asked to stop by %s", number.name)
    task.cancel()
    asyncio.get_running_loop().call_later(SHUTDOWN_TIMEOUT, _exit_at_once)


def _exit_at_once() -> NoReturn:
    log.warning("stopped without waiting for what still hangs after %.0f s", SHUTDOWN_TIMEOUT)
    os._exit(0)


def _check(options: argparse.Namespace) -> int:
    problems = loading.check(options.paths)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _ask(options: argparse.Namespace) -> int:
    def work() -> None:
        library = loading.load(options.folder)
        routine = _routine_named(options.routine, library)
        session = _session_at(routine, options.step, options.side)
        print("\n".join(_answers(options.text, session, library)))

    return _exit_code(work)


def _routine_named(name: str | None, library: Library) -> Routine:
    """Return the routine with this id, or the default routine for None.

    Raises ValueError if there is no routine with this id.
    """
    if name is None:
        return library.default
    if name not in library.routines:
        raise ValueError(f"there is no routine {name}; choose one of: {', '.join(library.routines)}")
    return library.routines[name]


def _session_at(routine: Routine, step: int | None, side: Side) -> Session:
    """Return a session at the beginning of `step`, with the timer off.

    If `step` is None, the massage has not begun. Raises ValueError if the routine has no such step.
    """
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
    """Return the messages that the coach would answer to the text, without formatting."""
    routine = library.routines[session.choices.routine]
    after, effects = advance(session, Interpreter(library).understand(text, session), routine, 0.0)
    context = RenderContext(after, library)
    return [
        without_markup(render(each, context).text or "", 4096)
        for each in effects
        if not isinstance(each, Forget)
    ]


def _pictures(options: argparse.Namespace) -> int:
    def work() -> None:
        folder = options.out or media_folder(os.environ, DOTENV)
        if folder is None:
            raise ValueError("MEDIA_FOLDER is off: name a folder with --out.")
        library, gallery = loading.load(loading.SHIPPED), Gallery(folder)
        pictures = every_picture(library, options.tone)
        for number, picture in enumerate(pictures):
            _show_progress(number, len(pictures))
            gallery.make(picture)
        (folder / "pictures.png").write_bytes(contact_sheet(gallery, library, options.tone))
        _show_progress(len(pictures), len(pictures))

    return _exit_code(work)


def _track(options: argparse.Namespace) -> int:
    def work() -> None:
        library = loading.load(loading.SHIPPED)
        routine = _routine_named(options.routine, library)
        length = options.minutes * 60 if options.minutes else routine.total_time
        choices = Choices(routine.id, length, options.side, talk=options.talk)
        track = write_track_script(library, choices)
        _record(options, lambda studio: studio.track(track))
        print(without_markup(caption(track), 4096))

    return _exit_code(work)


def _say(options: argparse.Namespace) -> int:
    def work() -> None:
        sentences = spoken_sentences(options.text)
        if not sentences:
            raise ValueError("There is nothing to say in this text: write some words.")
        _record(options, lambda studio: studio.note(sentences))

    return _exit_code(work)


def _record(options: argparse.Namespace, recording: Callable[[Studio], Recording]) -> None:
    """Make a recording, and print its file, length and size.

    `recording` is called with a studio, and returns the recording for the studio to make.
    """
    studio = open_studio(VOICE_FOLDER, options.voice)
    made = studio.make(recording(studio), lambda done: _show_progress(round(100 * done), 100))
    path = shutil.copyfile(made.path, options.out) if options.out else made.path
    print(f"{path}: {spell(made.seconds)}, {path.stat().st_size / 1e6:.1f} MB")


def _exit_code(work: Callable[[], None]) -> int:
    """Call `work`, and return the exit code. If `work` raises an error, print the error to stderr."""
    try:
        work()
    except (RoutineErrors, NoVoice, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _show_progress(done: int, total: int) -> None:
    """Show a progress bar on stderr if stderr is a terminal."""
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

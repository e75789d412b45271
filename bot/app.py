"""Wires the parts together, starts and stops them; the one place that knows them all."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram import Bot, BotCommand, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application, Defaults, ExtBot

from bot.clock import Alarm, Clock
from bot.coach import Coach
from bot.cues import CueWorker
from bot.media.supply import Supply
from bot.media.voice.speech import why_not
from bot.media.voice.studio import Studio, open_studio
from bot.metrics import Metrics
from bot.routine.model import Library
from bot.settings import Settings, SettingsError
from bot.storage.errors import StoreError, StoreUnavailable
from bot.storage.store import Store
from bot.transport.delivery import Delivery
from bot.transport.flood import FloodGuard
from bot.transport.http_server import listening
from bot.transport.lanes import EXTRA_URGENT_CHATS, MAX_CONCURRENT_CHATS, MAX_UNANSWERED_SENDS
from bot.transport.outbox import Outbox
from bot.transport.pacing import Pacing
from bot.transport.progress import Progress
from bot.transport.request import Request
from bot.transport.retry import with_retries
from bot.transport.sender import Sender
from bot.transport.unanswered import Unanswered
from bot.transport.updates import (
    ALLOWED_UPDATES,
    LONG_POLL_SECONDS,
    MAX_CONCURRENT_TAP_ANSWERS,
    App,
    PerChatProcessor,
    Updates,
)
from bot.transport.uploads import Uploads
from bot.transport.webhook import HttpPages
from bot.understanding.classifier import classifier
from bot.wording.commands import menu_commands

log = logging.getLogger(__name__)

PRUNE_EVERY = 60.0
CHECK_TOKEN_EVERY = 60.0
"""Seconds; whoever polls learns at once that the token was revoked."""
CONNECTIONS = MAX_CONCURRENT_CHATS + EXTRA_URGENT_CHATS + MAX_UNANSWERED_SENDS + MAX_CONCURRENT_TAP_ANSWERS
WEBHOOK_CONNECTIONS = 100
"""Telegram's most: each waits for its commit, and a slow one must not hold up the rest."""
DEFAULTS = Defaults(ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True))
DESCRIPTION = (
    "I coach two people through a back massage, live. One lies down, one has oily hands, and I keep the time:"
    " each step comes as a message, with a word before the next. For comfort, not a treatment."
)


@dataclass(frozen=True, slots=True)
class Wires:
    """How Telegram is reached: one way for getUpdates, which waits long, one for uploads, one for all else.

    An upload that hangs takes no connection from words.
    """

    calls: Request
    updates: Request
    uploads: Request


def over_http(**how: Any) -> Wires:
    """Over the network, with what `how` tells httpx's client beside."""
    return Wires(
        Request(connection_pool_size=CONNECTIONS, pool_timeout=30.0, httpx_kwargs=how),
        Request(connection_pool_size=1, read_timeout=LONG_POLL_SECONDS + 10.0, httpx_kwargs=how),
        Request(connection_pool_size=2 * MAX_CONCURRENT_CHATS, pool_timeout=30.0, httpx_kwargs=how),
    )


async def serve(settings: Settings, library: Library, clock: Clock, real_time: Clock, wires: Wires) -> None:
    """Coach until cancelled.

    Raises SettingsError for a token that Telegram does not know or a port that cannot be had, and StoreError
    for an unusable database, also where either shows only later. Should one of its loops fail, all end, with
    an ExceptionGroup: what starts the program starts it anew.
    """
    metrics = Metrics()
    with _counted(metrics), _reason_alone():
        async with (
            Store.open(settings.database_url, real_time.now) as store,
            _application(settings, wires, real_time) as application,
            _uploads(settings, wires) as uploads,
        ):
            metrics.heard()
            await _coach(
                settings, store, library, clock, real_time, application, uploads, wires.updates, metrics
            )


async def _coach(
    settings: Settings,
    store: Store,
    library: Library,
    clock: Clock,
    real_time: Clock,
    application: App,
    uploads: Bot,
    long_poll: Request,
    metrics: Metrics,
) -> None:
    def committed(due_at: float | None) -> None:
        outbox.wake()
        alarm.pull(due_at)

    studio = _studio(settings)
    coach = Coach(store, library, clock, committed, metrics.cue_committed, voice=studio is not None)
    pacing = Pacing(settings.rate, settings.chat_rate)
    supply = _supply(settings, library, studio, lambda: outbox.wake())
    known = await store.file_ids(application.bot.id)
    media = Uploads(store, application.bot.id, known, supply, real_time)
    sender = Sender(application.bot, uploads, pacing, real_time, metrics)
    delivery = Delivery(store, coach, sender, media, Unanswered(real_time), clock)
    progress = Progress(application.bot, media, pacing, real_time)
    outbox = Outbox(store, delivery, media, progress, pacing, real_time)
    alarm = Alarm(clock, CueWorker(store, coach, clock).drain)
    updates = Updates(application, long_poll, coach, FloodGuard(settings.person_rate), real_time, metrics)
    log.info("coaching as @%s: %s", application.bot.username, ", ".join(library.routines))
    served = _served(settings, HttpPages(settings, updates, store, metrics))
    async with updates, served, asyncio.TaskGroup() as tasks:
        tasks.create_task(store.damaged())
        tasks.create_task(outbox.run())
        tasks.create_task(alarm.run())
        if supply:
            tasks.create_task(supply.run())
        tasks.create_task(asyncio.to_thread(classifier))  # ahead of the first words, beside the first cue
        tasks.create_task(_introduce(application, voice=studio is not None))
        tasks.create_task(_prune(store, media, clock))
        tasks.create_task(_hear(settings, application, updates, real_time))


def _studio(settings: Settings) -> Studio | None:
    """Where there is a voice, and a folder for it. Raises SettingsError for a voice that cannot be used."""
    missing = why_not(settings.voice_file)
    if missing and settings.voice_file:
        raise SettingsError(f"VOICE_FILE: {missing}")
    if missing or settings.media_folder is None:
        log.info("nothing can be listened to: %s", missing or "MEDIA_FOLDER is off")
        return None
    return open_studio(settings.media_folder, settings.voice_file)


def _supply(
    settings: Settings, library: Library, studio: Studio | None, changed: Callable[[], None]
) -> Supply | None:
    if settings.media_folder is None:
        return None
    return Supply(library, settings.media_folder, changed, studio, settings.voice_file)


@contextmanager
def _counted(metrics: Metrics) -> Iterator[None]:
    """Errors that are logged meanwhile are counted."""
    handler = metrics.watching()
    logging.getLogger("bot").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("bot").removeHandler(handler)


@contextmanager
def _reason_alone() -> Iterator[None]:
    """Of the errors that ended the loops, raise only one that an operator can do something about, if any."""
    try:
        yield
    except BaseExceptionGroup as errors:
        reason: BaseException | None = errors.subgroup((SettingsError, StoreError))
        if reason is None:
            raise
        while isinstance(reason, BaseExceptionGroup):
            reason = reason.exceptions[0]
        raise reason from None


@asynccontextmanager
async def _served(settings: Settings, face: HttpPages) -> AsyncIterator[None]:
    """Serve the pages, if there is a port for them. Raises SettingsError where it cannot be had."""
    async with AsyncExitStack() as stack:
        if settings.port is not None:
            try:
                await stack.enter_async_context(listening(face.app, settings.bind_address, settings.port))
            except OSError as error:
                why = os.strerror(error.errno or 0)  # the error's own text repeats the address
                raise SettingsError(
                    f"PORT cannot be had ({why}): name another one, or another BIND_ADDRESS."
                ) from None
        yield


async def _hear(settings: Settings, application: App, updates: Updates, real_time: Clock) -> None:
    """Have Telegram call us, or ask it again and again, for as long as it knows the token.

    A webhook left from before would end all polling.
    """
    with _token_known():
        if settings.webhook_url:
            await _be_called(settings, application.bot, real_time)
        else:
            await with_retries("clear the webhook", application.bot.delete_webhook, real_time)
            await updates.poll()


async def _be_called(settings: Settings, bot: Bot, real_time: Clock) -> None:
    """Set the webhook; then ask now and again whether the token is still good, or nobody would ever call."""
    set_webhook = partial(
        bot.set_webhook,
        settings.webhook_url,
        secret_token=settings.webhook_secret,
        allowed_updates=ALLOWED_UPDATES,
        max_connections=WEBHOOK_CONNECTIONS,
    )
    await with_retries("set the webhook", set_webhook, real_time)
    while True:
        await real_time.sleep(CHECK_TOKEN_EVERY)
        await with_retries("reach Telegram", bot.get_me, real_time)


@contextmanager
def _token_known() -> Iterator[None]:
    """Raises SettingsError where Telegram does not know the token."""
    try:
        yield
    except InvalidToken:
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN is not known to Telegram:"
            " copy it again from @BotFather, or ask there for a new one."
        ) from None


@asynccontextmanager
async def _application(settings: Settings, wires: Wires, real_time: Clock) -> AsyncIterator[App]:
    """python-telegram-bot's Application with no Updater; waits while Telegram cannot be reached."""
    application: App = (
        Application.builder()
        .token(settings.token)
        .base_url(_methods_url(settings))
        .base_file_url(f"{settings.api_url}/file/bot")
        .defaults(DEFAULTS)
        .request(wires.calls)
        .get_updates_request(wires.updates)
        .updater(None)
        .job_queue(None)
        .concurrent_updates(PerChatProcessor())
        .build()
    )
    try:
        with _token_known():
            await with_retries("start", application.initialize, real_time)
        yield application
    finally:
        await application.shutdown()
        await application.bot.shutdown()  # which the line above leaves out if the start never succeeded


def _methods_url(settings: Settings) -> str:
    return f"{settings.api_url}/bot"


@asynccontextmanager
async def _uploads(settings: Settings, wires: Wires) -> AsyncIterator[Bot]:
    """The same bot with connections of its own."""
    try:
        yield ExtBot(
            settings.token,
            _methods_url(settings),
            request=wires.uploads,
            get_updates_request=wires.uploads,
            defaults=DEFAULTS,
        )
    finally:
        await wires.uploads.shutdown()


async def _introduce(application: App, *, voice: bool) -> None:
    """Set the command menu and what an empty chat shows. Telegram keeps both, so failing stops nothing."""
    menu = [BotCommand(name, command.meaning) for name, command in menu_commands(voice=voice).items()]
    try:
        await application.bot.set_my_commands(menu)
        await application.bot.set_my_description(DESCRIPTION)
    except TelegramError as error:
        log.warning("the command menu and the description stay as they were: %s", error.message)


async def _prune(store: Store, media: Uploads, clock: Clock) -> None:
    while True:
        with suppress(StoreUnavailable):
            await store.prune(clock.now())
            await media.prune(clock.now())
        await asyncio.sleep(PRUNE_EVERY)

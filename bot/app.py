"""Creates, starts and stops the components of the coach. Only this module connects them.

This module must not contain the logic of a component, which belongs in the component's own module.
"""

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
from bot.wording.commands import DESCRIPTION, menu_commands

log = logging.getLogger(__name__)

PRUNE_INTERVAL = 60.0
"""Seconds between two deletions of old data."""
TOKEN_CHECK_INTERVAL = 60.0
"""Seconds between two checks of the token while a webhook is used. Polling needs no such checks, because it
fails at once if the token is wrong."""
CONNECTIONS = MAX_CONCURRENT_CHATS + EXTRA_URGENT_CHATS + MAX_UNANSWERED_SENDS + MAX_CONCURRENT_TAP_ANSWERS
WEBHOOK_CONNECTIONS = 100
"""How many webhook requests Telegram may make at the same time; 100 is the most that Telegram allows. Each
request lasts until its update is committed, and other requests must not have to wait for that."""
DEFAULTS = Defaults(ParseMode.HTML, link_preview_options=LinkPreviewOptions(is_disabled=True))


@dataclass(frozen=True, slots=True)
class Requests:
    """The HTTP clients that connect to Telegram. Each has connections of its own.

    `updates` is for long polling, `uploads` for files, and `calls` for all other calls. So an upload that
    hangs cannot delay a message.
    """

    calls: Request
    updates: Request
    uploads: Request


def over_http(**httpx_kwargs: Any) -> Requests:
    """Return clients that reach Telegram over the network. `httpx_kwargs` are passed to httpx's clients."""
    return Requests(
        Request(connection_pool_size=CONNECTIONS, pool_timeout=30.0, httpx_kwargs=httpx_kwargs),
        Request(connection_pool_size=1, read_timeout=LONG_POLL_SECONDS + 10.0, httpx_kwargs=httpx_kwargs),
        Request(connection_pool_size=2 * MAX_CONCURRENT_CHATS, pool_timeout=30.0, httpx_kwargs=httpx_kwargs),
    )


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clock that massages follow, and the clock for everything else, such as Telegram's rate limits.

    COACH_SPEED changes the speed of `coach` only. In the playground, where Telegram is simulated, both fields
    are the same clock.
    """

    coach: Clock
    real_time: Clock


@dataclass(frozen=True, slots=True)
class _Telegram:
    """python-telegram-bot's initialised Application, the client for long polling, and the bot for uploads."""

    application: App
    long_poll: Request
    upload_bot: Bot


async def serve(settings: Settings, library: Library, clocks: Clocks, requests: Requests) -> None:
    """Run the coach until cancelled.

    Raises SettingsError if Telegram rejects the token or the port is not available. Raises StoreError if the
    database is unusable, at the start or later. If another error ends one of the tasks, all tasks end with an
    ExceptionGroup, and whatever started the program should restart it.
    """
    metrics = Metrics()
    with _errors_counted(metrics), _operator_errors_unwrapped():
        async with (
            Store.open(settings.database_url, clocks.real_time.now) as store,
            _telegram(settings, requests, clocks.real_time) as telegram,
        ):
            metrics.heard()
            await _coach(settings, library, clocks, store, telegram, metrics)


async def _coach(
    settings: Settings, library: Library, clocks: Clocks, store: Store, telegram: _Telegram, metrics: Metrics
) -> None:
    """Create the components of the coach, and run them until one fails or the task is cancelled."""

    def on_commit(due_at: float | None) -> None:
        outbox.wake()
        alarm.pull(due_at)

    clock, real_time, application = clocks.coach, clocks.real_time, telegram.application
    studio = _studio(settings)
    coach = Coach(store, library, clock, on_commit, metrics.cue_committed, voice=studio is not None)
    pacing = Pacing(settings.rate, settings.chat_rate)
    supply = _supply(settings, library, studio, lambda: outbox.wake())
    file_ids = await store.file_ids(application.bot.id)
    uploads = Uploads(store, application.bot.id, file_ids, supply, real_time)
    sender = Sender(application.bot, telegram.upload_bot, pacing, real_time, metrics)
    delivery = Delivery(store, coach, sender, uploads, Unanswered(real_time), clock)
    progress = Progress(application.bot, uploads, pacing, real_time)
    outbox = Outbox(store, delivery, uploads, progress, pacing, real_time)
    alarm = Alarm(clock, CueWorker(store, coach, clock).drain)
    guard = FloodGuard(settings.person_rate)
    updates = Updates(application, telegram.long_poll, coach, guard, real_time, metrics)
    log.info("coaching as @%s: %s", application.bot.username, ", ".join(library.routines))
    http_server = _http_server(settings, HttpPages(settings, updates, store, metrics))
    async with updates, http_server, asyncio.TaskGroup() as tasks:
        tasks.create_task(store.damaged())
        tasks.create_task(outbox.run())
        tasks.create_task(alarm.run())
        if supply:
            tasks.create_task(supply.run())
        tasks.create_task(asyncio.to_thread(classifier))  # load it now, because that takes a second
        tasks.create_task(_set_profile(application, voice=studio is not None))
        tasks.create_task(_prune(store, uploads, clock))
        tasks.create_task(_receive_updates(settings, application, updates, real_time))


def _studio(settings: Settings) -> Studio | None:
    """Return the studio that makes audio, or None if there is no voice or no media folder.

    Raises SettingsError if VOICE_FILE is set and that voice cannot be used.
    """
    missing = why_not(settings.voice_file)
    if missing and settings.voice_file:
        raise SettingsError(f"VOICE_FILE: {missing}")
    if missing or settings.media_folder is None:
        log.info("there is no voice: %s", missing or "MEDIA_FOLDER is off")
        return None
    return open_studio(settings.media_folder, settings.voice_file)


def _supply(
    settings: Settings, library: Library, studio: Studio | None, changed: Callable[[], None]
) -> Supply | None:
    if settings.media_folder is None:
        return None
    return Supply(library, settings.media_folder, changed, studio, settings.voice_file)


@contextmanager
def _errors_counted(metrics: Metrics) -> Iterator[None]:
    """Count the errors that are logged while the block runs."""
    handler = metrics.watching()
    logging.getLogger("bot").addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger("bot").removeHandler(handler)


@contextmanager
def _operator_errors_unwrapped() -> Iterator[None]:
    """If the `with` block raises a SettingsError or StoreError in a group of errors, raise only that one."""
    try:
        yield
    except BaseExceptionGroup as errors:
        error: BaseException | None = errors.subgroup((SettingsError, StoreError))
        if error is None:
            raise
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None


@asynccontextmanager
async def _http_server(settings: Settings, pages: HttpPages) -> AsyncIterator[None]:
    """If PORT is set, serve the webhook, /healthz and /metrics over HTTP while the block runs.

    Raises SettingsError if the port is not available.
    """
    async with AsyncExitStack() as stack:
        if settings.port is not None:
            try:
                await stack.enter_async_context(listening(pages.app, settings.bind_address, settings.port))
            except OSError as error:
                problem = os.strerror(error.errno or 0)  # the error's own text repeats the address
                raise SettingsError(
                    f"PORT is not available ({problem}): choose another one or another BIND_ADDRESS."
                ) from None
        yield


async def _receive_updates(settings: Settings, application: App, updates: Updates, real_time: Clock) -> None:
    """Receive updates by webhook or polling. Raises SettingsError if Telegram rejects the token."""
    with _token_checked():
        if settings.webhook_url:
            await _keep_webhook(settings, application.bot, real_time)
        else:
            # Telegram refuses getUpdates while a webhook is set.
            await with_retries("clear the webhook", application.bot.delete_webhook, real_time)
            await updates.poll()


async def _keep_webhook(settings: Settings, bot: Bot, real_time: Clock) -> None:
    """Set the webhook, then check the token every TOKEN_CHECK_INTERVAL seconds.

    The check is needed because Telegram sends nothing to a webhook once the token is revoked.
    """
    set_webhook = partial(
        bot.set_webhook,
        settings.webhook_url,
        secret_token=settings.webhook_secret,
        allowed_updates=ALLOWED_UPDATES,
        max_connections=WEBHOOK_CONNECTIONS,
    )
    await with_retries("set the webhook", set_webhook, real_time)
    while True:
        await real_time.sleep(TOKEN_CHECK_INTERVAL)
        await with_retries("reach Telegram", bot.get_me, real_time)


@contextmanager
def _token_checked() -> Iterator[None]:
    """Raise SettingsError if a call in the block fails because Telegram rejects the token."""
    try:
        yield
    except InvalidToken:
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN is not known to Telegram:"
            " copy it again from @BotFather, or ask there for a new one."
        ) from None


@asynccontextmanager
async def _telegram(settings: Settings, requests: Requests, real_time: Clock) -> AsyncIterator[_Telegram]:
    """Connect to Telegram, retrying as long as Telegram cannot be reached, and disconnect after the block.

    Raises SettingsError if Telegram rejects the token.
    """
    application = _application(settings, requests)
    upload_bot = ExtBot(
        settings.token,
        _base_url(settings),
        request=requests.uploads,
        get_updates_request=requests.uploads,
        defaults=DEFAULTS,
    )
    async with AsyncExitStack() as stack:
        # Application.shutdown skips the bot if initialize has never succeeded.
        stack.push_async_callback(application.bot.shutdown)
        stack.push_async_callback(application.shutdown)
        stack.push_async_callback(requests.uploads.shutdown)
        with _token_checked():
            await with_retries("start", application.initialize, real_time)
        yield _Telegram(application, requests.updates, upload_bot)


def _application(settings: Settings, requests: Requests) -> App:
    """Return python-telegram-bot's Application.

    It has no Updater, because transport/updates.py receives the updates.
    """
    return (
        Application.builder()
        .token(settings.token)
        .base_url(_base_url(settings))
        .base_file_url(f"{settings.api_url}/file/bot")
        .defaults(DEFAULTS)
        .request(requests.calls)
        .get_updates_request(requests.updates)
        .updater(None)
        .job_queue(None)
        .concurrent_updates(PerChatProcessor())
        .build()
    )


def _base_url(settings: Settings) -> str:
    return f"{settings.api_url}/bot"


async def _set_profile(application: App, *, voice: bool) -> None:
    """Set the command menu, and the description that people see in an empty chat.

    A failure is only logged, because Telegram then keeps the menu and description that were set before.
    """
    menu = [BotCommand(name, command.meaning) for name, command in menu_commands(voice=voice).items()]
    try:
        await application.bot.set_my_commands(menu)
        await application.bot.set_my_description(DESCRIPTION)
    except TelegramError as error:
        log.warning("the command menu and the description stay as they were: %s", error.message)


async def _prune(store: Store, uploads: Uploads, clock: Clock) -> None:
    """Delete old data every PRUNE_INTERVAL seconds."""
    while True:
        with suppress(StoreUnavailable):
            await store.prune(clock.now())
            await uploads.prune(clock.now())
        await asyncio.sleep(PRUNE_INTERVAL)

"""Wires the parts together, starts and stops them; the one place that knows them all."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from telegram import BotCommand
from telegram.error import InvalidToken, TelegramError
from telegram.ext import Application
from telegram.request import BaseRequest, HTTPXRequest

from bot.backoff import backoff
from bot.clock import Alarm, Clock
from bot.coach import Coach
from bot.commands import COMMANDS
from bot.outbox import Outbox
from bot.routine import Library
from bot.settings import Settings, SettingsError
from bot.store import Store, StoreUnavailable
from bot.updates import App, ChatOrder, Updates

log = logging.getLogger(__name__)

PRUNE_EVERY = 3600.0
CONNECTIONS = 64
DESCRIPTION = (
    "I coach two people through a back massage, live. One lies down, one has oily hands, and I keep the time:"
    " each step comes as a message, with a word before the next. For comfort, not a treatment."
)


@dataclass(frozen=True, slots=True)
class Wires:
    """How Telegram is reached: one way for getUpdates, which waits long, one for all else."""

    calls: BaseRequest
    updates: BaseRequest


def over_http(by_proxy: bool = True) -> Wires:
    """Over the network; `by_proxy`: through the environment's proxy, if it names one."""
    how = {"trust_env": by_proxy}
    return Wires(
        HTTPXRequest(connection_pool_size=CONNECTIONS, pool_timeout=30.0, httpx_kwargs=how),
        HTTPXRequest(connection_pool_size=1, read_timeout=10.0, httpx_kwargs=how),  # on top of the long poll
    )


async def serve(settings: Settings, library: Library, clock: Clock, real_time: Clock, wires: Wires) -> None:
    """Coach until cancelled.

    Raises SettingsError for a token that Telegram does not know at the start, and StoreError for an
    unusable database. Should one of its loops fail, all end: what starts the program starts it anew.
    """
    async with (
        Store.open(settings.database_url) as store,
        _application(settings, wires, real_time) as application,
    ):
        await _coach(store, library, clock, real_time, application)


async def _coach(store: Store, library: Library, clock: Clock, real_time: Clock, application: App) -> None:
    def committed(due_at: float | None) -> None:
        outbox.wake()
        alarm.pull(due_at)

    coach = Coach(store, library, clock, committed)
    outbox = Outbox(store, application.bot, coach, clock, real_time)
    alarm = Alarm(clock, coach.drain)
    updates = Updates(application, coach, real_time)
    log.info("coaching as @%s: %s", application.bot.username, ", ".join(library.routines))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.run())
        tasks.create_task(alarm.run())
        tasks.create_task(_introduce(application))
        tasks.create_task(_prune(store, clock))
        tasks.create_task(updates.poll())


@asynccontextmanager
async def _application(settings: Settings, wires: Wires, real_time: Clock) -> AsyncIterator[App]:
    """python-telegram-bot's Application with no Updater; waits while Telegram cannot be reached."""
    application: App = (
        Application.builder()
        .token(settings.token)
        .base_url(f"{settings.api_url}/bot")
        .base_file_url(f"{settings.api_url}/file/bot")
        .request(wires.calls)
        .get_updates_request(wires.updates)
        .updater(None)
        .job_queue(None)
        .concurrent_updates(ChatOrder())
        .build()
    )
    try:
        await _begin(application, real_time)
        yield application
    finally:
        await application.shutdown()
        await application.bot.shutdown()  # which the line above leaves out if the start never succeeded


async def _begin(application: App, real_time: Clock) -> None:
    try:
        await _patiently("start", application.initialize, real_time)
        # A webhook left by an earlier deployment would make every getUpdates fail.
        await _patiently("clear the webhook", application.bot.delete_webhook, real_time)
    except InvalidToken:
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN is not known to Telegram:"
            " copy it again from @BotFather, or ask there for a new one."
        ) from None


async def _introduce(application: App) -> None:
    """Set the command menu and what an empty chat shows. Telegram keeps both, so failing stops nothing."""
    menu = [BotCommand(name, command.meaning) for name, command in COMMANDS.items()]
    try:
        await application.bot.set_my_commands(menu)
        await application.bot.set_my_description(DESCRIPTION)
    except TelegramError as error:
        log.warning("the command menu and the description stay as they were: %s", error.message)


async def _prune(store: Store, clock: Clock) -> None:
    while True:
        try:
            await store.prune(clock.now())
        except StoreUnavailable as error:
            log.warning("old updates' ids could not be pruned: %s", error)
        await asyncio.sleep(PRUNE_EVERY)


async def _patiently(what: str, call: Callable[[], Awaitable[object]], real_time: Clock) -> None:
    """Call until Telegram answers: an outage at start ends nothing. Raises InvalidToken."""
    tries = 0
    while True:
        try:
            await call()
            return
        except InvalidToken:
            raise
        except TelegramError as error:
            delay = backoff(tries, error)
            log.warning("could not %s yet (%s); trying again in %.1f s", what, error.message, delay)
            await real_time.sleep(delay)
            tries += 1

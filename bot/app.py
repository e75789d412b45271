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

from bot.clock import Alarm, Clock
from bot.coach import Coach
from bot.outbox import Outbox
from bot.render import COMMANDS
from bot.routine import Library
from bot.settings import Settings, SettingsError
from bot.store import Store, StoreUnavailable
from bot.updates import LONG_POLL, App, ChatOrder, Updates, backoff

log = logging.getLogger(__name__)

PRUNE_EVERY = 3600.0
CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class Wires:
    """How Telegram is reached: one way for getUpdates, which waits long, one for all else."""

    calls: BaseRequest
    updates: BaseRequest


def over_http() -> Wires:
    return Wires(
        HTTPXRequest(connection_pool_size=CONNECTIONS, pool_timeout=30.0),
        HTTPXRequest(connection_pool_size=1, read_timeout=LONG_POLL + 10.0),
    )


async def serve(settings: Settings, library: Library, clock: Clock, wire: Clock, wires: Wires) -> None:
    """Coach until cancelled.

    Raises SettingsError for a token Telegram does not know, and StoreError for an unusable database.
    """
    async with Store.open(settings.database_url) as store, _application(settings, wires) as application:
        await _coach(store, library, clock, wire, application)


async def _coach(store: Store, library: Library, clock: Clock, wire: Clock, application: App) -> None:
    def committed(due_at: float | None) -> None:
        outbox.wake()
        alarm.pull(due_at)

    coach = Coach(store, library, clock, committed)
    outbox = Outbox(store, application.bot, clock, wire, coach.blocked)
    alarm = Alarm(clock, coach.drain)
    updates = Updates(application, coach)
    log.info("coaching as @%s: %s", application.bot.username, ", ".join(library.routines))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(outbox.run())
        tasks.create_task(alarm.run())
        tasks.create_task(_introduce(application))
        tasks.create_task(_prune(store, clock))
        tasks.create_task(updates.poll())


@asynccontextmanager
async def _application(settings: Settings, wires: Wires) -> AsyncIterator[App]:
    """python-telegram-bot's Application with no Updater; waits while Telegram cannot be reached."""
    application: App = (
        Application.builder()
        .token(settings.token)
        .base_url(f"{settings.api_url}/bot")
        .base_file_url(f"{settings.api_url}/file/bot")
        .request(wires.calls)
        .get_updates_request(wires.updates)
        .updater(None)
        .concurrent_updates(ChatOrder())
        .build()
    )
    try:
        await _patiently("start", application.initialize)
        # A webhook left by an earlier deployment would make every getUpdates fail.
        await _patiently("clear the webhook", application.bot.delete_webhook)
        yield application
    except InvalidToken:
        raise SettingsError(
            "TELEGRAM_BOT_TOKEN is not known to Telegram:"
            " copy it again from @BotFather, or ask there for a new one."
        ) from None
    finally:
        await application.shutdown()


async def _introduce(application: App) -> None:
    """The command menu. Telegram keeps it, so a failure now is no reason to stop."""
    menu = [BotCommand(name, meaning) for name, meaning in COMMANDS.items()]
    await _patiently("set the command menu", lambda: application.bot.set_my_commands(menu))


async def _prune(store: Store, clock: Clock) -> None:
    while True:
        try:
            await store.prune(clock.now())
        except StoreUnavailable as error:
            log.warning("old updates' ids could not be pruned: %s", error)
        await asyncio.sleep(PRUNE_EVERY)


async def _patiently(what: str, call: Callable[[], Awaitable[object]]) -> None:
    """Call until Telegram answers: an outage at start ends nothing. Raises InvalidToken."""
    tries = 0
    while True:
        try:
            await call()
            return
        except InvalidToken:
            raise
        except TelegramError as error:
            delay = backoff(error, tries)
            log.warning("could not %s yet (%s); trying again in %.1f s", what, error.message, delay)
            await asyncio.sleep(delay)
            tries += 1

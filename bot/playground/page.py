"""The playground over HTTP: the chat page and its files, its changes and actions as JSON, and the Bot API.

The Bot API is that of the fake Telegram server (stand-in). The server must answer on 127.0.0.1 only, and only
requests to one of HOSTS. An action must be sent as application/json: browsers do not let other websites send
this content type, so they cannot perform actions.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from errno import EADDRINUSE
from operator import attrgetter
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route, Router
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from bot.clock import Clock
from bot.playground.actions import ACTIONS, fault_amount, fault_kind
from bot.playground.api import ABORT, serve
from bot.playground.host import Playground
from bot.playground.model import Answer, Call, Change, File, Json, Message
from bot.playground.people import add_person
from bot.playground.world import Account, World
from bot.routine.model import Library
from bot.settings import Settings, SettingsError
from bot.storage.store import Store

WEB_FOLDER = Path(__file__).with_name("web")
"""The folder of the page's HTML, CSS and JavaScript modules."""
HOSTS = ["127.0.0.1", "localhost"]
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src blob: data:; media-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
DEFAULT_COMMANDS = ('{"type": "default"}', "")
"""The scope and the language code of the commands that the page offers."""
MAX_CALLS_SHOWN = 200
"""The maximum number of getUpdates calls that a page gets when it connects, and the maximum number of other
calls."""
MAX_BACKLOG = 2000
"""The maximum number of changes that wait to be sent to a page. If there are more, the connection to the page
is cut, and the page connects again."""
KEEPALIVE_SECONDS = 10.0
"""If nothing changes for this long, an empty line is sent to the page, so that a lost connection is
noticed."""


class Page:
    """The playground as an ASGI application: the page, its changes and actions, and the Bot API."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._streams: dict[asyncio.Queue[Json], Callable[[], None]] = {}
        """For each open page, the queue of changes that have not been sent yet, and the function that cuts
        the connection to the page."""
        routes = [
            Route("/", _html),
            Mount("/web", ExceptionMiddleware(_PageFiles(directory=WEB_FOLDER))),
            Route("/changes", self._changes),
            Route("/actions", self._action, methods=["POST"]),
            Route("/media/{file_id}", self._media),
            Mount("/", playground.stand_in),
        ]
        self._app = TrustedHostMiddleware(Router(routes), HOSTS, www_redirect=False)
        playground.world.subscribe(self._on_change)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def close(self) -> None:
        """End all open requests, so that the server can stop."""
        self._playground.stand_in.close()
        for stream in tuple(self._streams):
            self._cut(stream)

    def _on_change(self, change: Change) -> None:
        """Queue the change for every open page. Cut the connection to a page whose queue is full."""
        if not self._streams:
            return
        shown = _change(self._playground, change)
        for stream in tuple(self._streams):
            if stream.full():
                self._cut(stream)
            elif shown:
                stream.put_nowait(shown)

    def _cut(self, stream: asyncio.Queue[Json]) -> None:
        """Cut the connection to a page. This works even if the page does not read from the connection."""
        self._streams.pop(stream)()

    async def _changes(self, request: Request) -> Response:
        """Stream server-sent events: first everything that the page shows, then every change."""
        events = self._events(request.scope[ABORT])
        return StreamingResponse(events, media_type="text/event-stream", headers=HEADERS)

    async def _events(self, abort: Callable[[], None]) -> AsyncIterator[str]:
        stream: asyncio.Queue[Json] = asyncio.Queue(MAX_BACKLOG)
        stream.put_nowait(_everything(self._playground))
        self._streams[stream] = abort
        try:
            while stream in self._streams:
                yield await _next_event(stream)
        finally:
            self._streams.pop(stream, None)

    async def _action(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _error("An action must come as application/json.", 415)
        try:
            action = ACTIONS.validate_json(await request.body())
            return JSONResponse(await action.perform(self._playground) or {})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            return _error(f"That is not a valid action: {first['msg']} ({'.'.join(map(str, first['loc']))}).")
        except (LookupError, ValueError) as error:
            return _error(str(error.args[0]))

    async def _media(self, request: Request) -> Response:
        file = self._playground.world.files.get(request.path_params["file_id"])
        if file is None:
            return _error("There is no such file.", 404)
        return Response(file.content, media_type=file.mime_type or None, headers=HEADERS)


async def _next_event(stream: asyncio.Queue[Json]) -> str:
    """Return the next change as a server-sent event. If there is none for a while, return an empty line."""
    try:
        async with asyncio.timeout(KEEPALIVE_SECONDS):
            return f"data: {json.dumps(await stream.get())}\n\n"
    except TimeoutError:
        return ":\n\n"


class _PageFiles(StaticFiles):
    """The handler for the page's files. Browsers must not cache the files, so that a reload shows changes."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(HEADERS)
        return response


async def _html(request: Request) -> Response:
    return FileResponse(WEB_FOLDER / "index.html", headers=HEADERS)


def _error(sentence: str, code: int = 400) -> Response:
    return JSONResponse({"error": sentence}, code)


# What the page shows, as JSON. web/changes.js declares the types.


def _everything(playground: Playground) -> Json:
    world = playground.world
    messages = [_message(playground, message) for who in world.accounts for message in world.messages(who)]
    return {
        "what": "everything",
        "began": world.began,
        "people": [_person(account) for account in world.accounts.values()],
        "messages": messages,
        "calls": [vars(call) for call in _newest_calls(world)],
        **_profile(playground),
        **_state(playground),
    }


def _profile(playground: Playground) -> Json:
    world = playground.world
    return {
        "commands": world.commands.get(DEFAULT_COMMANDS, []),
        "description": world.descriptions.get(("description", ""), ""),
    }


def _state(playground: Playground) -> Json:
    """Return the state of the switches in the drawer, and the speed of the clock."""
    clock, faults = playground.clock, playground.world.faults
    return {
        "speed": clock.speed,
        "coaching": playground.is_coaching,
        "faults": [
            {"kind": fault_kind(fault.effect), "amount": fault_amount(fault.effect), "share": fault.share}
            for fault in faults.active
        ],
        "dark": faults.dark_for,
    }


def _change(playground: Playground, change: Change) -> Json | None:
    """Return a change in the form that the page expects, or None if the page does not show such a change."""
    world = playground.world
    match change.subject:
        case Message(deleted=True) as message:
            return {"what": "gone", "who": change.chat_id, "id": message.id}
        case Message() as message:
            return {"what": "message", "message": _message(playground, message)}
        case Answer() as answer:
            return {
                "what": "answer",
                "who": change.chat_id,
                "query": answer.query_id,
                "text": answer.text,
                "alert": answer.alert,
            }
        case Call() as call:
            return {"what": "call", "call": vars(call)}
    match change.what:
        case "acting":
            return {"what": "acting", "who": change.chat_id, "action": change.subject}
        case "person" | "blocked":
            return {"what": "person", "person": _person(world.accounts[change.chat_id])}
        case "clock" | "faults" | "bot":
            return {"what": "state", **_state(playground)}
        case "profile":
            return {"what": "profile", **_profile(playground)}
        case _:
            return None


def _person(account: Account) -> Json:
    return {"id": account.user.id, "name": account.user.first_name, "blocked": account.blocked}


def _message(playground: Playground, message: Message) -> Json:
    body = message.body
    return {
        "id": message.id,
        "who": message.chat_id,
        "bot": message.sender == playground.world.bot,
        "date": message.date,
        "edited": bool(message.edited),
        "silent": message.silent,
        "text": body.text,
        "entities": [entity.as_json() for entity in body.entities],
        "media": _media(body.media) if body.media else None,
        "keyboard": [[vars(button) for button in row] for row in body.keyboard],
        "reaction": message.reaction,
    }


def _media(file: File) -> Json:
    shape = {key: value for key, value in vars(file).items() if key not in ("content", "path")}
    # Telegram converts a GIF to a video. The stand-in does not, and browsers show a GIF as a picture.
    return shape | ({"kind": "photo"} if file.content.startswith(b"GIF8") else {})


def _newest_calls(world: World) -> list[Call]:
    """Return the newest calls, oldest first: MAX_CALLS_SHOWN of getUpdates, and as many others.

    The two kinds are limited separately. Otherwise, when the clock is fast, calls to getUpdates would leave
    no room for the others.
    """
    polls = [call for call in world.calls if call.method.lower() == "getupdates"]
    others = [call for call in world.calls if call.method.lower() != "getupdates"]
    return sorted(polls[-MAX_CALLS_SHOWN:] + others[-MAX_CALLS_SHOWN:], key=attrgetter("at"))


@asynccontextmanager
async def playground(settings: Settings, library: Library, clock: Clock) -> AsyncIterator[Playground]:
    """Run a playground on 127.0.0.1 at port `settings.playground_port` while the block runs, and yield it.

    The playground contains one person, and its bot is running. The bot uses the token in the settings, but
    calls the playground instead of the api_url in the settings. Raises SettingsError if the port is not
    available.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(settings.database_url))
        host = Playground(settings, library, clock, store)
        add_person(host.world, "Sam")
        try:
            host.address = await stack.enter_async_context(serve(Page(host), settings.playground_port))
        except OSError as error:
            raise SettingsError(_port_problem(settings.playground_port, error)) from None
        host.start_bot()
        stack.push_async_callback(host.kill_bot)
        yield host


def _port_problem(port: int, error: OSError) -> str:
    if error.errno == EADDRINUSE:
        return f"Port {port} is taken, perhaps by another playground: end that, or set PLAYGROUND_PORT."
    return f"Port {port} is not available ({error.strerror}): set PLAYGROUND_PORT to another, such as 8081."

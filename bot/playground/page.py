"""The playground over HTTP: the chat page, all that it shows as JSON, its deeds, and the Bot API beside it.

Answers on 127.0.0.1 alone, to its own name alone; a deed must come as JSON, which no other site can send.
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
from bot.playground.api import ABORT, serve
from bot.playground.deeds import DEEDS, amount, kind
from bot.playground.host import Playground
from bot.playground.model import Answer, Call, Change, File, Json, Message
from bot.playground.people import Person
from bot.playground.world import World
from bot.routine.model import Library
from bot.settings import Settings, SettingsError
from bot.storage.store import Store

FILES = Path(__file__).with_name("web")
"""The page's HTML, CSS and JavaScript modules."""
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
EVERYONE = ('{"type": "default"}', "")
"""The scope and the language of the commands that the page offers."""
CALLS_SHOWN = 200
BACKLOG = 2000
"""Changes that may wait for a page; one that falls further behind is cut off, and starts anew."""
STILL_ALIVE = 10.0
"""Seconds of silence after which a page is sent an empty line, so that one that has gone is noticed."""


class Page:
    """The playground as an ASGI application: the page, its deeds and changes, the Bot API for all else."""

    def __init__(self, playground: Playground) -> None:
        self._playground = playground
        self._streams: dict[asyncio.Queue[Json], Callable[[], None]] = {}
        routes = [
            Route("/", _html),
            Mount("/web", ExceptionMiddleware(_PageFiles(directory=FILES))),
            Route("/changes", self._changes),
            Route("/deeds", self._deed, methods=["POST"]),
            Route("/media/{file_id}", self._media),
            Mount("/", playground.stand_in),
        ]
        self._app = TrustedHostMiddleware(Router(routes), HOSTS, www_redirect=False)
        playground.world.subscribe(self._notice)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def close(self) -> None:
        """End what waits, so that a server can stop."""
        self._playground.stand_in.close()
        for stream in tuple(self._streams):
            self._cut(stream)

    def _notice(self, change: Change) -> None:
        if not self._streams:
            return
        seen = _seen(self._playground, change)
        for stream in tuple(self._streams):
            if stream.full():
                self._cut(stream)
            elif seen:
                stream.put_nowait(seen)

    def _cut(self, stream: asyncio.Queue[Json]) -> None:
        """Break a page's connection, even if nobody reads from it."""
        self._streams.pop(stream)()

    async def _changes(self, request: Request) -> Response:
        """Server-sent events: first all there is, then every change."""
        told = self._told(request.scope[ABORT])
        return StreamingResponse(told, media_type="text/event-stream", headers=HEADERS)

    async def _told(self, abort: Callable[[], None]) -> AsyncIterator[str]:
        stream: asyncio.Queue[Json] = asyncio.Queue(BACKLOG)
        stream.put_nowait(_everything(self._playground))
        self._streams[stream] = abort
        try:
            while stream in self._streams:
                yield await _line(stream)
        finally:
            self._streams.pop(stream, None)

    async def _deed(self, request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return _wrong("A deed must come as application/json.", 415)
        try:
            deed = DEEDS.validate_json(await request.body())
            return JSONResponse(await deed.do(self._playground) or {})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            return _wrong(f"That is no deed: {first['msg']} ({'.'.join(map(str, first['loc']))}).")
        except (LookupError, ValueError) as error:
            return _wrong(str(error.args[0]))

    async def _media(self, request: Request) -> Response:
        file = self._playground.world.files.get(request.path_params["file_id"])
        if file is None:
            return _wrong("There is no such file.", 404)
        return Response(file.content, media_type=file.mime_type or None, headers=HEADERS)


async def _line(stream: asyncio.Queue[Json]) -> str:
    try:
        async with asyncio.timeout(STILL_ALIVE):
            return f"data: {json.dumps(await stream.get())}\n\n"
    except TimeoutError:
        return ":\n\n"


class _PageFiles(StaticFiles):
    """The page's files, never kept by a browser, so that a reload shows what has been changed."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers.update(HEADERS)
        return response


async def _html(request: Request) -> Response:
    return FileResponse(FILES / "index.html", headers=HEADERS)


def _wrong(what: str, code: int = 400) -> Response:
    return JSONResponse({"error": what}, code)


# What the page shows.


def _everything(playground: Playground) -> Json:
    world = playground.world
    messages = [_message(playground, message) for who in world.people for message in world.messages(who)]
    return {
        "what": "everything",
        "began": world.began,
        "people": [_person(person) for person in world.people.values()],
        "messages": messages,
        "calls": [vars(call) for call in _newest_calls(world)],
        **_profile(playground),
        **_state(playground),
    }


def _profile(playground: Playground) -> Json:
    world = playground.world
    return {
        "commands": world.commands.get(EVERYONE, []),
        "description": world.descriptions.get(("description", ""), ""),
    }


def _state(playground: Playground) -> Json:
    """What the drawer's switches show."""
    clock, faults = playground.clock, playground.world.faults
    return {
        "speed": clock.speed,
        "coaching": playground.is_coaching,
        "faults": [
            {"kind": kind(fault.effect), "amount": amount(fault.effect), "share": fault.share}
            for fault in faults.active
        ],
        "dark": faults.dark_for,
    }


def _seen(playground: Playground, change: Change) -> Json | None:
    """A change as the page is told of it; None for what it does not show."""
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
            return {"what": "person", "person": _person(world.people[change.chat_id])}
        case "clock" | "faults" | "bot":
            return {"what": "state", **_state(playground)}
        case "profile":
            return {"what": "profile", **_profile(playground)}
        case _:
            return None


def _person(person: Person) -> Json:
    return {"id": person.chat_id, "name": person.user.first_name, "blocked": person.blocked}


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
    # Telegram turns a GIF into a film; the stand-in keeps it as it is, and a browser moves it as a picture.
    return shape | ({"kind": "photo"} if file.content.startswith(b"GIF8") else {})


def _newest_calls(world: World) -> list[Call]:
    """So many of getUpdates, and so many others: at great speed the polls would fill the list."""
    polls = [call for call in world.calls if call.method.lower() == "getupdates"]
    others = [call for call in world.calls if call.method.lower() != "getupdates"]
    return sorted(polls[-CALLS_SHOWN:] + others[-CALLS_SHOWN:], key=attrgetter("at"))


# All of it together.


@asynccontextmanager
async def playground(settings: Settings, library: Library, clock: Clock) -> AsyncIterator[Playground]:
    """A playground on 127.0.0.1, at `settings.playground_port`, with one person in it and the bot alive.

    Its bot has the settings' token; the api_url is replaced. Raises SettingsError if the port cannot be had.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(Store.open(settings.database_url))
        host = Playground(settings, library, clock, store)
        host.world.person("Sam")
        try:
            host.address = await stack.enter_async_context(serve(Page(host), settings.playground_port))
        except OSError as error:
            raise SettingsError(_no_port(settings.playground_port, error)) from None
        host.start_bot()
        stack.push_async_callback(host.kill_bot)
        yield host


def _no_port(port: int, error: OSError) -> str:
    if error.errno == EADDRINUSE:
        return f"Port {port} is taken, perhaps by another playground: end that, or set PLAYGROUND_PORT."
    return f"Port {port} cannot be had ({error.strerror}): set PLAYGROUND_PORT to another, such as 8081."

"""The stand-in's HTTP face: an ASGI application that answers as api.telegram.org does.

In process:   HTTPXRequest(httpx_kwargs={"transport": httpx.ASGITransport(app=StandIn(world))})
Over HTTP:    async with serve(StandIn(world)) as url: ...   with base_url=f"{url}/bot"

It moves bytes and waits; what a call means is said in methods.py, and no rule lives here. `serve` listens on
127.0.0.1 alone.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Protocol

import httpx
import uvicorn
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.playground.faults import Cut, Delay, Effect, Fail
from bot.playground.methods import Args, Upload, call
from bot.playground.model import Change, Refused
from bot.playground.world import World

Pause = Callable[[float], Awaitable[None]]

LONGEST_POLL = 50
LARGEST_UPLOAD = 50 * 2**20
ABORT = "playground.abort"
TERMINATED = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
TERMINATED_BY_WEBHOOK = "Conflict: terminated by setWebhook request"
CANCELED = "Bad Request: canceled by new editMessageMedia request"


class ConnectionCut(httpx.RemoteProtocolError):
    """The connection broke without an answer; in process, httpx's client sees it as it would over a wire."""


class Intercepted(Exception):
    """A proxy answers in Telegram's place."""

    def __init__(self, code: int) -> None:
        super().__init__(HTTPStatus(code).phrase)
        self.code = code


class StandIn:
    """The Bot API of a world, as an ASGI application.

    `pause` waits so many seconds of the world's clock; only long polls and late replies ever wait.
    """

    def __init__(self, world: World, pause: Pause = asyncio.sleep) -> None:
        self.world = world
        self._pause = pause
        self._poll: asyncio.Future[None] | None = None
        self._media_edits: dict[tuple[str, str], Args] = {}
        self._closed = False
        self._router = Router(
            [
                Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file),
                Route("/{path:path}", _nothing_here, methods=["GET", "POST"]),
            ]
        )
        world.subscribe(self._notice)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._router(scope, receive, send)
        except ConnectionCut:
            if ABORT not in scope:
                raise
            scope[ABORT]()
            while (await receive())["type"] != "http.disconnect":
                pass
        except ClientDisconnect:
            return

    def close(self) -> None:
        """Cut the poll that waits and every call to come, so that a server can stop."""
        self._closed = True
        self._end_poll(ConnectionCut("closed"))

    async def _method(self, request: Request) -> Response:
        method, args = request.path_params["method"], Args()
        try:
            self._check_token(request)
            args = await _read(request)
            result = await self._outcome(method, args)
        except ConnectionCut:
            self.world.log(method, args.values, 0, "connection cut")
            raise
        except Refused as refused:
            self.world.log(method, args.values, refused.code, refused.description)
            return _refusal(refused)
        except Intercepted as intercepted:
            self.world.log(method, args.values, intercepted.code, "a proxy's page")
            return HTMLResponse(f"<html>\n<h1>{intercepted}</h1>\n</html>", intercepted.code)
        self.world.log(method, args.values, 200)
        # Telegram escapes what is not ASCII; what a test injects can hold what Starlette's own JSON refuses.
        return Response(json.dumps({"ok": True, "result": result}), media_type="application/json")

    def _check_token(self, request: Request) -> None:
        if request.path_params["token"] != self.world.token:
            raise Refused(401, "Unauthorized: invalid token specified")

    async def _outcome(self, method: str, args: Args) -> object:
        effects = self.world.faults.strike(method, self._chat_id(args))
        self._strike_before(effects)
        self._begin_edit(method, args)
        await self._hold(effects)
        try:
            result = await self._result(method, args)
        except Refused:
            await self._strike_after(effects)
            raise
        await self._strike_after(effects)
        self._check_edit(method, args)
        return result

    def _begin_edit(self, method: str, args: Args) -> None:
        if method.lower() == "editmessagemedia":
            self._media_edits[args.text("chat_id"), args.text("message_id")] = args

    def _check_edit(self, method: str, args: Args) -> None:
        """Raises Refused if the media of the same message was edited anew before this edit was answered."""
        key = args.text("chat_id"), args.text("message_id")
        if method.lower() == "editmessagemedia" and self._media_edits[key] is not args:
            raise Refused(400, CANCELED)

    def _chat_id(self, args: Args) -> int:
        """The chat a call is about, 0 for none."""
        query = self.world.queries.get(args.text("callback_query_id"))
        return query.message.chat_id if query else args.integer("chat_id", least=-(2**53), most=2**53)

    def _strike_before(self, effects: tuple[Effect, ...]) -> None:
        if self._closed or Cut() in effects:
            raise ConnectionCut("cut")
        for effect in effects:
            if isinstance(effect, Fail):
                raise Intercepted(effect.code) if effect.html else _failure(effect)

    async def _hold(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, Delay) and effect.held:
                await self._pause(effect.seconds)

    async def _strike_after(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, Delay) and not effect.held:
                await self._pause(effect.seconds)
        if Cut(acted=True) in effects:
            raise ConnectionCut("cut")

    async def _result(self, method: str, args: Args) -> object:
        return await self._updates(args) if method.lower() == "getupdates" else call(self.world, method, args)

    # Long polling.

    async def _updates(self, args: Args) -> object:
        self._end_poll(Refused(409, TERMINATED))
        found = call(self.world, "getUpdates", args)
        timeout = args.integer("timeout", most=LONGEST_POLL)
        if found or not timeout:
            return found
        await self._wait(timeout)
        return call(self.world, "getUpdates", args)

    async def _wait(self, seconds: float) -> None:
        """Until there is an update, or so many seconds have passed. Raises what ends the poll otherwise."""
        poll = self._poll = asyncio.get_running_loop().create_future()
        sleeper = asyncio.ensure_future(self._pause(seconds))
        try:
            await asyncio.wait({poll, sleeper}, return_when=asyncio.FIRST_COMPLETED)
            if poll.done():
                poll.result()
        finally:
            sleeper.cancel()
            poll.cancel()

    def _end_poll(self, error: Exception | None = None) -> None:
        if self._poll is None or self._poll.done():
            return
        if error:
            self._poll.set_exception(error)
        else:
            self._poll.set_result(None)

    def _notice(self, change: Change) -> None:
        if change.what == "queued":
            self._end_poll()
        elif change.what == "webhook" and self.world.webhook_url:
            self._end_poll(Refused(409, TERMINATED_BY_WEBHOOK))
        elif change.what == "faults" and self.world.faults.dark_for:
            self._end_poll(ConnectionCut("dark"))

    async def _file(self, request: Request) -> Response:
        try:
            self._check_token(request)
            self._strike_before(self.world.faults.strike("file", None))
        except Refused as refused:
            return _refusal(refused)
        for file in self.world.files.values():
            if file.path == request.path_params["path"]:
                return Response(file.content, media_type=file.mime_type or "application/octet-stream")
        return await _nothing_here(request)


# Requests and replies.


async def _nothing_here(request: Request) -> Response:
    return _refusal(Refused(404, "Not Found"))


async def _read(request: Request) -> Args:
    """Parameters from the query, and from a form, JSON or multipart body."""
    values = dict(request.query_params)
    kind = request.headers.get("content-type", "").partition(";")[0]
    if kind == "application/json":
        return Args(values | _from_json(await request.body()))
    try:
        return await _from_form(request, values)
    except MultiPartException:
        raise Refused(400, "Bad Request: can't parse the request's body") from None


async def _from_form(request: Request, values: dict[str, str]) -> Args:
    async with request.form() as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        given = {name: value for name, value in form.items() if isinstance(value, UploadFile)}
        if sum(upload.size or 0 for upload in given.values()) > LARGEST_UPLOAD:
            raise Refused(413, "Request Entity Too Large")
        files = {name: Upload(upload.filename or name, await upload.read()) for name, upload in given.items()}
    return Args(values | texts, files)


def _from_json(body: bytes) -> dict[str, str]:
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "Bad Request: can't parse request JSON object")
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    return {name: text for name, text in texts.items() if text != "null"}


def _failure(fail: Fail) -> Refused:
    if fail.code == 429:
        return Refused(429, f"Too Many Requests: retry after {fail.retry_after}", fail.retry_after)
    return Refused(fail.code, fail.said or HTTPStatus(fail.code).phrase)


def _refusal(refused: Refused) -> Response:
    body: dict[str, object] = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.code != 429:
        return JSONResponse(body, refused.code)
    body["parameters"] = {"retry_after": refused.retry_after}
    return JSONResponse(body, refused.code, {"Retry-After": str(refused.retry_after)})


# Over real HTTP.


class _Server(uvicorn.Server):
    """uvicorn within a program of its own: it leaves the signals alone and says when it is up."""

    up: asyncio.Event

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


class Face(Protocol):
    """An ASGI application that can be told to end what waits in it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def close(self) -> None: ...


@asynccontextmanager
async def serve(face: Face, port: int = 0) -> AsyncIterator[str]:
    """Serve it on 127.0.0.1 while the block runs; gives its address, such as "http://127.0.0.1:8080".

    Port 0 is any free one. Raises OSError if the port cannot be had.
    """
    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(
            _with_abort(face), loop="asyncio", http="h11", ws="none", lifespan="off",
            log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = _Server(config)
        server.up = asyncio.Event()
        running = asyncio.create_task(server.serve([listener]))
        await server.up.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            face.close()
            server.should_exit = True
            await running


def _with_abort(app: ASGIApp) -> ASGIApp:
    """Put what breaks the client's connection into the scope; ASGI itself has no word for it.

    The transport is reached through uvicorn's own `send`, so this must be the outermost application.
    """

    async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if isinstance(transport, asyncio.Transport):
            scope[ABORT] = transport.abort
        await app(scope, receive, send)

    return outermost

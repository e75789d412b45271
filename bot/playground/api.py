"""The HTTP interface of the fake Telegram server (stand-in), which answers as api.telegram.org does.

It is an ASGI application. A client can use it in process:

    HTTPXRequest(httpx_kwargs={"transport": httpx.ASGITransport(app=StandIn(world))})

or over HTTP, with base_url=f"{url}/bot":

    async with serve(StandIn(world)) as url: ...

This module parses requests, applies faults and holds long polls open. methods.py has the rules of the
methods. `serve` must listen on 127.0.0.1 only.
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

Sleep = Callable[[float], Awaitable[None]]

MAX_POLL_SECONDS = 50
MAX_UPLOAD_BYTES = 50 * 2**20
ABORT = "playground.abort"
"""The key under which the ASGI scope has the function that breaks the client's connection."""
TERMINATED = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
TERMINATED_BY_WEBHOOK = "Conflict: terminated by setWebhook request"
CANCELED = "Bad Request: canceled by new editMessageMedia request"


class ConnectionCut(httpx.RemoteProtocolError):
    """The connection breaks without an answer.

    This error is of the same kind as httpx's error for a connection that breaks over a network. A client in
    the same process gets this error itself.
    """


class Intercepted(Exception):
    """A proxy answers instead of Telegram, with an HTML page and this HTTP status."""

    def __init__(self, code: int) -> None:
        super().__init__(HTTPStatus(code).phrase)
        self.code = code


class StandIn:
    """The Bot API of a world (the state of the fake server), as an ASGI application.

    `sleep` waits for a number of seconds on the world's clock. It is used in long polls and for late replies.
    """

    def __init__(self, world: World, sleep: Sleep = asyncio.sleep) -> None:
        self.world = world
        self._sleep = sleep
        self._poll: asyncio.Future[None] | None = None
        self._media_edits: dict[tuple[str, str], Args] = {}
        self._closed = False
        self._router = Router(
            [
                Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file),
                Route("/{path:path}", _not_found, methods=["GET", "POST"]),
            ]
        )
        world.subscribe(self._on_change)

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
        """Cut the long poll that is open and all later calls, so that the server can stop."""
        self._closed = True
        self._end_poll(ConnectionCut("closed"))

    async def _method(self, request: Request) -> Response:
        method, args = request.path_params["method"], Args()
        try:
            self._check_token(request)
            args = await _parse(request)
            result = await self._result_under_faults(method, args)
        except ConnectionCut:
            self.world.log(method, args.values, 0, "connection cut")
            raise
        except Refused as refused:
            self.world.log(method, args.values, refused.code, refused.description)
            return _error_response(refused)
        except Intercepted as intercepted:
            self.world.log(method, args.values, intercepted.code, "a proxy's page")
            return HTMLResponse(f"<html>\n<h1>{intercepted}</h1>\n</html>", intercepted.code)
        self.world.log(method, args.values, 200)
        # JSONResponse would fail on half a surrogate pair. json.dumps escapes it, as Telegram does.
        return Response(json.dumps({"ok": True, "result": result}), media_type="application/json")

    def _check_token(self, request: Request) -> None:
        if request.path_params["token"] != self.world.token:
            raise Refused(401, "Unauthorized: invalid token specified")

    async def _result_under_faults(self, method: str, args: Args) -> object:
        """Apply the faults that affect this call, and return the method's result."""
        effects = self.world.faults.effects_on(method, self._chat_id(args))
        self._fail_before(effects)
        self._note_media_edit(method, args)
        await self._delay(effects, held=True)
        try:
            result = await self._result(method, args)
        except Refused:
            await self._fail_after(effects)
            raise
        await self._fail_after(effects)
        self._check_media_edit(method, args)
        return result

    def _note_media_edit(self, method: str, args: Args) -> None:
        if method.lower() == "editmessagemedia":
            self._media_edits[args.text("chat_id"), args.text("message_id")] = args

    def _check_media_edit(self, method: str, args: Args) -> None:
        """Refuse a media edit if a later edit of the same message arrived before this one was answered."""
        key = args.text("chat_id"), args.text("message_id")
        if method.lower() == "editmessagemedia" and self._media_edits[key] is not args:
            raise Refused(400, CANCELED)

    def _chat_id(self, args: Args) -> int:
        """Return the id of the chat that a call is about, or 0 if there is none."""
        query = self.world.queries.get(args.text("callback_query_id"))
        return query.message.chat_id if query else args.integer("chat_id", least=-(2**53), most=2**53)

    def _fail_before(self, effects: tuple[Effect, ...]) -> None:
        """Raise the error of a fault that prevents the call from taking effect, if there is such a fault."""
        if self._closed or Cut() in effects:
            raise ConnectionCut("cut")
        for effect in effects:
            if isinstance(effect, Fail):
                raise Intercepted(effect.code) if effect.html else _refused(effect)

    async def _fail_after(self, effects: tuple[Effect, ...]) -> None:
        """Apply the faults that affect a call after it has taken effect.

        They delay the answer, or raise ConnectionCut, so that the answer is lost.
        """
        await self._delay(effects, held=False)
        if Cut(acted=True) in effects:
            raise ConnectionCut("cut")

    async def _delay(self, effects: tuple[Effect, ...], *, held: bool) -> None:
        """Wait for the delays among `effects` whose `held` has the given value.

        With true, these are the delays before the call takes effect; with false, those before it is answered.
        """
        for effect in effects:
            if isinstance(effect, Delay) and effect.held == held:
                await self._sleep(effect.seconds)

    async def _result(self, method: str, args: Args) -> object:
        if method.lower() == "getupdates":
            return await self._get_updates(args)
        return call(self.world, method, args)

    # Long polling.

    async def _get_updates(self, args: Args) -> object:
        """Return the queued updates. If there are none, wait for one, for at most `timeout` seconds.

        An earlier long poll that is still open fails with error 409, as in Telegram.
        """
        self._end_poll(Refused(409, TERMINATED))
        updates = call(self.world, "getUpdates", args)
        seconds = args.integer("timeout", most=MAX_POLL_SECONDS)
        if updates or not seconds:
            return updates
        await self._wait_for_update(seconds)
        return call(self.world, "getUpdates", args)

    async def _wait_for_update(self, seconds: float) -> None:
        """Wait until an update arrives, but at most this many seconds.

        Raises Refused or ConnectionCut if the long poll is ended early with such an error.
        """
        poll = self._poll = asyncio.get_running_loop().create_future()
        sleeper = asyncio.ensure_future(self._sleep(seconds))
        try:
            await asyncio.wait({poll, sleeper}, return_when=asyncio.FIRST_COMPLETED)
            if poll.done():
                poll.result()
        finally:
            sleeper.cancel()
            poll.cancel()

    def _end_poll(self, error: Exception | None = None) -> None:
        """If a long poll is open, end it with `error`. Without an error, it ends by returning the updates."""
        if self._poll is None or self._poll.done():
            return
        if error:
            self._poll.set_exception(error)
        else:
            self._poll.set_result(None)

    def _on_change(self, change: Change) -> None:
        """End the open long poll if the change requires it."""
        if change.what == "queued":
            self._end_poll()
        elif change.what == "webhook" and self.world.webhook_url:
            self._end_poll(Refused(409, TERMINATED_BY_WEBHOOK))
        elif change.what == "faults" and self.world.faults.dark_for:
            self._end_poll(ConnectionCut("outage"))

    async def _file(self, request: Request) -> Response:
        try:
            self._check_token(request)
            self._fail_before(self.world.faults.effects_on("file", None))
        except Refused as refused:
            return _error_response(refused)
        for file in self.world.files.values():
            if file.path == request.path_params["path"]:
                return Response(file.content, media_type=file.mime_type or "application/octet-stream")
        return await _not_found(request)


# Requests and responses.


async def _not_found(request: Request) -> Response:
    return _error_response(Refused(404, "Not Found"))


async def _parse(request: Request) -> Args:
    """Return the parameters from the query string and the body. The body is a form, multipart or JSON."""
    values = dict(request.query_params)
    content_type = request.headers.get("content-type", "").partition(";")[0]
    if content_type == "application/json":
        return Args(values | _parse_json(await request.body()))
    try:
        return await _parse_form(request, values)
    except MultiPartException:
        raise Refused(400, "Bad Request: can't parse the request's body") from None


async def _parse_form(request: Request, values: dict[str, str]) -> Args:
    async with request.form() as form:
        texts = {name: value for name, value in form.items() if isinstance(value, str)}
        uploads = {name: value for name, value in form.items() if isinstance(value, UploadFile)}
        if sum(upload.size or 0 for upload in uploads.values()) > MAX_UPLOAD_BYTES:
            raise Refused(413, "Request Entity Too Large")
        files = {
            name: Upload(upload.filename or name, await upload.read()) for name, upload in uploads.items()
        }
    return Args(values | texts, files)


def _parse_json(body: bytes) -> dict[str, str]:
    """Return the values of a JSON object as strings. Nested values stay JSON, and nulls are left out."""
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Refused(400, "Bad Request: can't parse request JSON object")
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    return {name: text for name, text in texts.items() if text != "null"}


def _refused(fail: Fail) -> Refused:
    if fail.code == 429:
        return Refused(429, f"Too Many Requests: retry after {fail.retry_after}", fail.retry_after)
    return Refused(fail.code, fail.said or HTTPStatus(fail.code).phrase)


def _error_response(refused: Refused) -> Response:
    body: dict[str, object] = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.code != 429:
        return JSONResponse(body, refused.code)
    body["parameters"] = {"retry_after": refused.retry_after}
    return JSONResponse(body, refused.code, {"Retry-After": str(refused.retry_after)})


# Over real HTTP.


class _Server(uvicorn.Server):
    """A uvicorn server inside a larger program.

    It installs no signal handlers, and sets `started_event` once it has started.
    """

    started_event: asyncio.Event

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.started_event.set()


class ClosableApp(Protocol):
    """An ASGI application with a method `close`, which ends all open requests so that the server can stop."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def close(self) -> None: ...


@asynccontextmanager
async def serve(app: ClosableApp, port: int = 0) -> AsyncIterator[str]:
    """Serve the application on 127.0.0.1 while the block runs. Yield its base URL, without a final slash.

    Port 0 means any free port. Raises OSError if the port is not available.
    """
    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(
            _with_abort(app), loop="asyncio", http="h11", ws="none", lifespan="off",
            log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = _Server(config)
        server.started_event = asyncio.Event()
        running = asyncio.create_task(server.serve([listener]))
        await server.started_event.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            app.close()
            server.should_exit = True
            await running


def _with_abort(app: ASGIApp) -> ASGIApp:
    """Wrap an application. The wrapper adds ABORT to the scope: a function that breaks the connection.

    ASGI has no message for breaking the client's connection. The wrapper gets the transport from uvicorn's
    own `send` function, so it must be the outermost application.
    """

    async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if isinstance(transport, asyncio.Transport):
            scope[ABORT] = transport.abort
        await app(scope, receive, send)

    return outermost

"""What the coach serves over HTTP: Telegram's webhook, /healthz and /metrics.

A webhook's call is answered with 200 only once its update is committed, or dropped on purpose: until then
Telegram keeps it. Whoever does not show the secret learns nothing, and neither do the other two pages tell
anything secret. TLS is the business of the proxy in front.

Anybody may connect. So connections are bounded, well under the files that the process may open, and none is
kept for long while its client says nothing.
"""

import asyncio
import hmac
import json
import logging
import math
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import h11
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from bot.metrics import Metrics
from bot.settings import Settings
from bot.storage.errors import StoreUnavailable
from bot.storage.store import Store
from bot.transport.updates import Updates

log = logging.getLogger(__name__)

LARGEST_BODY = 2**20
"""Bytes; an update is a few thousand."""
READ_WITHIN = 10.0
"""Seconds in which a call's body must have arrived."""
MOST_CONNECTIONS = 256
"""Telegram calls with up to 100 at a time; the rest is for a proxy's, and for who watches the coach."""
CLIENT_WITHIN = 5.0
"""Seconds in which a client must have sent the whole head of a request, or go on taking our answer."""
ACCEPTED_AT_ONCE = 32
"""Connections that are accepted before the first of them is served, by which their bound is exceeded."""
QUEUED = 1024
"""Connections that the system keeps until they are accepted."""
TOLD_EVERY = 60.0
"""Seconds between two lines in the log about connections that are closed, however many they are."""
ANSWERING = (h11.SEND_RESPONSE, h11.SEND_BODY)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Refusal(Exception):
    """A call that is not one of Telegram's."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class Face:
    """The pages, as an ASGI application; the webhook's is there only where one is set."""

    def __init__(self, settings: Settings, updates: Updates, store: Store, metrics: Metrics) -> None:
        self._secret = settings.webhook_secret.encode()
        self._updates = updates
        self._store = store
        self._metrics = metrics
        routes = [Route("/healthz", self._health), Route("/metrics", self._figures)]
        if settings.webhook_url:
            path = urlsplit(settings.webhook_url).path or "/"
            routes.insert(0, Route(path, self._webhook, methods=["POST"]))
        self.app = Starlette(routes=routes, exception_handlers={Refusal: _refuse})

    async def _webhook(self, request: Request) -> Response:
        shown = request.headers.get(SECRET_HEADER, "").encode("latin-1")
        if not hmac.compare_digest(shown, self._secret):
            raise Refusal(HTTPStatus.FORBIDDEN)
        await self._updates.receive(_update(await _body(request)))
        return Response()

    async def _health(self, request: Request) -> Response:
        """503 where the database does not answer. Telegram's silence is told, not judged: it may be night."""
        try:
            await self._store.next_due()
        except StoreUnavailable:
            status, database = 503, "gone"
        else:
            status, database = 200, "ok"
        heard = self._metrics.heard_at
        silence = None if heard is None else round(time.time() - heard)
        return JSONResponse({"database": database, "telegram_heard_seconds_ago": silence}, status)

    async def _figures(self, request: Request) -> Response:
        try:
            live, waiting = await self._store.counts()
        except StoreUnavailable:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE) from None
        return Response(self._metrics.exposed(live, waiting), media_type="text/plain; version=0.0.4")


async def _body(request: Request) -> bytes:
    """The whole body. Raises Refusal for one that is too large, too slow or broken off."""
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT) from None
    except ClientDisconnect:
        raise Refusal(HTTPStatus.BAD_REQUEST) from None
    return bytes(body)


def _update(body: bytes) -> dict[str, Any]:
    """The update. Raises Refusal where the body is no JSON, or none of Telegram's."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or type(said.get("update_id")) is not int:
        raise Refusal(HTTPStatus.BAD_REQUEST)
    return said


async def _refuse(request: Request, refusal: Exception) -> Response:
    status = refusal.status if isinstance(refusal, Refusal) else HTTPStatus.INTERNAL_SERVER_ERROR
    return Response(status.phrase, status)


class _Connections(ServerState):
    """At most so many connections: when one more comes, the one that waited longest is closed."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._closed = 0
        self._told_at = -math.inf

    def make_room(self) -> None:
        """The newest connection is the last to be closed, so that it has the time to send its request."""
        if len(self.connections) > self._most:
            open_ones = (each for each in self.connections if isinstance(each, _Connection))
            waiting = (each for each in open_ones if each.waits_for_client)
            longest = min(waiting, key=lambda each: each.gives_up_at)
            longest.abort()
            self._tell()

    def _tell(self) -> None:
        self._closed += 1
        now = time.monotonic()
        if now - self._told_at >= TOLD_EVERY:
            log.warning(
                "the port has its %s connections: %s closed that had waited longest for a request",
                self._most, self._closed,
            )  # fmt: skip
            self._closed, self._told_at = 0, now


class _Connection(H11Protocol):
    """uvicorn's, which lets a client take any time for its request; this one closes after CLIENT_WITHIN."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: _Connections,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._all = server_state
        self._giving_up = self._give_up_later()

    @property
    def waits_for_client(self) -> bool:
        """For a request, or for our answer to be taken."""
        return self.flow.write_paused or self.conn.our_state not in ANSWERING

    @property
    def gives_up_at(self) -> float:
        """On the event loop's clock."""
        return self._giving_up.when()

    def abort(self) -> None:
        """Close at once, even if the client has not taken all of our answer."""
        self.connections.discard(self)  # now, not when the event loop says that it is lost
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._all.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._giving_up.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._wait_anew()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._wait_anew()
        super().pause_writing()

    def _wait_anew(self) -> None:
        self._giving_up.cancel()
        self._giving_up = self._give_up_later()

    def _give_up_later(self) -> asyncio.TimerHandle:
        return self.loop.call_later(CLIENT_WITHIN, self._give_up)

    def _give_up(self) -> None:
        if self.waits_for_client:
            self.abort()


class _Server(uvicorn.Server):
    """uvicorn within a program of its own, which leaves the signals alone."""

    def __init__(self, config: uvicorn.Config, connections: _Connections) -> None:
        super().__init__(config)
        self.server_state = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """asyncio has the system queue no more than it accepts at once: a burst would be turned away."""
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(QUEUED)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: Starlette, address: str, port: int) -> AsyncIterator[int]:
    """Serve while the block runs; gives the port, any free one for 0. Raises OSError.

    Without an address it is all of them, IPv4 and IPv6.
    """
    with _listener(address, port) as listener:
        config = uvicorn.Config(
            app, loop="asyncio", http=_Connection, ws="none", lifespan="off", log_config=None,
            log_level="error",  # at "warning" each request that is no HTTP is a line
            access_log=False, server_header=False, backlog=ACCEPTED_AT_ONCE, timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = _Server(config, _Connections(_bound()))
        running = asyncio.create_task(server.serve([listener]))
        bound: int = listener.getsockname()[1]
        log.info("listening on port %s of %s", bound, address or "all addresses")
        try:
            yield bound
        finally:
            server.should_exit = True
            await running


def _listener(address: str, port: int) -> socket.socket:
    if not address and socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family)


def _bound() -> int:
    """How many connections there may be: at least half of the files that may be open are for all else."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if files == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, files // 2)

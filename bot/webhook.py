"""What the coach serves over HTTP: Telegram's webhook, /healthz and /metrics.

A webhook's call is answered with 200 only once its update is committed, or dropped on purpose: until then
Telegram keeps it. Whoever does not show the secret learns nothing, and neither do the other two pages tell
anything secret. TLS is the business of the proxy in front.
"""

import asyncio
import hmac
import json
import logging
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics
from bot.settings import Settings
from bot.store import Store, StoreUnavailable
from bot.updates import Updates

log = logging.getLogger(__name__)

LARGEST_BODY = 2**20
"""Bytes; an update is a few thousand."""
READ_WITHIN = 10.0
"""Seconds in which a call's body must have arrived."""
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


class _Server(uvicorn.Server):
    """uvicorn within a program of its own, which leaves the signals alone."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def listening(app: Starlette, port: int) -> AsyncIterator[int]:
    """Serve on all addresses while the block runs; gives the port, any free one for 0. Raises OSError."""
    with socket.create_server(("", port)) as listener:
        config = uvicorn.Config(
            app, loop="asyncio", http="h11", ws="none", lifespan="off", log_config=None, log_level="warning",
            access_log=False, server_header=False, timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = _Server(config)
        running = asyncio.create_task(server.serve([listener]))
        bound: int = listener.getsockname()[1]
        log.info("listening on port %s", bound)
        try:
            yield bound
        finally:
            server.should_exit = True
            await running

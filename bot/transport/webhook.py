"""The HTTP pages: Telegram's webhook, /healthz and /metrics.

A webhook call is answered with 200 only after its update is committed, or dropped on purpose. Until then,
Telegram keeps the update. The webhook must not reveal anything to a caller who does not send the secret, and
the other two pages must not reveal anything secret. The proxy in front is responsible for TLS.
"""

import asyncio
import hmac
import json
import time
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics
from bot.settings import Settings
from bot.storage.errors import StoreUnavailable
from bot.storage.store import Store
from bot.transport.updates import Updates

MAX_BODY = 2**20
"""Maximum size of a request's body in bytes. An update has a few thousand bytes."""
BODY_TIMEOUT = 10.0
"""Seconds within which a request's body must have arrived."""
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Refusal(Exception):
    """The request must be answered with the error status `status`."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


class HttpPages:
    """The pages as an ASGI application, `app`. The webhook exists only if its URL is in the settings."""

    def __init__(self, settings: Settings, updates: Updates, store: Store, metrics: Metrics) -> None:
        self._secret = settings.webhook_secret.encode()
        self._updates = updates
        self._store = store
        self._metrics = metrics
        routes = [Route("/healthz", self._healthz), Route("/metrics", self._metrics_page)]
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

    async def _healthz(self, request: Request) -> Response:
        """Answer 503 if the database does not answer, otherwise 200.

        The answer also contains the seconds since the coach last heard from Telegram. This number does not
        affect the status, because people may send nothing for a long time, for example at night.
        """
        try:
            await self._store.next_due()
        except StoreUnavailable:
            status, database = 503, "gone"
        else:
            status, database = 200, "ok"
        heard = self._metrics.heard_at
        silence = None if heard is None else round(time.time() - heard)
        return JSONResponse({"database": database, "telegram_heard_seconds_ago": silence}, status)

    async def _metrics_page(self, request: Request) -> Response:
        try:
            live, waiting = await self._store.counts()
        except StoreUnavailable:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE) from None
        return Response(self._metrics.as_text(live, waiting), media_type="text/plain; version=0.0.4")


async def _body(request: Request) -> bytes:
    """Return the whole body. Raises Refusal if it is too large or too slow, or if the client disconnects."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY:
                    raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except TimeoutError:
        raise Refusal(HTTPStatus.REQUEST_TIMEOUT) from None
    except ClientDisconnect:
        raise Refusal(HTTPStatus.BAD_REQUEST) from None
    return bytes(body)


def _update(body: bytes) -> dict[str, Any]:
    """Return the update as a JSON object with an update_id.

    Raises Refusal if the body is not such an object.
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict) or type(payload.get("update_id")) is not int:
        raise Refusal(HTTPStatus.BAD_REQUEST)
    return payload


async def _refuse(request: Request, refusal: Exception) -> Response:
    status = refusal.status if isinstance(refusal, Refusal) else HTTPStatus.INTERNAL_SERVER_ERROR
    return Response(status.phrase, status)

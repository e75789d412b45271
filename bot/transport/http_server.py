"""Serves the HTTP pages on a port that anybody can connect to.

Each connection counts as an open file, and the operating system limits how many files the process may open.
Strangers must not be able to use up this limit. So the number of connections is limited, and a connection is
closed soon if its client sends nothing.
"""

import asyncio
import logging
import math
import resource
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 256
"""Maximum number of open connections. Telegram opens up to 100. The rest are for the proxy itself and for
monitoring."""
CLIENT_TIMEOUT = 5.0
"""Seconds within which a client must send the head of a request, or continue to read the answer. Otherwise
the connection is closed."""
ACCEPT_BATCH = 32
"""How many connections asyncio accepts at once. For a moment, MAX_CONNECTIONS can be exceeded by this
number."""
LISTEN_BACKLOG = 1024
"""How many connections the operating system queues until they are accepted."""
LOG_INTERVAL = 60.0
"""Minimum number of seconds between two log lines about closed connections, however many are closed."""
GRACEFUL_SHUTDOWN = 2
"""Seconds that running requests are given to finish when the server stops."""
ANSWERING = (h11.SEND_RESPONSE, h11.SEND_BODY)


@asynccontextmanager
async def listening(app: Starlette, address: str, port: int) -> AsyncIterator[int]:
    """Serve `app` while the block runs, and yield the port. If `port` is 0, any free port is used.

    If `address` is empty, the server listens on all IPv4 and IPv6 addresses. Raises OSError if the port
    cannot be used.
    """
    with _listener(address, port) as listener:
        config = uvicorn.Config(
            app, loop="asyncio", http=_Connection, ws="none", lifespan="off", log_config=None,
            log_level="error",  # at "warning", uvicorn logs each request that is not HTTP
            access_log=False, server_header=False, backlog=ACCEPT_BATCH,
            timeout_graceful_shutdown=GRACEFUL_SHUTDOWN,
        )  # fmt: skip
        server = _Server(config, _Connections(_max_connections()))
        running = asyncio.create_task(server.serve([listener]))
        actual_port: int = listener.getsockname()[1]
        log.info("listening on port %s of %s", actual_port, address or "all addresses")
        try:
            yield actual_port
        finally:
            server.should_exit = True
            await running


def _listener(address: str, port: int) -> socket.socket:
    if not address and socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return socket.create_server((address, port), family=family)


def _max_connections() -> int:
    """Return the maximum number of connections.

    The number is MAX_CONNECTIONS, but at most half of the number of files that the process may open.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, files // 2)


class _Connections(ServerState):
    """The open connections, at most `limit`.

    If there are more, the connection that has waited longest for its client is closed.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit
        self._closed = 0
        self._logged_at = -math.inf

    def make_room(self) -> None:
        """If there are too many connections, close the one that will time out first.

        This spares new connections, whose clients have had no time to send anything yet.
        """
        if len(self.connections) > self._limit:
            ours = (each for each in self.connections if isinstance(each, _Connection))
            waiting = (each for each in ours if each.waits_for_client)
            longest = min(waiting, key=lambda each: each.times_out_at)
            longest.abort()
            self._log_closed()

    def _log_closed(self) -> None:
        self._closed += 1
        now = time.monotonic()
        if now - self._logged_at >= LOG_INTERVAL:
            log.warning(
                "the port has its %s connections: %s closed that had waited longest for a request",
                self._limit, self._closed,
            )  # fmt: skip
            self._closed, self._logged_at = 0, now


class _Connection(H11Protocol):
    """uvicorn's connection, but closed if it has to wait for its client longer than CLIENT_TIMEOUT."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: _Connections,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._all = server_state
        self._timeout = self._start_timeout()

    @property
    def waits_for_client(self) -> bool:
        """Whether the client still has to send a request, or to read the rest of the answer."""
        return self.flow.write_paused or self.conn.our_state not in ANSWERING

    @property
    def times_out_at(self) -> float:
        """When the connection is closed if it is then waiting for its client, on the event loop's clock."""
        return self._timeout.when()

    def abort(self) -> None:
        """Close the connection at once, even if the client has not read the whole answer."""
        self.connections.discard(self)  # at once: the event loop reports the lost connection later
        self.transport.abort()

    # asyncio declares BaseTransport here, but the method of uvicorn that this one calls wants a Transport.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._all.make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._timeout.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._restart_timeout()
        super().on_response_complete()

    def pause_writing(self) -> None:
        self._restart_timeout()
        super().pause_writing()

    def _restart_timeout(self) -> None:
        self._timeout.cancel()
        self._timeout = self._start_timeout()

    def _start_timeout(self) -> asyncio.TimerHandle:
        return self.loop.call_later(CLIENT_TIMEOUT, self._time_out)

    def _time_out(self) -> None:
        if self.waits_for_client:
            self.abort()


class _Server(uvicorn.Server):
    """uvicorn's server for use inside another program, which handles the signals itself."""

    def __init__(self, config: uvicorn.Config, connections: _Connections) -> None:
        super().__init__(config)
        self.server_state = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen with a longer backlog than ACCEPT_BATCH, which asyncio would use.

        With the shorter backlog, bursts of connections would be refused.
        """
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(LISTEN_BACKLOG)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: the program that contains the server handles the signals."""
        yield

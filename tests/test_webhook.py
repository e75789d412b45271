"""The webhook, /healthz and /metrics over real HTTP, with floods, strangers and malformed requests."""

import asyncio
import json
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url

from bot.clock import Clock
from bot.playground.model import Json
from bot.session.state import Paused, Reason, Running
from bot.settings import SettingsError
from bot.transport.flood import FloodGuard
from bot.transport.http_server import CLIENT_TIMEOUT, MAX_CONNECTIONS
from tests.postgres import free_port
from tests.resting import running_loop
from tests.stage import PATIENCE, Guest, Theatre

SECRET = "hush-hush_1"
SHOWN = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


MALLORY: Json = {"id": 9, "type": "private", "is_bot": False, "first_name": "Mallory"}
LONG_AGO: Json = {
    "update_id": 7,
    "message": {"message_id": 1, "date": -1e99, "from": MALLORY, "chat": MALLORY, "text": "ow"},
}
"""An update with an impossible date."""


class Pages:
    """The coach's HTTP port: the webhook and the other pages."""

    def __init__(self, theatre: Theatre, client: httpx.AsyncClient) -> None:
        self.theatre = theatre
        self.client = client
        self._last = 1000

    async def send_text(self, guest: Guest, text: str) -> httpx.Response:
        self._last += 1
        return await self.post_update(written(guest, text, self._last))

    async def post_update(self, update: Json) -> httpx.Response:
        return await self.client.post("/telegram", json=update, headers=SHOWN)

    async def restart(self, *, webhook: bool = True, person_rate: float = 1e6) -> None:
        """Restart the coach, with or without a webhook; return once it listens."""
        theatre, url = self.theatre, "https://coach.example/telegram" if webhook else ""
        before = theatre.calls("setMyDescription")
        await theatre.stop()
        theatre.settings = replace(theatre.settings, webhook_url=url, person_rate=person_rate)
        theatre.start()
        await theatre.until(lambda: theatre.calls("setMyDescription") > before)

    async def metrics(self) -> dict[str, float]:
        page = (await self.client.get("/metrics")).text
        families = text_string_to_metric_families(page)
        return {sample.name: sample.value for family in families for sample in family.samples}


def written(guest: Guest, text: str, update_id: int) -> Json:
    user = guest.person.user.as_json()
    chat: Json = {"id": guest.person.chat_id, "type": "private", "first_name": guest.person.user.first_name}
    message: Json = {"message_id": update_id, "date": 1, "from": user, "chat": chat, "text": text}
    return {"update_id": update_id, "message": message}


@pytest.fixture
async def pages(theatre: Theatre) -> AsyncIterator[Pages]:
    async with opened(theatre) as opened_pages:
        yield opened_pages


@asynccontextmanager
async def opened(theatre: Theatre) -> AsyncIterator[Pages]:
    """Restart the coach with a webhook; yield its pages."""
    port = free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
        pages = Pages(theatre, client)
        theatre.settings = replace(theatre.settings, webhook_secret=SECRET, port=port)
        await pages.restart(webhook=True)
        yield pages


def known(sam: Guest) -> Guest:
    """Allow the bot to write to this person; return the person."""
    sam.theatre.world.chats[sam.person.chat_id].members.add(sam.person.chat_id)
    return sam


@contextmanager
def locked(theatre: Theatre) -> Iterator[None]:
    path = str(make_url(theatre.settings.database_url).database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


@contextmanager
def away(theatre: Theatre) -> Iterator[None]:
    """Rename the tables for a while, so that nothing can be read or written."""
    path = str(make_url(theatre.settings.database_url).database)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        for before, after in (("", "_away"), ("_away", "")):
            other.execute("begin immediate")  # rename both tables at once, or the coach could still read one
            for name in ("sessions", "outbox"):
                other.execute(f"alter table {name}{before} rename to {name}{after}")
            other.execute("commit")
            if after:
                yield


async def test_a_call_is_answered_after_its_update_is_committed(pages: Pages, sam: Guest) -> None:
    assert (await pages.send_text(known(sam), "/start")).status_code == 200
    assert await pages.theatre.store.load(sam.person.chat_id)
    await pages.theatre.quiet()
    sam.sees("Hi Sam.")


async def test_no_call_is_answered_while_the_database_cannot_commit(pages: Pages, sam: Guest) -> None:
    settings = pages.theatre.settings
    pages.theatre.settings = replace(settings, database_url=f"{settings.database_url}?timeout=0")
    await pages.restart()
    with locked(pages.theatre):
        call = asyncio.create_task(pages.send_text(known(sam), "/start"))
        health = await pages.client.get("/healthz")
        assert health.json()["database"] == "ok", "reading still works"
        assert not call.done()
    assert (await call).status_code == 200
    assert await pages.theatre.store.load(sam.person.chat_id)


async def test_a_repeated_update_changes_nothing(pages: Pages, sam: Guest) -> None:
    update = written(known(sam), "/start", 70)
    for _ in range(3):
        assert (await pages.post_update(update)).status_code == 200
    await pages.theatre.quiet()
    assert len(sam.screen) == 1


@pytest.mark.parametrize("shown", [{}, {"X-Telegram-Bot-Api-Secret-Token": "hush"}, {**SHOWN, "x": "y"}])
async def test_a_call_without_the_secret_is_refused(pages: Pages, sam: Guest, shown: dict[str, str]) -> None:
    update = written(known(sam), "/start", 70)
    response = await pages.client.post("/telegram", json=update, headers=shown)
    right = "x" in shown
    assert response.status_code == (200 if right else 403)
    assert (await pages.theatre.store.load(sam.person.chat_id) is not None) == right


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"x" * (2**20 + 1), 413),
        (b"", 400),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"update_id": "7"}', 400),
        (b'{"update_id": true}', 400),
        (b'{"update_id": 7, "message": 7}', 200),
        (b'{"update_id": 7, "poll_of_tomorrow": {}}', 200),
        (json.dumps(LONG_AGO).encode(), 200),
    ],
)
async def test_a_body_that_is_not_an_update_is_refused(pages: Pages, body: bytes, code: int) -> None:
    response = await pages.client.post("/telegram", content=body, headers=SHOWN)
    assert response.status_code == code
    assert (await pages.client.get("/telegram")).status_code == 405


Strangers = list[tuple[asyncio.StreamReader, asyncio.StreamWriter]]


@asynccontextmanager
async def strangers(pages: Pages, number: int, saying: bytes = b"") -> AsyncIterator[Strangers]:
    """Open connections one after the other. Each sends these bytes and nothing more."""
    connections: Strangers = []
    try:
        for _ in range(number):
            connections.append(await asyncio.open_connection("127.0.0.1", pages.theatre.settings.port))
            connections[-1][1].write(saying)
        yield connections
    finally:
        for _, writer in connections:
            writer.close()


async def is_closed(stranger: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> bool:
    """Wait until the server closes the connection; return false if the server has sent data on it."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await stranger[0].read() == b""
        except ConnectionResetError:
            return True


async def clients_time_out() -> None:
    """Wait until the server has heard from every client, and then for as long as it waits for them."""
    await running_loop().rest()
    running_loop().skip(CLIENT_TIMEOUT)


async def test_silent_connections_do_not_keep_others_out(
    pages: Pages, sam: Guest, caplog: pytest.LogCaptureFixture
) -> None:
    async with strangers(pages, MAX_CONNECTIONS + 50) as connections:
        assert (await pages.send_text(known(sam), "/start")).status_code == 200
        assert (await pages.client.get("/healthz")).status_code == 200
        assert all([await is_closed(stranger) for stranger in connections[:50]])
        assert not connections[-1][0].at_eof()
    assert len([line for line in caplog.messages if line.startswith("the port has")]) == 1


@pytest.mark.parametrize("saying", [b"", b"GET /healthz HTTP/1.1\r\nHost: coach\r\nX-Slow: "])
async def test_a_client_that_sends_no_whole_request_in_time_is_disconnected(
    pages: Pages, saying: bytes
) -> None:
    async with strangers(pages, 3, saying) as connections:
        await clients_time_out()
        assert all([await is_closed(stranger) for stranger in connections])


async def test_a_client_that_does_not_read_its_answer_is_disconnected(pages: Pages) -> None:
    loop = asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", pages.theatre.settings.port)) as deaf:
        deaf.setblocking(False)
        requests = b"GET /metrics HTTP/1.1\r\nHost: coach\r\n\r\n" * 1_000_000
        asking = asyncio.create_task(loop.sock_sendall(deaf, requests))
        await clients_time_out()
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(PATIENCE):
                await asking


async def test_malformed_requests_are_not_logged(pages: Pages, caplog: pytest.LogCaptureFixture) -> None:
    async with strangers(pages, 3, b"nonsense\r\n\r\n") as connections:
        said = [await reader.read() for reader, _ in connections]
    assert all(each.startswith(b"HTTP/1.1 400") for each in said)
    assert not caplog.messages


async def test_without_a_webhook_the_coach_polls_again(pages: Pages, sam: Guest) -> None:
    await pages.restart(webhook=False)
    await sam.writes("/start")
    sam.sees("Hi Sam.")
    assert (await pages.client.post("/telegram", json={}, headers=SHOWN)).status_code == 404
    assert (await pages.client.get("/healthz")).status_code == 200, (
        "the pages are still served, because there is a port"
    )


async def test_healthz_reports_the_database_and_when_telegram_last_answered(pages: Pages) -> None:
    health = await pages.client.get("/healthz")
    assert health.status_code == 200
    assert health.json()["telegram_heard_seconds_ago"] < PATIENCE
    with away(pages.theatre):
        health = await pages.client.get("/healthz")
        assert (health.status_code, health.json()["database"]) == (503, "gone")
        assert (await pages.client.get("/metrics")).status_code == 503
    assert (await pages.client.get("/healthz")).status_code == 200


def outages(caplog: pytest.LogCaptureFixture) -> int:
    return sum(line.startswith("The database cannot be used for now: no such") for line in caplog.messages)


async def test_an_outage_is_logged_every_half_minute_however_many_requests_there_are(
    pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    await pages.theatre.rests()  # let the coach's first pruning end, which needs the tables
    with away(pages.theatre):
        for _ in range(5):
            assert (await pages.client.get("/healthz")).status_code == 503
        assert outages(caplog) == 1
        pages.theatre.clock.skip(30)
        for _ in range(5):
            assert (await pages.client.get("/healthz")).status_code == 503
        assert outages(caplog) == len(caplog.messages) == 2
    for _ in range(5):
        assert (await pages.client.get("/healthz")).status_code == 200
    assert outages(caplog) == 2
    assert caplog.messages[2:] == ["The database can be used again."]


async def test_without_a_bind_address_the_coach_listens_on_all_addresses(pages: Pages) -> None:
    for host in ("127.0.0.1", "127.0.0.2", *(["[::1]"] if socket.has_dualstack_ipv6() else [])):
        url = f"http://{host}:{pages.theatre.settings.port}/healthz"
        assert (await pages.client.get(url)).status_code == 200


needs_ipv6 = pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="there is no IPv6 here")


@pytest.mark.parametrize(
    ("address", "open_host", "closed_host"),
    [
        ("127.0.0.2", "127.0.0.2", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1", "[::1]"),
        pytest.param("::1", "[::1]", "127.0.0.1", marks=needs_ipv6),
    ],
)
async def test_the_coach_listens_only_on_the_bind_address(
    theatre: Theatre, pages: Pages, address: str, open_host: str, closed_host: str
) -> None:
    theatre.settings = replace(theatre.settings, bind_address=address)
    await pages.restart()
    port = theatre.settings.port
    assert (await pages.client.get(f"http://{open_host}:{port}/healthz")).status_code == 200
    with pytest.raises(httpx.ConnectError):
        await pages.client.get(f"http://{closed_host}:{port}/healthz")


async def test_the_coach_does_not_start_on_an_address_that_this_machine_does_not_have(
    theatre: Theatre,
) -> None:
    await theatre.stop()
    theatre.settings = replace(theatre.settings, port=0, bind_address="192.0.2.1")
    theatre.start()
    assert str(await theatre.ended()) == (
        "PORT is not available (Cannot assign requested address): choose another one or another BIND_ADDRESS."
    )


async def test_metrics_are_counted_and_contain_no_secrets(pages: Pages, sam: Guest) -> None:
    for text in ("/start", "/help"):
        await pages.send_text(known(sam), text)
    await pages.theatre.quiet()
    metrics = await pages.metrics()
    assert metrics["coach_outbox_messages"] == 0
    assert metrics["coach_live_sessions"] == 0
    assert metrics["coach_updates_total"] == 2
    page = (await pages.client.get("/metrics")).text
    assert 'coach_telegram_calls_total{method="sendMessage",outcome="ok"} 2.0' in page
    for secret in (SECRET, pages.theatre.world.token, str(sam.person.chat_id), "Sam"):
        assert secret not in page


async def test_cues_are_counted_with_their_lateness(theatre: Theatre, pages: Pages, sam: Guest) -> None:
    await pages.restart(webhook=False)
    await sam.begins()
    await theatre.until_due(late=3)
    metrics = await pages.metrics()
    assert metrics["coach_live_sessions"] == 1
    assert metrics["coach_cue_lateness_seconds_count"] == 1
    assert 3 <= metrics["coach_cue_lateness_seconds_sum"] < 3 + PATIENCE


# Floods


async def test_a_flood_is_answered_a_few_times_and_delays_nobody_else(pages: Pages, sam: Guest) -> None:
    await pages.restart(person_rate=1)
    ann = known(pages.theatre.person("Ann"))
    flood = [pages.send_text(known(sam), f"hello {number}") for number in range(200)]
    answers = await asyncio.gather(*flood, pages.send_text(ann, "/start"))
    assert {answer.status_code for answer in answers} == {200}
    await pages.theatre.quiet()
    ann.sees("Hi Ann.")
    assert len(sam.screen) == 10
    metrics = await pages.client.get("/metrics")
    assert 'coach_updates_total{fate="dropped"} 190.0' in metrics.text


async def test_pain_is_handled_in_the_middle_of_a_flood(pages: Pages, sam: Guest) -> None:
    await pages.restart(webhook=False, person_rate=1)
    await sam.begins()
    for number in range(50):
        sam.person.writes(f"hello {number}")
    await sam.writes("ow, that is sharp")
    session = await pages.theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Paused)
    assert session.state.reason is Reason.PAIN
    assert len(sam.screen) <= 15


async def test_pain_in_unusual_words_is_handled_in_a_small_flood(pages: Pages, sam: Guest) -> None:
    await pages.restart(webhook=False, person_rate=1)
    await sam.begins()
    for number in range(15):
        sam.person.writes(f"hello {number}")
    await sam.writes("she has gone all stiff")
    session = await pages.theatre.store.load(sam.person.chat_id)
    assert session
    assert isinstance(session.state, Paused)


async def test_a_flood_from_many_people_does_not_turn_away_others() -> None:
    guard, crowd = FloodGuard(per_second=1), range(30)
    admitted = heard = read = bystander = 0
    for tenth in range(600):
        now = tenth / 10
        for person in crowd:
            admitted += guard.admits(person, now)
            heard += guard.admits_pain(person, now)
            read += guard.may_read(now)
        if tenth % 15 == 0:
            bystander += guard.admits(1000, now)
    assert bystander == 40, "a person who does not flood is always admitted"
    assert admitted <= 30 + 10 + 10, "the first message of each person, and the common burst"
    assert read <= 10 + 5 * 60
    assert heard >= 30 * 60 / 5, "pain of each person, once every 5 s"
    assert guard.admits(0, now=61), "a person who pauses is admitted again"


async def test_taps_in_a_flood_are_answered_without_the_database(pages: Pages, sam: Guest) -> None:
    await pages.restart(webhook=False, person_rate=1)
    await sam.writes("/start")
    for number in range(9):
        await sam.writes(f"hello {number}")
    with locked(pages.theatre):
        taps = [sam.person.taps(sam.last.id, sam.last.buttons[0].text) for _ in range(3)]
        await pages.theatre.until(lambda: all(tap.answer for tap in taps))
        assert [tap.answer and tap.answer.text for tap in taps] == ["", "", ""]


async def test_only_a_few_taps_in_a_flood_are_answered(pages: Pages, sam: Guest) -> None:
    await pages.restart(webhook=False, person_rate=1)
    await sam.writes("/start")
    for _ in range(100):
        sam.person.taps(sam.last.id, "Begin")
    theatre = pages.theatre
    await theatre.until(lambda: theatre.world.pending == 0)
    await theatre.until(lambda: theatre.calls("answerCallbackQuery") == 9 + 20)
    metrics = (await pages.client.get("/metrics")).text
    assert 'coach_updates_total{fate="dropped"} 91.0' in metrics
    await theatre.stop()
    assert theatre.calls("answerCallbackQuery") == 9 + 20


async def test_a_revoked_token_stops_a_coach_with_a_webhook(pages: Pages) -> None:
    pages.theatre.real_time = Clock(speed=1000)
    await pages.restart()
    pages.theatre.world.token = "123456789:AAanother_one"
    ended_with = await pages.theatre.ended()
    assert isinstance(ended_with, SettingsError)
    assert str(ended_with).startswith("TELEGRAM_BOT_TOKEN is not known to Telegram")


async def test_messages_about_pain_are_limited_too(pages: Pages, sam: Guest) -> None:
    await pages.restart(person_rate=1)
    for _ in range(50):
        await pages.send_text(known(sam), "ow")
    await pages.theatre.quiet()
    assert len(sam.screen) == 10 + 1


async def test_only_a_few_commands_in_groups_are_answered(theatre: Theatre, sam: Guest) -> None:
    friends = theatre.world.group("Friends")
    sam.person.joins(friends)
    for _ in range(20):
        sam.person.writes("/start@back_massage_bot", chat_id=friends.id)
    await theatre.quiet()
    said = [message.text for message in theatre.world.messages(friends.id)]
    assert len([text for text in said if "in private" in text]) == 2


async def test_nobody_can_change_the_session_of_another_person(pages: Pages, sam: Guest) -> None:
    await pages.restart(webhook=False)
    await sam.begins()
    before = await pages.theatre.store.load(sam.person.chat_id)
    mallory = pages.theatre.person("Mallory").person.user.as_json()
    await pages.restart(webhook=True)
    stolen = written(sam, "/next", 70)
    assert isinstance(stolen["message"], dict)
    stolen["message"]["from"] = mallory
    shown = sam.last.as_json()
    query: Json = {"id": "1", "from": mallory, "message": shown, "chat_instance": "1", "data": "next:1"}
    for update in (stolen, {"update_id": 71, "callback_query": query}):
        assert (await pages.post_update(update)).status_code == 200
    assert await pages.theatre.store.load(sam.person.chat_id) == before
    assert before
    assert isinstance(before.state, Running)

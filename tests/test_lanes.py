"""Lanes limit how many messages are sent at once: one to each chat, and more in all for urgent messages.

A send that hangs can be detached, so that its chat goes on.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.storage.policy import Rank
from bot.storage.store import Row
from bot.transport.lanes import EXTRA_URGENT_CHATS, MAX_CONCURRENT_CHATS, MAX_UNANSWERED_SENDS, Lanes
from bot.wording.messages import Message

WORDS = Message("Glide up.")
PICTURE = Message("Glide up.", edits=1, adds=True)


def row(number: int, message: Message = WORDS, rank: Rank = Rank.IDLE) -> Row:
    """Return an outbox row with this id, for the chat with the same id."""
    return Row(number, number, message, rank)


class Sends:
    """Sends that run in `lanes`, each until the test answers it."""

    def __init__(self) -> None:
        self.lanes = Lanes()
        self.running: list[Row] = []
        self._answers: dict[int, asyncio.Event] = {}
        self._hangs: dict[int, asyncio.Event] = {}
        self._detached: dict[int, asyncio.Future[bool]] = {}
        self._over: dict[int, asyncio.Event] = {}

    async def start(self, *rows: Row) -> None:
        for each in rows:
            assert self.lanes.has_room(each)
            self._answers[each.id], self._hangs[each.id] = asyncio.Event(), asyncio.Event()
            self._over[each.id] = asyncio.Event()
            self._detached[each.id] = asyncio.get_running_loop().create_future()
            begun = asyncio.Event()
            self.lanes.start(each, self._send(each, begun))
            await begun.wait()

    async def answer(self, *rows: Row) -> None:
        for each in rows:
            self._answers[each.id].set()
            self._hangs[each.id].set()
            await self._over[each.id].wait()

    async def hang(self, each: Row) -> bool:
        """Let the send hang, so that it is detached; return whether that was possible."""
        self._hangs[each.id].set()
        return await self._detached[each.id]

    async def _send(self, each: Row, begun: asyncio.Event) -> None:
        self.running.append(each)
        begun.set()
        try:
            await self._hangs[each.id].wait()
            if not self._answers[each.id].is_set():
                self._detached[each.id].set_result(self.lanes.detach(each))
            await self._answers[each.id].wait()
        finally:
            self.running.remove(each)
            self.lanes.leave(each)
            self._over[each.id].set()


@pytest.fixture
async def sends() -> AsyncIterator[Sends]:
    under_way = Sends()
    yield under_way
    await under_way.lanes.aclose()


async def test_a_chat_gets_one_message_at_a_time(sends: Sends) -> None:
    first, second = Row(1, 7, WORDS, Rank.IDLE), Row(2, 7, WORDS, Rank.URGENT)
    await sends.start(first)
    assert sends.lanes.busy == {7}
    assert not sends.lanes.has_room(second)
    assert sends.lanes.has_room(row(8))
    await sends.answer(first)
    assert sends.lanes.busy == set()
    assert sends.lanes.has_room(second)


async def test_an_attachment_that_is_added_later_does_not_delay_messages(sends: Sends) -> None:
    await sends.start(Row(1, 7, PICTURE, Rank.ADD_PICTURE))
    assert sends.lanes.busy == set()
    assert sends.lanes.has_room(Row(2, 7, WORDS, Rank.IDLE))
    assert not sends.lanes.has_room(Row(3, 7, PICTURE, Rank.ADD_PICTURE))
    await sends.start(Row(2, 7, WORDS, Rank.IDLE))
    assert sends.lanes.busy == {7}


async def test_an_unreadable_message_occupies_its_chat_like_any_other(sends: Sends) -> None:
    await sends.start(Row(1, 7, None, Rank.IDLE))
    assert sends.lanes.busy == {7}


async def test_the_last_places_are_reserved_for_urgent_messages(sends: Sends) -> None:
    assert sends.lanes.free() == (MAX_CONCURRENT_CHATS, Rank.ADD_PICTURE)
    rows = [row(number) for number in range(MAX_CONCURRENT_CHATS)]
    await sends.start(*rows[:-1])
    assert sends.lanes.free() == (1, Rank.ADD_PICTURE)
    await sends.start(rows[-1])
    assert sends.lanes.free() == (EXTRA_URGENT_CHATS, Rank.URGENT)
    assert not sends.lanes.has_room(row(100))
    urgent = [row(200 + number, rank=Rank.URGENT) for number in range(EXTRA_URGENT_CHATS)]
    await sends.start(urgent[0])
    assert not sends.lanes.has_room(row(100))
    await sends.start(*urgent[1:])
    assert sends.lanes.free() == (0, Rank.URGENT)
    assert not sends.lanes.has_room(row(300, rank=Rank.URGENT))
    await sends.answer(urgent[0])
    assert sends.lanes.free() == (1, Rank.URGENT)
    await sends.answer(*urgent[1:], rows[0])
    assert sends.lanes.free() == (1, Rank.ADD_PICTURE)


async def test_as_many_attachments_as_messages_can_be_sent_at_once(sends: Sends) -> None:
    await sends.start(*(row(number, PICTURE, Rank.ADD_PICTURE) for number in range(MAX_CONCURRENT_CHATS)))
    assert not sends.lanes.has_room(row(100, PICTURE, Rank.ADD_PICTURE))
    assert sends.lanes.free() == (MAX_CONCURRENT_CHATS, Rank.ADD_PICTURE)
    assert sends.lanes.has_room(row(100))


async def test_a_chat_goes_on_while_a_detached_send_waits(sends: Sends) -> None:
    hanging, following = Row(1, 7, WORDS, Rank.IDLE), Row(2, 7, WORDS, Rank.IDLE)
    await sends.start(hanging)
    assert await sends.hang(hanging)
    assert sends.lanes.busy == set()
    await sends.start(following)
    await sends.answer(hanging)
    assert sends.lanes.busy == {7}, "the end of the detached send frees only its own place"
    await sends.answer(following)
    assert sends.lanes.busy == set()


async def test_the_number_of_detached_sends_is_limited(sends: Sends) -> None:
    rows = [row(number) for number in range(MAX_UNANSWERED_SENDS + 1)]
    for each in rows[:-1]:
        await sends.start(each)
        assert await sends.hang(each)
    await sends.start(rows[-1])
    assert not await sends.hang(rows[-1])
    assert sends.lanes.busy == {rows[-1].chat}
    await sends.answer(rows[-1], rows[0])
    another = row(1000)
    await sends.start(another)
    assert await sends.hang(another)


async def test_closing_cancels_every_send(sends: Sends) -> None:
    hanging, words, picture = row(1), row(2), row(3, PICTURE, Rank.ADD_PICTURE)
    await sends.start(hanging, words, picture)
    await sends.hang(hanging)
    assert sends.running == [hanging, words, picture]
    await sends.lanes.aclose()
    assert sends.running == []

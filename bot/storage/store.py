"""What must survive a crash: sessions, messages still to be sent, and the ids of handled updates.

Data that belongs together is written in one transaction, or not at all. The store must not depend on what a
session means, send anything, or read a clock. All times are seconds since 1970 on the coach's clock.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn, Self, TypeVar

from sqlalchemy import Connection, make_url
from sqlalchemy.engine import URL

from bot.clock import uptime
from bot.session.state import Session
from bot.storage import policy, rows, tables
from bot.storage.database import Database, connect
from bot.storage.errors import StoreError, StoreUnavailable, damaged, explain_opening, explain_use
from bot.storage.migrations import migrate
from bot.storage.outage import Access, Outage
from bot.storage.policy import Rank, Superseded
from bot.wording.messages import Message

UPDATE_ID_LIFETIME = 48 * 3600.0
"""How many seconds the ids of handled updates are kept. Telegram repeats an update for at most 24 hours."""
FILE_ID_LIFETIME = 30 * 24 * 3600.0
"""The file_id of an uploaded file is deleted this many seconds after it was last used."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the outbox, with the message in it. `message` is None if the stored message cannot be read.

    A row that was added later has a higher `id`.
    """

    id: int
    chat: int
    message: Message | None
    rank: Rank

    @property
    def is_low_priority(self) -> bool:
        """Whether the message is sent only after all normal messages of all chats."""
        return self.rank > Rank.IDLE

    @property
    def is_remark(self) -> bool:
        return self.message is not None and self.message.remark


class Store:
    """The coach's database, on SQLite or PostgreSQL.

    Every method can raise StoreUnavailable. The caller can then safely call the method again, and does not
    have to log the error, because the store itself logs outages. A StoreError that is not a StoreUnavailable
    means that the database is damaged.
    """

    def __init__(self, database: Database, url: URL, now: Callable[[], float]) -> None:
        self._database = database
        self._url = url
        self._outage = Outage(now)
        self._damage: asyncio.Queue[StoreError] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str, now: Callable[[], float] = uptime) -> AsyncIterator[Self]:
        """Open the store at `url`, a database URL of SQLAlchemy's, and close it when the block ends.

        The tables are created, or brought up to date. The function `now` returns seconds of real time; it
        only serves to limit how often an outage is logged. Raises StoreError if the database cannot be used,
        or if a quick check finds that a SQLite file is damaged.
        """
        address = make_url(url)
        with explain_opening(address):
            database = connect(address)
        try:
            with explain_opening(address):
                if damage := await database.check():
                    raise damaged(address, damage)
                await database.write(migrate)
            yield cls(database, address, now)
        finally:
            await database.close()

    async def damaged(self) -> NoReturn:
        """Wait until any call finds that the database is damaged, then raise StoreError."""
        raise await self._damage.get()

    # Sessions

    async def load(self, chat: int) -> Session | None:
        """Return the chat's session; None if none is stored.

        Raises Unreadable if the stored session cannot be read.
        """
        return await self._read(lambda connection: rows.load_session(connection, chat))

    async def park(self, chat: int, version: int) -> None:
        """Remove the due time of the chat's session (the time of its next event), and leave the rest of it
        unchanged.

        Do nothing if the stored session no longer has this version.
        """
        values = {"of_chat": chat, "from_version": version}
        await self._write(lambda connection: connection.execute(tables.CLEAR_DUE, values))

    async def commit(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        update_id: int | None,
        now: float,
        forget: bool = False,
        superseded: Superseded = Superseded.NOTHING,
        rank: Rank = Rank.IDLE,
    ) -> None:
        """Store the session, add the messages to the outbox, and note that the update was handled. If one of
        these fails, do none of them.

        If `forget` is true, everything stored about the chat is deleted instead of storing the session,
        whatever version the stored session has. The messages are added after that, and no copy of the deleted
        data remains in the database's log. `superseded` says which waiting messages have become useless.
        `rank` is the rank of all new messages that are not low priority. If `update_id` is None, no update
        caused the commit.

        Raises AlreadySeen if the update was handled before. Raises Conflict unless the stored session has the
        same version as `session`; if `session` has version 0, no session must be stored yet.
        """

        def transaction(connection: Connection) -> None:
            if update_id is not None:
                rows.note_update(connection, update_id, now)
            if forget:
                rows.delete_chat(connection, session.chat)
            else:
                rows.save_session(connection, session)
            rows.delete_useless(connection, session.chat, messages, superseded)
            rows.append(connection, session.chat, messages, now, rank, is_reply=update_id is not None)

        await self._write(transaction)
        if forget:
            await self._empty_log()

    async def due(self, now: float, limit: int, *, excluding: Collection[int] = ()) -> list[int]:
        """Return the chats whose sessions have a due time that has come, the longest overdue first, at most
        `limit` chats.

        Chats in `excluding` are ignored.
        """
        values = {"now": now, "limit": limit, "excluding": list(excluding)}
        return await self._read(lambda connection: list(connection.scalars(tables.SELECT_DUE, values)))

    async def next_due(self, *, excluding: Collection[int] = ()) -> float | None:
        """Return the earliest due time of all sessions, even if it has passed; None if no session has a due
        time.

        Chats in `excluding` are ignored.
        """
        values = {"excluding": list(excluding)}
        return await self._read(lambda connection: connection.scalar(tables.SELECT_NEXT_DUE, values))

    # The outbox

    async def overdue_part(self, chat: int, now: float) -> tuple[int, int] | None:
        """Return the step and part of the first waiting message of the chat that announces the start of a
        part and is past its `use_by`.

        Return None if there is no such message.
        """
        waiting = await self._read(lambda connection: rows.waiting_messages(connection, chat))
        return policy.overdue_part((message for _, message in waiting), now)

    async def heads(
        self,
        busy: Collection[int],
        limit: int,
        *,
        resting: Collection[int] = (),
        last: Rank = Rank.ADD_PICTURE,
    ) -> list[Row]:
        """Return the next message to send of each chat that is not in `busy`, the most urgent message first.

        At most `limit` messages are returned. Messages with a rank number above `last` are ignored, and so
        are rows whose ids are in `resting`.
        """
        # The query returns at most one row for each chat. So even without the rows of the busy chats, enough
        # rows are left.
        values = {"limit": limit + len(busy), "last": last, "resting": list(resting)}
        heads = await self._read(lambda connection: connection.execute(tables.SELECT_HEADS, values).all())
        free = [head for head in heads if head.chat not in busy][:limit]
        return [Row(head.id, head.chat, rows.read_message(head.body), Rank(head.rank)) for head in free]

    async def sent(
        self,
        row: Row,
        message_id: int | None,
        now: float,
        *,
        alone: bool = False,
        still: bool = False,
        overtaken: Collection[int] = (),
    ) -> None:
        """Delete a message that was sent, and queue the edits that follow from it.

        `message_id` is Telegram's id of the message, or None if the id is not known. If the message takes
        over the buttons, the chat's earlier messages lose their buttons. If the row was deleted while the
        message was being sent, the message has become useless, and its own buttons are removed.

        `alone` means that the message was sent without its picture or, if `still` is true, with a still
        picture instead of the animation. The picture is then added later, unless another normal message is
        waiting. `overtaken` contains the ids of more rows to delete. They belong to older messages, and
        Telegram has not answered whether it sent them.
        """

        def transaction(connection: Connection) -> bool:
            """Return whether the message was sent to a chat that has no session any more."""
            live = rows.lock_live_buttons(connection, row.chat)
            if not connection.execute(tables.DELETE_MESSAGE, {"row": row.id}).rowcount:
                _strip_late_buttons(connection, row, message_id, live, now)
                return False
            for other in overtaken:
                connection.execute(tables.DELETE_MESSAGE, {"row": other})
            if row.message:
                now_live, strips = policy.hand_over_buttons(live or [], row.message, message_id)
                rows.set_live_buttons(connection, row.chat, now_live)
                rows.append(connection, row.chat, strips, now)
                if alone and not connection.scalar(tables.NORMAL_MESSAGE_EXISTS, {"of_chat": row.chat}):
                    addition = policy.picture_to_add(row.message, message_id, now, still=still)
                    rows.append(connection, row.chat, [addition], now)
            return live is None

        if await self._write(transaction):
            await self._empty_log()

    async def uncertain(self, row: Row, now: float) -> None:
        """Handle an edit that may or may not have reached Telegram.

        If the row was deleted while the edit was being sent, the edit has become useless, and the buttons of
        the edited message are removed. Otherwise, do nothing.
        """

        def transaction(connection: Connection) -> None:
            live = rows.lock_live_buttons(connection, row.chat)
            if not connection.scalar(tables.MESSAGE_EXISTS, {"row": row.id}):
                _strip_late_buttons(connection, row, None, live, now)

        await self._write(transaction)

    async def dropped(self, row: Row) -> None:
        """Delete a message that will not be sent."""
        await self._write(lambda connection: connection.execute(tables.DELETE_MESSAGE, {"row": row.id}))

    async def delete_messages(self, chat: int) -> None:
        """Delete all of the chat's messages that are waiting to be sent."""
        await self._write(lambda connection: connection.execute(tables.DELETE_MESSAGES, {"of_chat": chat}))

    # Files that were uploaded

    async def file_ids(self, bot: int) -> dict[str, str]:
        """Return the file_ids of all files that this bot has uploaded to Telegram. The keys are the coach's
        own keys for the files.
        """
        values = {"of_bot": bot}
        found = await self._read(lambda connection: connection.execute(tables.SELECT_FILES, values).all())
        return {row.key: row.file_id for row in found}

    async def set_file_id(self, bot: int, key: str, file_id: str | None) -> None:
        """Store the file_id of an uploaded file. If `file_id` is None, delete the stored file_id."""

        def transaction(connection: Connection) -> None:
            connection.execute(tables.DELETE_FILE, {"of_bot": bot, "of_key": key})
            if file_id is not None:
                connection.execute(tables.INSERT_FILE, {"bot": bot, "key": key, "file_id": file_id})

        await self._write(transaction)

    async def prune_file_ids(self, bot: int, used: Collection[str], now: float) -> list[str]:
        """Record that this bot uses the files whose keys are in `used`, and delete unused file_ids.

        File_ids of all bots are deleted if they were last used long ago, or if more than MAX_FILES are
        stored. Returns the deleted keys of this bot.
        """

        def transaction(connection: Connection) -> list[str]:
            if used:
                keys = [{"of_bot": bot, "of_key": key, "now": now} for key in used]
                connection.execute(tables.SET_FILE_USED, keys)
            connection.execute(tables.SET_NEW_FILES_USED, {"now": now})
            values = {"before": now - FILE_ID_LIFETIME}
            unused = connection.execute(tables.SELECT_UNUSED_FILES, values).all()
            if unused:
                connection.execute(tables.DELETE_UNUSED_FILES, values)
            return [row.key for row in unused if row.bot == bot]

        return await self._write(transaction)

    # The whole database

    async def counts(self) -> tuple[int, int]:
        """Return the number of sessions with a due time, and the number of messages waiting to be sent."""
        counted = await self._read(lambda connection: connection.execute(tables.COUNT_DUE_AND_WAITING).one())
        due, waiting = counted
        return due, waiting

    async def prune(self, now: float) -> None:
        """Delete the ids of updates that were handled long ago, and low-priority edits that have waited too
        long.

        No copy of the deleted data remains in the database's log, unless another program is reading the
        database.
        """

        def transaction(connection: Connection) -> None:
            connection.execute(tables.DELETE_OLD_SEEN, {"before": now - UPDATE_ID_LIFETIME})
            connection.execute(tables.DELETE_LATE_EDITS, {"now": now})

        await self._write(transaction)
        await self._empty_log()

    async def _empty_log(self) -> None:
        """Empty the database's log.

        If this fails, nothing is raised, and the next call to `prune` tries again. The data has been deleted
        from the tables in any case.
        """
        with suppress(StoreUnavailable), self._explained("write"):
            await self._database.empty_log()

    async def _read(self, query: Callable[[Connection], T]) -> T:
        with self._explained("read"):
            return await self._database.read(query)

    async def _write(self, transaction: Callable[[Connection], T]) -> T:
        with self._explained("write"):
            return await self._database.write(transaction)

    @contextmanager
    def _explained(self, access: Access) -> Iterator[None]:
        """Turn the database errors that occur in the block into StoreUnavailable or StoreError. Log outages,
        and pass damage on to `damaged()`.
        """
        try:
            with explain_use(self._url):
                yield
        except StoreUnavailable as unavailable:
            self._outage.failed(access, unavailable)
            raise
        except StoreError as damage:
            self._damage.put_nowait(damage)
            raise
        self._outage.worked(access)


def _strip_late_buttons(
    connection: Connection, row: Row, message_id: int | None, live: list[int] | None, now: float
) -> None:
    """Queue the edits that remove the buttons of a message that arrived although its row had been deleted.

    If the chat has no session (`live` is None), do nothing.
    """
    if row.message and live is not None:
        rows.append(connection, row.chat, policy.strip_late_buttons(live, row.message, message_id), now)

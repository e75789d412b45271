"""What must survive a crash: sessions, messages still to be sent, and the updates already handled.

What belongs together is written in one transaction or not at all. Nothing here may know what a session
means, send anything, or ask for the time; all times are seconds since 1970 on the coach's clock.
"""

import asyncio
import json
import math
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import NoReturn, Self, TypedDict, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    Connection,
    Double,
    Integer,
    MetaData,
    Named,
    Table,
    Text,
    TypedColumns,
    bindparam,
    case,
    delete,
    exc,
    exists,
    func,
    insert,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.engine import URL

from bot.session.state import Session
from bot.storage.database import Database, connect, is_damage
from bot.storage.migrations import AUTOINCREMENT, MIGRATIONS
from bot.storage.policy import Rank
from bot.wording.messages import Message

REMEMBERED = 48 * 3600.0
"""Seconds for which the ids of updates are kept; Telegram repeats none older than 24 hours."""
LIVE_CONTROLS = 5
"""How many messages of a chat can be known to have live buttons; the oldest is forgotten first."""
ANSWERED_WITHIN = 10.0
"""Seconds in which a message without a use-by should be out: its place among those of its rank."""
STRIPPED_WITHIN = 60.0
"""Seconds after which taking away old buttons, should there have been no leisure for it, is left be."""
FILES_KEPT = 30 * 24 * 3600.0
"""Seconds since its last use after which the file_id of an uploaded file is forgotten ..."""
MOST_FILES = 10_000
"""... and how many are kept at most, the last used."""
ADDED_WITHIN = 600.0
"""Seconds after which a message is left without the picture that was to follow."""
MIGRATING = 0x6D617373
"""PostgreSQL's advisory lock that is held while the tables are brought up to date; any number of our own."""
REMEDY = {
    "sqlite": "Check that DATABASE_URL names a database of the coach's, or none yet,"
    " in a folder where the coach may write.",
    "postgresql": "Check DATABASE_URL, and that the server runs and lets the coach in.",
}
"""What to do about a database that cannot be used, by SQLAlchemy's name for its kind."""
DAMAGED = (
    "If it is the coach's, it is damaged: save what can be read of it with"
    " `sqlite3 {file} .recover | sqlite3 saved.db`, move it and the -wal and -shm files beside it away,"
    " and put saved.db or a backup in its place (README.md tells more)."
    " If it is not, name another one in DATABASE_URL."
)
"""What to do about a SQLite file that is damaged, or something else."""
FAULTS = (exc.DBAPIError, exc.TimeoutError, OSError)
"""What the database, its driver or the network raise when something is wrong with them ..."""
BUGS = (exc.DataError, exc.IntegrityError, exc.NotSupportedError, exc.ProgrammingError)
"""... except for these, which are ours."""

T = TypeVar("T")


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do. To try again is of no use."""


class StoreUnavailable(StoreError):
    """The database is gone, locked or full for now; the same call can work later."""


class Conflict(Exception):
    """The session was committed by someone else since it was loaded: load it again."""


class AlreadySeen(Exception):
    """The update was handled before."""


class Unreadable(Exception):
    """A session is stored, by another version of the coach, and makes no sense to this one."""

    def __init__(self, chat: int, version: int) -> None:
        super().__init__(f"the session of chat {chat} cannot be read")
        self.version = version


class _Sessions(TypedColumns):
    chat = Column(BigInteger, primary_key=True, autoincrement=False)
    version: Named[int]
    due_at: Named[float | None] = Column(Double)
    body = Column(Text, nullable=False)
    controls = Column(Text, nullable=False)


class _Outbox(TypedColumns):
    id = Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    chat = Column(BigInteger, nullable=False)
    body = Column(Text, nullable=False)
    rank: Named[int]
    urgent_by = Column(Double, nullable=False)


class _Files(TypedColumns):
    bot = Column(BigInteger, primary_key=True, autoincrement=False)
    key = Column(Text, primary_key=True)
    file_id: Named[str]
    used_at: Named[float | None] = Column(Double)
    """When it was last noted to be in use; None: not noted yet."""


class _Seen(TypedColumns):
    update_id = Column(BigInteger, primary_key=True, autoincrement=False)
    seen_at = Column(Double, nullable=False)


class _SchemaVersion(TypedColumns):
    version: Named[int]


TABLES = MetaData()
sessions = Table("sessions", TABLES, _Sessions)
outbox = Table("outbox", TABLES, _Outbox)
files = Table("files", TABLES, _Files)
seen = Table("seen", TABLES, _Seen)
schema_version = Table("schema_version", TABLES, _SchemaVersion)

# Every statement there is, built once: to build one takes longer than to run it.
_of_chat = sessions.c.chat == bindparam("of_chat")
_older = outbox.alias()
# LIFT keeps a chat's messages in order: none that matters has a lower rank than one after it.
_goes_before = (_older.c.rank < outbox.c.rank) | (
    (_older.c.rank == outbox.c.rank) & (_older.c.id < outbox.c.id)
)
_resting: BindParameter[int] = bindparam("resting", expanding=True)
_is_first = ~exists().where(_older.c.chat == outbox.c.chat, _goes_before, _older.c.id.not_in(_resting))
_by_urgency = (outbox.c.rank, outbox.c.urgent_by, outbox.c.id)
LOAD = select(sessions.c.body, sessions.c.version).where(_of_chat)
LIVE = select(sessions.c.controls).where(_of_chat).with_for_update()
# Written out, since SQLAlchemy has `on conflict` for one kind of database at a time only. Whatever else is
# violated than this very key raises IntegrityError, which is a fault of ours.
ADD = text(
    "insert into sessions (chat, version, due_at, body, controls)"
    " values (:chat, :version, :due_at, :body, :controls) on conflict (chat) do nothing"
)
CHANGE = update(sessions).where(_of_chat, sessions.c.version == bindparam("from_version"))
SET_LIVE = update(sessions).where(_of_chat)
PARK = CHANGE.values(due_at=None)
DELETE = delete(sessions).where(_of_chat)
NOTE = text(
    "insert into seen (update_id, seen_at) values (:update_id, :seen_at) on conflict (update_id) do nothing"
)
PRUNE = delete(seen).where(seen.c.seen_at < bindparam("before"))
APPEND = insert(outbox)
LIFT = (
    update(outbox)
    .where(outbox.c.chat == bindparam("of_chat"), outbox.c.rank <= Rank.REST)
    .values(
        rank=case((outbox.c.rank > bindparam("to"), bindparam("to")), else_=outbox.c.rank),
        urgent_by=case((outbox.c.urgent_by > bindparam("by"), bindparam("by")), else_=outbox.c.urgent_by),
    )
)
ALL_WAITING = (
    select(outbox.c.id, outbox.c.body).where(outbox.c.chat == bindparam("of_chat")).order_by(outbox.c.id)
)
LATE_COSMETICS = delete(outbox).where(
    outbox.c.rank.in_((Rank.STRIP, Rank.ADDITION)), outbox.c.urgent_by < bindparam("now")
)
HEADS = (
    select(outbox.c.id, outbox.c.chat, outbox.c.body, outbox.c.rank)
    .where(_is_first, outbox.c.id.not_in(_resting), outbox.c.rank <= bindparam("last"))
    .order_by(*_by_urgency)
    .limit(bindparam("limit"))
)
COUNTS = select(
    select(func.count()).where(sessions.c.due_at.is_not(None)).scalar_subquery(),
    select(func.count()).select_from(outbox).scalar_subquery(),
)
FILES = select(files.c.key, files.c.file_id).where(files.c.bot == bindparam("of_bot"))
KEEP_FILE = insert(files)
LOSE_FILE = delete(files).where(files.c.bot == bindparam("of_bot"), files.c.key == bindparam("of_key"))
USE_FILE = (
    update(files)
    .where(files.c.bot == bindparam("of_bot"), files.c.key == bindparam("of_key"))
    .values(used_at=bindparam("now"))
)
DATE_FILES = update(files).where(files.c.used_at.is_(None)).values(used_at=bindparam("now"))
_others = files.alias()
_last_kept = select(_others.c.used_at).order_by(_others.c.used_at.desc()).limit(1).offset(MOST_FILES - 1)
_unused = (files.c.used_at < bindparam("before")) | (files.c.used_at < _last_kept.scalar_subquery())
UNUSED_FILES = select(files.c.bot, files.c.key).where(_unused)
PRUNE_FILES = delete(files).where(_unused)
WAITING = select(exists().where(outbox.c.chat == bindparam("of_chat"), outbox.c.rank <= Rank.REST))
STANDS = select(exists().where(outbox.c.id == bindparam("row")))
DROP = delete(outbox).where(outbox.c.id == bindparam("row"))
DROP_ALL = delete(outbox).where(outbox.c.chat == bindparam("of_chat"))
_but = sessions.c.chat.not_in(bindparam("but", expanding=True))
NEXT_DUE = (
    select(sessions.c.due_at).where(sessions.c.due_at.is_not(None), _but).order_by(sessions.c.due_at).limit(1)
)
DUE = (
    select(sessions.c.chat)
    .where(sessions.c.due_at <= bindparam("now"), _but)
    .order_by(sessions.c.due_at)
    .limit(bindparam("limit"))
)

_SESSION = TypeAdapter(Session)
_MESSAGE = TypeAdapter(Message)


class Overtakes(Enum):
    """What of a chat's waiting messages a commit makes useless, beside the edits that it makes anew."""

    NOTHING = auto()
    CUES = auto()
    """What is only worth sending for a while, but for what opens a part."""
    ALL = auto()
    """All but the taking away of old buttons."""


@dataclass(frozen=True, slots=True)
class Row:
    """A message in the outbox, None where what is stored cannot be read. `id` grows in sending order."""

    id: int
    chat: int
    message: Message | None
    rank: Rank

    @property
    def is_cosmetic(self) -> bool:
        return self.rank > Rank.REST


class Store:
    """The database. Any method can raise StoreUnavailable; then it is safe to call again.

    Where it raises StoreError itself, the database is damaged.
    """

    def __init__(self, database: Database, url: URL) -> None:
        self._database = database
        self._url = url
        self._damage: asyncio.Queue[StoreError] = asyncio.Queue()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Self]:
        """The store at SQLAlchemy's `url`, until the block is left.

        Makes the tables, or brings them up to date. Raises StoreError where the database cannot be used, as
        far as a quick check of a SQLite file shows.
        """
        address = make_url(url)
        with _explained(address):
            database = connect(address)
        try:
            with _explained(address):
                if damage := await database.check():
                    raise _unusable(address, damage, DAMAGED)
                await database.write(_migrate)
            yield cls(database, address)
        finally:
            await database.close()

    async def damaged(self) -> NoReturn:
        """Wait until the database proves to be damaged; raises StoreError then."""
        raise await self._damage.get()

    async def load(self, chat: int) -> Session | None:
        """The session stored of the chat, if any. Raises Unreadable where it makes no sense."""
        stored = await self._read(lambda connection: connection.execute(LOAD, {"of_chat": chat}).first())
        if stored is None:
            return None
        try:
            return _SESSION.validate_json(stored.body)
        except ValidationError:
            raise Unreadable(chat, stored.version) from None

    async def park(self, chat: int, version: int) -> None:
        """Leave the session at that version as it is, with nothing due any more."""
        values = {"of_chat": chat, "from_version": version}
        await self._write(lambda connection: connection.execute(PARK, values))

    async def commit(
        self,
        session: Session,
        messages: Sequence[Message],
        *,
        update_id: int | None,
        now: float,
        forget: bool = False,
        overtakes: Overtakes = Overtakes.NOTHING,
        rank: Rank = Rank.REST,
    ) -> None:
        """Store the session, append the messages to the outbox and note the update as seen: all or nothing.

        With `forget`, all that is stored of the chat is deleted instead, whatever its version, before the
        messages are appended, and so are copies of it in the database's log; else what the messages overtake
        is taken out of its outbox. `rank` is that of the messages that are not cosmetic; whatever waits
        before them in the chat becomes as urgent as they are. Raises AlreadySeen for an update noted before,
        and Conflict unless what is stored is at the session's version (0: nothing is).
        """

        def transaction(connection: Connection) -> None:
            if update_id is not None:
                _note(connection, update_id, now)
            if forget:
                _forget(connection, session.chat)
            else:
                _save(connection, session)
            _drop_overtaken(connection, session.chat, messages, overtakes)
            within = ANSWERED_WITHIN if update_id is not None else math.inf
            _append(connection, session.chat, messages, now, rank, within)

        await self._write(transaction)
        if forget:
            await self._empty_log()

    async def due(self, now: float, limit: int, *, but: Collection[int] = ()) -> list[int]:
        """Chats for which something is due, the longest overdue first; all `but` these."""
        values = {"now": now, "limit": limit, "but": list(but)}
        return await self._read(lambda connection: list(connection.scalars(DUE, values)))

    async def unheard(self, chat: int, now: float) -> tuple[int, int] | None:
        """The step and part whose message still waits, though it is too late to tell the chat of it."""
        rows = await self._read(lambda connection: connection.execute(ALL_WAITING, {"of_chat": chat}).all())
        waiting = filter(None, (_message(row.body) for row in rows))
        return next((m.part for m in waiting if m.part and m.use_by is not None and m.use_by < now), None)

    async def next_due(self, *, but: Collection[int] = ()) -> float | None:
        """When something is due next in any chat `but` these, even if that has passed; None if nothing is."""
        return await self._read(lambda connection: connection.scalar(NEXT_DUE, {"but": list(but)}))

    async def heads(
        self,
        busy: Collection[int],
        limit: int,
        *,
        resting: Collection[int] = (),
        last: Rank = Rank.ADDITION,
    ) -> list[Row]:
        """The first message in line of each chat that is not busy, the most urgent first.

        What is cosmetic comes after all else, in its chat and over all chats. None is of a rank after the
        `last`. Rows whose ids are `resting` are passed over, as if they were not there.
        """
        # A busy chat takes up one row at most, so enough others are left.
        values = {"limit": limit + len(busy), "last": last, "resting": list(resting)}
        heads = await self._read(lambda connection: connection.execute(HEADS, values).all())
        free = [head for head in heads if head.chat not in busy][:limit]
        return [Row(head.id, head.chat, _message(head.body), Rank(head.rank)) for head in free]

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
        """Take a message that was sent out of the outbox, and keep track of which messages have live buttons.

        `message_id` is Telegram's. Where the message takes over the buttons, those of the chat's earlier
        messages are put into the outbox to be taken away; so are its own where it was overtaken while it was
        sent. A message sent `alone`, without what it should carry or with the `still` of it, gets it added
        later, unless something else is on its way to the chat. Rows that it has `overtaken` leave the outbox.
        """

        def transaction(connection: Connection) -> bool:
            known = _live(connection, row.chat)
            if not connection.execute(DROP, {"row": row.id}).rowcount:
                if known is not None:
                    _strip_overtaken(connection, row, message_id, known, now)
                return True
            for other in overtaken:
                connection.execute(DROP, {"row": other})
            live, stale = known or [], list[int]()
            if row.message:
                live, stale = _handed_over(live, row.message, message_id)
            connection.execute(SET_LIVE, {"of_chat": row.chat, "controls": json.dumps(live)})
            _append(connection, row.chat, [_without_buttons(i) for i in stale], now)
            if alone and row.message and not connection.scalar(WAITING, {"of_chat": row.chat}):
                follows = replace(row.message, still=still)
                _append(connection, row.chat, [_addition(follows, message_id, now)], now)
            return known is not None

        if not await self._write(transaction):  # the last words to a chat that was forgotten
            await self._empty_log()

    async def uncertain(self, row: Row, now: float) -> None:
        """An edit may have arrived or not. Where it was overtaken meanwhile, its buttons are taken away."""

        def transaction(connection: Connection) -> None:
            known = _live(connection, row.chat)
            if known is not None and not connection.scalar(STANDS, {"row": row.id}):
                _strip_overtaken(connection, row, None, known, now)

        await self._write(transaction)

    async def dropped(self, row: Row) -> None:
        """Take a message out of the outbox that will not be sent."""
        await self._write(lambda connection: connection.execute(DROP, {"row": row.id}))

    async def dropped_all(self, chat: int) -> None:
        """Take all of a chat's messages out of the outbox."""
        await self._write(lambda connection: connection.execute(DROP_ALL, {"of_chat": chat}))

    async def prune(self, now: float) -> None:
        """Forget the ids of updates that Telegram will not repeat any more, and buttons not taken away.

        No copy of what was deleted stays in the database's log, unless another program is reading just now.
        """

        def transaction(connection: Connection) -> None:
            connection.execute(PRUNE, {"before": now - REMEMBERED})
            connection.execute(LATE_COSMETICS, {"now": now})

        await self._write(transaction)
        await self._empty_log()

    async def file_ids(self, bot: int) -> dict[str, str]:
        """Telegram's file_id of each file that this bot has uploaded, by the file's key."""
        rows = await self._read(lambda connection: connection.execute(FILES, {"of_bot": bot}).all())
        return {row.key: row.file_id for row in rows}

    async def keep_file(self, bot: int, key: str, file_id: str | None) -> None:
        """Remember the file_id of an uploaded file; None: Telegram no longer knows it."""

        def transaction(connection: Connection) -> None:
            connection.execute(LOSE_FILE, {"of_bot": bot, "of_key": key})
            if file_id is not None:
                connection.execute(KEEP_FILE, {"bot": bot, "key": key, "file_id": file_id})

        await self._write(transaction)

    async def prune_files(self, bot: int, used: Collection[str], now: float) -> list[str]:
        """Note that this bot uses these files now, and forget the file_ids that have been of no use for long.

        Returns the keys of those that were this bot's.
        """

        def transaction(connection: Connection) -> list[str]:
            if used:
                rows = [{"of_bot": bot, "of_key": key, "now": now} for key in used]
                connection.execute(USE_FILE, rows)
            connection.execute(DATE_FILES, {"now": now})
            values = {"before": now - FILES_KEPT}
            unused = connection.execute(UNUSED_FILES, values).all()
            if unused:
                connection.execute(PRUNE_FILES, values)
            return [row.key for row in unused if row.bot == bot]

        return await self._write(transaction)

    async def counts(self) -> tuple[int, int]:
        """How many sessions have something due, and how many messages wait in the outbox."""
        live, waiting = await self._read(lambda connection: connection.execute(COUNTS).one())
        return live, waiting

    async def _empty_log(self) -> None:
        """What stands in the way is left to the next prune: the deletion itself has been committed."""
        with suppress(StoreUnavailable), self._told():
            await self._database.empty_log()

    async def _read(self, query: Callable[[Connection], T]) -> T:
        with self._told():
            return await self._database.read(query)

    async def _write(self, transaction: Callable[[Connection], T]) -> T:
        with self._told():
            return await self._database.write(transaction)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the caller may try again is raised as StoreUnavailable; damage goes to `damaged()` too."""
        try:
            yield
        except BUGS:
            raise
        except FAULTS as error:
            if not is_damage(error):
                raise StoreUnavailable(f"The database cannot be used for now: {_reason(error)}") from error
            damage = _unusable(self._url, _reason(error), DAMAGED)
            self._damage.put_nowait(damage)
            raise damage from error


def _message(body: str) -> Message | None:
    try:
        return _MESSAGE.validate_json(body)
    except ValidationError:
        return None


def _note(connection: Connection, update_id: int, now: float) -> None:
    if not connection.execute(NOTE, {"update_id": update_id, "seen_at": now}).rowcount:
        raise AlreadySeen(f"update {update_id}")


def _save(connection: Connection, session: Session) -> None:
    after = replace(session, version=session.version + 1)
    body = _SESSION.dump_json(after).decode()
    values: dict[str, object] = {"version": after.version, "due_at": after.due_at, "body": body}
    saved = _change(connection, session, values) if session.version else _add(connection, session, values)
    if not saved:
        raise Conflict(f"what is stored of chat {session.chat} is not at version {session.version}")


def _add(connection: Connection, session: Session, values: dict[str, object]) -> bool:
    return connection.execute(ADD, {"chat": session.chat, "controls": "[]", **values}).rowcount == 1


def _change(connection: Connection, session: Session, values: dict[str, object]) -> bool:
    same = {"of_chat": session.chat, "from_version": session.version}
    return connection.execute(CHANGE, {**same, **values}).rowcount == 1


def _forget(connection: Connection, chat: int) -> None:
    connection.execute(DELETE, {"of_chat": chat})
    connection.execute(DROP_ALL, {"of_chat": chat})


def _drop_overtaken(connection: Connection, chat: int, by: Sequence[Message], overtakes: Overtakes) -> None:
    for row in connection.execute(ALL_WAITING, {"of_chat": chat}).all():
        waiting = _message(row.body)
        if waiting and _is_overtaken(waiting, by, overtakes):
            connection.execute(DROP, {"row": row.id})


def _is_overtaken(waiting: Message, by: Sequence[Message], overtakes: Overtakes) -> bool:
    kind = _cosmetic(waiting)
    if kind is Rank.STRIP:
        return False
    if kind is Rank.ADDITION:
        return bool(by)  # or the buttons of what is over would come back with its picture
    is_cue = waiting.use_by is not None and waiting.part is None
    if overtakes is Overtakes.ALL or (overtakes is Overtakes.CUES and is_cue):
        return True
    return any(_covers(message, waiting) for message in by)


def _covers(edit: Message, waiting: Message) -> bool:
    """Whether it changes the same message, and leaves nothing of what the waiting edit would change."""
    same = edit.edits is not None and edit.edits == waiting.edits
    return same and (edit.text is not None or waiting.text is None)


def _append(
    connection: Connection,
    chat: int,
    messages: Sequence[Message],
    now: float,
    rank: Rank = Rank.REST,
    within: float = math.inf,
) -> None:
    """Put the messages into the outbox; what matters should be out `within` so many seconds."""
    rows = [_outgoing(chat, message, now, rank, within) for message in messages]
    if rows:
        connection.execute(APPEND, rows)
    by = min((row["urgent_by"] for row in rows if row["rank"] <= Rank.REST), default=None)
    if by is not None:
        connection.execute(LIFT, {"of_chat": chat, "to": rank, "by": by})


class _Outgoing(TypedDict):
    chat: int
    body: str
    rank: Rank
    urgent_by: float


def _outgoing(chat: int, message: Message, now: float, rank: Rank, within: float) -> _Outgoing:
    own = _cosmetic(message) or rank
    if own > Rank.REST:
        by = message.use_by or now + STRIPPED_WITHIN
    else:
        by = min(message.use_by or now + ANSWERED_WITHIN, now + within)
    return {"chat": chat, "body": _MESSAGE.dump_json(message).decode(), "rank": own, "urgent_by": by}


def _cosmetic(message: Message) -> Rank | None:
    """The rank of a message that only takes stale buttons away, adds a picture, or waits; None for others."""
    if message.awaited:
        return Rank.AWAITED
    if message.adds:
        return Rank.ADDITION
    return Rank.STRIP if message.text is None and not message.keyboard else None


def _live(connection: Connection, chat: int) -> list[int] | None:
    """The ids of the chat's messages with live buttons; None where nothing is stored of the chat.

    Locks the session, as `_save` and `_forget` do first too, so that no two wait for each other.
    """
    controls = connection.scalar(LIVE, {"of_chat": chat})
    return None if controls is None else json.loads(controls)


def _handed_over(live: list[int], message: Message, message_id: int | None) -> tuple[list[int], list[int]]:
    """Which messages have live buttons once this one is there, and which are to lose theirs."""
    if message.edits is not None:
        others = [i for i in live if i != message.edits]
        return ([*others, message.edits] if message.keyboard else others), []
    if message_id is None or not message.keyboard:
        return live, []
    if message.replaces:
        return [message_id], live
    return [*live, message_id][-LIVE_CONTROLS:], []


def _strip_overtaken(
    connection: Connection, row: Row, message_id: int | None, live: list[int], now: float
) -> None:
    """Take away the buttons that a message brought whose time was over when it arrived."""
    changed = row.message.edits or message_id if row.message and row.message.keyboard else None
    if changed is not None and changed not in live:
        _append(connection, row.chat, [_without_buttons(changed)], now)


def _without_buttons(message_id: int) -> Message:
    return Message(text=None, edits=message_id, silent=True)


def _addition(message: Message, message_id: int | None, now: float) -> Message:
    """The edit that adds to a message what it should carry."""
    edits = message.edits or message_id
    return replace(message, edits=edits, use_by=now + ADDED_WITHIN, part=None, silent=True, adds=True)


def _migrate(connection: Connection) -> None:
    """Bring the tables up to date. Raises StoreError where a newer coach has been here."""
    dialect = connection.dialect.name
    if dialect == "postgresql":  # where two coaches that start at once take turns
        connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
    connection.execute(text("create table if not exists schema_version (version integer not null)"))
    version = connection.scalar(select(schema_version.c.version)) or 0
    if version > len(MIGRATIONS):
        raise StoreError(
            f"The database's tables are of version {version}, and this coach knows only {len(MIGRATIONS)}:"
            " run the newer coach that made them, or name another database in DATABASE_URL."
        )
    for statement in (statement for migration in MIGRATIONS[version:] for statement in migration):
        connection.execute(text(statement.replace("{autoincrement}", AUTOINCREMENT[dialect])))
    connection.execute(delete(schema_version))
    connection.execute(insert(schema_version).values(version=len(MIGRATIONS)))


@contextmanager
def _explained(url: URL) -> Iterator[None]:
    """What stands in the way of opening the database is raised as StoreError."""
    try:
        yield
    except FAULTS as error:
        remedy = DAMAGED if is_damage(error) else REMEDY[url.get_backend_name()]
        raise _unusable(url, _reason(error), remedy) from error


def _unusable(url: URL, reason: str, remedy: str) -> StoreError:
    where = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    return StoreError(f"The database {where} cannot be used: {reason}. {remedy.format(file=url.database)}")


def _reason(error: Exception) -> str:
    """In the database's own words, without the statement: that may hold what a person wrote."""
    return str(error.orig if isinstance(error, exc.DBAPIError) else error) or "it does not answer"

"""The tables as they are after the last migration, and all statements that read or write them.

The statements are built once, when the module is imported, because building a statement takes longer than
running it. This module does not run any of the statements.
"""

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
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
    exists,
    func,
    insert,
    select,
    text,
    update,
)

from bot.storage.policy import Rank

MAX_FILES = 10_000
"""The largest number of file_ids that are kept. If there are more, the least recently used are deleted
first.
"""


class _Sessions(TypedColumns):
    chat = Column(BigInteger, primary_key=True, autoincrement=False)
    version: Named[int]
    due_at: Named[float | None] = Column(Double)
    """The time of the next event that happens without anybody writing or tapping; None if there is no such
    event.
    """
    body = Column(Text, nullable=False)
    """The session as JSON."""
    controls = Column(Text, nullable=False)
    """The message_ids of the chat's messages with live buttons, oldest first, as JSON."""


class _Outbox(TypedColumns):
    id = Column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    chat = Column(BigInteger, nullable=False)
    body = Column(Text, nullable=False)
    """The message as JSON."""
    rank: Named[int]
    urgent_by = Column(Double, nullable=False)


class _Files(TypedColumns):
    bot = Column(BigInteger, primary_key=True, autoincrement=False)
    key = Column(Text, primary_key=True)
    file_id: Named[str]
    used_at: Named[float | None] = Column(Double)
    """When a coach last reported that it uses the file; None if no coach has reported that yet."""


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

# `insert ... on conflict` is written as text, because SQLAlchemy has no form of it that works for both
# database systems. Any other violated constraint raises IntegrityError, which means a bug.

# Sessions

_of_chat = sessions.c.chat == bindparam("of_chat")
_not_excluded = sessions.c.chat.not_in(bindparam("excluding", expanding=True))

SELECT_SESSION = select(sessions.c.body, sessions.c.version).where(_of_chat)
INSERT_SESSION = text(
    "insert into sessions (chat, version, due_at, body, controls)"
    " values (:chat, :version, :due_at, :body, :controls) on conflict (chat) do nothing"
)
UPDATE_SESSION = update(sessions).where(_of_chat, sessions.c.version == bindparam("from_version"))
CLEAR_DUE = UPDATE_SESSION.values(due_at=None)
DELETE_SESSION = delete(sessions).where(_of_chat)
SELECT_DUE = (
    select(sessions.c.chat)
    .where(sessions.c.due_at <= bindparam("now"), _not_excluded)
    .order_by(sessions.c.due_at)
    .limit(bindparam("limit"))
)
SELECT_NEXT_DUE = (
    select(sessions.c.due_at)
    .where(sessions.c.due_at.is_not(None), _not_excluded)
    .order_by(sessions.c.due_at)
    .limit(1)
)
LOCK_LIVE_BUTTONS = select(sessions.c.controls).where(_of_chat).with_for_update()
UPDATE_LIVE_BUTTONS = update(sessions).where(_of_chat)

# Updates that were handled

INSERT_SEEN = text(
    "insert into seen (update_id, seen_at) values (:update_id, :seen_at) on conflict (update_id) do nothing"
)
DELETE_OLD_SEEN = delete(seen).where(seen.c.seen_at < bindparam("before"))

# The outbox

_to_chat = outbox.c.chat == bindparam("of_chat")
_has_id = outbox.c.id == bindparam("row")
_other = outbox.alias()
# RAISE_PRIORITY keeps each chat's messages in order: apart from low-priority messages, an earlier message
# never has a higher rank number than a later one.
_other_is_earlier = (_other.c.rank < outbox.c.rank) | (
    (_other.c.rank == outbox.c.rank) & (_other.c.id < outbox.c.id)
)
_resting: BindParameter[int] = bindparam("resting", expanding=True)
_is_first = ~exists().where(_other.c.chat == outbox.c.chat, _other_is_earlier, _other.c.id.not_in(_resting))

INSERT_MESSAGES = insert(outbox)
RAISE_PRIORITY = (
    update(outbox)
    .where(_to_chat, outbox.c.rank <= Rank.IDLE)
    .values(
        rank=case((outbox.c.rank > bindparam("to"), bindparam("to")), else_=outbox.c.rank),
        urgent_by=case((outbox.c.urgent_by > bindparam("by"), bindparam("by")), else_=outbox.c.urgent_by),
    )
)
SELECT_HEADS = (
    select(outbox.c.id, outbox.c.chat, outbox.c.body, outbox.c.rank)
    .where(_is_first, outbox.c.id.not_in(_resting), outbox.c.rank <= bindparam("last"))
    .order_by(outbox.c.rank, outbox.c.urgent_by, outbox.c.id)
    .limit(bindparam("limit"))
)
SELECT_MESSAGES = select(outbox.c.id, outbox.c.body).where(_to_chat).order_by(outbox.c.id)
MESSAGE_EXISTS = select(exists().where(_has_id))
NORMAL_MESSAGE_EXISTS = select(exists().where(_to_chat, outbox.c.rank <= Rank.IDLE))
DELETE_MESSAGE = delete(outbox).where(_has_id)
DELETE_MESSAGES = delete(outbox).where(_to_chat)
DELETE_LATE_EDITS = delete(outbox).where(
    outbox.c.rank.in_((Rank.REMOVE_BUTTONS, Rank.ADD_PICTURE)), outbox.c.urgent_by < bindparam("now")
)

# Uploaded files

_is_file = (files.c.bot == bindparam("of_bot")) & (files.c.key == bindparam("of_key"))
_same_table = files.alias()
_last_kept = (
    select(_same_table.c.used_at).order_by(_same_table.c.used_at.desc()).limit(1).offset(MAX_FILES - 1)
)
_is_unused = (files.c.used_at < bindparam("before")) | (files.c.used_at < _last_kept.scalar_subquery())

SELECT_FILES = select(files.c.key, files.c.file_id).where(files.c.bot == bindparam("of_bot"))
INSERT_FILE = insert(files)
DELETE_FILE = delete(files).where(_is_file)
SET_FILE_USED = update(files).where(_is_file).values(used_at=bindparam("now"))
SET_NEW_FILES_USED = update(files).where(files.c.used_at.is_(None)).values(used_at=bindparam("now"))
SELECT_UNUSED_FILES = select(files.c.bot, files.c.key).where(_is_unused)
DELETE_UNUSED_FILES = delete(files).where(_is_unused)

# Figures

COUNT_DUE_AND_WAITING = select(
    select(func.count()).where(sessions.c.due_at.is_not(None)).scalar_subquery(),
    select(func.count()).select_from(outbox).scalar_subquery(),
)

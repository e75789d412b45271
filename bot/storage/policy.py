"""Rules for the messages of a chat, from the commit that queues a message until its delivery to Telegram.

The rules give each message a rank, find the messages that have become useless, and say which edits follow a
message that was sent. Each step of a massage has one or more parts. A cue is a message that belongs to a
certain moment of the massage. An edit is a change to a message that was sent earlier.

All functions here are pure: they take and return plain data, and must not touch the database, send anything
or read a clock. Times are seconds since 1970 on the coach's clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, auto

from bot.session import events as ev
from bot.session.state import Listening, Paused, Running, Session
from bot.wording.messages import Message

MAX_LIVE_BUTTONS = 5
"""The largest number of messages in a chat that are remembered as having live buttons, that is, buttons that
the coach still has to remove. If there are more, the oldest message is forgotten first.
"""
REPLY_SECONDS = 10.0
"""A reply, and a message without a `use_by`, should be sent within this many seconds."""
STRIP_SECONDS = 60.0
"""An edit that only removes old buttons is dropped if it could not be sent within this many seconds."""
ADDITION_SECONDS = 600.0
"""If a message was sent without its picture, the picture can still be added for this many seconds."""


class Rank(IntEnum):
    """How early a message is sent when more messages are waiting than Telegram accepts.

    Messages with a lower number are sent first. All ranks after IDLE are called low priority.
    """

    URGENT = 0
    """Answers to a report of pain, or to "stop", during a massage."""
    PART = auto()
    """During a massage: cues, and all messages of a commit that announces the start of a part."""
    ANSWER = auto()
    """All other messages during a massage."""
    IDLE = auto()
    """All messages of a chat in which no massage and no guided track is under way."""
    REMOVE_BUTTONS = auto()
    """Edits that only remove old buttons."""
    WAITING_FOR_AUDIO = auto()
    """Messages that wait until their audio file is made. They have low priority, but must not be lost."""
    ADD_PICTURE = auto()
    """Edits that add a picture to a message that was sent without one."""


class Superseded(Enum):
    """Which of a chat's waiting messages become useless because of an event."""

    NOTHING = auto()
    CUES = auto()
    """All messages with a `use_by`, except those that announce the start of a part."""
    ALL = auto()
    """All messages except low-priority edits."""


@dataclass(frozen=True, slots=True)
class Priority:
    """A message's place in the order of sending, which is by `rank` first, and then by `urgent_by`.

    `urgent_by` is the time by which the message should be sent.
    """

    rank: Rank
    urgent_by: float


# Ranks and deadlines


def commit_rank(event: ev.Event, before: Session, after: Session, messages: Sequence[Message]) -> Rank:
    """Return the rank of the messages that an event causes.

    Low-priority messages do not get this rank, but one of their own (see `low_rank`). `before` and `after`
    are the session before and after the event.
    """
    if not any(isinstance(session.state, Running | Paused | Listening) for session in (before, after)):
        return Rank.IDLE
    match event:
        case ev.Alarm() | ev.PressureRated(is_pain=True) | ev.StopAsked() | ev.StopConfirmed():
            return Rank.URGENT
        case ev.CueDue() | ev.Undelivered():
            return Rank.PART
        case _:
            return Rank.PART if any(message.part for message in messages) else Rank.ANSWER


def low_rank(message: Message) -> Rank | None:
    """Return the rank of a low-priority message; None for any other message."""
    if message.awaited:
        return Rank.WAITING_FOR_AUDIO
    if message.adds:
        return Rank.ADD_PICTURE
    return Rank.REMOVE_BUTTONS if message.text is None and not message.keyboard else None


def priority(message: Message, rank: Rank, now: float, *, is_reply: bool = False) -> Priority:
    """Return a new message's place in the order of sending.

    `rank` is the rank of the commit that adds the message; a low-priority message has a rank of its own
    instead. If `is_reply` is true, a message that is not low priority should be sent within REPLY_SECONDS,
    even if its `use_by` would leave more time.
    """
    low = low_rank(message)
    if low is not None:
        return Priority(low, message.use_by or now + STRIP_SECONDS)
    urgent_by = message.use_by or now + REPLY_SECONDS
    return Priority(rank, min(urgent_by, now + REPLY_SECONDS) if is_reply else urgent_by)


def raised(added: Iterable[Priority]) -> Priority | None:
    """Return the priority that a chat's waiting messages must have at least, so that they are sent before the
    added ones.

    Low-priority messages are ignored: they may be sent after the added messages, and no other message has to
    be sent before them. If all added messages are low priority, return None.
    """
    normal = [priority for priority in added if priority.rank <= Rank.IDLE]
    if not normal:
        return None
    return Priority(min(each.rank for each in normal), min(each.urgent_by for each in normal))


# Messages that become useless


def superseded(event: ev.Event, before: Session, after: Session) -> Superseded:
    """Return which of the chat's waiting messages an event makes useless.

    All messages become useless if a message that announces the start of a part could not be delivered, if
    somebody reports pain during a massage, or if the person leaves a guided track (a recording of the whole
    massage). Otherwise, the cues become useless if the session has moved to a new state.
    """
    match event, before.state:
        case ev.Undelivered(), _:
            return Superseded.ALL if after != before else Superseded.NOTHING
        case ev.Alarm() | ev.PressureRated(is_pain=True), Running() | Paused():
            return Superseded.ALL
        case _, Listening() if after.state != before.state:
            return Superseded.ALL
        case _:
            return Superseded.CUES if after.revision != before.revision else Superseded.NOTHING


def is_useless(waiting: Message, added: Sequence[Message], superseded: Superseded) -> bool:
    """Return whether a waiting message is not worth sending any more, after a commit that adds the messages
    in `added`.

    `superseded` says which messages the event of the commit has made useless.
    """
    match low_rank(waiting):
        case Rank.REMOVE_BUTTONS:
            return False
        case Rank.ADD_PICTURE:  # this edit would show buttons again that a message in `added` removes
            return bool(added)
    is_cue = waiting.use_by is not None and waiting.part is None
    if superseded is Superseded.ALL or (superseded is Superseded.CUES and is_cue):
        return True
    return any(_replaces(message, waiting) for message in added)


def _replaces(edit: Message, waiting: Message) -> bool:
    """Return whether `edit` makes the waiting message useless.

    This is true if both change the same earlier message, and `edit` changes everything that `waiting` would
    change.
    """
    same = edit.edits is not None and edit.edits == waiting.edits
    return same and (edit.text is not None or waiting.text is None)


def overdue_part(waiting: Iterable[Message], now: float) -> tuple[int, int] | None:
    """Return the step and part of the first waiting message that announces the start of a part and is past
    its `use_by`.

    Return None if there is no such message.
    """
    for message in waiting:
        if message.part and message.use_by is not None and message.use_by < now:
            return message.part
    return None


# What follows a message that was sent


def hand_over_buttons(
    live: Sequence[int], message: Message, message_id: int | None
) -> tuple[list[int], list[Message]]:
    """Return which messages of the chat now have live buttons, and the edits that remove the buttons of other
    messages.

    `message` has just been sent. `live` lists the messages that had live buttons before. Both lists contain
    Telegram's message_ids, oldest first. `message_id` is Telegram's id of `message`, or None if the id is not
    known. If `message` is an edit, `message_id` is not used.
    """
    if message.edits is not None:
        others = [live_id for live_id in live if live_id != message.edits]
        return ([*others, message.edits] if message.keyboard else others), []
    if message_id is None or not message.keyboard:
        return list(live), []
    if message.replaces:
        return [message_id], [_strip(live_id) for live_id in live]
    return [*live, message_id][-MAX_LIVE_BUTTONS:], []


def strip_late_buttons(live: Sequence[int], message: Message, message_id: int | None) -> list[Message]:
    """Return the edits that remove the buttons of a message that was delivered too late to be of use.

    `live` lists the chat's messages with live buttons; their buttons are not removed. The result is empty if
    there are no buttons to remove.
    """
    changed = message.edits or message_id
    if not message.keyboard or changed is None or changed in live:
        return []
    return [_strip(changed)]


def _strip(message_id: int) -> Message:
    return Message(text=None, edits=message_id, silent=True)


def picture_to_add(message: Message, message_id: int | None, now: float, *, still: bool) -> Message:
    """Return the edit that adds the picture to a message that was sent without it.

    If `still` is true, the message was sent with a still picture, and the edit replaces the still with the
    animation.
    """
    return replace(
        message,
        edits=message.edits or message_id,
        use_by=now + ADDITION_SECONDS,
        part=None,
        silent=True,
        adds=True,
        still=still,
    )

"""What happens to a chat's messages between a commit and Telegram: their rank, what makes them useless, what
follows them.

Pure: plain data in, plain data out. It must never touch the database, send anything or read a clock.
Times are seconds since 1970 on the coach's clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, IntEnum, auto

from bot.session import events as ev
from bot.session.state import Listening, Paused, Running, Session
from bot.wording.messages import Message

MAX_LIVE_BUTTONS = 5
"""How many messages of a chat are remembered as having live buttons. The oldest is forgotten first."""
REPLY_SECONDS = 10.0
"""Seconds within which a reply, or any message without a `use_by`, should be sent."""
STRIP_SECONDS = 60.0
"""Seconds after which an edit that only removes old buttons is given up if there was no time for it."""
ADDITION_SECONDS = 600.0
"""Seconds after which a message stays without the picture that should have followed."""


class Rank(IntEnum):
    """Which messages go out first when more wait than Telegram accepts. Ranks after IDLE are low priority."""

    URGENT = 0
    """Answers to pain and to "stop" during a massage."""
    PART = auto()
    """Parts and cues of a massage under way."""
    ANSWER = auto()
    """All other messages during a massage."""
    IDLE = auto()
    """Messages outside a massage."""
    REMOVE_BUTTONS = auto()
    """Edits that only remove old buttons."""
    WAITING_FOR_AUDIO = auto()
    """Messages that wait until their file is made. They have low priority, but must not be lost."""
    ADD_PICTURE = auto()
    """Edits that add a picture to a message that was sent without it."""


class Superseded(Enum):
    """Which of a chat's waiting messages an event makes useless."""

    NOTHING = auto()
    CUES = auto()
    """Messages with a `use_by`, except those that open a part."""
    ALL = auto()
    """All messages except low-priority edits."""


@dataclass(frozen=True, slots=True)
class Priority:
    """A message's place in the sending order: by rank, then by the time when it should be sent."""

    rank: Rank
    urgent_by: float


# Ranks and deadlines


def commit_rank(event: ev.Event, before: Session, after: Session, messages: Sequence[Message]) -> Rank:
    """Return the rank of the messages that an event leads to, except for those of low priority."""
    if not any(isinstance(session.state, Running | Paused | Listening) for session in (before, after)):
        return Rank.IDLE
    match event:
        case ev.PainReported() | ev.StopAsked() | ev.StopConfirmed():
            return Rank.URGENT
        case ev.CueDue() | ev.Undelivered():
            return Rank.PART
        case _:
            return Rank.PART if any(message.part for message in messages) else Rank.ANSWER


def low_rank(message: Message) -> Rank | None:
    """Return the rank of a message that has low priority by itself; None for any other message."""
    if message.awaited:
        return Rank.WAITING_FOR_AUDIO
    if message.adds:
        return Rank.ADD_PICTURE
    return Rank.REMOVE_BUTTONS if message.text is None and not message.keyboard else None


def priority(message: Message, rank: Rank, now: float, *, is_reply: bool = False) -> Priority:
    """Return a new message's place in the sending order.

    `rank` is the rank of its commit. A reply is urgent even where its `use_by` would leave more time.
    """
    low = low_rank(message)
    if low is not None:
        return Priority(low, message.use_by or now + STRIP_SECONDS)
    urgent_by = message.use_by or now + REPLY_SECONDS
    return Priority(rank, min(urgent_by, now + REPLY_SECONDS) if is_reply else urgent_by)


def raised(added: Iterable[Priority]) -> Priority | None:
    """Return the lowest priority that a chat's earlier messages may have, so that they go out before these.

    None means that they can stay where they are. Low-priority messages, old or new, are not raised.
    """
    normal = [priority for priority in added if priority.rank <= Rank.IDLE]
    if not normal:
        return None
    return Priority(min(each.rank for each in normal), min(each.urgent_by for each in normal))


# Messages that become useless


def superseded(event: ev.Event, before: Session, after: Session) -> Superseded:
    """Return which waiting messages an event makes useless.

    All of them when a part was not heard, something hurts, or a guided track is left. The cues when the
    massage has moved on.
    """
    match event, before.state:
        case ev.Undelivered(), _:
            return Superseded.ALL if after != before else Superseded.NOTHING
        case ev.PainReported(), Running() | Paused():
            return Superseded.ALL
        case _, Listening() if after.state != before.state:
            return Superseded.ALL
        case _:
            return Superseded.CUES if after.revision != before.revision else Superseded.NOTHING


def is_useless(waiting: Message, added: Sequence[Message], superseded: Superseded) -> bool:
    """Return whether a waiting message is not worth sending after a commit that adds these messages."""
    match low_rank(waiting):
        case Rank.REMOVE_BUTTONS:
            return False
        case Rank.ADD_PICTURE:  # it would bring back buttons that a new message takes away
            return bool(added)
    is_cue = waiting.use_by is not None and waiting.part is None
    if superseded is Superseded.ALL or (superseded is Superseded.CUES and is_cue):
        return True
    return any(_replaces(message, waiting) for message in added)


def _replaces(edit: Message, waiting: Message) -> bool:
    """Return whether an edit changes all that a waiting edit of the same message would change."""
    same = edit.edits is not None and edit.edits == waiting.edits
    return same and (edit.text is not None or waiting.text is None)


def overdue_part(waiting: Iterable[Message], now: float) -> tuple[int, int] | None:
    """Return the step and part of the first waiting message that opens a part and is past its `use_by`."""
    for message in waiting:
        if message.part and message.use_by is not None and message.use_by < now:
            return message.part
    return None


# What follows a message that was sent


def hand_over_buttons(
    live: Sequence[int], message: Message, message_id: int | None
) -> tuple[list[int], list[Message]]:
    """Return which messages have live buttons after this one was sent, and the edits that strip the others.

    `live` and the first result are Telegram's message_ids, oldest first. `message_id` is that of the new
    message; None if it is not known.
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
    """Return the edits that remove the buttons of a message that had become useless before it arrived."""
    changed = message.edits or message_id
    if not message.keyboard or changed is None or changed in live:
        return []
    return [_strip(changed)]


def _strip(message_id: int) -> Message:
    return Message(text=None, edits=message_id, silent=True)


def picture_to_add(message: Message, message_id: int | None, now: float, *, still: bool) -> Message:
    """Return the edit that adds its picture to a message that was sent without it.

    `still`: the message already shows a still picture, and only the moving one is missing.
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

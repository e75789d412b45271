"""What happens to a chat's messages between a commit and Telegram.

Pure: plain data in, plain data out. It must never touch the database, send anything or read a clock.
"""

from enum import IntEnum, auto


class Rank(IntEnum):
    """Which messages go out first when more wait than Telegram accepts. Ranks after REST are low priority."""

    URGENT = 0
    """Answers to pain and to "stop" during a massage."""
    PART = auto()
    """Parts and cues of a massage under way."""
    ANSWER = auto()
    """All other messages during a massage."""
    REST = auto()
    """Messages outside a massage."""
    STRIP = auto()
    """Edits that only remove old buttons."""
    AWAITED = auto()
    """Messages that wait until their file is made. They have low priority, but must not be lost."""
    ADDITION = auto()
    """Edits that add a picture to a message that was sent without it."""

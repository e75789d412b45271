"""A person's words, here and now -> what they mean. Pure.

Words of pain outrank everything else. What is not understood is `Unclear`, never a guess.
"""

import re

from bot import events as ev

PAIN = re.compile(
    r"\b(ow+|ouch+|au+a|hurt\w*|pain\w*|sharp\w*|sore|burn(s|ing)?|tingl\w*|numb\w*|shooting|electric\w*|dizzy|faint\w*"
    r"|too (hard|much|deep|strong)|stop|stopp|can'?t breathe|cramp\w*|pins and needles)\b",
    re.IGNORECASE,
)
"""Words that pause the massage at once. To pause once too often is a small price."""


def understand(text: str) -> ev.Event:
    """The event that a message's words stand for."""
    return ev.HurtSaid() if PAIN.search(text) else ev.Unclear()

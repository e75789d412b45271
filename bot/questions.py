"""A person's words, here and now -> what they mean. Pure.

Words of pain outrank everything else. What is not understood is `Unclear`, never a guess.
"""

import re

from bot import events as ev

PAIN = re.compile(
    r"\b(o+w+|ouch\w*|a+u+a|argh+|hurt\w*|pain\w*|ach(e|es|ing|ed)|sore|sharp\w*|stab\w*|sting\w*|stung|pinch\w*"
    r"|burn(s|ed|t|ing)?|tingl\w*|numb\w*|shooting|electric\w*|dizz\w*|faint\w*|cramp\w*|pins and needles"
    r"|too (hard|much|deep|strong|rough|intense|sore)|stop|no more|can'?t breathe)\b",
    re.IGNORECASE,
)
"""Words that pause the massage at once. To pause once too often is a small price."""

WAIT = re.compile(r"\b(wait|hold on|pause|one (moment|sec|second|minute)|brb)\b", re.IGNORECASE)


def understand(text: str) -> ev.Event:
    """The event that a message's words stand for."""
    plain = text.replace("’", "'")
    if PAIN.search(plain):
        return ev.HurtSaid()
    return ev.PauseAsked() if WAIT.search(plain) else ev.Unclear()

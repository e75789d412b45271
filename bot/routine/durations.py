"""Durations. Authors write "90 s", "3 min" or "PT1M30S" (ISO 8601); the code uses a number of seconds.

This module must not accept a bare number, because YAML reads 1:30 as 90, and 3 could mean seconds or minutes.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema

MAX_DURATION = 24 * 3600
"""The longest duration that a routine may contain, in seconds: one day."""
HOW_TO_WRITE = 'write it like "90 s", "3 min" or "PT1M30S"'

_SHORT = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*min)?\s*(?:(\d+)\s*s)?")
_ISO_8601 = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_NOT_ZERO = r"(?=.*[1-9])"


def parse(value: object) -> float:
    """Return the seconds in a text such as "90 s", "3 min", "1 h", "2 min 30 s" or "PT2M30S".

    Raises ValueError for anything else. Its message says what to write instead.
    """
    text = value.strip() if isinstance(value, str) else ""
    match = _SHORT.fullmatch(text) or _ISO_8601.fullmatch(text)
    if not match or not any(match.groups()):
        raise ValueError(f"this is not a duration; {HOW_TO_WRITE}")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    total = 3600 * hours + 60 * minutes + seconds
    if total == 0:
        raise ValueError("a duration cannot be zero; write at least one second")
    if total > MAX_DURATION:
        raise ValueError("a duration cannot be more than a day; make it shorter")
    return total


def spell(seconds: float) -> str:
    """Return a number of seconds, rounded, as people write it: "45 s", "3 min", "2 min 30 s"."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


Duration = Annotated[
    float,
    BeforeValidator(parse),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{_NOT_ZERO}(?:{_SHORT.pattern}|{_ISO_8601.pattern})$",
            "patternErrorMessage": f"This is not a duration; {HOW_TO_WRITE}.",
            "examples": ["90 s", "3 min", "2 min 30 s", "PT1M30S"],
        }
    ),
]
"""The type of a field that is a text in YAML and a number of seconds in Python. Editors show
`patternErrorMessage` if the text is wrong."""

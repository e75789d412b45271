"""Durations as people write and read them: "90 s", "3 min", ISO 8601's PT1M30S; seconds inside.

Never a bare number: plain YAML reads 1:30 as 90 and nobody can tell whether 3 is seconds or minutes.
"""

import re
from typing import Annotated

from pydantic import BeforeValidator

LONGEST = 24 * 3600
"""Seconds; nothing of a massage takes longer."""

_SPOKEN = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*min)?\s*(?:(\d+)\s*s)?")
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")


def parse(value: object) -> float:
    """Seconds from "90 s", "3 min", "1 h", "2 min 30 s" or "PT2M30S". Raises ValueError with the remedy."""
    match = isinstance(value, str) and (_SPOKEN.fullmatch(value.strip()) or _ISO.fullmatch(value.strip()))
    if not match or not any(match.groups()):
        raise ValueError('this is no duration; write it like "90 s", "3 min" or "PT1M30S"')
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    total = 3600 * hours + 60 * minutes + seconds
    if total == 0:
        raise ValueError("a time of zero cannot be coached; give it at least a second")
    if total > LONGEST:
        raise ValueError("a time of more than a day cannot be coached; make it shorter")
    return total


def spell(seconds: float) -> str:
    """Seconds as a person reads them: "45 s", "3 min", "2 min 30 s"; rounded to a second."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


Duration = Annotated[float, BeforeValidator(parse)]

"""Recognise signs of danger, such as a tight chest, in a message's words.

The handbook's `words.emergency` and `words.unsafe` say which words are signs. This module must not depend on
sessions or events.
"""

import re
from collections.abc import Sequence
from itertools import product

from bot.routine.model import Sign
from bot.understanding.phrases import PhraseMatcher

NEAR = 7
"""A sign's words count only if all of them begin within this many words of each other."""
DENIALS = {
    "no",
    "not",
    "isnt",
    "doesnt",
    "never",
    "without",
    "hasnt",
    "arent",
    "aint",
    "dont",
    "wasnt",
    "didnt",
}
"""Words that deny a sign if they stand between its words, or directly before it: "her chest isn't tight"."""
FAR_DENIALS = {"hasnt", "doesnt", "havent", "dont", "never", "without"}
"""Words that deny a sign if they stand up to three words before it: "she hasn't got a tight chest"."""

_IMAGINED = re.compile(
    r"\b(?:what if|in case|what happens|(?:when|how) (?:should|do|would|will|can) (?:i|we|you)|"
    r"(?<!sure )(?<!know )(?<!see )(?<!tell )if (?:she|he|they|i|somebody|someone|anyone|we|there|it|my|"
    r"her|his|a|the|somebodys|youre|shes|hes|im|theres)|"
    r"can (?:this|it|a|massage|that)|could (?:this|it|a|massage|that)|does (?:this|it|a|massage|that)|"
    r"will (?:this|it)|is it (?:ok|okay|safe|possible) to|"
    r"(?:in|on|from) (?:the|a|this|that) (?:film|movie|tv|telly|show|book|song|series|news|podcast|radio|"
    r"game)|"
    r"(?<!not )(?:joking|kidding|jk)|nearly gave|almost gave|like a|on the list)\b|"
    r"^(?:what are|what is|whats|any|"
    r"signs of|should (?!i call|we call|i ring|we ring))\b"
)
_PAST = re.compile(
    r"\b(?:last (?:night|week|month|year|summer|winter|spring|autumn|time|christmas|\w+day)|(?:years?|"
    r"months?|weeks?|days?|ages) (?:ago|back)|"
    r"yesterday|used to|as a (?:kid|child|baby|teenager|boy|girl)|history of|once (?:had|in)?|in (?:19|"
    r"20)\d\d|prone to|sometimes|"
    r"occasionally|every (?:day|night|morning|winter|spring|year)|when (?:she|he|i|we|they) (?:was|were|"
    r"had|did|gets?)|in the past|"
    r"previous(?:ly)?|ever (?:had|has)|a while (?:ago|back)|this morning|earlier|at work|at the gym|"
    r"at school|had (?:a|his|her) (?:first|bad))\b"
)
_NOW = re.compile(r"\b(?:now|still|just|right now|is back|started again|cant breathe|call)\b")


class SignMatcher:
    """Says whether a message shows any of these signs."""

    def __init__(self, signs: Sequence[Sign]) -> None:
        groups = {f"{of} {at}": group for of, sign in enumerate(signs) for at, group in enumerate(sign.all)}
        self._groups = PhraseMatcher(groups)
        self._signs = [
            ([f"{of} {at}" for at in range(len(sign.all))], PhraseMatcher({"said": sign.unless}))
            for of, sign in enumerate(signs)
        ]

    def shown_in(self, words: Sequence[str]) -> bool:
        found = self._groups.found(words)
        return any(
            _shows([found.get(group, []) for group in groups], words) and not unless.first(words)
            for groups, unless in self._signs
        )


def _shows(found: Sequence[Sequence[int]], words: Sequence[str]) -> bool:
    """Return whether phrases of all groups stand near each other, without a denial.

    `found` has the indexes of the words at which the phrases of each group begin.
    """
    return any(
        max(starts) - min(starts) < NEAR and not _denied(min(starts), max(starts), words)
        for starts in product(*found)
    )


def _denied(first: int, last: int, words: Sequence[str]) -> bool:
    before, further = words[max(first - 1, 0) : first], words[max(first - 3, 0) : first]
    return not (DENIALS.isdisjoint((*before, *words[first + 1 : last])) and FAR_DENIALS.isdisjoint(further))


def is_happening(text: str) -> bool:
    """Return whether what a message tells of may be happening now, so that it is neither imagined nor past.

    `text` is as `said.normal` returns it.
    """
    return not _IMAGINED.search(text) and not (_PAST.search(text) and not _NOW.search(text))

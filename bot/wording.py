"""What somebody typed, cleaned of spelling and chatter, and the phrases to be found in it. Pure.

A phrase is words in their order. `a|b` is either word, `let_go` two words as one choice, `pregnan*` any word that
begins so, `word?` one that may be missing, `<name>` anything of that group, `..` up to four words that begin
no new thought, `...` up to ten of any kind, `^` the beginning and `$` the end. Nothing here may know what a massage is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST = 150
"""Words of a message that are read; what follows is a novel."""
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"(?<!^)[aeiouy]")
_TOKEN = re.compile(r"<([a-z-]+)>|\S+")

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to look for. `words` are all that it may be made of, `keys` one of which it must begin a word with."""

    source: str
    words: frozenset[str]
    keys: tuple[str, ...]
    whole: bool

    def find(self, words: str) -> re.Match[str] | None:
        if not any(key in words for key in self.keys):
            return None
        return _compiled(self.source).search(words)

    def weigh(self, words: str, tells: Mapping[str, float]) -> float:
        """How much it says of these words, by what each that it is made of tells; 0 where it is not in them."""
        match = self.find(words)
        if not match:
            return 0.0
        found = [word for group in match.groups("") for word in group.split()]
        return sum(tells.get(word, 1.0) for word in found) + len(found) / max(1, len(words.split())) + self.whole


@dataclass(frozen=True, slots=True)
class Said:
    """`words` in single spaces, with one before and one behind; `strange` counts those nobody knows."""

    words: str
    asks: bool
    strange: int

    @property
    def count(self) -> int:
        return len(self.words.split())

    def without(self, phrases: Iterable[Phrase]) -> "Said":
        """With the phrases taken out, a gap in their place."""
        words = self.words
        for phrase in phrases:
            if phrase.find(words):
                words = _compiled(phrase.source).sub("/ ", words)
        return Said(words, self.asks, self.strange)


def phrase(text: str, groups: Groups, breaks: Sequence[str]) -> Phrase:
    """Compile a phrase. Raises KeyError for a group that there is not."""
    stops = "|".join(map(re.escape, [*breaks, "/"]))
    gap = rf"(?:(?!(?:{stops}) )\S+ ){{0,4}}?"
    parts: list[str] = []
    words: set[str] = set()
    keys: list[str] = []
    for token in text.split():
        match token:
            case "^":
                parts.append(r"\A ")
            case "$":
                parts.append(r"\Z")
            case "..":
                parts.append(gap)
            case "...":
                parts.append(r"(?:\S+ ){0,10}?")
            case _:
                choices = list(_choices(token.rstrip("?"), groups))
                words.update(word for choice in choices for word in choice.split())
                either = "|".join(re.escape(choice).replace(r"\*", r"\S*").replace("\\ ", " ") for choice in choices)
                parts.append(f"((?:{either}) ){'?' if token.endswith('?') else ''}")
                if not token.endswith("?") and (not keys or len(choices) < len(keys)):
                    keys = [f" {choice}".rstrip("*") for choice in choices]
    start = "" if text.startswith("^") else "(?<= )"
    whole = text.startswith("^") and text.endswith("$")
    return Phrase(start + "".join(parts), frozenset(words), tuple(keys), whole)


def _choices(token: str, groups: Groups) -> Iterator[str]:
    """What `a|b_c|<group>` may be."""
    for choice in token.split("|"):
        if choice.startswith("<"):
            for entry in groups[choice.strip("<>")]:
                yield from _choices(entry.replace(" ", "_"), groups)
        else:
            yield choice.replace("_", " ")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def words_of(text: str) -> list[str]:
    """The words written in a phrase, a group's entry or a sentence."""
    return re.findall(r"[^\W_]+\*?", re.sub(r"<[a-z-]+>", " ", text.lower().replace("'", "").replace("’", "")))


class Speller:
    """Finds the word that was meant. `same` tells which are read as another, `fillers` which say nothing."""

    def __init__(self, known: Iterable[str], same: Mapping[str, Sequence[str]], fillers: Sequence[str]) -> None:
        self._same = {variant: word for word, variants in same.items() for variant in variants}
        self._variant = re.compile(
            "(?<= )(?:%s) " % "|".join(sorted(map(re.escape, self._same), key=len, reverse=True) or ["$^"])
        )
        self._fillers = frozenset(fillers)
        everything = dict.fromkeys(word for text in (*known, *self._same, *same, *fillers) for word in text.split())
        self._known = {word: None for word in everything if not word.endswith("*")}
        self._stems = tuple(word[:-1] for word in everything if word.endswith("*"))
        everything = {word.rstrip("*"): None for word in everything}
        self._long = [word for word in everything if len(word) > 3]
        self._squeezed = {_squeeze(word): word for word in reversed(everything)}
        self._bare = {_VOWELS.sub("", word): word for word in reversed(everything) if len(word) > 3}

    def read(self, text: str) -> Said:
        """What was typed, in words we know as far as that goes."""
        plain = text.lower().replace("'", "").replace("’", "").replace("`", "")
        typed = _WORD.findall(plain)[:MOST]
        meant = [self.meant(word) for word in typed]
        strange = sum(not self._knows(word) for word in meant)
        words = self._variant.sub(lambda m: f"{self._same[m[0][:-1]]} ", f" {' '.join(meant)} ")
        kept = [word for word in words.split() if word not in self._fillers]
        return Said(f" {' '.join(kept)} ", "?" in text, strange)

    def meant(self, word: str) -> str:
        """The known word that this one stands for; itself where there is none."""
        if self._knows(word):
            return word
        if squeezed := self._squeezed.get(_squeeze(word)):
            return squeezed
        if len(word) > 1 and not re.search("[aeiou]", word) and word in self._bare:
            return self._bare[word]
        return self._near(word) or word

    def _knows(self, word: str) -> bool:
        return word in self._known or word.isdigit() or word.startswith(self._stems)

    def _near(self, word: str) -> str | None:
        if len(word) < 4:
            return None
        slips = 1 if len(word) < 7 else 2
        found = process.extract(word, self._long, scorer=OSA.distance, score_cutoff=slips, limit=8)
        return min(found, key=lambda near: (near[1], near[0][0] != word[0], near[2]))[0] if found else None


def _squeeze(word: str) -> str:
    """Without repeated letters: "ooowww" and "ow" are one."""
    return _RUN.sub(r"\1", word)

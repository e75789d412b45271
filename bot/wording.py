"""What somebody typed, cleaned of spelling and chatter, and the phrases to be found in it. Pure.

A phrase is words in their order. `a|b` is either word, `let_go` two words as one choice, `pregnan*` any
word that begins so, `word?` one that may be missing, `<name>` anything of that group, `..` up to four words
that begin no new thought, `...` up to ten of any kind, `^` the beginning and `$` the end. Nothing here may
know what a massage is.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST = 150
"""Words of a message that are read; what follows is a novel."""
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"(.)\1+")
_VOWELS = re.compile(r"(?<!^)[aeiouy]")

TOKEN = re.compile(r"[$^]|\.\.\.?|(<[a-z-]+>|[^\W_]+(_[^\W_]+)*\*?)(\|(<[a-z-]+>|[^\W_]+(_[^\W_]+)*\*?))*\??")
"""What a phrase is made of."""

Groups = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to look for. `words` are all it may be made of, one of `keys` has to be in the message.

    `whole`: it is the whole message, and not a part of it.
    """

    source: str
    words: frozenset[str]
    keys: tuple[str, ...]
    whole: bool

    def find(self, words: str) -> re.Match[str] | None:
        if not any(key in words for key in self.keys):
            return None
        return _compiled(self.source).search(words)

    def spans(self, words: str) -> list[tuple[int, int]]:
        """Where it stands."""
        return [match.span() for match in _compiled(self.source).finditer(words)] if self.find(words) else []

    def weigh(self, words: str, tells: Mapping[str, float]) -> float:
        """How much it says of these words, by what each that is found tells; 0 where it is not in them."""
        match = self.find(words)
        if not match:
            return 0.0
        found = [word for group in match.groups("") for word in group.split()]
        return (
            sum(tells.get(word, 1.0) for word in found) + len(found) / max(1, len(words.split())) + self.whole
        )


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
        kept = list(self.words)
        for phrase in phrases:
            for start, end in phrase.spans(self.words):
                kept[start:end] = [sign if sign == " " else "/" for sign in kept[start:end]]
        return Said(re.sub("/[/ ]*", "/ ", "".join(kept)), self.asks, self.strange)


class Phrases:
    """Compiles phrases: with their groups, what a gap may not cross, and how words are read."""

    def __init__(self, groups: Groups, breaks: Sequence[str], read: Callable[[str], str]) -> None:
        self._groups, self._read = groups, read
        stops = "|".join(map(re.escape, [*breaks, "/"]))
        self._gaps = {
            "..": rf"(?:(?!(?:{stops}) )\S+ ){{0,4}}?",
            "...": r"(?:\S+ ){0,10}?",
            "^": r"\A ",
            "$": r"\Z",
        }

    def compile(self, text: str) -> Phrase:
        """The phrase a text stands for. Raises KeyError for a group that there is not."""
        parts: list[str] = []
        words: set[str] = set()
        keys: list[str] = []
        for token in text.split():
            if token in self._gaps:
                parts.append(self._gaps[token])
            elif choices := list(dict.fromkeys(filter(None, self._choices(token.rstrip("?"))))):
                optional = token.endswith("?")
                parts.append(f"((?:{'|'.join(map(_pattern, choices))}) ){'?' * optional}")
                words.update(word for choice in choices for word in choice.split())
                if not optional and (not keys or len(choices) < len(keys)):
                    keys = [f" {choice}".rstrip("*") for choice in choices]
        whole = text.startswith("^") and text.endswith("$")
        start = "" if text.startswith("^") else "(?<= )"
        return Phrase(start + "".join(parts), frozenset(words), tuple(keys), whole)

    def _choices(self, token: str) -> Iterator[str]:
        """What `a|b_c|<group>` may be, in words as they are read."""
        for choice in token.split("|"):
            if choice.startswith("<"):
                for entry in self._groups[choice.strip("<>")]:
                    yield from self._choices(entry.replace(" ", "_"))
            else:
                plain = choice.replace("_", " ")
                yield plain if "*" in choice else self._read(plain)


def _pattern(choice: str) -> str:
    return re.escape(choice).replace(r"\*", r"\S*")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def words_of(text: str) -> list[str]:
    """The words written in a phrase, a group's entry or a sentence."""
    return re.findall(
        r"[^\W_]+\*?", re.sub(r"<[a-z-]+>", " ", text.lower().replace("'", "").replace("’", ""))
    )


def groups_in(text: str) -> list[str]:
    """The groups that a phrase names."""
    return re.findall(r"<([a-z-]+)>", text)


class Speller:
    """Finds the word that was meant. `same` tells which are read as another, `fillers` which say nothing."""

    def __init__(
        self, known: Iterable[str], same: Mapping[str, Sequence[str]], fillers: Sequence[str]
    ) -> None:
        self._same = {variant: word for word, variants in same.items() for variant in variants}
        self._variant = re.compile(
            f"(?<= )(?:{'|'.join(sorted(map(re.escape, self._same), key=len, reverse=True)) or '$^'}) "
        )
        self._fillers = frozenset(fillers)
        everything = dict.fromkeys(
            word for text in (*known, *self._same, *same, *fillers) for word in text.split()
        )
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
        return Said(f" {self.plain(' '.join(meant))} ", "?" in text, strange)

    def plain(self, words: str) -> str:
        """Words as they are read: each in the form it stands under in `same`, and no fillers."""
        same = self._variant.sub(lambda m: f"{self._same[m[0][:-1]]} ", f" {words} ")
        return " ".join(word for word in same.split() if word not in self._fillers)

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

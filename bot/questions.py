"""A person's words, here and now -> what they mean. Pure.

Pain outranks everything, then what wants a doctor's word; after these the phrase that says most. What is not
understood is `Unclear`, never a guess.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log

from bot import events as ev
from bot.places import part_at, parts_of, place_after, place_before
from bot.routine import Library, Routine
from bot.session import Ask, Finished, Listening, Massage, Paused, Place, Question, Running, Session
from bot.wording import Phrase, Phrases, Said, Speller, words_of

COMMANDS: dict[str, type[ev.Event]] = {
    "next": ev.NextAsked,
    "back": ev.BackAsked,
    "pause": ev.PauseAsked,
    "resume": ev.ResumeAsked,
    "stop": ev.StopAsked,
    "again": ev.AgainAsked,
    "start": ev.Started,
    "checklist": ev.ChecklistAsked,
    "more-time": ev.MoreTimeAsked,
    "eased": ev.KnotEased,
    "still-tight": ev.KnotStayedTight,
    "lighter": ev.LighterAsked,
}
WANTED = {*COMMANDS, "goto", "skip", "knot", "harder"}
"""What a person wants done; not looked for in what is a question."""
MEANINGS = {*WANTED, *Ask, "talk", "outside"}
NAMED = ("step", "term", "item", "noplace")
"""Groups that phrases may name and that are filled from the routines and the rest of the words."""
AT_A_KNOT = {"eased", "still-tight"}
OF_ALL = {Ask.LENGTH, Ask.TIME_LEFT, Ask.KEEP_OFF, Ask.WHY, Ask.WRONG}
"""What can be asked of the whole massage."""
LEAST, STRANGE, BONUS = 0.5, 0.5, 0.5
"""What a phrase has to say at least, what more for each strange word, and what is given to `outside`."""
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class Here:
    """Where in which routine the words were said."""

    session: Session
    routine: Routine

    @property
    def massage(self) -> Massage:
        """The one under way; at rest, one that stands at its beginning or its end."""
        match self.session.state:
            case Running(massage=massage) | Paused(massage=massage):
                return massage
            case Finished():
                place = Place(len(self.routine.steps))
            case _:
                place = Place()
        return Massage(run=0, stands=self.session.choices.side, place=place)

    @property
    def under_way(self) -> bool:
        return isinstance(self.session.state, Running | Paused)

    @property
    def hands_on(self) -> bool:
        """Whether somebody is being massaged, whoever keeps the time."""
        return self.under_way or isinstance(self.session.state, Listening)

    @property
    def at_knots(self) -> bool:
        return self.routine.steps[self.massage.place.step - 1].each_knot is not None

    def after(self, place: Place) -> Place:
        if place == Place() and not self.under_way:
            return place
        if place.step != self.massage.place.step:
            return Place(min(place.step + 1, len(self.routine.steps)))
        return place_after(replace(self.massage, place=place), self.routine) or place

    def of(self, step: int) -> Place:
        """Where a step's own stroke is worked: here, or in its first part that is no other one repeated."""
        place, own = self.massage.place, self.routine.steps[step - 1]
        if place.step == step and part_at(self.massage, self.routine).step == own:
            return place
        parts = parts_of(self.massage, self.routine, step)
        return Place(step, next(i for i, part in enumerate(parts) if part.step == own))

    def before(self, place: Place) -> Place:
        return place_before(replace(self.massage, place=place), self.routine)


def _meaningless(here: Here, said: Said, afresh: list[Phrase]) -> set[str]:
    """What nobody can mean where we are."""
    match here.session.state:
        case Running() | Paused() as state:
            none = {"resume"} if isinstance(state, Running) else {"pause"}
            none |= set() if here.at_knots else AT_A_KNOT
            return none | (set() if _any(afresh, said) else {"start"})
        case Listening():
            return AT_A_KNOT
        case _:
            return WANTED - {"start", "checklist", "stop"}


class Ear:
    """Understands what people write, in the words of a library's handbook and routines."""

    def __init__(self, library: Library) -> None:
        self._library = library
        words = library.handbook.words
        self._speller = Speller(_vocabulary(library), words.same, words.fillers)
        self._groups = {**words.groups, **self._named()}
        self._compile = Phrases(self._groups, words.breaks, self._speller.plain).compile
        self._by_group: dict[str, Phrase] = {}
        self._harmless, self._pain, self._ache = map(self._phrases, (words.harmless, words.pain, words.ache))
        self._conditions = self._dictionary(words.conditions)
        self._ills = [each for phrases in self._conditions.values() for each in phrases]
        self._places = self._dictionary(words.places)
        self._spots = self._dictionary(words.spots)
        self._items = self._dictionary(words.items)
        self._means = self._dictionary(words.means)
        self._afresh = self._phrases(["<afresh>"])
        self._tells = _tells(self._means)
        self._terms = self._dictionary({term: [term] for term in self._groups["term"]})
        self._steps = {
            routine.id: [self._phrases(self._called(routine, n)) for n in range(len(routine.steps))]
            for routine in library.routines.values()
        }

    def understand(self, text: str, session: Session) -> ev.Event:
        """The event that a message's words stand for."""
        said = self._speller.read(text)
        here = Here(session, self._library.routines[session.choices.routine])
        for look in (self._hurt, self._safety, self._follow_up, self._best, self._doubt):
            if event := look(said, here):
                return event
        return ev.Unclear()

    def hurts(self, text: str) -> bool:
        """Whether it is words of pain, wherever they are said; quick."""
        return _any(self._pain, self._speller.read(text).without(self._harmless).without(self._ills))

    # --- Pain and safety --------------------------------------------------------------------------

    def _hurt(self, said: Said, here: Here) -> ev.Event | None:
        """Pain of now; what is only a part of somebody's illness or of a question is none."""
        rest = said.without(self._harmless).without(self._ills)
        if here.at_knots and _any(self._ache, rest) and not _any(self._pain, rest.without(self._ache)):
            return ev.Asked(question=Question(Ask.ACHE, here.massage.place))
        return ev.HurtSaid() if _any(self._pain, rest) else None

    def _safety(self, said: Said, here: Here) -> ev.Event | None:
        if self._weigh("outside", said) > 2.5:
            return None
        if condition := self._first(self._conditions, said):
            return ev.Asked(question=Question(Ask.CONDITION, about=condition))
        if _any(self._means[Ask.MAY_PRESS], said) and (place := self._first(self._places, said)):
            return ev.Asked(question=Question(Ask.MAY_PRESS, about=place))
        return None

    # --- Everything else --------------------------------------------------------------------------

    def _best(self, said: Said, here: Here) -> ev.Event | None:
        """The meaning whose phrase says most, if it says more than there are strange words."""
        for weight, meaning in self._candidates(said, here):
            if weight <= LEAST + STRANGE * said.strange:
                return None
            if event := self._event(meaning, said, here):
                return event
        return None

    def _candidates(self, said: Said, here: Here) -> list[tuple[float, str]]:
        here_not = _meaningless(here, said, self._afresh)
        asks = said.asks or (self._opens("asking", said) and not self._opens("denying", said))
        asks = asks and not self._opens("polite", said)
        found = []
        for meaning in self._means:
            if meaning == Ask.MAY_PRESS or meaning in here_not or (meaning in WANTED and asks):
                continue
            if weight := self._weigh(meaning, said):
                found.append((weight, meaning))
        return sorted(found, key=lambda candidate: -candidate[0])

    def _weigh(self, meaning: str, said: Said) -> float:
        weight = max(each.weigh(said.words, self._tells) for each in self._means[meaning])
        return weight + (meaning == "outside") * BONUS if weight else 0.0

    def _event(self, meaning: str, said: Said, here: Here) -> ev.Event | None:
        match meaning:
            case "talk":
                return ev.Chatted()
            case "outside":
                return ev.Unclear()
            case "goto":
                step = self._step(said, here)
                return ev.StepChosen(step=step) if step else None
            case "skip":
                return self._skip(said, here)
            case "knot":
                spot = self._first(self._spots, said)
                return ev.KnotTold(spot=spot) if spot else ev.KnotsAsked()
            case _ if meaning in COMMANDS:
                return COMMANDS[meaning]()
            case _:
                return self._asked(Ask(meaning), said, here)

    def _skip(self, said: Said, here: Here) -> ev.Event:
        ahead = next((n for n, word in enumerate(NUMBERS, 1) if f" {word} " in said.words), 2)
        return ev.StepChosen(step=min(here.massage.place.step + ahead, len(here.routine.steps)))

    def _asked(self, ask: Ask, said: Said, here: Here) -> ev.Event | None:
        about = ""
        if ask is Ask.HOW and isinstance(here.session.state, Finished) and not self._step(said, here):
            ask = Ask.AFTERCARE
        if ask is Ask.LIE:
            about = next((about for about in ("head", "arms") if self._has(f"their-{about}", said)), "")
        if ask in (Ask.WORD, Ask.INSTEAD):
            about = self._first(self._terms if ask is Ask.WORD else self._items, said) or ""
            if not about:
                return None
        return ev.Asked(question=Question(ask, self._place(ask, said, here), about))

    def _follow_up(self, said: Said, here: Here) -> ev.Event | None:
        """The last question again, of something else: "and the one after?"."""
        last = here.session.asked
        if last is None or not self._opens("follow", said) or self._topic(said, here):
            return None
        if last.ask is Ask.MAY_PRESS and (about := self._first(self._places, said)):
            return ev.Asked(question=replace(last, about=about))
        if last.ask is Ask.INSTEAD and (about := self._first(self._items, said)):
            return ev.Asked(question=replace(last, about=about))
        if last.ask is Ask.WORD and (about := self._first(self._terms, said)):
            return ev.Asked(question=replace(last, about=about))
        place = self._place(last.ask, said, here)
        if place != (last.place or here.massage.place):
            return ev.Asked(question=replace(last, place=place))
        return None

    def _topic(self, said: Said, here: Here) -> bool:
        """Whether it asks something of its own, and more than "and then?"."""
        best = self._candidates(said, here)
        if not best or best[0][0] <= LEAST or best[0][1] not in set(Ask):
            return False
        return best[0][1] != Ask.HOW or not self._has("coming", said)

    def _doubt(self, said: Said, here: Here) -> ev.Event | None:
        """Something is told of whoever lies there, and not understood: take care rather than go on."""
        if said.asks or self._opens("asking", said):
            return None
        if self._weigh("outside", said) or not self._has("lies-there", said):
            return None
        if said.strange and self._has("suffers", said):
            return ev.Asked(question=Question(Ask.CONDITION, about="other"))
        return ev.HurtSaid() if here.hands_on else None

    # --- Which step -------------------------------------------------------------------------------

    def _place(self, ask: Ask, said: Said, here: Here) -> Place | None:
        """The part that is meant; None for the whole."""
        if ask in OF_ALL and self._of_all(ask, said, here):
            return None
        last = here.session.asked
        base = last.place if last and last.place and self._opens("follow", said) else here.massage.place
        step = None if ask is Ask.HANDS and not self._has("of-a-step", said) else self._step(said, here)
        if self._has("gone", said):
            return here.before(base)
        if step:
            named = here.of(step)
            if self._has("later-than", said) and ask is Ask.HOW:
                return here.after(named)
            return named
        return here.after(base) if self._has("coming", said) else base

    def _of_all(self, ask: Ask, said: Said, here: Here) -> bool:
        if self._has("whole", said):
            return True
        if ask is Ask.TIME_LEFT:
            return self._has("the-end", said) and not self._has("this-one", said)
        return ask is Ask.LENGTH and not here.under_way and not self._step(said, here)

    def _step(self, said: Said, here: Here) -> int | None:
        """The step that is named: by number, by its place in the order, by what it is called."""
        last = len(here.routine.steps)
        for n in range(last, 0, -1):
            if any(
                f" {kind} {NUMBERS[n - 1]} " in said.words for kind in ("step", "number", "part", "stage")
            ):
                return n
            for kind in ("step", "one", "bit", "part", "stroke", "thing"):
                if n <= len(ORDINALS) and f" {ORDINALS[n - 1]} {kind} " in said.words:
                    return n
        if any(
            f" {word} {kind} " in said.words for word in ("last", "final") for kind in ("step", "one", "bit")
        ):
            return last
        for back, word in enumerate(("second", "third", "fourth", "fifth"), 1):
            if f" {word} last " in said.words or f" {word} to last " in said.words:
                return last - back
        return self._step_called(said, here)

    def _step_called(self, said: Said, here: Here) -> int | None:
        found = [
            (match.start(), -len(match[0]), n)
            for n, names in enumerate(self._steps[here.routine.id], 1)
            for name in names
            if (match := name.find(said.words))
        ]
        own = here.massage.place.step
        if any(n == own for _, _, n in found):
            return own
        return min(found)[2] if found else None

    # --- Words ------------------------------------------------------------------------------------

    def _phrases(self, texts: Iterable[str]) -> list[Phrase]:
        return [self._compile(text) for text in texts]

    def _dictionary(self, entries: Mapping[str, Sequence[str]]) -> dict[str, list[Phrase]]:
        return {name: self._phrases(texts) for name, texts in entries.items()}

    def _has(self, group: str, said: Said) -> bool:
        return group in self._groups and bool(self._named_phrase(f"<{group}>").find(said.words))

    def _opens(self, group: str, said: Said) -> bool:
        return bool(self._named_phrase(f"^ <{group}>").find(said.words))

    def _named_phrase(self, text: str) -> Phrase:
        """Of a group; compiled once."""
        if text not in self._by_group:
            self._by_group[text] = self._compile(text)
        return self._by_group[text]

    def _first(self, entries: dict[str, list[Phrase]], said: Said) -> str | None:
        """The entry whose phrase says most."""
        found = [
            (max(each.weigh(said.words, {}) for each in phrases), name) for name, phrases in entries.items()
        ]
        weight, name = max(found, key=lambda entry: entry[0])
        return name if weight else None

    def _named(self) -> dict[str, list[str]]:
        """The groups that come from the routines."""
        library = self._library
        steps = [
            n for r in library.routines.values() for i in range(len(r.steps)) for n in self._called(r, i)
        ]
        terms = [term for r in library.routines.values() for term in r.terms] + list(library.handbook.strokes)
        items = [
            entry for texts in library.handbook.words.items.values() for entry in texts if "<" not in entry
        ]
        return {
            "step": list(dict.fromkeys(steps)),
            "term": [f"{term}" for term in dict.fromkeys(terms)] + ["knot", "knots"],
            "noplace": [entry for texts in library.handbook.words.places.values() for entry in texts],
            "item": [*items, *library.handbook.words.groups.get("oil", ())],
        }

    def _called(self, routine: Routine, index: int) -> list[str]:
        step = routine.steps[index]
        names = [step.name, step.id.replace("-", " "), *step.called]
        return list(dict.fromkeys(self._speller.read(name).words.strip() for name in names))


def _any(phrases: Iterable[Phrase], said: Said) -> bool:
    return any(each.find(said.words) for each in phrases)


def _tells(means: dict[str, list[Phrase]]) -> dict[str, float]:
    """How much each word tells of what is meant, 0 to 1: the fewer meanings use it, the more."""
    used = Counter(
        word for phrases in means.values() for word in frozenset().union(*(p.words for p in phrases))
    )
    return {word: 1 - log(times) / log(len(means)) for word, times in used.items()}


def _vocabulary(library: Library) -> Iterator[str]:
    """Every word that a person may write and mean as it stands, the commonest first."""
    words = library.handbook.words
    for entries in (words.means, words.groups, words.conditions, words.places, words.spots, words.items):
        for texts in entries.values():
            for text in texts:
                yield from words_of(text.replace("_", " "))
    for texts in (words.pain, words.ache, words.harmless):
        for text in texts:
            yield from words_of(text.replace("_", " "))
    yield from words.known
    yield from words.breaks
    for part in (library.handbook, *library.routines.values()):
        for text in _texts(part.model_dump(exclude={"words"})):
            yield from words_of(text)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)

"""What a voice says during a whole massage, and when: the guided track as plain data.

Pure. Moments come from `bot.session.timeline`, words from `instructions` and the routine. Each cue has a time
by which it must be over. Sentences that do not fit are left out, the least important first. Times are seconds
from the track's beginning.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import escape, unescape

from bot.routine.durations import spell
from bot.routine.model import Library, Routine, Stance
from bot.session.effects import Say, ShowNext, ShowPart
from bot.session.state import CUE_AHEAD, Choices, Finished
from bot.session.timeline import Moment, moments
from bot.wording.instructions import Told, ahead, ended, placed, told
from bot.wording.scene import Scene
from bot.wording.speech import aloud, number

OPENING = 15.0
"""Before the massage begins: to say what it is, and to put the phone down."""
CLOSING = 25.0
"""After it has ended: for what to do then, and a little quiet."""
LONGEST = 35.0
"""Words for a part are over by then, however long the part: what is left is theirs and their music's."""
GAP = 1.0
"""Quiet between what is said and whatever sounds next."""
PAUSE = 0.4
"""Between two sentences."""
RING = 1.3
"""From a chime's beginning to the first word after it."""
LONG_PART = 120.0
"""Work as long as this or longer is told when half of it is over."""
PERFORMER = "Massage coach"
CAPTION = 1024
"""Characters in a Telegram caption."""


KEEP_OFF, EFFORT, LANDMARK = 1, 10, 11
"""Ranks of what follows the directions, which have 0, 1, 2 and so on."""


class Chime(StrEnum):
    """Sounds that tell without words what is happening."""

    START = "start"
    NEXT = "next part"
    ROUND = "walk round"
    END = "end"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence. `rank` is 0 where it matters most."""

    words: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Cue:
    """Something that sounds: a chime or a word begins at `at`, and all of it is over by `until`.

    `chapter` is its name, where a chapter of the track begins with it.
    """

    at: float
    until: float
    lines: tuple[Line, ...]
    chime: Chime | None = None
    chapter: str = ""

    @property
    def speaks_at(self) -> float:
        return self.at + (RING if self.chime else 0.0)


@dataclass(frozen=True, slots=True)
class Script:
    """A whole track: its cues in order, and how many seconds it lasts."""

    title: str
    cues: tuple[Cue, ...]
    seconds: float

    @property
    def chapters(self) -> tuple[tuple[float, str], ...]:
        """When each begins, and its name."""
        return tuple((cue.at, cue.chapter) for cue in self.cues if cue.chapter)


def script(library: Library, choices: Choices) -> Script:
    """The track for a routine, a length and a side; ValueError where the routine cannot take so long."""
    routine = library.routines[choices.routine]
    planned = list(moments(routine, choices))
    cues = [_opening(routine, choices)]
    for moment in planned:
        cues += _cues(moment, Scene(moment.session, library))
    seconds = OPENING + planned[-1].at + CLOSING
    return Script(_title(routine, choices), tuple(sorted(cues, key=lambda cue: cue.at)), seconds)


# --- What there is to say ------------------------------------------------------------------------


def _title(routine: Routine, choices: Choices) -> str:
    side = f", from the {choices.side}" if routine.stance is Stance.BESIDE else ""
    return f"{routine.name}, {spell(choices.length)}{side}"


def _opening(routine: Routine, choices: Choices) -> Cue:
    ranked = (
        (f"{escape(routine.name)}, about {spell(choices.length)}.", 1),
        (placed(routine, choices), 0),
        ("If anything hurts, stop the audio, and lift your hands.", 0),
        ("Put the phone down now. We begin in a moment.", 2),
    )
    return Cue(GAP / 2, OPENING - GAP, _lines(ranked), chapter="Before we begin")


def _cues(moment: Moment, scene: Scene) -> Iterator[Cue]:
    at = OPENING + moment.at
    match moment.effect, moment.session.state:
        case ShowPart() as effect, _:
            yield from _part(at, effect, scene, first=moment.at == 0)
        case ShowNext(use_by=ends_at), _:
            yield _soon(at, OPENING + ends_at, scene)
        case Say(), Finished() as state:
            ranked = [(sentence, rank) for rank, sentence in enumerate(ended(state, scene.routine))]
            yield Cue(at, at + CLOSING - GAP, _lines(ranked), Chime.END, chapter="Water and rest")


def _part(at: float, effect: ShowPart, scene: Scene, first: bool) -> Iterator[Cue]:
    """Its words in the first half at most; then, where it is long, that half of it is over."""
    part = told(effect, scene)
    until = at + min((effect.lead_in + effect.seconds) / 2 - GAP, LONGEST)
    chime = Chime.START if first else Chime.ROUND if effect.walk else Chime.NEXT
    yield Cue(at, until, part_lines(part, scene), chime, chapter=unescape(part.name))
    if effect.seconds >= LONG_PART:
        halfway = at + effect.lead_in + effect.seconds / 2
        yield Cue(halfway, halfway + CUE_AHEAD, (Line("Halfway."),))


def part_lines(part: Told, scene: Scene) -> tuple[Line, ...]:
    """What to do first and what to keep off matter most, and what to feel for least."""
    name = f"{part.step}: {part.name}" if scene.massage.place.part == 0 else part.name
    start = [name, *part.start]
    do = [(sentence, rank) for rank, sentence in enumerate(part.say)]
    rest = [(part.landmark, LANDMARK), (part.effort, EFFORT), (part.keep_off, KEEP_OFF)]
    return _lines([*((sentence, 0) for sentence in start), *do, *rest])


def _soon(at: float, ends_at: float, scene: Scene) -> Cue:
    """The part's last seconds: how to pass on. What comes is said when it comes."""
    part = ahead(scene)
    head = part.head if part.starts else f"{number(round(CUE_AHEAD)).capitalize()} more seconds."
    return Cue(at, ends_at - GAP, _lines([(head, 0), (part.move or part.head, 1)]))


def _lines(ranked: Iterable[tuple[str, int]]) -> tuple[Line, ...]:
    """Of sentences in HTML, with their ranks."""
    return tuple(Line(sentence, rank) for html, rank in ranked for sentence in aloud(html))


# --- What there is time to say -------------------------------------------------------------------


def fit(cue: Cue, length: Callable[[str], float]) -> tuple[str, ...]:
    """What of a cue there is time for, in order; `length` says how many seconds some words take."""
    ranked = sorted(range(len(cue.lines)), key=lambda i: cue.lines[i].rank)
    said: list[int] = []
    left = cue.until - cue.speaks_at + PAUSE
    for i in ranked:
        left -= length(cue.lines[i].words) + PAUSE
        if left < 0:
            break
        said.append(i)
    return tuple(cue.lines[i].words for i in sorted(said))


def caption(track: Script, use: str = "") -> str:
    """HTML, at most 1024 characters: title, how to `use` it, and when each chapter begins, while they fit."""
    lines = [f"<b>{escape(track.title)}</b>", *([use] if use else [])]
    for at, name in track.chapters:
        line = f"{clock(at)} {escape(name)}"
        if len("\n".join([*lines, line]).encode("utf-16-le")) // 2 > CAPTION:
            break
        lines.append(line)
    return "\n".join(lines)


def clock(seconds: float) -> str:
    """As players show it: "0:15", "1:02:03"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

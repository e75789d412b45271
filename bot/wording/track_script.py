"""The script of a guided track (a whole massage as one audio file): what the voice says, and when.

The times come from `bot.session.timeline`, the sentences from `instructions`. The script is a series of cues.
A cue is a group of sentences that the voice says in one go. Each cue has a time by which it must have
finished; sentences that do not fit are left out, the least important first. All times are in seconds from the
beginning of the track. This module must never make a sound: the caller says how long each sentence takes to
say.
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
from bot.wording.context import RenderContext
from bot.wording.instructions import (
    PartInstructions,
    closing_sentences,
    next_part,
    part_instructions,
    starting_position,
)
from bot.wording.spoken import number_in_words, spoken_sentences

OPENING_SECONDS = 15.0
"""Seconds from the beginning of the track to the beginning of the massage. During this time, the voice says
what the track is, and people put the phone down.
"""
CLOSING_SECONDS = 25.0
"""Seconds from the end of the massage to the end of the track. This is time for the aftercare and a little
quiet.
"""
MAX_SPEECH_SECONDS = 35.0
"""The most seconds that the voice may take, from the start of a part, to say everything about it. After that
the track is quiet, so that people can hear their own music.
"""
GAP = 1.0
"""The shortest silence between two cues, in seconds."""
SENTENCE_PAUSE = 0.4
"""The silence between two sentences of a cue, in seconds."""
CHIME_SECONDS = 1.3
"""Seconds from the beginning of a chime to the first word after the chime."""
HALFWAY_FROM = 120.0
"""The shortest work in a part, in seconds, for which the voice says "Halfway." in the middle."""
PERFORMER = "Massage coach"
MAX_CAPTION = 1024
"""The greatest length that Telegram allows for the caption of an audio file, in UTF-16 code units."""

KEEP_OFF_RANK, EFFORT_RANK, LANDMARK_RANK = 1, 10, 11
"""The ranks of three kinds of sentences about a part. A sentence with a higher rank is left out earlier. The
directions have the ranks 0, 1, 2 and so on, in their order.
"""


class Chime(StrEnum):
    """A sound that says what happens now, such as the start of the next part."""

    START = "start"
    NEXT = "next part"
    ROUND = "walk round"
    END = "end"


@dataclass(frozen=True, slots=True)
class RankedSentence:
    """A sentence and its rank. Rank 0 is the most important. If there is too little time, the sentences with
    the highest ranks are left out first.
    """

    words: str
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Cue:
    """Sentences that the voice says in one go, possibly after a chime.

    The sound of the cue begins at `at` and must have finished by `until`. If a chapter of the track begins
    with this cue, `chapter` is its name; otherwise, `chapter` is empty.
    """

    at: float
    until: float
    lines: tuple[RankedSentence, ...]
    chime: Chime | None = None
    chapter: str = ""

    @property
    def speaks_at(self) -> float:
        """The time when the first word begins."""
        return self.at + (CHIME_SECONDS if self.chime else 0.0)


@dataclass(frozen=True, slots=True)
class TrackScript:
    """The script of a whole track. `cues` are in order of time; `seconds` is the length of the track."""

    title: str
    cues: tuple[Cue, ...]
    seconds: float

    @property
    def chapters(self) -> tuple[tuple[float, str], ...]:
        """The chapters of the track. Each is given as the time when it begins, and its name."""
        return tuple((cue.at, cue.chapter) for cue in self.cues if cue.chapter)


def write_track_script(library: Library, choices: Choices) -> TrackScript:
    """Return the script for the chosen routine, length and side.

    Raises ValueError if the routine cannot have that length.
    """
    routine = library.routines[choices.routine]
    planned = list(moments(routine, choices))
    cues = [_opening(routine, choices)]
    for moment in planned:
        cues += _cues(moment, RenderContext(moment.session, library))
    seconds = OPENING_SECONDS + planned[-1].at + CLOSING_SECONDS
    return TrackScript(_title(routine, choices), tuple(sorted(cues, key=lambda cue: cue.at)), seconds)


# --- Cues ------------------------------------------------------------------------


def _title(routine: Routine, choices: Choices) -> str:
    side = f", from the {choices.side}" if routine.stance is Stance.BESIDE else ""
    return f"{routine.name}, {spell(choices.length)}{side}"


def _opening(routine: Routine, choices: Choices) -> Cue:
    ranked = (
        (f"{escape(routine.name)}, about {spell(choices.length)}.", 1),
        (starting_position(routine, choices), 0),
        ("If anything hurts, stop the audio, and lift your hands.", 0),
        ("Put the phone down now. We begin in a moment.", 2),
    )
    return Cue(GAP / 2, OPENING_SECONDS - GAP, _lines(ranked), chapter="Before we begin")


def _cues(moment: Moment, context: RenderContext) -> Iterator[Cue]:
    at = OPENING_SECONDS + moment.at
    match moment.effect, moment.session.state:
        case ShowPart() as effect, _:
            yield from _part(at, effect, context, first=moment.at == 0)
        case ShowNext(use_by=ends_at), _:
            yield _ending(at, OPENING_SECONDS + ends_at, context)
        case Say(), Finished() as state:
            ranked = [
                (sentence, rank) for rank, sentence in enumerate(closing_sentences(state, context.routine))
            ]
            yield Cue(at, at + CLOSING_SECONDS - GAP, _lines(ranked), Chime.END, chapter="Water and rest")


def _part(at: float, effect: ShowPart, context: RenderContext, first: bool) -> Iterator[Cue]:
    """Yield the cue about a part, which must finish within the first half of the part. If the part is long
    enough, also yield the cue that says "Halfway.".
    """
    part = part_instructions(effect, context)
    until = at + min((effect.lead_in + effect.seconds) / 2 - GAP, MAX_SPEECH_SECONDS)
    chime = Chime.START if first else Chime.ROUND if effect.walk else Chime.NEXT
    yield Cue(at, until, part_lines(part, context), chime, chapter=unescape(part.name))
    if effect.seconds >= HALFWAY_FROM:
        halfway = at + effect.lead_in + effect.seconds / 2
        yield Cue(halfway, halfway + CUE_AHEAD, (RankedSentence("Halfway."),))


def part_lines(part: PartInstructions, context: RenderContext) -> tuple[RankedSentence, ...]:
    """Return what the voice says about a part.

    The most important sentences are the title, where to stand, and the first direction. The places to keep
    off come next. The landmark is the least important.
    """
    title = f"{part.step}: {part.name}" if context.massage.place.part == 0 else part.name
    first = [(sentence, 0) for sentence in (title, *part.setup)]
    directions = [(sentence, rank) for rank, sentence in enumerate(part.spoken_directions)]
    rest = [
        (part.landmark, LANDMARK_RANK),
        (part.effort, EFFORT_RANK),
        (part.keep_off, KEEP_OFF_RANK),
    ]
    return _lines([*first, *directions, *rest])


def _ending(at: float, ends_at: float, context: RenderContext) -> Cue:
    """Return the cue that is said shortly before a part ends. It says how to move on from the part; a later
    cue describes the next part.
    """
    part = next_part(context)
    heading = (
        part.heading
        if part.is_first_stroke
        else f"{number_in_words(round(CUE_AHEAD)).capitalize()} more seconds."
    )
    return Cue(at, ends_at - GAP, _lines([(heading, 0), (part.transition or part.heading, 1)]))


def _lines(ranked: Iterable[tuple[str, int]]) -> tuple[RankedSentence, ...]:
    """Return the sentences in `ranked`, which contains pairs of HTML and rank. If the HTML of a pair has
    several sentences, each of them gets the pair's rank.
    """
    return tuple(
        RankedSentence(sentence, rank) for html, rank in ranked for sentence in spoken_sentences(html)
    )


# --- Sentences that fit -------------------------------------------------------------------


def sentences_that_fit(cue: Cue, length: Callable[[str], float]) -> tuple[str, ...]:
    """Return the sentences of a cue that fit into the cue's time, in their original order.

    Sentences are chosen by rank, until one does not fit. `length` returns how many seconds a sentence takes
    to say.
    """
    by_rank = sorted(range(len(cue.lines)), key=lambda index: cue.lines[index].rank)
    fitting: list[int] = []
    left = cue.until - cue.speaks_at + SENTENCE_PAUSE
    for index in by_rank:
        left -= length(cue.lines[index].words) + SENTENCE_PAUSE
        if left < 0:
            break
        fitting.append(index)
    return tuple(cue.lines[index].words for index in sorted(fitting))


# --- The caption ---------------------------------------------------------------------------------


def caption(track: TrackScript, use: str = "") -> str:
    """Return the caption of a track, as HTML: the title, the text `use`, which says how to use the track, and
    as many chapters as fit.
    """
    lines = [f"<b>{escape(track.title)}</b>", *([use] if use else [])]
    for at, name in track.chapters:
        line = f"{player_time(at)} {escape(name)}"
        if len("\n".join([*lines, line]).encode("utf-16-le")) // 2 > MAX_CAPTION:
            break
        lines.append(line)
    return "\n".join(lines)


def player_time(seconds: float) -> str:
    """Return a time in the form that audio players show, such as "0:15" or "1:02:03"."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

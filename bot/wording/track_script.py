"""The script of a guided track (a whole massage as one audio file): what the voice says, and when.

The times come from `bot.session.timeline`, the sentences from `instructions` and `coaching`. The script is a
series of cues. A cue is a group of sentences that the voice says in one go. Each cue has a time by which it
must have finished; sentences that do not fit are left out, the least important first. All times are in
seconds from the beginning of the track. This module must never make a sound: the caller says how long each
sentence takes to say, and until then, `about_seconds` estimates it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from html import escape, unescape
from itertools import pairwise
from math import ceil

from bot.routine.durations import spell
from bot.routine.model import Library, Routine, Stance, Turn
from bot.session.effects import ShowLines, ShowNext, ShowPart
from bot.session.places import part_at
from bot.session.state import Choices, Finished, Line, Talk
from bot.session.timeline import Moment, moments
from bot.wording.coaching import coaching_sentences
from bot.wording.context import RenderContext
from bot.wording.instructions import (
    PartInstructions,
    closing_sentences,
    next_part,
    part_instructions,
    starting_position,
)
from bot.wording.spoken import spoken_sentences
from bot.wording.text import join_names, lower_first

OPENING_SECONDS = 25.0
"""Seconds from the beginning of the track to the beginning of the massage. During this time, the voice says
what the track is, and people put the phone down.
"""
AGREEMENT_AT = 14.0
"""When the voice says that anybody may say lighter or stop. It leaves time to say this aloud."""
CLOSING_SECONDS = 25.0
"""Seconds from the end of the massage to the end of the track. This is time for the aftercare and a little
quiet.
"""
MAX_SPEECH_SECONDS = 35.0
"""The most seconds that the voice may take, from the start of a part, to say what to do in it."""
MAX_SPEECH_SHARE = 0.6
"""The greatest share of a part that the voice may take, from the start of the part, for the same."""
GAP = 1.0
"""The shortest silence between two cues, in seconds."""
BREATH, BREATH_SHARE = 3.0, 0.08
"""The shortest silence, by the estimate, between two cues of a part: in seconds, and as a share of the part.
The longer of the two counts.
"""
MAX_SILENCE = 40.0
"""If the coach would be silent for more than this many seconds in a part, by the estimate, a note fills the
silence. A voice that speaks faster than estimated still leaves no silence of more than 45 seconds.
"""
LANDMARK_SILENCE = 12.0
"""If a silence is longer than this many seconds, by the estimate, the landmark is said in it."""
UNSAID_SECONDS = 120.0
"""A note is not said if it was said within this many seconds."""
SENTENCE_PAUSE = 0.4
"""The silence between two sentences of a cue, in seconds."""
SECONDS_PER_SENTENCE, SECONDS_PER_CHARACTER = 0.15, 0.055
"""How long the included voice takes: so many seconds for a sentence, and so many for each character of it."""
CHIME_SECONDS = 1.3
"""Seconds from the beginning of a chime to the first word after the chime."""
PERFORMER = "Massage coach"
SAME_STROKE = "The same stroke as before."
MAX_CAPTION = 1024
"""The greatest length that Telegram allows for the caption of an audio file, in UTF-16 code units."""

EFFORT_RANK, LANDMARK_RANK = 10, 11
"""The ranks of two kinds of sentences about a part. A sentence with a higher rank is left out earlier. The
directions have the ranks 1, 2, 3 and so on, in their order. Whatever keeps people safe has the rank 0.
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
    """Return the script for the chosen routine, length, side and talk.

    Raises ValueError if the routine cannot have that length.
    """
    routine = library.routines[choices.routine]
    *planned, end = moments(routine, choices)
    starts = [index for index, moment in enumerate(planned) if isinstance(moment.effect, ShowPart)]
    cues = _opening(routine, choices, library)
    for start, after in pairwise([*starts, len(planned)]):
        following = planned[after] if after < len(planned) else None
        cues += _part(planned[start:after], following, library, cues)
    cues.append(_closing(end, routine))
    return TrackScript(_title(routine, choices), tuple(cues), OPENING_SECONDS + end.at + CLOSING_SECONDS)


# --- Beginning and end ---------------------------------------------------------------------------


def _title(routine: Routine, choices: Choices) -> str:
    side = f", from the {choices.side}" if routine.stance is Stance.BESIDE else ""
    talk = ", few words" if choices.talk is Talk.BRIEF else ""
    return f"{routine.name}, {spell(choices.length)}{side}{talk}"


def _opening(routine: Routine, choices: Choices, library: Library) -> list[Cue]:
    ranked = (
        (f"{escape(routine.name)}, about {spell(choices.length)}.", 1),
        (starting_position(routine, choices), 0),
        ("If anything hurts, stop the audio, and lift your hands.", 0),
        ("Put the phone down now. We begin in a moment.", 2),
    )
    agreement = _lines([(escape(library.handbook.safety.agreement), 0)])
    return [
        Cue(GAP / 2, AGREEMENT_AT - GAP, _lines(ranked), chapter="Before we begin"),
        Cue(AGREEMENT_AT, OPENING_SECONDS - GAP, agreement),
    ]


def _closing(end: Moment, routine: Routine) -> Cue:
    """Return the cue at the end of the massage. Raises TypeError if `end` is not the end."""
    if not isinstance(end.session.state, Finished):
        raise TypeError("the massage is not finished")
    sentences = closing_sentences(end.session.state, routine)
    ranked = [(sentence, rank) for rank, sentence in enumerate(sentences)]
    at = OPENING_SECONDS + end.at
    return Cue(at, at + CLOSING_SECONDS - GAP, _lines(ranked), Chime.END, chapter="Water and rest")


# --- A part --------------------------------------------------------------------------------------


def _part(
    planned: Sequence[Moment], following: Moment | None, library: Library, earlier: Sequence[Cue]
) -> list[Cue]:
    """Return the cues of a part, in order: what to do, coaching, and the announcement of what comes next.

    `planned` has the moments of the part, `following` is the first moment of the next part, and `earlier` are
    the cues of the earlier parts. The coaching waits until the voice has said what to do. If there is no time
    for it then, it is left out.
    """
    shown, *_, ending = planned
    context = RenderContext(shown.session, library)
    announcement = _announcement(ending, following, library)
    cues = [_description(shown, context)]
    for moment in planned[1:-1]:
        cue = _coaching(moment, context, [*earlier, *cues])
        at = max(cue.at, _about_end(cues[-1]) + _breath(shown))
        cue = replace(cue, at=at, until=announcement.at - GAP)
        if sentences_that_fit(cue, about_seconds):
            cues.append(cue)
    cues.append(announcement)
    if context.session.choices.talk is Talk.FULL:
        _fill_silence(cues, context, earlier)
    return [_ending_before(cue, after) for cue, after in pairwise(cues)] + cues[-1:]


def _breath(shown: Moment) -> float:
    """Return the shortest silence between two cues of the part that a moment shows, in seconds."""
    return max(BREATH, BREATH_SHARE * _shown(shown).seconds)


def _shown(moment: Moment) -> ShowPart:
    """Return the effect that shows a part. Raises TypeError if the moment has another effect."""
    if not isinstance(moment.effect, ShowPart):
        raise TypeError(f"{moment.effect} shows no part")
    return moment.effect


def _description(shown: Moment, context: RenderContext) -> Cue:
    """Return the cue that says what to do in a part."""
    effect, at = _shown(shown), OPENING_SECONDS + shown.at
    part = part_instructions(effect, context)
    directions, keep_off = _directions(part, context), _keep_off(context)
    spoken = replace(part, spoken_directions=directions, landmark="", keep_off=keep_off)
    share = MAX_SPEECH_SHARE * (effect.lead_in + effect.seconds)
    chime = Chime.START if shown.at == 0 else Chime.ROUND if effect.walk else Chime.NEXT
    until = at + min(share - GAP, MAX_SPEECH_SECONDS)
    return Cue(at, until, part_lines(spoken, context), chime, chapter=unescape(part.name))


def _directions(part: PartInstructions, context: RenderContext) -> tuple[str, ...]:
    """Return the directions of a part. If people want few words, and for a repeated stroke, the announcement
    of the step takes their place. For a second side to which nobody has to walk, the first direction, which
    is about the hands, is enough.
    """
    current = part_at(context.massage, context.routine)
    if _is_short(context):
        return (escape(current.step.cue),)
    return (part.spoken_directions[0], SAME_STROKE) if current.turn is Turn.RIGHT else part.spoken_directions


def _keep_off(context: RenderContext) -> str:
    """Return which places must not be pressed. The voice says this for a repeated stroke too."""
    technique = part_at(context.massage, context.routine).step.technique
    if technique is None:
        return ""
    places = [context.handbook.no_press[place].name for place in technique.no_press]
    return escape(f"Keep off {join_names(places)}.")


def _is_short(context: RenderContext) -> bool:
    """Return whether the current part is described in one sentence."""
    is_again = part_at(context.massage, context.routine).again
    return is_again or context.session.choices.talk is Talk.BRIEF


def part_lines(part: PartInstructions, context: RenderContext) -> tuple[RankedSentence, ...]:
    """Return what the voice says about a part.

    The most important sentences are the title, where to stand, and the places to keep off. The first
    direction comes next. The landmark is the least important.
    """
    title = f"{part.step}: {part.name}" if context.massage.place.part == 0 else part.name
    first = [(sentence, 0) for sentence in (title, *part.setup)]
    directions = [(sentence, rank) for rank, sentence in enumerate(part.spoken_directions, 1)]
    rest = [(part.landmark, LANDMARK_RANK), (part.effort, EFFORT_RANK), (part.keep_off, 0)]
    return _lines([*first, *directions, *rest])


def _coaching(moment: Moment, context: RenderContext, earlier: Sequence[Cue]) -> Cue:
    """Return the cue of the coach's lines during a part. Halfway, it adds the line about posture that was
    said longest ago.

    If there is too little time for all, the posture is left out first, and then what goes wrong.
    """
    if not isinstance(moment.effect, ShowLines):
        raise TypeError(f"{moment.effect} has no lines")
    lines, at = moment.effect.lines, OPENING_SECONDS + moment.at
    ranked = [
        (sentence, 2 if line is Line.MISTAKE else 0)
        for line in lines
        for sentence in coaching_sentences((line,), context)
    ]
    posture = [(escape(_postures(context, earlier)[0]), 3)] if Line.HALFWAY in lines else []
    return Cue(at, at, _lines([*ranked, *posture]))


def _announcement(moment: Moment, following: Moment | None, library: Library) -> Cue:
    """Return the cue that is said shortly before a part ends. It names the part that `following` shows, and
    says which side comes next, and how to move on. At the end of the massage, `following` is None.
    """
    if not isinstance(moment.effect, ShowNext):
        raise TypeError(f"{moment.effect} announces nothing")
    part = next_part(RenderContext(moment.session, library))
    heading, side, transition = part.heading, part.side, part.transition
    if following:
        upcoming = RenderContext(following.session, library)
        name = part_instructions(_shown(following), upcoming).name
        # The name of a part says which side, unless the side depends on where the giver stands.
        side = side if part_at(upcoming.massage, upcoming.routine).turn is Turn.FAR else ""
        heading = f"In {spell(moment.effect.use_by - moment.at)}: {lower_first(name)}."
        if moment.session.choices.talk is Talk.BRIEF and not part.is_first_stroke:
            transition = ""
    ranked = [(heading, 0), (side, 0), (transition, 1)]
    return Cue(OPENING_SECONDS + moment.at, OPENING_SECONDS + moment.effect.use_by - GAP, _lines(ranked))


def _lines(ranked: Iterable[tuple[str, int]]) -> tuple[RankedSentence, ...]:
    """Return the sentences in `ranked`, which contains pairs of HTML and rank. If the HTML of a pair has
    several sentences, each of them gets the pair's rank.
    """
    return tuple(
        RankedSentence(sentence, rank) for html, rank in ranked for sentence in spoken_sentences(html)
    )


# --- Silence -------------------------------------------------------------------------------------


def _fill_silence(cues: list[Cue], context: RenderContext, earlier: Sequence[Cue]) -> None:
    """Put notes into the silences of a part that are too long. If the stroke is new, also put the landmark
    into an early silence.
    """
    technique = part_at(context.massage, context.routine).step.technique
    if technique and not _is_short(context):
        _fill(cues, LANDMARK_SILENCE, [technique.landmark], earlier)
    while _fill(cues, MAX_SILENCE, _notes(context, [*earlier, *cues]), earlier):
        pass


def _fill(cues: list[Cue], most: float, notes: Iterable[str], earlier: Sequence[Cue]) -> bool:
    """Put the first note that has not been said lately into the first silence of more than `most` seconds, so
    that equal silences of at most `most` seconds result. Return whether there were such a note and such a
    silence.
    """
    for index, (cue, after) in enumerate(pairwise(cues), 1):
        end = _about_end(cue)
        silence = after.at - end
        if silence > most:
            for note in notes:
                lines = _lines([(escape(note), 0)])
                at = end + (silence - _about(lines)) / ceil(silence / most)
                if not _was_said(lines, cues) and at - _last_said(lines, earlier) > UNSAID_SECONDS:
                    cues.insert(index, Cue(at, after.at - GAP, lines))
                    return True
    return False


def _notes(context: RenderContext, earlier: Sequence[Cue]) -> list[str]:
    """Return what can fill a silence in a part, the most important first."""
    step = part_at(context.massage, context.routine).step
    of_stroke = (
        [step.technique.landmark, step.tip, step.technique.feels_right] if step.technique else [step.tip]
    )
    return [*of_stroke, step.why, *(_postures(context, earlier) if step.technique else ())]


def _postures(context: RenderContext, earlier: Sequence[Cue]) -> list[str]:
    """Return the lines about the giver's posture. The one that was said longest ago comes first."""
    return sorted(
        context.handbook.safety.posture, key=lambda line: _last_said(_lines([(escape(line), 0)]), earlier)
    )


def _last_said(lines: Sequence[RankedSentence], cues: Sequence[Cue]) -> float:
    """Return when the latest cue with one of these sentences begins; minus infinity if there is none."""
    return max((cue.at for cue in cues if _was_said(lines, [cue])), default=float("-inf"))


def _was_said(lines: Sequence[RankedSentence], cues: Iterable[Cue]) -> bool:
    said = {line.words for cue in cues for line in cue.lines}
    return any(line.words in said for line in lines)


def _ending_before(cue: Cue, after: Cue) -> Cue:
    return replace(cue, until=min(cue.until, after.at - GAP))


def _about_end(cue: Cue) -> float:
    """Return an estimate of when the last word of a cue ends."""
    said = sentences_that_fit(cue, about_seconds)
    return cue.speaks_at + sum(map(about_seconds, said)) + SENTENCE_PAUSE * (len(said) - 1)


def _about(lines: Sequence[RankedSentence]) -> float:
    return sum(about_seconds(line.words) for line in lines) + SENTENCE_PAUSE * (len(lines) - 1)


def about_seconds(sentence: str) -> float:
    """Return an estimate of how many seconds a sentence takes to say."""
    return SECONDS_PER_SENTENCE + SECONDS_PER_CHARACTER * len(sentence)


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

"""The script of the voice: which sentences it speaks and when. No sound is made here."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from _pytest.mark.structures import ParameterSet

from bot.routine.loading import SHIPPED, load
from bot.routine.model import Library, Pressure, Side, Stance, Turn
from bot.session.effects import ShowLines, ShowNext, ShowPart, Toast, Topic
from bot.session.places import part_at
from bot.session.state import OIL_AHEAD, Choices, Line, Running, Talk, Ticking
from bot.session.timeline import Moment, moments
from bot.wording.coaching import coaching_sentences
from bot.wording.context import RenderContext
from bot.wording.render import render, without_markup
from bot.wording.spoken import spoken_sentences
from bot.wording.text import lower_first
from bot.wording.track_script import (
    CLOSING_SECONDS,
    GAP,
    MAX_CAPTION,
    OPENING_SECONDS,
    SAME_STROKE,
    SENTENCE_PAUSE,
    Chime,
    Cue,
    RankedSentence,
    TrackScript,
    caption,
    player_time,
    sentences_that_fit,
    write_track_script,
)
from bot.wording.voice_notes import voice_note_sentences

LIBRARY = load(SHIPPED)
BACK = LIBRARY.routines["back"]


def every_choice(*talks: Talk) -> list[ParameterSet]:
    """Return every routine, length and side, with each of `talks`, as parameters of a test."""
    return [
        pytest.param(
            Choices(routine.id, length, side, talk=talk), id=f"{routine.id}-{length / 60:.0f}-{side}-{talk}"
        )
        for routine in LIBRARY.routines.values()
        for length in routine.lengths
        for side in (Side if routine.stance is Stance.BESIDE else [Side.LEFT])
        for talk in talks
    ]


EVERY, FULL, BRIEF = every_choice(*Talk), every_choice(Talk.FULL), every_choice(Talk.BRIEF)
USUAL_RATE = 0.057
"""About how many seconds the included voice takes for a character."""
RATES = (0.048, USUAL_RATE, 0.07)
"""A faster voice, the usual one and a slower one."""
USUAL = Choices("back", BACK.total_time, Side.LEFT)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("<b>Step 4 of 8 · Fingertips</b>", ["Step four of eight.", "Fingertips."]),
        ("Work the <b>RIGHT</b> side.\n\n3 min left", ["Work the right side.", "Three minutes left."]),
        ("2 min 30 s, or 1 min, 90 s", ["Two minutes and thirty seconds, or one minute, ninety seconds."]),
        ("+30 s, x8, 3×", ["Plus thirty seconds, eight times, three times."]),
        ("2–3 h, 1.5 h", ["Two to three hours, one point five hours."]),
        ("brittle bones (soft) and nuts (for oil).", ["Brittle bones, soft, and nuts, for oil."]),
        ("Tea &amp; rest 🙂 – e.g. 25 % ☐", ["Tea and rest, for example twenty-five per cent."]),
        ("Send /start: 1250", ["Send start: one thousand two hundred and fifty."]),
        ("305 of 19?", ["Three hundred and five of nineteen?"]),
        ("Don't. A sun-warmed “towel”!", ["Don't.", "A sun-warmed towel!"]),
    ],
)
def test_written_text_becomes_sentences_that_can_be_spoken(written: str, spoken: list[str]) -> None:
    assert list(spoken_sentences(written)) == spoken


@pytest.mark.parametrize("choices", EVERY)
def test_every_sentence_of_a_track_consists_of_words_that_can_be_spoken(choices: Choices) -> None:
    for line in lines(write_track_script(LIBRARY, choices)):
        assert re.fullmatch(r"[A-Z][A-Za-z',;:. -]+[.!?]", line.words), line.words
        assert "LEFT" not in line.words
        assert "RIGHT" not in line.words


@pytest.mark.parametrize("choices", EVERY)
def test_the_track_keeps_the_sessions_time(choices: Choices) -> None:
    """Each part begins, is announced and ends at its moment. Coaching comes at its moment or soon after."""
    track = write_track_script(LIBRARY, choices)
    *planned, end = moments(LIBRARY.routines[choices.routine], choices)
    at = {cue.at for cue in track.cues}
    for moment in [*planned, end]:
        if not isinstance(moment.effect, ShowLines):
            assert OPENING_SECONDS + moment.at in at
        elif seconds_of_part(moment) >= 60:
            said = spoken_sentences("\n".join(coaching(moment)))
            (cue,) = [cue for cue in track.cues if cue.lines[0].words == said[0] and within(moment, cue)]
            assert [line.words for line in cue.lines][: len(said)] == list(said)
            assert -0.001 <= cue.at - OPENING_SECONDS - moment.at <= 30
    assert track.seconds == OPENING_SECONDS + end.at + CLOSING_SECONDS


@pytest.mark.parametrize("choices", EVERY)
def test_a_massage_takes_as_long_as_its_parts_and_their_lead_ins(choices: Choices) -> None:
    parts = [effect for _, effect, _ in shown(LIBRARY, choices)]
    *_, end = moments(LIBRARY.routines[choices.routine], choices)
    assert end.at == sum(part.seconds + part.lead_in for part in parts)


@pytest.mark.parametrize("choices", EVERY)
def test_every_cue_ends_before_the_next_begins(choices: Choices) -> None:
    track = write_track_script(LIBRARY, choices)
    for cue, after in pairwise(track.cues):
        assert cue.speaks_at < cue.until <= after.at - GAP
    assert track.cues[-1].until <= track.seconds - GAP


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("choices", EVERY)
def test_the_voice_is_never_interrupted_however_slowly_it_speaks(choices: Choices, rate: float) -> None:
    track = write_track_script(LIBRARY, choices)
    for cue, after in pairwise(track.cues):
        end = end_of(cue, rate)
        assert end <= after.at - GAP


@pytest.mark.parametrize("choices", EVERY)
def test_nothing_is_hurried(choices: Choices) -> None:
    """After everything that is said in a part, there are three seconds before the voice goes on in it."""
    track = write_track_script(LIBRARY, choices)
    announced = announcements(choices)
    for cue, after in pairwise(track.cues[2:-1]):
        if after.chime is None and after.at not in announced:
            end = end_of(cue, USUAL_RATE)
            assert after.at - end >= 2.5, (cue, after)


@pytest.mark.parametrize("rate", [rate for rate in RATES if rate <= USUAL_RATE])
@pytest.mark.parametrize("choices", FULL)
def test_the_coach_is_never_silent_for_more_than_45_seconds(choices: Choices, rate: float) -> None:
    cues = write_track_script(LIBRARY, choices).cues
    for cue, after in pairwise(cues):
        end = end_of(cue, rate)
        assert after.at - end <= 45, (cue, after)
    assert cues[-1].chime is Chime.END


@pytest.mark.parametrize("choices", EVERY)
def test_the_next_stroke_is_named_before_it_begins(choices: Choices) -> None:
    track = write_track_script(LIBRARY, choices)
    _, *later = shown(LIBRARY, choices)
    for context, _, at in later:
        name = part_at(context.massage, context.routine).step.name
        said = [words for end, words in heard(track.cues, USUAL_RATE) if at - OIL_AHEAD < end < at]
        assert any(words.startswith("In ") and lower_first(name) in words for words in said), name


@pytest.mark.parametrize("choices", EVERY)
def test_a_side_is_named_before_it_is_worked(choices: Choices) -> None:
    """The last sentence before the work that names a side names the right one."""
    track = write_track_script(LIBRARY, choices)
    named = [(end, words) for end, words in heard(track.cues, USUAL_RATE) if side_in(words)]
    sided = 0
    for context, effect, at in shown(LIBRARY, choices):
        side = part_at(context.massage, context.routine).side(context.massage.stands)
        if side:
            work = at + effect.lead_in
            *_, (end, words) = [each for each in named if each[0] <= work]
            assert side_in(words) is side
            assert end > at - OIL_AHEAD
            sided += 1
    assert sided >= 2


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("choices", EVERY)
def test_what_keeps_people_safe_is_always_said(choices: Choices, rate: float) -> None:
    track, safety = write_track_script(LIBRARY, choices), LIBRARY.handbook.safety
    said = list(heard(track.cues, rate))
    before = [words for end, words in said if end < OPENING_SECONDS]
    assert {*spoken_sentences(safety.agreement)} < {*before}
    assert "If anything hurts, stop the audio, and lift your hands." in before
    check_ins = [end for end, words in said if words == safety.check_in]
    assert check_ins
    assert choices.talk is Talk.FULL or len(check_ins) == 1
    for context, effect, at in shown(LIBRARY, choices):
        technique = part_at(context.massage, context.routine).step.technique
        if technique:
            places = [LIBRARY.handbook.no_press[place].name for place in technique.no_press]
            (warning,) = [
                words
                for end, words in said
                if words.startswith("Keep off ") and at < end < at + effect.lead_in + effect.seconds
            ]
            assert all(place in warning for place in places)


@pytest.mark.parametrize("choices", FULL)
def test_halfway_the_receiver_is_asked_and_the_giver_minds_another_point_of_posture(choices: Choices) -> None:
    planned = moments(LIBRARY.routines[choices.routine], choices)
    halfway = [at for at in planned if isinstance(at.effect, ShowLines) and Line.HALFWAY in at.effect.lines]
    cues = [
        [line.words for line in cue.lines]
        for cue in write_track_script(LIBRARY, choices).cues
        if cue.lines[0].words == "Halfway."
    ]
    assert len(cues) == len(halfway)
    postures = [words[-1] for words in cues]
    assert all(LIBRARY.handbook.safety.check_in in words for words in cues)
    assert {*postures} <= {*LIBRARY.handbook.safety.posture}
    assert all(one != other for one, other in pairwise(postures))
    assert len(cues) == sum(
        effect.seconds >= 90 and presses(context) for context, effect, _ in shown(LIBRARY, choices)
    )


@pytest.mark.parametrize("choices", EVERY)
def test_nothing_is_repeated_within_a_part_or_within_two_minutes(choices: Choices) -> None:
    """This does not hold for the question to the receiver, nor for what belongs to the beginning or to the
    announcement of a part.
    """
    track, safety = write_track_script(LIBRARY, choices), LIBRARY.handbook.safety
    starts = [at for _, _, at in shown(LIBRARY, choices)]
    planned = {*announcements(choices), *starts}
    asked = {"Halfway.", *spoken_sentences(safety.check_in), *spoken_sentences(safety.reading)}
    last: dict[str, float] = {}
    for cue in track.cues[2:-1]:
        for words in {line.words for line in cue.lines} - asked if cue.at not in planned else ():
            since = last.get(words, -1000.0)
            assert cue.at - since > 120, words
            assert any(since < at <= cue.at for at in starts), words
            last[words] = cue.at


@pytest.mark.parametrize("choices", BRIEF)
def test_with_few_words_the_voice_says_only_what_is_needed(choices: Choices) -> None:
    """There are no reminders but the warnings, and no notes. The step's announcement takes the place of its
    directions.
    """
    track, full = (
        write_track_script(LIBRARY, replace(choices, talk=talk)) for talk in (choices.talk, Talk.FULL)
    )
    planned = list(moments(LIBRARY.routines[choices.routine], choices))
    assert len(track.cues) == len(planned) + 1, "one for each moment, and one before the massage"
    said = {words for _, words in heard(track.cues, USUAL_RATE)}
    for step in LIBRARY.routines[choices.routine].steps:
        if step.technique:
            assert {*spoken_sentences(step.technique.feels_wrong)} <= said
    assert track.title == f"{full.title}, few words"
    spoken = [sum(len(line.words) for line in lines(each)) for each in (track, full)]
    assert spoken[0] < spoken[1] * 0.7
    for context, _, at in shown(LIBRARY, choices):
        (cue,) = [cue for cue in track.cues if cue.at == at]
        step = part_at(context.massage, context.routine).step
        assert spoken_sentences(step.cue)[0] in [line.words for line in cue.lines]


@pytest.mark.parametrize("choices", FULL)
def test_for_each_new_stroke_the_voice_says_what_the_hands_can_feel(choices: Choices) -> None:
    """Only in parts of less than 90 seconds may there be too little time for the landmark."""
    track = write_track_script(LIBRARY, choices)
    for context, effect, at in shown(LIBRARY, choices):
        part = part_at(context.massage, context.routine)
        is_new = not part.again and part.turn not in (Turn.RIGHT, Turn.FAR_AFTER_WALKING)
        if part.step.technique and is_new and effect.seconds >= 90:
            said = [
                line.words for cue in track.cues if at < cue.at < at + effect.seconds for line in cue.lines
            ]
            assert {*spoken_sentences(part.step.technique.landmark)} <= {*said}


@pytest.mark.parametrize("choices", FULL)
def test_a_repeated_stroke_is_described_in_one_sentence(choices: Choices) -> None:
    track = write_track_script(LIBRARY, choices)
    for context, _, at in shown(LIBRARY, choices):
        part = part_at(context.massage, context.routine)
        (cue,) = [cue for cue in track.cues if cue.at == at]
        directions = {words for each in part.step.direction for words in spoken_sentences(each)}
        said = directions & {line.words for line in cue.lines}
        assert not (part.again and said)
        assert said or part.again or part.turn is Turn.FAR_AFTER_WALKING


@pytest.mark.parametrize("choices", EVERY)
def test_every_spoken_sentence_about_a_part_is_also_in_its_message(choices: Choices) -> None:
    """This includes left and right, which depend on where the giver stands at that time. Where the voice
    shortens the directions, it says the step's announcement, or that the stroke is the same. It says what to
    keep off even if a message does not repeat it.
    """
    track = write_track_script(LIBRARY, choices)
    for context, effect, at in shown(LIBRARY, choices):
        part = part_at(context.massage, context.routine)
        text = (render(effect, context).text or "").replace(" · ", ": ")
        same = SAME_STROKE if part.turn is Turn.RIGHT else ""
        written = " ".join(spoken_sentences(f"{text}\n{part.step.cue}\n{same}"))
        (cue,) = [cue for cue in track.cues if cue.at == at]
        said = [line.words.rstrip(".") for line in cue.lines if not line.words.startswith("Keep off ")]
        assert [words for words in said if words.lower() not in written.lower()] == []


def test_both_sides_take_equally_long_and_are_named_from_where_the_giver_stands() -> None:
    for side in Side:
        track = write_track_script(LIBRARY, replace(USUAL, side=side))
        said = [line.words for line in lines(track) if line.words.startswith("Work the")]
        first, other = side.other, side
        assert said == [f"Work the {each} side, far from you." for each in (first, other, other, first)]
    spans = [
        effect.seconds
        for context, effect, _ in shown(LIBRARY, USUAL)
        if part_at(context.massage, context.routine).step.id == "fingertips"
    ]
    assert spans == [120.0, 120.0, 60.0, 60.0]


def test_the_beginning_a_part_a_walk_and_the_end_have_different_chimes() -> None:
    chimes = [cue.chime for cue in write_track_script(LIBRARY, USUAL).cues if cue.chime]
    assert chimes[0] is Chime.START
    assert chimes[-1] is Chime.END
    assert chimes.count(Chime.ROUND) == 2
    assert set(chimes[1:-1]) == {Chime.NEXT, Chime.ROUND}


def test_the_voice_announces_what_comes_next_and_the_end() -> None:
    track = write_track_script(LIBRARY, USUAL)
    said = [line.words for line in lines(track)]
    assert said.count("In twenty-five seconds: long strokes.") == 1
    assert said.count("In ten seconds: fingertips again, other side.") == 1
    assert said.count("Nearly there.") == 1
    soon = [words for words in said if re.match(r"In \S+ seconds: |Nearly there", words)]
    assert len(soon) == sum(isinstance(moment.effect, ShowNext) for moment in moments(BACK, USUAL))


def test_a_track_has_general_directions_for_knots_and_ends_with_the_aftercare() -> None:
    track = write_track_script(LIBRARY, USUAL)
    (knots,) = [cue for cue in track.cues if cue.chapter == "Knots"]
    said = [line.words for line in knots.lines]
    assert all(words in said for each in BACK.by_id["knots"].direction for words in spoken_sentences(each))
    assert "Bring your partner a glass of water, or two." in [line.words for line in track.cues[-1].lines]


def test_a_step_can_have_other_words_for_the_voice_alone() -> None:
    other = {"say": ("Rest your thumbs there.",)}
    steps = tuple(step.model_copy(update=other) if step.id == "thumbs" else step for step in BACK.steps)
    library = Library(LIBRARY.handbook, {"back": BACK.model_copy(update={"steps": steps})})
    said = [line.words for line in lines(write_track_script(library, USUAL))]
    assert said.count("Rest your thumbs there.") == 1
    assert BACK.by_id["thumbs"].direction[1] not in said
    texts = [render(effect, context).text or "" for context, effect, _ in shown(library, USUAL)]
    assert not any("Rest your thumbs there." in text for text in texts)


def test_the_least_important_sentences_are_left_out_first() -> None:
    lines = (RankedSentence("a", 0), RankedSentence("b", 2), RankedSentence("c", 1), RankedSentence("d", 0))

    def said(seconds: float) -> tuple[str, ...]:
        return sentences_that_fit(Cue(0.0, seconds, lines), lambda words: 1.0)

    assert said(10) == ("a", "b", "c", "d")
    assert said(5.2) == ("a", "b", "c", "d")
    assert said(5.1) == ("a", "c", "d")
    assert said(2.5) == ("a", "d")
    assert said(0.5) == ()


@pytest.mark.parametrize("choices", EVERY)
def test_a_caption_fits_and_has_every_chapter(choices: Choices) -> None:
    track = write_track_script(LIBRARY, choices)
    text = caption(track)
    assert len(text) <= MAX_CAPTION
    chapters = [f"{player_time(at)} {name}" for at, name in track.chapters]
    assert without_markup(text, MAX_CAPTION).split("\n") == [track.title, *chapters]


def test_a_caption_leaves_out_chapters_that_do_not_fit() -> None:
    many = TrackScript(
        "T&T", tuple(Cue(at * 60.0, at * 60.0, (), chapter="Circles & more") for at in range(90)), 5400
    )
    text = caption(many)
    assert text.startswith("<b>T&amp;T</b>\n0:00 Circles &amp; more\n1:00 ")
    assert MAX_CAPTION - 30 < len(text) <= MAX_CAPTION
    assert player_time(3671) == "1:01:11"


def test_a_note_leaves_out_the_lead_in_of_a_part_and_repeats_other_messages_in_full() -> None:
    (context, effect), *_ = [each[:2] for each in shown(LIBRARY, USUAL) if each[0].massage.place.step == 5]
    said = voice_note_sentences(effect, context)
    assert said[0] == "Step five of eight: Thumbs along the spine."
    assert said[-1].endswith("tap Found a knot: we'll come back to it.")
    assert voice_note_sentences(Toast(Topic.TIME_ADDED), context) == ("Thirty seconds more.",)


def presses(context: RenderContext) -> bool:
    """Return whether the current part presses more than lightly."""
    return part_at(context.massage, context.routine).pressure in (Pressure.MEDIUM, Pressure.FIRM)


def lines(track: TrackScript) -> Iterator[RankedSentence]:
    return (line for cue in track.cues for line in cue.lines)


def shown(library: Library, choices: Choices) -> Iterator[tuple[RenderContext, ShowPart, float]]:
    """Yield each part: its context, its effect, and when it begins in the track, in seconds."""
    for moment in moments(library.routines[choices.routine], choices):
        if isinstance(moment.effect, ShowPart):
            assert isinstance(moment.session.state, Running)
            yield RenderContext(moment.session, library), moment.effect, OPENING_SECONDS + moment.at


def heard(cues: Iterable[Cue], rate: float) -> Iterator[tuple[float, str]]:
    """Yield each sentence that the voice says, with the time of its end. It takes `rate` seconds to say a
    character.
    """
    for cue in cues:
        end = cue.speaks_at - SENTENCE_PAUSE
        for words in sentences_that_fit(cue, lambda words: rate * len(words)):
            end += SENTENCE_PAUSE + rate * len(words)
            yield end, words


def end_of(cue: Cue, rate: float) -> float:
    """Return when the voice has said what it says of a cue."""
    return max((end for end, _ in heard([cue], rate)), default=cue.at)


def side_in(words: str) -> Side | None:
    """Return the side that a sentence names, if it names only one."""
    found = {side for side in Side if re.search(rf"\b{side}\b", words)}
    return found.pop() if len(found) == 1 else None


def announcements(choices: Choices) -> set[float]:
    planned = moments(LIBRARY.routines[choices.routine], choices)
    return {OPENING_SECONDS + moment.at for moment in planned if isinstance(moment.effect, ShowNext)}


def coaching(moment: Moment) -> tuple[str, ...]:
    assert isinstance(moment.effect, ShowLines)
    return coaching_sentences(moment.effect.lines, RenderContext(moment.session, LIBRARY))


def timing(moment: Moment) -> Ticking:
    assert isinstance(moment.session.state, Running)
    assert isinstance(moment.session.state.timing, Ticking)
    return moment.session.state.timing


def seconds_of_part(moment: Moment) -> float:
    return timing(moment).ends_at - timing(moment).starts_at


def within(moment: Moment, cue: Cue) -> bool:
    """Return whether the cue is in the part of the moment."""
    return timing(moment).starts_at <= cue.at - OPENING_SECONDS < timing(moment).ends_at

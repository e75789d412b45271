"""The script of the voice: which sentences it speaks and when. No sound is made here."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.routine.loading import SHIPPED, load
from bot.routine.model import Library, Side, Stance
from bot.session.effects import ShowNext, ShowPart, Toast, Topic
from bot.session.state import Choices, Running
from bot.session.timeline import moments
from bot.wording.context import RenderContext
from bot.wording.render import render, without_markup
from bot.wording.spoken import spoken_sentences
from bot.wording.track_script import (
    CLOSING_SECONDS,
    GAP,
    MAX_CAPTION,
    OPENING_SECONDS,
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
EVERY = [
    pytest.param(Choices(routine.id, length, side), id=f"{routine.id}-{length / 60:.0f}-{side}")
    for routine in LIBRARY.routines.values()
    for length in routine.lengths
    for side in (Side if routine.stance is Stance.BESIDE else [Side.LEFT])
]
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
    """The track has a cue at each moment of the session. The only other cues say "Halfway."."""
    track, planned = (
        write_track_script(LIBRARY, choices),
        list(moments(LIBRARY.routines[choices.routine], choices)),
    )
    at = {cue.at for cue in track.cues[1:] if cue.lines[0].words != "Halfway."}
    assert at == {OPENING_SECONDS + moment.at for moment in planned}
    assert track.seconds == OPENING_SECONDS + planned[-1].at + CLOSING_SECONDS


@pytest.mark.parametrize("choices", EVERY)
def test_a_massage_takes_as_long_as_its_parts_and_their_lead_ins(choices: Choices) -> None:
    parts = [effect for _, effect, _ in shown(LIBRARY, choices)]
    *_, end = moments(LIBRARY.routines[choices.routine], choices)
    assert end.at == sum(part.seconds + part.lead_in for part in parts)


@pytest.mark.parametrize("choices", EVERY)
def test_every_cue_ends_before_the_next_begins(choices: Choices) -> None:
    track = write_track_script(LIBRARY, choices)
    for cue, after in zip(track.cues, track.cues[1:], strict=False):
        assert cue.speaks_at < cue.until <= after.at - GAP
    assert track.cues[-1].until <= track.seconds - GAP


@pytest.mark.parametrize("choices", EVERY)
def test_every_spoken_sentence_about_a_part_is_also_in_its_message(choices: Choices) -> None:
    """This includes left and right, which depend on where the giver stands at that time."""
    track = write_track_script(LIBRARY, choices)
    for context, effect, at in shown(LIBRARY, choices):
        written = " ".join(spoken_sentences((render(effect, context).text or "").replace(" · ", ": ")))
        (cue,) = [cue for cue in track.cues if cue.at == at]
        assert [line.words for line in cue.lines if line.words.lower() not in written.lower()] == []


def test_both_sides_take_equally_long_and_are_named_from_where_the_giver_stands() -> None:
    for side in Side:
        track = write_track_script(LIBRARY, replace(USUAL, side=side))
        said = [line.words for line in lines(track) if line.words.startswith("Work the")]
        first, other = side.other, side
        assert said == [
            f"Work the {each} side, the far one from you." for each in (first, other, other, first)
        ]
    spans = [
        effect.seconds
        for context, effect, _ in shown(LIBRARY, USUAL)
        if "Fingertips" in head(context, effect)
    ]
    assert spans == [120.0, 120.0, 60.0, 60.0]


def test_the_beginning_a_part_a_walk_and_the_end_have_different_chimes() -> None:
    chimes = [cue.chime for cue in write_track_script(LIBRARY, USUAL).cues if cue.chime]
    assert chimes[0] is Chime.START
    assert chimes[-1] is Chime.END
    assert chimes.count(Chime.ROUND) == 2
    assert set(chimes[1:-1]) == {Chime.NEXT, Chime.ROUND}


def test_the_voice_announces_the_middle_of_long_parts_and_the_end_of_all_but_short_ones() -> None:
    track = write_track_script(LIBRARY, USUAL)
    halfway = [player_time(cue.at) for cue in track.cues if cue.lines[0].words == "Halfway."]
    assert halfway == ["2:45", "5:45", "8:15", "10:25", "12:55", "15:25", "17:55"]
    soon = [
        cue for cue in track.cues if cue.lines[0].words in ("Ten more seconds.", "Starting in ten seconds.")
    ]
    assert len(soon) == sum(isinstance(moment.effect, ShowNext) for moment in moments(BACK, USUAL)) == 13


def test_a_track_has_general_directions_for_knots_and_ends_with_the_aftercare() -> None:
    track = write_track_script(LIBRARY, USUAL)
    (knots,) = [cue for cue in track.cues if cue.chapter == "Knots"]
    assert "Feel your way up, for a tender or bunched-up spot." in [line.words for line in knots.lines]
    assert "Bring your partner a glass of water, or two." in [line.words for line in track.cues[-1].lines]


def test_a_step_can_have_other_words_for_the_voice_alone() -> None:
    other = {"say": ("Rest your forearms there.",)}
    steps = tuple(step.model_copy(update=other) if step.id == "forearms" else step for step in BACK.steps)
    library = Library(LIBRARY.handbook, {"back": BACK.model_copy(update={"steps": steps})})
    said = [line.words for line in lines(write_track_script(library, USUAL))]
    assert said.count("Rest your forearms there.") == 1
    assert "Forearms on the lower back, beside the spine, far side first." not in said
    texts = [render(effect, context).text or "" for context, effect, _ in shown(library, USUAL)]
    assert not any("Rest your forearms there." in text for text in texts)


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
    assert said[-1] == "Ask where it feels knotted, and tap Found a knot: we come back to it."
    assert voice_note_sentences(Toast(Topic.TIME_ADDED), context) == ("Thirty seconds more.",)


def lines(track: TrackScript) -> Iterator[RankedSentence]:
    return (line for cue in track.cues for line in cue.lines)


def shown(library: Library, choices: Choices) -> Iterator[tuple[RenderContext, ShowPart, float]]:
    """Yield each part: its context, its effect, and when it begins in the track, in seconds."""
    for moment in moments(library.routines[choices.routine], choices):
        if isinstance(moment.effect, ShowPart):
            assert isinstance(moment.session.state, Running)
            yield RenderContext(moment.session, library), moment.effect, OPENING_SECONDS + moment.at


def head(context: RenderContext, effect: ShowPart) -> str:
    return (render(effect, context).text or "").partition("\n")[0]

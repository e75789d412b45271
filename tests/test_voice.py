"""Tracks and notes made with the real voice, then decoded and measured.

The shortest track takes some seconds to make, so it is kept in the media folder that all tests of a run
share.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from bot.media.voice.catalogue import recording
from bot.media.voice.speech import NoVoice, engine, why_not
from bot.media.voice.studio import RecordingFile, Studio, open_studio
from bot.routine.model import Side, Tone
from bot.session.state import Choices, Talk
from bot.wording.attachments import GuidedTrack
from bot.wording.track_script import (
    CHIME_SECONDS,
    Chime,
    Cue,
    RankedSentence,
    TrackScript,
    sentences_that_fit,
    write_track_script,
)
from tests.hearing import Samples, between, decode, loudness, stretches
from tests.test_voice_script import EVERY, LIBRARY

needs_voice = pytest.mark.skipif(bool(why_not()), reason=why_not())
ROOT = Path(__file__).parent.parent
SHORT = Choices("neck-and-shoulders", 300.0)
"""The shortest massage there is."""


@pytest.fixture(scope="module")
def track() -> TrackScript:
    return write_track_script(LIBRARY, SHORT)


@pytest.fixture(scope="module")
def studio(media_folder: Path) -> Studio:
    return open_studio(media_folder)


@pytest.fixture(scope="module")
def made(track: TrackScript, studio: Studio) -> RecordingFile:
    return studio.make(studio.track(track))


@pytest.fixture(scope="module")
def sound(made: RecordingFile) -> tuple[Samples, int]:
    return decode(made.path)


@needs_voice
def test_a_track_lasts_as_long_as_its_script(
    made: RecordingFile, track: TrackScript, sound: tuple[Samples, int]
) -> None:
    samples, rate = sound
    assert made.seconds == pytest.approx(track.seconds, abs=1)
    assert len(samples) / rate == pytest.approx(track.seconds, abs=1)


@needs_voice
def test_each_cue_begins_and_ends_on_time(track: TrackScript, sound: tuple[Samples, int]) -> None:
    heard = stretches(*sound)
    assert len(heard) == len(track.cues)
    for stretch, cue in zip(heard, track.cues, strict=True):
        assert stretch.start == pytest.approx(cue.at, abs=0.3), cue
        assert stretch.end <= cue.until + 0.3, cue


@needs_voice
def test_speech_continues_from_one_minute_into_the_next() -> None:
    from bot.media.voice.sound import RATE
    from bot.media.voice.track import Reader, pieces

    cue, reader = (
        Cue(58.9, 64.0, (RankedSentence("Travel slowly up to the shoulders."),), Chime.START),
        Reader(engine()),
    )
    whole = np.concatenate(list(pieces(TrackScript("Boundary", (cue,), 65.0), reader)))
    sound = reader.cue(cue)
    assert len(sound) > 2 * RATE
    assert len(whole) == 65 * RATE
    assert np.array_equal(whole[round(58.9 * RATE) :][: len(sound)], sound)
    assert np.count_nonzero(whole) == np.count_nonzero(sound)


@needs_voice
def test_speech_is_evenly_loud_and_nothing_clips(track: TrackScript, sound: tuple[Samples, int]) -> None:
    samples, rate = sound
    speech = [
        between(samples, rate, stretch.start + (CHIME_SECONDS if cue.chime else 0.0), stretch.end)
        for stretch, cue in zip(stretches(samples, rate), track.cues, strict=True)
    ]
    levels = [loudness(piece, rate)[0] for piece in speech]
    assert levels == pytest.approx([-19] * len(levels), abs=1)
    assert loudness(samples, rate)[1] <= -1


@needs_voice
def test_chimes_are_softer_than_speech_and_differ_from_each_other(sound: tuple[Samples, int]) -> None:
    from bot.media.voice.sound import RATE, chime

    rung = [chime(which) for which in Chime]
    speech, _ = loudness(*sound)
    assert all(loudness(each, RATE)[0] < speech - 6 for each in rung)
    for i, one in enumerate(rung):
        for other in rung[:i]:
            alike = np.dot(one, other) / np.sqrt(np.dot(one, one) * np.dot(other, other))
            assert alike < 0.9


@needs_voice
def test_a_track_has_a_title_a_performer_and_chapters(made: RecordingFile, track: TrackScript) -> None:
    with av.open(made.path) as file:
        codec = file.streams.audio[0].codec_context
        assert (codec.name, codec.channels) == ("aac", 1)
        assert file.metadata["title"] == "Neck and shoulders, 5 min"
        assert file.metadata["artist"] == "Massage coach"
        chapters = [
            (float(each["start"] * (each["time_base"] or 1)), each["metadata"]["title"])
            for each in file.chapters()
        ]
    assert chapters == [(0.0, track.chapters[0][1]), *track.chapters[1:]]
    assert made.path.stat().st_size < 64_000 / 8 * track.seconds
    assert made.path.read_bytes().index(b"moov") < made.path.read_bytes().index(b"mdat")


@needs_voice
def test_the_reported_progress_rises_from_0_to_1(tmp_path: Path) -> None:
    studio, progress = open_studio(tmp_path), list[float]()
    cue = Cue(130.0, 135.0, (RankedSentence("Halfway."),), chapter="The only one")
    made = studio.make(studio.track(TrackScript("Halfway", (cue,), 150.0)), progress.append)
    assert progress[0] == 0
    assert progress[-1] == 1
    assert progress == sorted(progress)
    assert len(progress) > made.seconds / 60


@needs_voice
def test_the_same_track_is_made_once_and_other_words_make_another_track(
    studio: Studio, track: TrackScript, made: RecordingFile
) -> None:
    again: list[float] = []
    assert studio.find(studio.track(write_track_script(LIBRARY, SHORT))) == made
    assert studio.make(studio.track(write_track_script(LIBRARY, SHORT)), again.append) == made
    assert again == [1.0]
    first, *cues = track.cues
    words = (RankedSentence("Other words.", 0), *first.lines[1:])
    other = TrackScript(track.title, (type(first)(first.at, first.until, words), *cues), track.seconds)
    keys = {
        studio.track(track).key,
        studio.track(other).key,
        studio.note(("Halfway.",)).key,
        studio.note(("Half.",)).key,
    }
    assert len(keys) == 4
    assert studio.find(studio.track(other)) is None


@needs_voice
def test_the_track_with_few_words_has_a_file_of_its_own(studio: Studio) -> None:
    tracks = [GuidedTrack("back", 900.0, Side.LEFT, Tone.MEDIUM, "Back", 960.0, talk) for talk in Talk]
    full, brief = (recording(track, studio, LIBRARY).key for track in tracks)
    assert full != brief
    assert full == studio.track(write_track_script(LIBRARY, Choices("back", 900.0))).key


@needs_voice
def test_a_track_that_is_interrupted_leaves_no_file(tmp_path: Path, track: TrackScript) -> None:
    studio = open_studio(tmp_path)

    def enough(done: float) -> None:
        if done > 0:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError):
        studio.make(studio.track(track), enough)
    assert list(tmp_path.iterdir()) == []


@needs_voice
def test_every_important_sentence_fits_however_short_the_massage_is(studio: Studio) -> None:
    """With the real voice no cue is too long, and the most important sentences are never left out."""
    from bot.media.voice.sound import RATE
    from bot.media.voice.track import Reader

    reader, spoken = Reader(engine()), dict[str, float]()

    def seconds(words: str) -> float:
        if words not in spoken:
            spoken[words] = reader.seconds(words)
        return spoken[words]

    for choices in [each.values[0] for each in EVERY]:
        assert isinstance(choices, Choices)
        track = write_track_script(LIBRARY, choices)
        usual = choices.length >= LIBRARY.routines[choices.routine].total_time
        for cue in track.cues:
            said = sentences_that_fit(cue, seconds)
            needed = [line.words for line in cue.lines if line.rank <= (4 if usual else 1)]
            assert [words for words in needed if words not in said] == [], (track.title, cue)
    longest = max(write_track_script(LIBRARY, SHORT).cues, key=lambda cue: len(cue.lines))
    assert len(reader.cue(longest)) / RATE <= longest.until - longest.at


@needs_voice
def test_a_note_is_opus_and_lasts_as_long_as_its_words(studio: Studio) -> None:
    short, long = (
        studio.make(studio.note(lines))
        for lines in (("Halfway.",), ("Halfway.", "Travel slowly up to the shoulders, light at first."))
    )
    for made in (short, long):
        samples, rate = decode(made.path)
        with av.open(made.path) as file:
            assert file.format.name == "ogg"
            assert file.streams.audio[0].codec_context.name.endswith("opus")
        assert len(samples) / rate == pytest.approx(made.seconds, abs=0.1)
        assert loudness(samples, rate)[1] <= -1
        assert loudness(samples, rate)[0] == pytest.approx(-19, abs=1)
    assert 0.4 < short.seconds < 1.5
    assert short.seconds + 2 < long.seconds < 6
    assert long.path.stat().st_size < 48_000 / 8 * long.seconds


@needs_voice
def test_loudness_is_measured_as_ffmpeg_measures_it() -> None:
    from bot.media.voice.sound import RATE
    from bot.media.voice.sound import loudness as ours

    noise = np.random.default_rng(7).normal(0, 0.05, 4 * RATE).astype(np.float32)
    for hertz in (60, 997, 6000):
        tone = (np.sin(2 * np.pi * hertz * np.arange(4 * RATE) / RATE) / 8).astype(np.float32)
        sounds: list[Samples] = [tone, tone + noise, np.concatenate([noise, tone])]
        for sound in sounds:
            assert ours(sound) == pytest.approx(loudness(sound, RATE)[0], abs=0.1)


# --- Without a voice -----------------------------------------------------------------------------


def test_a_missing_voice_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(NoVoice, match=r"^There is no voice file \S+ann\.onnx: put both .+\.$"):
        engine(tmp_path / "ann.onnx")


def test_a_voice_file_without_its_description_is_reported(tmp_path: Path) -> None:
    (tmp_path / "ann.onnx").touch()
    with pytest.raises(NoVoice, match=r"^There is no voice file \S+ann\.onnx\.json: put both .+\.$"):
        engine(tmp_path / "ann.onnx")


def test_a_voice_file_without_the_package_piper_is_reported(tmp_path: Path) -> None:
    for name in ("ann.onnx", "ann.onnx.json"):
        (tmp_path / name).touch()
    with pytest.raises(
        NoVoice, match=r"^The voice file \S+ cannot be used, since the package piper-tts is missing: .+\.$"
    ):
        engine(tmp_path / "ann.onnx")


@pytest.mark.parametrize(
    ("without", "missing"), [("hibari|onnxruntime", "hibari-tts"), ("onnxruntime", "onnxruntime")]
)
def test_without_the_extra_the_coach_works_and_says_why_it_has_no_voice(
    without: str, missing: str, tmp_path: Path
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    for package in Path(av.__file__).parent.parent.iterdir():
        if not re.match(without, package.name):
            (site / package.name).symlink_to(package)
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}{os.pathsep}{site}"}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        whole = [sys.executable, "-S", *command]
        return subprocess.run(whole, env=bare, cwd=tmp_path, capture_output=True, text=True, check=False)

    asked = run("-m", "bot", "ask", "how hard?")
    assert (asked.returncode, asked.stderr) == (0, "")
    track = run("-m", "bot", "track")
    assert track.returncode == 1
    assert track.stderr == (
        f"There is no voice, since the package {missing} is missing: install the extra `voice`.\n"
    )


@needs_voice
def test_the_command_line_makes_a_track_and_a_note(tmp_path: Path, media_folder: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/voice").symlink_to(media_folder)

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "bot", *arguments]
        environ = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.run(
            command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
        ).stdout

    assert run("say", "Hold for 9 s.", "--out", "note.ogg").startswith("note.ogg: ")
    assert decode(tmp_path / "note.ogg")[0].any()
    short = ("--routine", SHORT.routine, "--minutes", "5")
    told = run("track", *short, "--out", "neck.m4a").splitlines()
    assert re.fullmatch(r"neck\.m4a: 5 min 45 s, \d\.\d MB", told[0])
    assert told[1:3] == ["Neck and shoulders, 5 min", "0:00 Before we begin"]
    told = run("track", *short, "--talk", "brief", "--out", "brief.m4a").splitlines()
    assert re.fullmatch(r"brief\.m4a: 5 min 45 s, \d\.\d MB", told[0])
    assert told[1] == "Neck and shoulders, 5 min, few words"
    assert (tmp_path / "brief.m4a").read_bytes() != (tmp_path / "neck.m4a").read_bytes()

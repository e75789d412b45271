"""Measure how much a guided track speaks: the share of it that is speech, and its longest silence.

    .venv/bin/python -m tests.voice.silence

Every sentence is spoken with the real voice. Sentences that do not fit are named.
"""

from collections.abc import Callable
from functools import cache
from itertools import product

from bot.media.voice.speech import engine
from bot.media.voice.track import Reader
from bot.routine.loading import SHIPPED, load
from bot.routine.model import Side, Stance
from bot.session.state import Choices, Talk
from bot.wording.track_script import (
    SENTENCE_PAUSE,
    TrackScript,
    player_time,
    sentences_that_fit,
    write_track_script,
)


def main() -> None:
    library, seconds = load(SHIPPED), cache(Reader(engine()).seconds)
    print("speech  longest silence")
    for routine in library.routines.values():
        sides = Side if routine.stance is Stance.BESIDE else [Side.LEFT]
        for length, side, talk in product(routine.lengths, sides, Talk):
            measure(write_track_script(library, Choices(routine.id, length, side, talk=talk)), seconds)


def measure(track: TrackScript, seconds: Callable[[str], float]) -> None:
    spoken = [sentences_that_fit(cue, seconds) for cue in track.cues]
    lasts = [sum(map(seconds, said)) + SENTENCE_PAUSE * (len(said) - 1) for said in spoken]
    ends = [cue.speaks_at + length for cue, length in zip(track.cues, lasts, strict=True)]
    silence = max(cue.at - end for cue, end in zip(track.cues[1:], ends, strict=False))
    print(f"{sum(lasts) / track.seconds:6.0%}  {silence:13.1f} s  {track.title}")
    for cue, said in zip(track.cues, spoken, strict=True):
        for line in cue.lines:
            if line.words not in said:
                print(f"{'':27}left out: {player_time(cue.at)} {line.words}")


if __name__ == "__main__":
    main()

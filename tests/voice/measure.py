"""Measure a guided track: what it takes to make the track, when each cue begins, and how loud the track is.

.venv/bin/python -m tests.voice.measure [ROUTINE [MINUTES]]
"""

import resource
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.media.voice.studio import RecordingFile, open_studio
from bot.routine.loading import SHIPPED, load
from bot.session.state import Choices
from bot.wording.track_script import CHIME_SECONDS, TrackScript, player_time, write_track_script
from tests.hearing import between, decode, loudness, stretches


def main(name: str = "back", minutes: str = "") -> None:
    library = load(SHIPPED)
    routine = library.routines[name]
    track = write_track_script(library, Choices(name, float(minutes) * 60 if minutes else routine.total_time))
    with TemporaryDirectory() as folder:
        measure(track, make(track, Path(folder)))


def make(track: TrackScript, folder: Path) -> RecordingFile:
    studio, before, peaks = open_studio(folder), memory(), list[float]()
    began, spent = time.perf_counter(), time.process_time()
    made = studio.make(studio.track(track), lambda done: peaks.append(memory()))
    spent, took = time.process_time() - spent, time.perf_counter() - began
    print(f"{track.title}: {made.seconds:.2f} s, {made.path.stat().st_size / 1e6:.1f} MB")
    print(f"CPU {spent:.1f} s, wall {took:.1f} s")
    print(f"peak memory {before:.0f} MB before, {peaks[1]:.0f} MB a minute on, {memory():.0f} MB at the end")
    return made


def memory() -> float:
    """Return the highest memory use of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(track: TrackScript, made: RecordingFile) -> None:
    samples, rate = decode(made.path)
    heard = stretches(samples, rate)
    print(f"{len(track.cues)} cues, {len(heard)} heard\n   at  onset  ends before  LUFS")
    levels, late = list[float](), list[float]()
    for cue, stretch in zip(track.cues, heard, strict=True):
        speech = between(samples, rate, stretch.start + (CHIME_SECONDS if cue.chime else 0.0), stretch.end)
        levels.append(loudness(speech, rate)[0])
        late.append(stretch.start - cue.at)
        words = cue.chapter or cue.lines[0].words
        ends = cue.until - stretch.end
        print(f"{player_time(cue.at):>5}  {late[-1]:+5.2f}  {ends:11.1f}  {levels[-1]:5.1f}  {words}")
    whole, peak = loudness(samples, rate)
    print(f"onsets {min(late):+.2f} to {max(late):+.2f} s")
    print(f"speech {min(levels):.1f} to {max(levels):.1f} LUFS, all of it {whole:.1f}")
    print(f"true peak {peak:.1f} dBFS")


if __name__ == "__main__":
    main(*sys.argv[1:])

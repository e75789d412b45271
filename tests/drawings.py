"""Fixtures: media folders where the coach finds its pictures, so that tests draw only what they are about.

Small stand-ins take the place of the pictures that the coach would otherwise draw ahead of need. What the
coach draws or speaks in the folder that the tests share is made once for the whole run.
"""

import fcntl
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest

from bot.media.pictures.catalogue import picture, prefetchable
from bot.media.pictures.gallery import Gallery
from bot.routine.model import Side, Tone
from bot.wording.attachments import PartPicture, PictureName
from tests.media import film, png
from tests.stage import LIBRARY

LYING_DOWN = PartPicture("back", 1, 0, None, Side.LEFT, Tone.MEDIUM)
"""A still: nothing moves in the first part."""
LONG_STROKES = PartPicture("back", 2, 0, None, Side.LEFT, Tone.MEDIUM)
"""A loop."""


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def media_folder(run_folder: Path) -> Path:
    """The run's media folder, with stand-ins in it. What the coach makes there in one test, others find."""
    with one_at_a_time(run_folder):
        for tone in Tone:
            put_stand_ins(run_folder / "media", tone)
    return run_folder / "media"


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Keep the run's other workers waiting meanwhile."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def put_stand_ins(folder: Path, tone: Tone = Tone.MEDIUM, but: Collection[PictureName] = ()) -> Path:
    """Fill the folder with small, distinct pictures, one for each that the coach would draw, `but` these."""
    folder.mkdir(exist_ok=True)
    missing = {picture(named, LIBRARY) for named in prefetchable(LIBRARY, tone)}
    for each in missing - {picture(named, LIBRARY) for named in but}:
        path = Gallery(folder).path(each)
        if not path.exists():
            path.write_bytes(_small(each.suffix) + each.key.encode())
    return folder


@cache
def _small(suffix: str) -> bytes:
    return film() if suffix == ".mp4" else png()

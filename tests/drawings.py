"""Fixtures: media folders for the coach, so that tests draw only the pictures that they need.

Normally the coach draws all pictures ahead of time. Here the folders already contain small substitutes for
most of them. Whatever the coach draws or speaks in the shared folder is made only once in a run of the tests.
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
"""A still picture: nothing moves in the first part of the massage."""
LONG_STROKES = PartPicture("back", 2, 0, None, Side.LEFT, Tone.MEDIUM)
"""A moving picture."""


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all worker processes of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def media_folder(run_folder: Path) -> Path:
    """The shared media folder of this run, filled with substitutes.

    Files that the coach makes in one test are found by the others.
    """
    with one_at_a_time(run_folder):
        for tone in Tone:
            put_stand_ins(run_folder / "media", tone)
    return run_folder / "media"


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Make the other worker processes of this run wait while the block runs."""
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def put_stand_ins(folder: Path, tone: Tone = Tone.MEDIUM, but: Collection[PictureName] = ()) -> Path:
    """Fill the folder with small, distinct substitutes for the pictures that the coach would draw.

    The pictures in `but` are left out. Returns the folder.
    """
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

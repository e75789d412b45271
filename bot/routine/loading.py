"""Reads the routines and the handbook in a folder.

The result is a Library, or a list of all mistakes, each with its file, line and remedy. A folder contains one
YAML file for each routine, and a subfolder `handbook`, which the routines share. The handbook keeps its
situations in a subfolder, `handbook/situations`. This module must not load a file that has a mistake.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.routine.checks import check_drawable, check_lengths, check_routine, check_situations, check_words
from bot.routine.document import Document, Problem, merge
from bot.routine.mistakes import keys_of, report_errors
from bot.routine.model import Handbook, Library, Routine
from bot.routine.yaml_reader import read

Model = TypeVar("Model", bound=BaseModel)

_PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = _PACKAGE / "routines" if (_PACKAGE / "routines").is_dir() else _PACKAGE.parent / "routines"
"""The folder of the routines that come with the coach. The folder is inside the package if the coach is
installed, and beside the package in a checkout of the repository."""

MAX_REPORTED = 50
"""The most mistakes that are reported for one file. An author has to correct these before a longer list is
useful."""


class RoutineErrors(Exception):
    """Some files have mistakes. Each line of the message describes one of `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(slots=True)
class _Found:
    """What was read from a path. `handbook` is None if the handbook does not fit its model."""

    handbook: Handbook | None = None
    routines: dict[str, Routine] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load(folder: Path) -> Library:
    """Return the handbook and the routines in a folder. Raises RoutineErrors if there are mistakes.

    The routines are in the order of their file names.
    """
    found = _examine(folder)
    if found.problems or found.handbook is None:
        raise RoutineErrors(found.problems)
    return Library(found.handbook, found.routines)


def check(paths: Sequence[Path]) -> list[Problem]:
    """Return the mistakes at these paths. A path is a routine's file, a folder of routines, or a handbook."""
    found = [problem for path in paths for problem in _examine(path).problems]
    return list(dict.fromkeys(found))


def _examine(path: Path) -> _Found:
    found = _Found()
    files = _routine_files(path, found)
    book = _read_handbook(path if os.path.isdir(path) else path.parent)
    found.handbook = _validate(book, Handbook)
    if found.handbook:
        check_words(book, found.handbook)
    check_drawable(book)
    check_situations(book)
    found.problems += _limited(book)
    for file in files:
        document = read(file)
        routine = _read_routine(document, book)
        if routine:
            found.routines[routine.id] = routine
        found.problems += _limited(document)
    return found


def _limited(document: Document) -> list[Problem]:
    """Return the document's first MAX_REPORTED problems. If there are more, add one that counts the rest."""
    problems = sorted(document.problems)
    more = len(problems) - MAX_REPORTED
    if more > 0:
        rest = Problem(document.path, 0, f"and {more:,} more mistakes", "correct these first")
        return [*problems[:MAX_REPORTED], rest]
    return problems


def _routine_files(path: Path, found: _Found) -> list[Path]:
    """Return `path` if it is a routine file, or the routine files in it if it is a folder.

    Returns an empty list if `path` belongs to a handbook. A misnamed file, or a folder without routines, is
    reported to `found`.
    """
    real = _real_path(path)
    if os.path.exists(path) and ("handbook" in (real.name, real.parent.name) or _is_situations(real.parent)):
        return []
    if not os.path.isdir(path):
        return [path]
    files = sorted(path.glob("*.yaml"))
    misnamed = sorted(path.glob("*.yml"))
    found.problems += [
        Problem(file, 0, "a file named .yml is not read", "rename it to .yaml") for file in misnamed
    ]
    if not files:
        found.problems.append(
            Problem(path, 0, "there is no routine in this folder", "put a .yaml file into it")
        )
    return files


def _read_handbook(folder: Path) -> Document:
    """Read the folder's handbook, or the shipped handbook if the folder has none.

    The folder may also be a handbook itself, or a handbook's folder of situations.
    """
    folder = folder.parent if _is_situations(folder) else folder
    home = folder if _real_path(folder).name == "handbook" else folder / "handbook"
    if not os.path.isdir(home):
        home = SHIPPED / "handbook"
    documents = [read(file) for file in sorted(home.glob("*.yaml"))]
    situations = merge(map(read, sorted(home.glob("situations/*.yaml"))), home / "situations")
    book = merge([*documents, situations.under("situations")], home)
    if not all(document.data for document in documents):  # an unreadable file may have the missing sections
        book.reported |= {(key,) for key in keys_of(Handbook)}
    return book


def _is_situations(folder: Path) -> bool:
    """Return whether this is a handbook's folder of situations."""
    return _real_path(folder).parts[-2:] == ("handbook", "situations")


def _real_path(path: Path) -> Path:
    """Return the path without symbolic links. Unlike Path.resolve, accept loops and overlong names."""
    return Path(os.path.realpath(path))


def _validate(document: Document, model: type[Model], **more: str) -> Model | None:
    """Return the document's data as a `model`. If the data do not fit, report why, and return None.

    `more` are keys and values that are added to the data. Mistakes are reported to the document.
    """
    try:
        return model.model_validate(document.data | more, by_alias=True, by_name=False)
    except ValidationError as error:
        report_errors(error, model, document)
        return None


def _read_routine(document: Document, book: Document) -> Routine | None:
    """Return the document's routine, or None if the document does not fit the model.

    Every mistake is reported to the document. `book` is the handbook's document.
    """
    if not document.data:
        return None
    for loc, _ in document.find("id"):
        document.report(loc, "a routine's `id` is the name of its file", "delete the line")
    routine = _validate(document, Routine, id=document.path.stem)
    if len(document.problems) <= MAX_REPORTED:  # suggestions for thousands of wrong names would take too long
        check_routine(document, book)
    if routine and all(again.step in routine.by_id for step in routine.steps for again in step.repeats):
        check_lengths(document, routine)
    return routine

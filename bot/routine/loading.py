"""YAML files -> Library, or every mistake in them at once, each with its file, line and remedy.

A folder of routines holds one file a routine, and a folder `handbook` that all of them share. The
places and words of the handbook are not built in: what a routine refers to has to stand there.
"""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.routine import mistakes, vocabulary
from bot.routine.document import Document, Loc, Problem, merge, read, spoken
from bot.routine.durations import spell
from bot.routine.mistakes import did_you_mean, keys_of
from bot.routine.model import Covers, Handbook, Library, Routine, Stance, span

Model = TypeVar("Model", bound=BaseModel)

_PACKAGE = Path(__file__).resolve().parents[1]
SHIPPED = _PACKAGE / "routines" if (_PACKAGE / "routines").is_dir() else _PACKAGE.parent / "routines"
"""The routines that come with the coach: inside an installed package, beside the package in a checkout."""

CAPTION = 1024
"""Characters a Telegram caption holds; a part's message has to fit, since its picture carries it."""
AROUND = 420
"""Characters of a caption that are not the routine's: title 75, side 55, walking 45, pressure and time 100,
and 145 for a request or a remark."""

TOLD = 50
"""Mistakes told of a file; of a file with more of them only the first are of use."""

REFERENCES = {
    "step.*.technique.where.from": ("zones", "zone"),
    "step.*.technique.where.to": ("zones", "zone"),
    "step.*.technique.handShape": ("handShapes", "hand shape"),
    "step.*.technique.stroke": ("strokes", "stroke"),
    "step.*.technique.noPress.*": ("noPress", "place to keep off"),
}
"""What in a routine names an entry of the handbook: of which section, and what such a thing is called."""

DRAWN = {
    "zones": vocabulary.ZONES,
    "noPress": vocabulary.NO_PRESS,
    "spots": vocabulary.SPOTS,
    "handShapes": vocabulary.HAND_SHAPES,
}
"""What of each section of the handbook the pictures can show."""


class RoutineErrors(Exception):
    """There are mistakes in the files; each line of the message is one."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(slots=True)
class _Found:
    handbook: Handbook | None = None
    routines: dict[str, Routine] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def load(folder: Path) -> Library:
    """The handbook and routines of a folder, in the order of their files' names. Raises RoutineErrors."""
    found = _examine(folder)
    if found.problems or found.handbook is None:
        raise RoutineErrors(found.problems)
    return Library(found.handbook, found.routines)


def check(paths: Sequence[Path]) -> list[Problem]:
    """All that is wrong with these routine files, or folders of them."""
    found = [problem for path in paths for problem in _examine(path).problems]
    return list(dict.fromkeys(found))


def _examine(path: Path) -> _Found:
    found = _Found()
    files = _routine_files(path, found)
    book = _read_handbook(path if os.path.isdir(path) else path.parent)
    found.handbook = _validated(book, Handbook)
    if found.handbook:
        _words(book, found.handbook)
    _drawn(book)
    found.problems += _told(book)
    for file in files:
        document = read(file)
        routine = _routine(document, book)
        if routine:
            found.routines[routine.id] = routine
        found.problems += _told(document)
    return found


def _told(document: Document) -> list[Problem]:
    """The first mistakes in it, and how many more there are."""
    problems = sorted(document.problems)
    more = len(problems) - TOLD
    if more > 0:
        problems[TOLD:] = [Problem(document.path, 0, f"and {more:,} more mistakes", "correct these first")]
    return problems


def _routine_files(path: Path, found: _Found) -> list[Path]:
    """The routines at `path`: itself, or those in it; none where it belongs to a handbook."""
    real = _real(path)
    if os.path.exists(path) and "handbook" in (real.name, real.parent.name):
        return []
    if not os.path.isdir(path):
        return [path]
    misnamed = [Problem(file, 0, "it is not read", "name it .yaml") for file in sorted(path.glob("*.yml"))]
    files = sorted(path.glob("*.yaml"))
    if not files:
        misnamed.append(Problem(path, 0, "there is no routine in this folder", "put a .yaml file into it"))
    found.problems += misnamed
    return files


def _read_handbook(folder: Path) -> Document:
    """The handbook in or beside the folder, else the shipped one."""
    home = folder if _real(folder).name == "handbook" else folder / "handbook"
    if not os.path.isdir(home):
        home = SHIPPED / "handbook"
    documents = [read(file) for file in sorted(home.glob("*.yaml"))]
    book = merge(documents, home)
    if not all(document.data for document in documents):  # what is missing may stand in the unread file
        book.reported |= {(key,) for key in keys_of(Handbook)}
    return book


def _real(path: Path) -> Path:
    """Past symbolic links. Unlike Path's, os's functions take loops and names that are too long for a no."""
    return Path(os.path.realpath(path))


def _drawn(book: Document) -> None:
    for section, known in DRAWN.items():
        for loc, _ in book.find(f"{section}.*"):
            if loc[-1] not in known:
                what = f"{spoken(loc)} is not on the body map, so no picture can show it"
                book.report(loc, what, did_you_mean(str(loc[-1]), dict.fromkeys(known)))


def _validated(document: Document, model: type[Model], **more: str) -> Model | None:
    """The document as a model; what is wrong is noted in the document."""
    try:
        return model.model_validate(document.data | more, by_alias=True, by_name=False)
    except ValidationError as error:
        mistakes.report(error, model, document)
        return None


def _routine(document: Document, book: Document) -> Routine | None:
    if not document.data:
        return None
    for loc, _ in document.find("id"):
        document.report(loc, "a routine's `id` is the name of its file", "delete the line")
    routine = _validated(document, Routine, id=document.path.stem)
    if len(document.problems) <= TOLD:  # or each of thousands of entries would be compared with all others
        for look in (_references, _ids_and_repeats, _sides, _knots, _captions):
            look(document, book)
    if routine and all(again.step in routine.by_id for step in routine.steps for again in step.repeats):
        _lengths(document, routine)
    return routine


# --- What a model cannot see: one thing that has to agree with another ---------------------------


def _references(document: Document, book: Document) -> None:
    for pattern, (section, kind) in REFERENCES.items():
        if section not in book.data:
            continue
        known = [str(loc[-1]) for loc, _ in book.find(f"{section}.*")]
        if section == "strokes":
            known += [str(loc[-1]) for loc, _ in document.find("terms.*")]
        for loc, name in document.texts(pattern):
            if name not in known:
                document.report(loc, f"{spoken(loc)} is no {kind}: {name}", did_you_mean(name, known))


def _ids_and_repeats(document: Document, _: Document) -> None:
    ids: dict[str, int] = {}
    for loc, name in document.texts("step.*.id"):
        if name in ids:
            document.report(loc, f"`id` is taken by step {ids[name] + 1}: {name}", "give each step its own")
        ids.setdefault(name, int(loc[1]))
    repeating = {int(loc[1]) for loc, _ in document.find("step.*.repeats.*")}
    for loc, name in document.texts("step.*.repeats.*.step"):
        earlier = [known for known, number in ids.items() if number < int(loc[1])]
        if name not in earlier:
            document.report(loc, f"{spoken(loc)} is no earlier step: {name}", did_you_mean(name, earlier))
        elif ids[name] in repeating:
            document.report(loc, f"{spoken(loc)} itself repeats steps: {name}", "name those steps instead")


def _sides(document: Document, _: Document) -> None:
    for loc, side in document.texts("step.*.technique.where.side"):
        if side == Covers.FAR and document.data.get("stance") == Stance.BEHIND:
            document.report(loc, "nobody who stands behind has a far side", "choose `both` or `each`")


def _knots(document: Document, _: Document) -> None:
    asks = [loc for loc, yes in document.find("step.*.asksForKnots") if yes is not False]
    eases = [loc for loc, _ in document.find("step.*.eachKnot")]
    if asks and not eases:
        remedy = "add it to the step that eases them, or delete this"
        document.report(asks[0], "knots are asked for, and no step has `eachKnot`", remedy)
    if eases and not asks:
        remedy = "add `asksForKnots: true` to an earlier step, or delete this"
        document.report(eases[0], "knots are eased, and no step has `asksForKnots`", remedy)


def _captions(document: Document, book: Document) -> None:
    """A part's message says what to do and what to keep off; a marked knot's, its spot's words too."""
    names = {str(loc[1]): name for loc, name in book.texts("noPress.*.name")}
    keep_off = _sizes((loc, names.get(it, "")) for loc, it in document.texts("step.*.technique.noPress.*"))
    told = _sizes(document.texts("step.*.direction.*")) + _sizes(document.texts("step.*.technique.landmark"))
    for step, size in told.items():
        _fit(document, (*step, "direction"), size + keep_off[step])
    spot = max(_sizes(book.texts("spots.*.how")).values(), default=0)
    for step, size in _sizes(document.texts("step.*.eachKnot.direction.*")).items():
        _fit(document, (*step, "eachKnot", "direction"), size + keep_off[step] + spot)


def _sizes(texts: Iterable[tuple[Loc, str]]) -> Counter[Loc]:
    """The length of all texts of a step or an entry, in Telegram's characters, UTF-16 units."""
    sizes: Counter[Loc] = Counter()
    for loc, text in texts:
        sizes[loc[:2]] += len(text.encode("utf-16-le")) // 2 + len(", ")
    return sizes


def _fit(document: Document, loc: Loc, size: int) -> None:
    over = AROUND + size - CAPTION
    if over > 0:
        what = f"a message with {spoken(loc)} is too long: {AROUND + size} characters, and {CAPTION} at most"
        document.report(loc, what, f"cut {over}")


def _lengths(document: Document, routine: Routine) -> None:
    least, _, most = span(routine)
    for number, length in enumerate(routine.lengths):
        if not least <= length <= most:
            what = f"the steps cannot take {spell(length)}, only {spell(least)} to {spell(most)}"
            remedy = "choose a length between, or change their `least` and `most`"
            document.report(("lengths", number), what, remedy)
    if routine.total_time not in routine.lengths:
        what = f"`totalTime` is none of the lengths: {spell(routine.total_time)}"
        offered = ", ".join(map(spell, routine.lengths))
        document.report(("totalTime",), what, f"choose one of: {offered}; or add it to `lengths`")


# --- How people say things -----------------------------------------------------------------------


def _words(book: Document, handbook: Handbook) -> None:
    """Conditions and meanings are built in, or stand elsewhere in the handbook."""
    safety = handbook.safety
    known = {
        "conditions": [*safety.not_today, *safety.ask_first],
        "means": sorted(vocabulary.MEANINGS),
        "places": list(handbook.no_press),
    }
    for section, names in known.items():
        for loc, _ in book.find(f"words.{section}.*"):
            if (said := str(loc[-1])) not in names and (section != "means" or said.split()[0] not in names):
                what = f"{spoken(loc)} is nothing that can be meant there"
                book.report(loc, what, did_you_mean(said, names))

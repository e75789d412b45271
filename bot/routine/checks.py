"""Checks that the values in a routine or in the handbook agree with one another, which a model cannot check.

Each check reports the mistakes that it finds to a document. A check whose arguments are all documents must
not assume that the documents fit their models. Such a check also runs on a document with other mistakes, so
that an author gets all mistakes at once.
"""

from collections import Counter
from collections.abc import Iterable

from bot.routine import vocabulary
from bot.routine.document import Document, Loc, describe
from bot.routine.durations import spell
from bot.routine.mistakes import suggest
from bot.routine.model import Covers, Handbook, Routine, Stance, span

CAPTION_LIMIT = 1024
"""The most characters that Telegram allows in a caption. The message of a part must fit, because it is sent
as the caption of a picture."""
CAPTION_RESERVED = 420
"""The number of characters of a caption that an author cannot use, because the coach adds texts of its own:
75 for the title, 55 for the side, 45 for walking round, 100 for pressure and time, and 145 for a request or a
remark."""

REFERENCES = {
    "step.*.technique.where.from": ("zones", "zone"),
    "step.*.technique.where.to": ("zones", "zone"),
    "step.*.technique.handShape": ("handShapes", "hand shape"),
    "step.*.technique.stroke": ("strokes", "stroke"),
    "step.*.technique.noPress.*": ("noPress", "place to keep off"),
}
"""The keys of a routine whose values name an entry of the handbook. For each key: the section of the
handbook, and the noun for an entry of that section in an error."""

DRAWABLE = {
    "zones": vocabulary.ZONES,
    "noPress": vocabulary.NO_PRESS,
    "spots": vocabulary.SPOTS,
    "handShapes": vocabulary.HAND_SHAPES,
}
"""The ids that the pictures can draw, for each section of the handbook."""


# --- A routine -----------------------------------------------------------------------------------


def check_routine(document: Document, book: Document) -> None:
    """Check that a routine's values agree with one another and with the handbook, which is `book`."""
    _check_references(document, book)
    _check_step_ids(document)
    _check_repeats(document)
    _check_sides(document)
    _check_knots(document)
    _check_captions(document, book)


def _check_references(document: Document, book: Document) -> None:
    for pattern, (section, kind) in REFERENCES.items():
        if section not in book.data:
            continue
        known = [str(loc[-1]) for loc, _ in book.find(f"{section}.*")]
        if section == "strokes":
            known += [str(loc[-1]) for loc, _ in document.find("terms.*")]
        for loc, name in document.texts(pattern):
            if name not in known:
                document.report(loc, f"{describe(loc)} is not a {kind}: {name}", suggest(name, known))


def _step_numbers(document: Document) -> dict[str, int]:
    """Return the index of each step by the step's id. If several steps share an id, the first one counts."""
    numbers: dict[str, int] = {}
    for loc, name in document.texts("step.*.id"):
        numbers.setdefault(name, int(loc[1]))
    return numbers


def _check_step_ids(document: Document) -> None:
    first = _step_numbers(document)
    for loc, name in document.texts("step.*.id"):
        if first[name] != loc[1]:
            what = f"`id` is used by step {first[name] + 1} already: {name}"
            document.report(loc, what, "give each step an id of its own")


def _check_repeats(document: Document) -> None:
    numbers = _step_numbers(document)
    repeating = {int(loc[1]) for loc, _ in document.find("step.*.repeats.*")}
    for loc, name in document.texts("step.*.repeats.*.step"):
        earlier = [known for known, number in numbers.items() if number < int(loc[1])]
        if name not in earlier:
            what = f"{describe(loc)} is not an earlier step: {name}"
            document.report(loc, what, suggest(name, earlier))
        elif numbers[name] in repeating:
            what = f"{describe(loc)} repeats other steps itself: {name}"
            document.report(loc, what, "name those steps instead")


def _check_sides(document: Document) -> None:
    for loc, side in document.texts("step.*.technique.where.side"):
        if side == Covers.FAR and document.data.get("stance") == Stance.BEHIND:
            document.report(loc, "a giver who stands behind has no far side", "choose `both` or `each`")


def _check_knots(document: Document) -> None:
    asks = [loc for loc, yes in document.find("step.*.asksForKnots") if yes is not False]
    works = [loc for loc, _ in document.find("step.*.eachKnot")]
    if asks and not works:
        remedy = "add it to the step that works on them, or delete this"
        document.report(asks[0], "the coach asks for knots, but no step has `eachKnot`", remedy)
    if works and not asks:
        remedy = "add `asksForKnots: true` to an earlier step, or delete this"
        document.report(works[0], "knots are worked on, but no step has `asksForKnots`", remedy)


def _check_captions(document: Document, book: Document) -> None:
    """Check that the message of each part fits into a Telegram caption.

    The message says what to do and which places to keep off. If the part is about a marked knot, the message
    also contains the handbook's text for the knot's spot.
    """
    names = {str(loc[1]): name for loc, name in book.texts("noPress.*.name")}
    keep_off = _sizes((loc, names.get(it, "")) for loc, it in document.texts("step.*.technique.noPress.*"))
    shown = _sizes(document.texts("step.*.direction.*")) + _sizes(document.texts("step.*.technique.landmark"))
    for step, size in shown.items():
        _check_caption(document, (*step, "direction"), size + keep_off[step])
    spot = max(_sizes(book.texts("spots.*.how")).values(), default=0)
    for step, size in _sizes(document.texts("step.*.eachKnot.direction.*")).items():
        _check_caption(document, (*step, "eachKnot", "direction"), size + keep_off[step] + spot)


def _sizes(texts: Iterable[tuple[Loc, str]]) -> Counter[Loc]:
    """Return the total length of each step's texts, by the location of the step.

    The length is in UTF-16 code units, as Telegram counts it. Two units are added to each text for what
    follows it in the message, such as a comma and a space.
    """
    sizes: Counter[Loc] = Counter()
    for loc, text in texts:
        sizes[loc[:2]] += len(text.encode("utf-16-le")) // 2 + len(", ")
    return sizes


def _check_caption(document: Document, loc: Loc, size: int) -> None:
    size += CAPTION_RESERVED
    if size > CAPTION_LIMIT:
        what = (
            f"a message with {describe(loc)} is too long: {size} characters, the maximum is {CAPTION_LIMIT}"
        )
        document.report(loc, what, f"cut {size - CAPTION_LIMIT}")


def check_lengths(document: Document, routine: Routine) -> None:
    """Check that the steps allow each of the routine's `lengths`, and that `lengths` contains `totalTime`."""
    least, _, most = span(routine)
    for number, length in enumerate(routine.lengths):
        if not least <= length <= most:
            what = f"the steps cannot take {spell(length)}, only {spell(least)} to {spell(most)}"
            remedy = "choose a length between these, or change the steps' `least` and `most`"
            document.report(("lengths", number), what, remedy)
    if routine.total_time not in routine.lengths:
        what = f"`totalTime` is not one of the lengths: {spell(routine.total_time)}"
        offered = ", ".join(map(spell, routine.lengths))
        document.report(("totalTime",), what, f"choose one of: {offered}; or add it to `lengths`")


# --- The handbook --------------------------------------------------------------------------------


def check_drawable(book: Document) -> None:
    """Check that the pictures can draw every place and every hand shape in the handbook."""
    for section, known in DRAWABLE.items():
        for loc, _ in book.find(f"{section}.*"):
            if loc[-1] not in known:
                what = f"{describe(loc)} is not on the body map, so no picture can show it"
                book.report(loc, what, suggest(str(loc[-1]), known))


def check_words(book: Document, handbook: Handbook) -> None:
    """Check that `words` has phrases only for conditions, meanings and places that exist.

    A key under `means` is a label alone, such as "next", or a label and its subject, such as "pressure
    forearms".
    """
    known = {
        "conditions": [*handbook.safety.not_today, *handbook.safety.ask_first],
        "means": sorted(vocabulary.MEANINGS),
        "places": list(handbook.no_press),
    }
    for section, names in known.items():
        for loc, _ in book.find(f"words.{section}.*"):
            key = str(loc[-1])
            label = key.partition(" ")[0] if section == "means" else key
            if label not in names:
                book.report(loc, f"{describe(loc)} is not known here", suggest(key, names))

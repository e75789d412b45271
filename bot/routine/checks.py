"""Checks that the values in a routine or in the handbook agree with one another, which a model cannot check.

Each check reports the mistakes that it finds to a document. A check whose arguments are all documents must
not assume that the documents fit their models. Such a check also runs on a document with other mistakes, so
that an author gets all mistakes at once.
"""

import re
from collections import Counter
from collections.abc import Iterable

from bot.routine import vocabulary
from bot.routine.document import Document, Loc, describe
from bot.routine.durations import spell
from bot.routine.mistakes import suggest
from bot.routine.model import Covers, Handbook, Motion, Pressure, Routine, Stance, span

CAPTION_LIMIT = 1024
"""The most characters that Telegram allows in a caption. The message of a part must fit, because it is sent
as the caption of a picture."""
CAPTION_RESERVED = 455
"""The number of characters of a caption that an author cannot use, because the coach adds texts of its own:
75 for the title, 55 for the side, 45 for walking round, 135 for pressure and time, and 145 for a request or a
remark."""
MOST_WORDS = 45
"""The most words that the message of a part may have before the line with the pressure. Nobody can read more
while massaging."""
TITLE_WORDS = 4
"""The words of "Step 2 of 8", which come before the step's name."""
SIDE_WORDS: dict[str, int] = {Covers.EACH: 2, Covers.FAR: 9}
"""The words with which the coach names the side: "RIGHT side", or "other side" and "Work the RIGHT side, far
from you."."""
HAND_WORDS = 5
"""The words of "Work with your LEFT hand.", which the coach adds if the giver stands behind."""
KNOT_WORDS = 7
"""The words of "Knot 1 of 2: upper left", which take the place of the step's name."""

NECK = {"neck-base", "skull-edge"}
"""The zones on the neck."""
ALONG_SPINE = {"low-back", "mid-back", "shoulder-blade-tips", "skull-edge"}
"""The zones on both sides of the spine."""
WAIST = {"low-back", "mid-back"}
"""The zones where a stroke comes close to the kidneys."""
TAPPING = "tapotement"
"""The stroke that consists of tapping."""

SIDE_OR_TIME = re.compile(r"\b(left|right|hours?|minutes?|min|seconds?|\d+)\b", re.IGNORECASE)
MORE_PRESSURE = re.compile(
    r"\b(firm(ly|er)?|hard(er)?|deep(ly|er)?|strong(ly|er)?|heav(y|ily|ier)|forceful(ly)?|vigorous(ly)?)\b",
    re.IGNORECASE,
)
DIRECTIONS = ("step.*.direction.*", "step.*.eachKnot.direction.*", "step.*.say.*")

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
    _check_spine(document)
    _check_neck(document)
    _check_waist(document)
    _check_words_of_directions(document)
    _check_words(document, book)
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


# --- Care ----------------------------------------------------------------------------------------


def _zones(document: Document, step: Loc) -> set[str]:
    """Return the zones where the stroke of a step begins and ends. `step` is the location of the step."""
    return {zone for loc, zone in document.texts("step.*.technique.where.*") if loc[:2] == step} - {*Covers}


def _text(document: Document, step: Loc, key: str) -> str:
    """Return a text of a step's technique; "" if there is none. `step` is the location of the step."""
    texts = document.texts(f"step.*.technique.{key}")
    return next((text for loc, text in texts if loc[:2] == step), "")


def _taps(document: Document, step: Loc) -> bool:
    return _text(document, step, "motion") == Motion.TAP or _text(document, step, "stroke") == TAPPING


def _require(document: Document, step: Loc, place: str, what: str) -> None:
    """Report `what` unless the stroke of a step keeps off `place`, or a place there has a mistake already."""
    kept_off = {loc: name for loc, name in document.texts("step.*.technique.noPress.*") if loc[:2] == step}
    if place not in kept_off.values() and not document.reported & kept_off.keys():
        document.report((*step, "technique", "noPress"), what, f"add `{place}` to `noPress`")


def _strokes(document: Document) -> list[Loc]:
    """Return the location of each step that has a stroke."""
    return [loc[:2] for loc, _ in document.find("step.*.technique.where")]


def _check_spine(document: Document) -> None:
    for step in _strokes(document):
        if _zones(document, step) & ALONG_SPINE:
            _require(document, step, "spine", "a stroke along the back has to keep off the spine")


def _check_neck(document: Document) -> None:
    for step in _strokes(document):
        if not _zones(document, step) & NECK:
            continue
        if _taps(document, step):
            what = "there is no tapping on the neck"
            document.report((*step, "technique", "where"), what, "choose other zones or another stroke")
        _require(document, step, "neck-front", "a stroke on the neck has to keep off its front and sides")


def _check_waist(document: Document) -> None:
    """Check that nothing deep and no tapping comes near the kidneys.

    Long gliding strokes with the whole hand pass the waist without pressing into it.
    """
    for step in _strokes(document):
        zones, taps = _zones(document, step), _taps(document, step)
        if taps and "low-back" in zones:
            what = "there is no tapping on the lower back, near the kidneys"
            document.report((*step, "technique", "where"), what, "begin above it, as with `mid-back`")
        presses = (
            _text(document, step, "pressure") in (Pressure.MEDIUM, Pressure.FIRM)
            and _text(document, step, "motion") != Motion.GLIDE
        )
        if zones & WAIST and (taps or presses):
            what = "tapping or pressing at the waist has to keep off the kidneys"
            _require(document, step, "kidneys", what)


def _check_words_of_directions(document: Document) -> None:
    """Check that no direction of a stroke contradicts the side, the time or the pressure that people have."""
    strokes = _strokes(document)
    for pattern in DIRECTIONS:
        for loc, sentence in document.texts(pattern):
            if loc[:2] not in strokes:
                continue
            if found := SIDE_OR_TIME.search(sentence):
                what = f"{describe(loc)} names a side or a time: {found[0]}"
                document.report(
                    loc, what, "leave it out; the coach knows the side and the time, and says them"
                )
            elif found := MORE_PRESSURE.search(sentence):
                what = f"{describe(loc)} says how hard to press: {found[0]}"
                remedy = "leave it out; the coach says the `pressure`, and people may have asked for less"
                document.report(loc, what, remedy)


# --- Size ----------------------------------------------------------------------------------------


def _check_words(document: Document, book: Document) -> None:
    """Check that the message of each part is short enough to be read during a massage.

    A step with other mistakes is not counted until they are corrected.
    """
    sides = {loc[:2]: side for loc, side in document.texts("step.*.technique.where.side")}
    shown = [document.texts(f"step.*.{key}") for key in ("cue", "name", "direction.*")]
    for step, words in _words(text for texts in shown for text in texts).items():
        side = SIDE_WORDS.get(sides.get(step, ""), 0)
        if sides.get(step) == Covers.EACH and document.data.get("stance") == Stance.BEHIND:
            side += HAND_WORDS
        _check_word_count(document, (*step, "direction"), words + TITLE_WORDS + side)
    spots = _words(_texts_of_spots(book))
    for step, words in _words(document.texts("step.*.eachKnot.direction.*")).items():
        size = _largest_at_a_knot(words, spots, book) + TITLE_WORDS + KNOT_WORDS
        _check_word_count(document, (*step, "eachKnot", "direction"), size)


def _texts_of_spots(book: Document) -> list[tuple[Loc, str]]:
    """Return the handbook's texts for the spots that the message about a knot contains."""
    return [text for key in ("cue", "how") for text in book.texts(f"spots.*.{key}")]


def _largest_at_a_knot(directions: int, spots: Counter[Loc], book: Document) -> int:
    """Return the largest size of a knot's texts: the spot's own, and the directions of size `directions`.

    A spot with a pressure of its own has no other directions.
    """
    light = {loc[:2] for loc, _ in book.texts("spots.*.pressure")}
    sizes = [size + (0 if spot in light else directions) for spot, size in spots.items()]
    return max(sizes, default=directions)


def _words(texts: Iterable[tuple[Loc, str]]) -> Counter[Loc]:
    """Return the number of words in each step's texts, by the location of the step."""
    words: Counter[Loc] = Counter()
    for loc, text in texts:
        words[loc[:2]] += len(text.split())
    return words


def _check_word_count(document: Document, loc: Loc, words: int) -> None:
    mistaken = any(found[:2] == loc[:2] for found in document.reported)
    if words > MOST_WORDS and not mistaken:
        what = f"a message with {describe(loc)} is too long: {words} words, the maximum is {MOST_WORDS}"
        document.report(loc, what, f"cut {words - MOST_WORDS}")


def _check_captions(document: Document, book: Document) -> None:
    """Check that the message of each part fits into a Telegram caption.

    The message says what to do and which places to keep off. If the part is about a marked knot, the message
    also contains the handbook's texts for the knot's spot.
    """
    names = {str(loc[1]): name for loc, name in book.texts("noPress.*.name")}
    keep_off = _sizes((loc, names.get(it, "")) for loc, it in document.texts("step.*.technique.noPress.*"))
    shown = _sizes(document.texts("step.*.direction.*")) + _sizes(document.texts("step.*.cue"))
    for step, size in shown.items():
        _check_caption(document, (*step, "direction"), size + keep_off[step])
    spots = _sizes(_texts_of_spots(book))
    for step, size in _sizes(document.texts("step.*.eachKnot.direction.*")).items():
        size = _largest_at_a_knot(size, spots, book) + keep_off[step]
        _check_caption(document, (*step, "eachKnot", "direction"), size)


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
        "conditions": list(handbook.safety.conditions),
        "means": sorted(vocabulary.MEANINGS),
        "places": list(handbook.no_press),
    }
    for section, names in known.items():
        for loc, _ in book.find(f"words.{section}.*"):
            key = str(loc[-1])
            label = key.partition(" ")[0] if section == "means" else key
            if label not in names:
                book.report(loc, f"{describe(loc)} is not known here", suggest(key, names))


def check_situations(book: Document) -> None:
    """Check that no two situations have the same name, or are asked about in the same words."""
    _check_unlike(book, "situations.*.about")
    _check_unlike(book, "situations.*.asked.*")


def _check_unlike(book: Document, pattern: str) -> None:
    """Check that no two texts that match the pattern are the same, except for capitals."""
    first: dict[str, Loc] = {}
    for loc, text in book.texts(pattern):
        other = first.setdefault(text.casefold(), loc)
        if other != loc:
            what = f"{describe(loc)} is in the situation `{other[1]}` already: {text}"
            book.report(loc, what, "keep one of the two")

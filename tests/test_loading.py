"""Loading routines: valid files load, and every mistake is reported with file, line and remedy.

In the texts below, @@ marks a line on which a problem is expected. It is removed from the file.
"""

import os
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.media.pictures.body import SPOTS
from bot.routine.checks import CAPTION_LIMIT, CAPTION_RESERVED
from bot.routine.loading import MAX_REPORTED, SHIPPED, RoutineErrors, check, load
from bot.routine.model import Library
from bot.routine.yaml_reader import MAX_FILE_BYTES, MAX_NESTING

Edit = tuple[str, str]

DURATION = 'write it like "90 s", "3 min" or "PT1M30S"'
ID = "use lower-case letters, digits and hyphens, at most 31, a letter first"
LIST = "write each entry on a line of its own, beginning with `- `"
KEYS = "write its keys on the lines below, indented"
DOCS = "docs/routines.md explains it"
TOO_DEEP = "lists or keys are nested far too deep; see docs/routines.md for how deep they go"
RETYPE = "delete it, or type the line again"
NO_FILE = "it is a folder, a pipe or a device; name a file"
TOP = "# yaml-language-server"
STEP_ONE = "  - id: lying-down\n"
CUE = "    cue: Your partner lies face down, back bare, arms loose\n"
TIMES = "{least: 90 s, usual: 90 s, most: 2 min}\n    why: A body"
TIME = "performTime: {least: 1 s, usual: 2 s, most: 3 s}"
LENGTHS = "lengths: [15 min, 25 min, 35 min]"

LONG = """\
      stroke: effleurage
      handShape: flat-palms
      where: {from: low-back, to: neck-base, side: both}
"""
EACH_KNOT = """\
    eachKnot:
      least: 30 s
      most: 2 min
      direction:
        - Lean in slowly to a good ache.
        - Wait till it eases.
        - Let go slowly.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped routines, for tests to change."""
    return shutil.copytree(SHIPPED, tmp_path / "routines")


def write(file: Path, text: str) -> list[int]:
    """Write the text without its marks. Return the numbers of the marked lines."""
    file.write_text(text.replace("@@", ""), encoding="utf-8")
    return [number for number, line in enumerate(text.split("\n"), 1) if "@@" in line]


def edit(file: Path, *edits: Edit) -> list[int]:
    """Replace the first occurrence of each old text. Return the numbers of the marked lines."""
    text = file.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return write(file, text)


def reported(*paths: Path, inside: Path) -> list[str]:
    """Return the problems that `check` finds, with paths relative to the folder `inside`."""
    return [str(problem).removeprefix(f"{inside}/") for problem in check(paths)]


# --- Valid files ---------------------------------------------------------------------------------


def test_the_shipped_routines_have_no_mistake_and_the_back_comes_first() -> None:
    assert check([SHIPPED]) == []
    library = load(SHIPPED)
    assert list(library.routines) == ["back", "neck-and-shoulders"]
    assert library.default.name == "Back massage"


def test_a_folder_without_a_handbook_uses_the_shipped_one(tmp_path: Path) -> None:
    shutil.copy(SHIPPED / "back.yaml", tmp_path / "mine.yaml")
    library = load(tmp_path)
    assert list(library.routines) == ["mine"]
    assert library.handbook == load(SHIPPED).handbook


@pytest.mark.parametrize("text", ["no", "yes", "1:30", "off", "0x1F", "2009-12-12", ".nan"])
def test_a_text_that_looks_like_another_type_stays_a_text(folder: Path, text: str) -> None:
    edit(folder / "back.yaml", ("name: Back massage", f"name: {text}"))
    assert load(folder).default.name == text


def test_a_text_over_several_lines_becomes_one_line(folder: Path) -> None:
    edit(folder / "back.yaml", ("name: Back massage", "name: |\n  Back\n\n  massage"))
    assert load(folder).default.name == "Back massage"


def test_a_byte_order_mark_and_windows_line_endings_are_accepted(folder: Path) -> None:
    file, before = folder / "back.yaml", load(folder)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(folder) == before


# --- One mistake in a routine --------------------------------------------------------------------

ONE_MISTAKE: dict[str, tuple[str, list[Edit]]] = {
    "a missing key": (
        f"`transition` is missing; add `transition:`; {DOCS}",
        [
            (STEP_ONE, "  - id: lying-down@@\n"),
            ("    transition: Pour a little oil into one palm, and rub it warm between your hands.\n", ""),
        ],
    ),
    "a missing key at the top": (
        f"`stance` is missing; add `stance:`; {DOCS}",
        [(TOP, f"@@{TOP}"), ("stance: beside\n", "")],
    ),
    "a misspelt key": (
        "there is no key `tipp` here; did you mean `tip`?",
        [(CUE, f"    tipp: Lie well.@@\n{CUE}")],
    ),
    "a key that belongs elsewhere": (
        "there is no key `cue` here; choose one of: name, why, instead",
        [("  - name: Large towel", "  - name: Large towel\n    cue: Towel@@")],
    ),
    "a list for a key": (
        "there is a list where a key should be; write one word and a colon",
        [("name: Back massage", "? [a, b]@@\n: x\nname: Back massage")],
    ),
    "a number for a text": (
        "`name` is a number, but should be a text; put it into quotes",
        [("name: Back massage", "name: 12@@")],
    ),
    "a boolean for a text": (
        "`cue` is true or false, but should be a text; put it into quotes",
        [(CUE, "    cue: true@@\n")],
    ),
    "keys for a text": (
        "`cue` is a group of keys, but should be a text; write one text after the colon",
        [(CUE, "    cue: {lie: down}@@\n")],
    ),
    "a list for a choice": (
        "`stance` cannot be a list; choose one of: beside, behind",
        [("stance: beside", "stance: [beside]@@")],
    ),
    "a text for a list": (
        f"`lengths` is a text, but should be a list; {LIST}",
        [(LENGTHS, "lengths: 25 min@@")],
    ),
    "a text for keys": (
        f"`checklist`, entry 4 is a text, but should be a group of keys; {KEYS}",
        [("  - name: Shower\n", "  - Shower@@\n  - name: Bath\n")],
    ),
    "a list for keys": (
        f"`terms` is a list, but should be a group of keys; {KEYS}",
        [("terms:\n  effleurage:", "terms:@@\n  - ")],
    ),
    "yes instead of true": (
        "`asksForKnots` is a text, but should be true or false; write true or false, without quotes",
        [("asksForKnots: true", "asksForKnots: yes@@")],
    ),
    "an unknown choice": (
        "`technique.pressure` cannot be no; choose one of: very light, light, medium, firm",
        [("pressure: firm", "pressure: no@@")],
    ),
    "a key with nothing after it": (
        "`cue` is empty; write something there, or delete it",
        [(CUE, "    cue:@@\n")],
    ),
    "an entry with nothing in it": (
        "`lengths`, entry 1 is empty; write something there, or delete it",
        [(LENGTHS, "lengths:\n  -@@\n  - 25 min")],
    ),
    "a text with nothing in it": (
        "`name` is too short; write at least 2 characters",
        [("name: Back massage", 'name: ""@@')],
    ),
    "a cue too long for a lock screen": (
        "`cue` is too long: 70 characters, the maximum is 60; cut 10",
        [(CUE, "    cue: Your partner lies face down, back bare, arms loose, and as people like@@\n")],
    ),
    "too many entries": (
        "`lengths` has 7 entries, the maximum is 5; remove 2",
        [(LENGTHS, "lengths: [15 min, 20 min, 25 min, 26 min, 30 min, 35 min, 36 min]@@")],
    ),
    "too few entries": (
        "`technique.noPress` has no entries, the minimum is 1; add 1",
        [("noPress: [spine, neck-front]", "noPress: []@@")],
    ),
    "a step's id in capitals": (
        f"`id` cannot be an id: Lying Down; {ID}",
        [(STEP_ONE, "  - id: Lying Down@@\n")],
    ),
    "a term in capitals": (
        f"`terms.Effleurage` cannot be an id: Effleurage; {ID}",
        [("  effleurage: >-", "  Effleurage: >-@@")],
    ),
    "a routine's own id": (
        "a routine's `id` is the name of its file; delete the line",
        [("name: Back massage", "name: Back massage\nid: back@@")],
    ),
    "a bare number for a time": (
        f"`prepTime`: this is not a duration; {DURATION}",
        [("prepTime: 15 min", "prepTime: 15@@")],
    ),
    "a time with a colon": (
        f"`performTime.usual`: this is not a duration; {DURATION}",
        [(TIMES, TIMES.replace("usual: 90 s", "usual: 1:30").replace("}", "}@@"))],
    ),
    "a time of zero": (
        "`performTime.least`: a duration cannot be zero; write at least one second",
        [(TIMES, TIMES.replace("least: 90 s", "least: 0 s").replace("}", "}@@"))],
    ),
    "a time longer than a day": (
        "`prepTime`: a duration cannot be more than a day; make it shorter",
        [("prepTime: 15 min", "prepTime: 1441 min@@")],
    ),
    "a time with more digits than Python reads": (
        "`prepTime`: a duration cannot be more than a day; make it shorter",
        [("prepTime: 15 min", f"prepTime: {'9' * 5000} h@@")],
    ),
    "times out of order": (
        "`performTime`: the times are out of order; write least, usual and most from short to long",
        [(TIMES, TIMES.replace("2 min", "50 s").replace("}", "}@@"))],
    ),
    "a knot's times out of order": (
        "`eachKnot`: the times are out of order; write least before most, short before long",
        [("    eachKnot:\n      least: 30 s", "    eachKnot:@@\n      least: 3 min")],
    ),
    "an unknown zone to start from": (
        "`technique.where.from` is not a zone: lowback; did you mean `low-back`?",
        [("{from: low-back, to: neck-base, side: both}", "{from: lowback, to: neck-base, side: both}@@")],
    ),
    "an unknown zone to end at": (
        "`technique.where.to` is not a zone: neckbase; did you mean `neck-base`?",
        [("{from: low-back, to: neck-base, side: both}", "{from: low-back, to: neckbase, side: both}@@")],
    ),
    "an unknown hand shape": (
        (
            "`technique.handShape` is not a hand shape: claws; choose one of: flat-palms, heels, fingertips, "
            "stacked-fingertips, thumbs, braced-thumb, forearm, whole-hands"
        ),
        [("handShape: flat-palms", "handShape: claws@@")],
    ),
    "an unknown stroke": (
        "`technique.stroke` is not a stroke: effleurrage; did you mean `effleurage`?",
        [("stroke: effleurage", "stroke: effleurrage@@")],
    ),
    "an unknown place to keep off": (
        "`technique.noPress`, entry 2 is not a place to keep off: neckfront; did you mean `neck-front`?",
        [("noPress: [spine, neck-front]", "noPress: [spine, neckfront]@@")],
    ),
    "an id taken twice": (
        "`id` is used by step 6 already: forearms; give each step an id of its own",
        [("  - id: tapping", "  - id: forearms@@")],
    ),
    "a repeat of an unknown step": (
        "`step` is not an earlier step: heelcircles; did you mean `heel-circles`?",
        [("- step: heel-circles", "- step: heelcircles@@")],
    ),
    "a repeat of itself": (
        (
            "`step` is not an earlier step: tapping; choose one of: lying-down, long-strokes, heel-circles, "
            "fingertips, thumbs, forearms, knots"
        ),
        [("- step: heel-circles", "- step: tapping@@")],
    ),
    "a repeat in the first step": (
        "`step` is not an earlier step: tapping; there is nothing to choose from; delete it",
        [(LENGTHS, "lengths: [25 min]"), (CUE, f"{CUE}    repeats:\n      - {{step: tapping, {TIME}}}@@\n")],
    ),
    "a repeat of a step that repeats": (
        "`step` repeats other steps itself: heel-circles; name those steps instead",
        [
            (LENGTHS, "lengths: [25 min]"),
            (
                "    name: Heel circles",
                f"    name: Heels\n    repeats: [{{step: lying-down, {TIME}}}]",
            ),
            ("- step: heel-circles", "- step: heel-circles@@"),
        ],
    ),
    "a length that is too short for the steps": (
        (
            "the steps cannot take 10 min, only 14 min 40 s to 36 min; "
            "choose a length between these, or change the steps' `least` and `most`"
        ),
        [(LENGTHS, "lengths:\n  - 25 min\n  - 10 min@@")],
    ),
    "a length that is too long for the steps": (
        (
            "the steps cannot take 40 min, only 14 min 40 s to 36 min; "
            "choose a length between these, or change the steps' `least` and `most`"
        ),
        [(LENGTHS, "lengths: [25 min, 40 min]@@")],
    ),
    "a usual length that is not offered": (
        (
            "`totalTime` is not one of the lengths: 20 min; "
            "choose one of: 15 min, 25 min, 35 min; or add it to `lengths`"
        ),
        [("totalTime: 25 min", "totalTime: 20 min@@")],
    ),
    "knots worked on but not asked for": (
        (
            "knots are worked on, but no step has `asksForKnots`; "
            "add `asksForKnots: true` to an earlier step, or delete this"
        ),
        [("    asksForKnots: true\n", ""), ("    eachKnot:", "@@    eachKnot:")],
    ),
    "knots worked on and asksForKnots false": (
        (
            "knots are worked on, but no step has `asksForKnots`; "
            "add `asksForKnots: true` to an earlier step, or delete this"
        ),
        [("asksForKnots: true", "asksForKnots: false"), ("    eachKnot:", "@@    eachKnot:")],
    ),
    "knots asked for but not worked on": (
        (
            "the coach asks for knots, but no step has `eachKnot`; "
            "add it to the step that works on them, or delete this"
        ),
        [
            ("asksForKnots: true", "asksForKnots: true@@"),
            (EACH_KNOT, ""),
        ],
    ),
    "a far side for a giver who stands behind": (
        "a giver who stands behind has no far side; choose `both` or `each`",
        [
            (LENGTHS, "lengths: [25 min]"),
            ("stance: beside", "stance: behind"),
            ("to: shoulders, side: far}", "to: shoulders, side: far}@@"),
            ("side: each}", "side: both}"),
        ],
    ),
    "tapping on the neck": (
        "there is no tapping on the neck; choose other zones or another stroke",
        [
            ("{from: mid-back, to: shoulders, side: both}", "{from: neck-base, to: shoulders, side: both}@@"),
            (
                "noPress: [spine, kidneys]\n      feelsRight: It is light",
                "noPress: [neck-front]\n      feelsRight: It is light",
            ),
        ],
    ),
    "a tapping stroke on the neck, however the hands move": (
        "there is no tapping on the neck; choose other zones or another stroke",
        [
            (
                LONG,
                LONG.replace("effleurage", "tapotement").replace(
                    "{from: low-back, to: neck-base, side: both}",
                    "{from: neck-base, to: shoulders, side: both}@@",
                ),
            )
        ],
    ),
    "a stroke on the neck with its front and sides not kept off": (
        ("a stroke on the neck has to keep off its front and sides; add `neck-front` to `noPress`"),
        [("noPress: [spine, neck-front]", "noPress: [spine]@@")],
    ),
    "a stroke along the back with the spine not kept off": (
        "a stroke along the back has to keep off the spine; add `spine` to `noPress`",
        [("noPress: [spine, kidneys, bones]", "noPress: [kidneys, bones]@@")],
    ),
    "pressing at the waist with the kidneys not kept off": (
        "tapping or pressing at the waist has to keep off the kidneys; add `kidneys` to `noPress`",
        [("noPress: [spine, kidneys, bones]", "noPress: [spine, bones]@@")],
    ),
    "tapping at the waist with the kidneys not kept off": (
        "tapping or pressing at the waist has to keep off the kidneys; add `kidneys` to `noPress`",
        [
            (
                "noPress: [spine, kidneys]\n      feelsRight: It is light",
                "noPress: [spine]@@\n      feelsRight: It is light",
            )
        ],
    ),
    "tapping on the lower back": (
        "there is no tapping on the lower back, near the kidneys; begin above it, as with `mid-back`",
        [("{from: mid-back, to: shoulders, side: both}", "{from: low-back, to: shoulders, side: both}@@")],
    ),
    "a side in a direction": (
        (
            "`direction`, entry 3 names a side or a time: left; "
            "leave it out; the coach knows the side and the time, and says them"
        ),
        [("- Begin each circle a little higher.", "- Begin the left one a little higher.@@")],
    ),
    "a time in a direction": (
        (
            "`direction`, entry 2 names a side or a time: seconds; "
            "leave it out; the coach knows the side and the time, and says them"
        ),
        [("- Press, wait, let go,", "- Press, wait a few seconds, let go,@@")],
    ),
    "a pressure in a direction": (
        (
            "`direction`, entry 2 says how hard to press: firmly; "
            "leave it out; the coach says the `pressure`, and people may have asked for less"
        ),
        [("- Circle up, then out, and back.", "- Circle firmly up, then out, and back.@@")],
    ),
    "a pressure at each knot": (
        (
            "`eachKnot.direction`, entry 1 says how hard to press: Deeply; "
            "leave it out; the coach says the `pressure`, and people may have asked for less"
        ),
        [
            (
                "    - Lean in slowly to a good ache.\n        - Wait till it eases.\n",
                "    - Deeply and slowly.@@\n        - Wait till it eases.\n",
            )
        ],
    ),
    "more words than anybody reads during a stroke": (
        "a message with `direction` is too long: 47 words, the maximum is 45; cut 2",
        [
            ("    direction:\n      - Stacked", "    direction:@@\n      - Stacked"),
            ("- Press, wait, let go,", "- Press, wait a while, and only then let go,"),
        ],
    ),
    "more words than anybody reads at a knot": (
        "a message with `eachKnot.direction` is too long: 46 words, the maximum is 45; cut 1",
        [
            ("      direction:\n        - Lean", "      direction:@@\n        - Lean"),
            ("        - Let go slowly.", "        - And only then let go slowly."),
        ],
    ),
    "an anchor": (
        "`&oil` is an anchor; delete it, and write out each value where it is needed",
        [("  - name: Massage oil", "  - name: &oil Massage oil@@")],
    ),
    "an unknown alias": (
        "`*oil` repeats another place; write it out here",
        [("  - name: Massage oil", "  - name: *oil@@")],
    ),
    "a tag": (
        "`!!str` is a tag; delete it; no tag is needed here",
        [("name: Back massage", "name: !!str Back massage@@")],
    ),
    "a tab": (
        "there is a tab; use spaces; YAML allows no tabs before a key",
        [(CUE, f"@@\t{CUE}")],
    ),
    "a second document": (
        "a second document begins here; keep to one document in a file, without a line of ---",
        [("aftercare:", "---@@\naftercare:")],
    ),
    "a colon in a text": (
        (
            "there is a second colon, or the line is indented too far; "
            "put a text that has a colon in it into quotes, and line up the keys"
        ),
        [(CUE, "    cue: Lie down: face down@@\n")],
    ),
    "a key without a colon": (
        "a key has no colon after it; write `key: value`",
        [("name: Back massage\n", "name: Back massage\nstance beside@@\n")],
    ),
    "a quote never closed": (
        "a quote is opened and never closed; close it with the same kind of quote",
        [
            ("  - When it is time", '  - @@"When it is time'),
        ],
    ),
    "a bracket never closed": (
        "a bracket is not closed, or a comma is missing; close it, or add the comma",
        [(LENGTHS, "lengths: [15 min, 25 min@@\n")],
    ),
    "keys that do not line up": (
        "the indentation does not line up; indent equally far what belongs together",
        [(CUE, "   cue: Lie down@@\n")],
    ),
    "a text that begins with a reserved character": (
        "a text begins with a character that YAML reserves; put it into quotes",
        [(CUE, "    cue: @@`lie`\n")],
    ),
    "a control character": (
        f"there is an invisible control character; {RETYPE}",
        [(CUE, "    cue: Lie\x07 down@@\n")],
    ),
    "a character that reverses the text": (
        f"`cue` has an invisible character (U+202E) in it; {RETYPE}",
        [(CUE, "    cue: Lie \u202enwod@@\n")],
    ),
    "a byte order mark in a text": (
        f"`direction`, entry 1 has an invisible character (U+FEFF) in it; {RETYPE}",
        [("    direction:\n      - ", "    direction:\n      - @@\ufeff")],
    ),
    "half a surrogate pair": (
        f"`technique.landmark` has an invisible character (U+D83D) in it; {RETYPE}",
        [("      landmark: ", '      landmark: "\\ud83d" #@@ ')],
    ),
    "an invisible character in a key": (
        f"a key has an invisible character (U+200B) in it; {RETYPE}",
        [("name: Back massage", "name: Back massage\n\u200bid: back@@")],
    ),
    "a key that would clear the screen": (
        f"a key has an invisible character (U+001B) in it; {RETYPE}",
        [("name: Back massage", 'name: Back massage\n"\\e[2J": x@@')],
    ),
    "a merge key": (
        (
            "there is no key `<<` here; choose one of: id, name, called, description, stance, prepTime, "
            "totalTime, lengths, checklist, supply, tool, terms, step, aftercare"
        ),
        [("name: Back massage", "name: Back massage\n<<: {name: Back}@@")],
    ),
}


@pytest.mark.parametrize(("words", "edits"), ONE_MISTAKE.values(), ids=ONE_MISTAKE)
def test_one_mistake_is_reported_once_with_line_and_remedy(
    folder: Path, words: str, edits: list[Edit]
) -> None:
    file = folder / "back.yaml"
    (line,) = edit(file, *edits)
    assert reported(file, inside=folder) == [f"back.yaml:{line}: {words}"]


def test_python_names_are_not_accepted_as_keys(folder: Path) -> None:
    file = folder / "back.yaml"
    (top, line) = edit(file, (TOP, f"@@{TOP}"), ("prepTime: 15 min", "prep_time: 15 min@@"))
    assert reported(file, inside=folder) == [
        f"back.yaml:{top}: `prepTime` is missing; add `prepTime:`; {DOCS}",
        f"back.yaml:{line}: there is no key `prep_time` here; did you mean `prepTime`?",
    ]


def test_a_repeated_key_is_reported(folder: Path) -> None:
    file = folder / "back.yaml"
    first, second = edit(file, ("name: Back massage", "name: Back massage@@\nname: Back@@"))
    assert reported(file, inside=folder) == [
        f"back.yaml:{second}: `name` is on line {first} already; keep one of the two"
    ]


def shown(library: Library, key: str) -> list[str]:
    """Return the texts in the message for the knots step, or for the knot whose spot has the longest text."""
    step, handbook = library.default.by_id["knots"], library.handbook
    assert step.technique
    assert step.each_knot
    keep_off = [handbook.no_press[place].name for place in step.technique.no_press]
    if key == "direction":
        return [step.cue, *step.direction, *keep_off]
    pressed = [spot for spot in handbook.spots.values() if not spot.pressure]
    spot = max(pressed, key=lambda spot: len(spot.cue + spot.how))
    return [*step.each_knot.direction, spot.cue, spot.how, *keep_off]


@pytest.mark.parametrize(
    ("key", "sentences"),
    [
        (
            "direction",
            [
                "- One thumb on the other, feel for knots.",
                "- Lean in slowly to a good ache.",
                "- Wait till it eases. Let go slowly.",
            ],
        ),
        (
            "eachKnot.direction",
            [
                "        - Lean in slowly to a good ache.",
                "        - Wait till it eases.",
                "        - Let go slowly.",
            ],
        ),
    ],
)
def test_a_message_too_long_for_a_caption_is_reported_with_how_much_to_cut(
    folder: Path, key: str, sentences: list[str]
) -> None:
    """Telegram counts a smiley as two characters, and a letter with an accent as one."""
    file, smileys = folder / "back.yaml", "\N{SLIGHTLY SMILING FACE}" * 10
    texts = [f"{smileys}{'é' * 150}", "a" * 150, "b" * 150]
    edit(file, *((old, f"{old.partition('-')[0]}- {new}") for old, new in zip(sentences, texts, strict=True)))
    (problem,) = check([file])
    over = int(problem.remedy.removeprefix("cut "))
    limit = f"{CAPTION_LIMIT + over} characters, the maximum is {CAPTION_LIMIT}"
    assert problem.what == f"a message with `{key}` is too long: {limit}"
    assert file.read_text(encoding="utf-8").split("\n")[problem.line - 1].strip() == "direction:"
    edit(file, ("é" * 150, "é" * (151 - over)))
    assert [problem.remedy for problem in check([file])] == ["cut 1"]
    edit(file, (smileys, smileys[1:] + "é"))
    assert check([file]) == []
    assert (
        CAPTION_RESERVED + sum(len(text) + len(", ") for text in shown(load(folder), key))
        == CAPTION_LIMIT - 9
    )


# --- Several mistakes, several files --------------------------------------------------------------

SEVERAL = """\
name: 12@@
descripton: A nice one.@@
stance: behind
prepTime: 1:30@@
totalTime: 5 min
lengths: [5 min, 0 s, 3]@@
name: Twice@@
checklist:
  - Chair@@
  - name: &warm Warm hands@@
    why:@@
aftercare:
  - *warm@@
step:
  - id: one
    name: The only step
    cue: Heels of both hands on the lower back, and then some more words@@
    direction: Just one text@@
    technique:@@
      stroke: effleurag@@
      handShape: thums@@
      where: {from: low-bak, to: shoulders, side: far}@@
      motion: sideways@@
      pace: slow
      pressure: no@@
      landmark: The ridge.
      noPress: [spine, kidney]@@
      feelsRight: Good.
      mistake: true@@
    performTime: {least: 3 min, usual: 2 min, most: 4 min}@@
    asksForKnots: yes@@
    repeats:
      - {step: two, performTime: {least: 1 s, usual: 2 s, most: 3 s}}@@
    tip: A tip.
    transition: On we go.
    why: Because.
  - id: one@@
"""


def test_every_mistake_in_a_file_is_reported_at_once(folder: Path) -> None:
    file = folder / "mine.yaml"
    lines = write(file, SEVERAL)
    problems = check([file])
    assert problems == sorted(problems)
    missing_above, at_line = "description", Counter(problem.line for problem in problems)
    assert [problem.what for problem in problems if problem.line == 1] == [
        f"`{missing_above}` is missing",
        "`name` is a number, but should be a text",
    ]
    assert sorted(at_line) == sorted({1, *lines})
    assert at_line[lines[3]] == 2, "a zero and a bare number in one list"
    assert at_line[lines[-1]] == 8, "an id taken, and seven keys missing"
    assert len([line for line in at_line if at_line[line] > 1]) == 4


def test_loading_raises_the_problems_of_all_files_at_once(folder: Path) -> None:
    (back,) = edit(folder / "back.yaml", ("stance: beside", "stance: above@@"))
    (neck,) = edit(folder / "neck-and-shoulders.yaml", ("stance: behind", "stance: before@@"))
    (hands,) = edit(folder / "handbook" / "hands.yaml", ("name: both palms", "name: 2@@"))
    with pytest.raises(RoutineErrors) as raised:
        load(folder)
    assert str(raised.value).replace(f"{folder}/", "").split("\n") == [
        (
            f"handbook/hands.yaml:{hands}: `handShapes.flat-palms.name` is a number, but should be a text; "
            "put it into quotes"
        ),
        f"back.yaml:{back}: `stance` cannot be above; choose one of: beside, behind",
        f"neck-and-shoulders.yaml:{neck}: `stance` cannot be before; choose one of: beside, behind",
    ]
    assert list(raised.value.problems) == check([folder])


def test_loading_raises_a_single_problem(folder: Path) -> None:
    (line,) = edit(folder / "back.yaml", ("where: {from: low-back", "where: @@{from: lowback"))
    with pytest.raises(
        RoutineErrors, match=rf"back\.yaml:{line}: `technique\.where\.from` is not a zone: lowback"
    ):
        load(folder)


def test_the_problems_of_a_repeated_path_are_reported_once(folder: Path) -> None:
    (line,) = edit(folder / "back.yaml", ("stance: beside", "stance: above@@"))
    assert reported(folder, folder / "back.yaml", inside=folder) == [
        f"back.yaml:{line}: `stance` cannot be above; choose one of: beside, behind"
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ":1: the file is empty; write it as docs/routines.md shows, or delete it"),
        (b"# nothing yet\n", ":1: the file is empty; write it as docs/routines.md shows, or delete it"),
        (b"{}\n", ":1: the file is empty; write it as docs/routines.md shows, or delete it"),
        (b"- a\n- b\n", ":1: the file has no keys; write lines like `name: Back massage`"),
        (b"name: Back\n", None),
        (b"name: ok\nwhy: caf\xe9\n", ":2: this is not UTF-8; save the file in the encoding UTF-8"),
        ("name: Back".encode("utf-16"), ":1: this is not UTF-8; save the file in the encoding UTF-8"),
        (b"name: ok\nwhy: b\0ck\n", f":2: there is an invisible control character; {RETYPE}"),
        (b"\xef\xbb\xbf", ":1: the file is empty; write it as docs/routines.md shows, or delete it"),
        (b"[" * 600 + b"]" * 600, f":1: {TOO_DEEP}"),
        (b"[" * MAX_FILE_BYTES, f":1: {TOO_DEEP}"),
        (b"[\n" * 600, f":{MAX_NESTING + 1}: {TOO_DEEP}"),
        (b"x:\n - " + b"- " * 600 + b"{: [", f":2: {TOO_DEEP}"),
    ],
    ids=[
        *("empty", "comments", "no keys", "a list", "nearly empty", "Latin-1", "UTF-16", "NUL"),
        *("a mark alone", "deep", "deep and never closed", "deep over many lines", "deep and then wrong"),
    ],
)
def test_a_file_that_is_not_a_routine_is_reported(folder: Path, content: bytes, words: str | None) -> None:
    file = folder / "mine.yaml"
    file.write_bytes(content)
    problems = reported(file, inside=folder)
    if words:
        assert f"mine.yaml{words}" in problems
    assert problems


def test_a_circular_alias_is_reported_and_not_followed(folder: Path) -> None:
    file = folder / "back.yaml"
    (anchor, alias) = edit(file, ("terms:\n", "terms: &all@@\n  again: *all@@\n"))
    assert reported(file, inside=folder) == [
        f"back.yaml:{anchor}: `&all` is an anchor; delete it, and write out each value where it is needed",
        f"back.yaml:{alias}: `*all` repeats another place; write it out here",
    ]


def test_a_path_below_the_working_directory_is_shown_relative_to_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = edit(folder / "back.yaml", ("stance: beside", "stance: above@@"))
    monkeypatch.chdir(folder.parent)
    (problem,) = check([folder])
    assert str(problem).startswith(f"routines/back.yaml:{line}: `stance` cannot be above; ")


def test_a_path_that_does_not_exist_is_reported(folder: Path) -> None:
    assert reported(folder / "gone.yaml", folder / "handbook" / "gone.yaml", inside=folder) == [
        "gone.yaml: there is no such file or folder; check the spelling",
        "handbook/gone.yaml: there is no such file or folder; check the spelling",
    ]


def test_folders_pipes_and_devices_are_not_opened(folder: Path) -> None:
    (folder / "mine.yaml").mkdir()
    os.mkfifo(folder / "pipe.yaml")
    (folder / "zero.yaml").symlink_to("/dev/zero")
    assert reported(folder, inside=folder) == [f"{name}.yaml: {NO_FILE}" for name in ("mine", "pipe", "zero")]


def test_link_loops_and_overlong_names_are_reported(folder: Path) -> None:
    loop, long = folder / "loop", folder / f"{'a' * 5000}.yaml"
    loop.symlink_to(loop)
    remedy = "make sure that it is a file and that you may read it"
    assert reported(loop, loop / "mine.yaml", long, inside=folder) == [
        f"loop: it cannot be read (too many levels of symbolic links); {remedy}",
        f"loop/mine.yaml: it cannot be read (too many levels of symbolic links); {remedy}",
        f"{long.name}: it cannot be read (file name too long); {remedy}",
    ]


def test_a_file_that_is_too_large_is_reported(folder: Path) -> None:
    file = folder / "back.yaml"
    text = file.read_bytes()
    file.write_bytes(text + b"#" * (MAX_FILE_BYTES - len(text)))
    assert check([file]) == []
    file.write_bytes(text + b"#" * (MAX_FILE_BYTES - len(text) + 1))
    larger = "back.yaml: it is larger than 100,000 bytes; make it shorter"
    assert reported(file, inside=folder) == [larger]


def test_only_the_first_of_very_many_mistakes_are_reported(folder: Path) -> None:
    file = folder / "back.yaml"
    (first,) = edit(file, ("name: Back massage", "name: Back massage@@\n" + "name: Back massage\n" * 1234))
    problems = reported(file, inside=folder)
    assert len(problems) == MAX_REPORTED + 1
    assert problems[MAX_REPORTED - 1].startswith(
        f"back.yaml:{first + MAX_REPORTED}: `name` is on line {first} already; "
    )
    assert problems[MAX_REPORTED] == "back.yaml: and 1,184 more mistakes; correct these first"
    with pytest.raises(RoutineErrors) as raised:
        load(folder)
    assert list(map(str, check([folder]))) == str(raised.value).split("\n")


def test_a_problem_is_one_line_of_limited_length(folder: Path) -> None:
    file = folder / "turned\u202e\nround.yaml"
    text = (folder / "back.yaml").read_text(encoding="utf-8")
    file.write_text(text.replace("stance: beside", f"stance: {'b' * 80_000}"), encoding="utf-8")
    named, cited = reported(file, inside=folder)
    name = "turned<U+202E><U+000A>round"
    assert named.startswith(f"{name}.yaml:1: the file's name cannot be an id: {name}; ")
    assert "`stance` cannot be bbbb" in cited
    assert cited.endswith("bbb...; choose one of: beside, behind")
    assert len(cited) < 1000


def test_a_file_name_that_is_not_unicode_is_reported(folder: Path) -> None:
    file = folder / os.fsdecode(b"b\xff.yaml")
    file.touch()
    assert reported(file, inside=folder) == [
        "b<U+DCFF>.yaml:1: the file is empty; write it as docs/routines.md shows, or delete it"
    ]


def test_a_folder_without_a_routine_is_reported(tmp_path: Path) -> None:
    (tmp_path / "back.yml").write_text("name: Back massage\n", encoding="utf-8")
    assert reported(tmp_path, inside=tmp_path) == [
        "back.yml: a file named .yml is not read; rename it to .yaml",
        f"{tmp_path}: there is no routine in this folder; put a .yaml file into it",
    ]


def test_a_file_name_that_cannot_be_an_id_is_reported(folder: Path) -> None:
    (folder / "back.yaml").rename(folder / "My Back.yaml")
    assert reported(folder, inside=folder) == [
        f"My Back.yaml:1: the file's name cannot be an id: My Back; {ID}"
    ]


# --- The handbook --------------------------------------------------------------------------------


def test_a_routine_uses_the_handbook_beside_it(folder: Path) -> None:
    hands = folder / "handbook" / "hands.yaml"
    text = hands.read_text(encoding="utf-8")
    start = text.index("  forearm:")
    hands.write_text(text[:start] + text[text.index("  whole-hands:") :], encoding="utf-8")
    line = 1 + (folder / "back.yaml").read_text(encoding="utf-8").split("\n").index(
        "      handShape: forearm"
    )
    (problem,) = reported(folder / "back.yaml", inside=folder)
    assert problem.startswith(f"back.yaml:{line}: `technique.handShape` is not a hand shape: forearm; ")


def test_a_stroke_may_be_one_of_the_routines_own_terms(folder: Path) -> None:
    edit(folder / "handbook" / "hands.yaml", ("  effleurage:", "  gliding:"))
    (folder / "neck-and-shoulders.yaml").unlink()
    assert check([folder]) == []


@pytest.mark.parametrize("path", ["handbook", "handbook/body.yaml", "."])
def test_a_mistake_in_the_handbook_is_reported_for_any_path_to_it(folder: Path, path: str) -> None:
    (line,) = edit(
        folder / "handbook" / "body.yaml", ("name: the spine", "nam: the spine"), ("  spine:", "  spine:@@")
    )
    assert reported(folder / path, inside=folder) == [
        f"handbook/body.yaml:{line}: `noPress.spine.name` is missing; add `name:`; {DOCS}",
        f"handbook/body.yaml:{line + 1}: there is no key `nam` here; did you mean `name`?",
    ]


def test_the_handbook_must_have_nine_spots(folder: Path) -> None:
    body = folder / "handbook" / "body.yaml"
    line, extra = edit(
        body,
        ("\nspots:", "\nspots:@@"),
        ("  centre:\n", "  extra:@@\n    name: extra\n    cue: One thumb.\n    how: Gently.\n  centre:\n"),
    )
    many, undrawn = reported(body, inside=folder)
    assert many == f"handbook/body.yaml:{line}: `spots` has 10 entries, the maximum is 9; remove 1"
    assert undrawn.startswith(f"handbook/body.yaml:{extra}: `spots.extra` is not on the body map")
    assert undrawn.endswith(f"choose one of: {', '.join(SPOTS)}")


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "remedy"),
    [
        ("body.yaml", "  low-back:", "  lower-back:", "zones.lower-back", "did you mean `low-back`?"),
        ("body.yaml", "\n  kidneys:", "\n  kidney:", "noPress.kidney", "did you mean `kidneys`?"),
        ("body.yaml", "  centre:", "  center:", "spots.center", "did you mean `centre`?"),
        ("hands.yaml", "  heels:", "  heel:", "handShapes.heel", "did you mean `heels`?"),
    ],
)
def test_an_id_that_the_pictures_cannot_draw_is_reported(
    folder: Path, file: str, old: str, new: str, name: str, remedy: str
) -> None:
    (line,) = edit(folder / "handbook" / file, (old, f"{new}@@"))
    problem = f"handbook/{file}:{line}: `{name}` is not on the body map, so no picture can show it; {remedy}"
    assert problem in reported(folder, inside=folder)


def test_a_meaning_without_a_label_is_reported(folder: Path) -> None:
    (line,) = edit(folder / "handbook" / "words.yaml", ("  means:\n", '  means:\n    "": [hello]@@\n'))
    (problem,) = reported(folder, inside=folder)
    assert problem.startswith(
        f"handbook/words.yaml:{line}: `words.means.` is not known here; choose one of: "
    )


def test_a_section_in_two_files_is_reported(folder: Path) -> None:
    line = write(folder / "handbook" / "more.yaml", "zones:@@\n  knees:\n    name: knees\n")[0]
    assert reported(folder, inside=folder) == [
        f"handbook/more.yaml:{line}: `zones` is in body.yaml already; keep one of the two"
    ]


def test_a_missing_section_is_reported(folder: Path) -> None:
    (folder / "handbook" / "safety.yaml").unlink()
    assert reported(folder, inside=folder) == [f"handbook: `safety` is missing; add `safety:`; {DOCS}"]


def test_sections_of_an_unreadable_file_are_not_reported_as_missing_too(folder: Path) -> None:
    lines = edit(folder / "handbook" / "body.yaml", ("zones:", "@@zones: :"))
    (problem,) = check([folder])
    assert [problem.line] == lines


# --- Any content ---------------------------------------------------------------------------------


def add_small_handbook(folder: Path) -> None:
    """Add the shipped handbook without its situations, which take longer to read than all else."""
    no_situations = shutil.ignore_patterns("situations")
    shutil.copytree(SHIPPED / "handbook", folder / "handbook", ignore=no_situations, dirs_exist_ok=True)


ANY = st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Ll", "So"])
"""Every category of invisible characters, and some visible ones."""


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(ANY, min_size=2, max_size=40))
def test_a_text_loads_only_if_all_of_it_is_visible(folder: Path, text: str) -> None:
    shown = " ".join(text.split())
    shutil.copy(SHIPPED / "back.yaml", folder)
    add_small_handbook(folder)
    escaped = "".join(f"\\U{ord(letter):08x}" for letter in text)
    edit(folder / "back.yaml", ("name: Back massage", f'name: "{escaped}"'))
    if len(shown) >= 2 and shown.isprintable():
        assert load(folder).default.name == shown
    else:
        [problem] = reported(folder, inside=folder)
        assert problem.isprintable()


BACK: dict[str, Any] = yaml.safe_load((SHIPPED / "back.yaml").read_text(encoding="utf-8"))
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=400)
    | st.sampled_from(["3 min", "spine"]),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=40), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def changed(draw: st.DrawFn) -> Any:
    """The back massage with one value, at any place, replaced by any value."""
    routine: Any = yaml.safe_load(yaml.safe_dump(BACK))
    place = routine
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(ANYTHING)
            return routine
        place = place[key]


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(changed())
def test_any_content_loads_or_is_reported_in_plain_words(
    tmp_path_factory: pytest.TempPathFactory, routine: Any
) -> None:
    file = tmp_path_factory.getbasetemp() / "changed.yaml"
    add_small_handbook(file.parent)
    file.write_text(yaml.safe_dump(routine, allow_unicode=True), encoding="utf-8")
    for problem in check([file]):
        assert problem.line >= 1
        assert problem.what
        assert problem.remedy
        for unexplained in ("is not valid", "something else", "this is not YAML", "Input", "Field"):
            assert unexplained not in str(problem)

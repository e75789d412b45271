"""The handbook's situations: what they say is short, whole and careful, and mistakes in them are reported."""

import re
import shutil
from pathlib import Path

import pytest

from bot.routine.loading import SHIPPED, check, load

HANDBOOK = load(SHIPPED).handbook
SITUATIONS = HANDBOOK.situations
FORBIDDEN = (
    "please note",
    "toxins are released",
    "releases toxins",
    "detoxif",
    "consult",
    "heals",
    "cures",
    "guarantee",
    "completely safe",
    "always safe",
    "no risk",
    "as an ai",
)
"""What no answer says: claims that nobody can keep, and the voice of a machine."""


def plain(text: str) -> str:
    """Return the words of the text, in lower case and without apostrophes."""
    return " ".join(re.findall(r"\w+", text.lower().replace("'", "")))


# --- What the shipped situations say -------------------------------------------------------------


def test_there_are_situations_enough_for_an_evening_at_home() -> None:
    assert len(SITUATIONS) >= 170


def test_an_answer_is_one_or_two_whole_sentences() -> None:
    for name, situation in SITUATIONS.items():
        sentences = re.split(r"(?<=[.?]) ", situation.say)
        assert len(sentences) <= 2, name
        assert all(re.fullmatch(r"[A-Z].*[^ ][.?]", sentence) for sentence in sentences), name


def test_an_answer_can_follow_yes_or_no() -> None:
    for name, situation in SITUATIONS.items():
        if situation.yes is not None:
            assert not re.match(r"(yes|no|not|but|and|or)\b", situation.say, re.IGNORECASE), name


def test_an_answer_stands_alone() -> None:
    for name, situation in SITUATIONS.items():
        first = r"(it|its|that's|that is|this is|they|those|then)\b"
        assert not re.match(first, situation.say, re.IGNORECASE), name


def test_an_answer_claims_nothing_that_nobody_can_keep() -> None:
    for name, situation in SITUATIONS.items():
        assert [words for words in FORBIDDEN if words in situation.say.lower()] == [], name


def test_what_people_ask_is_written_as_they_type_it() -> None:
    for situation in SITUATIONS.values():
        for asked in situation.asked:
            assert asked == asked.lower()
            assert not asked.endswith((".", "?", "!"))


def test_no_situation_is_a_condition_of_the_safety_check() -> None:
    conditions = {plain(name) for name in HANDBOOK.safety.conditions}
    for name, situation in SITUATIONS.items():
        assert plain(situation.about) not in conditions
        assert conditions.isdisjoint(map(plain, situation.asked)), name


def test_no_two_situations_have_the_same_name_or_are_asked_in_the_same_words() -> None:
    names = [plain(situation.about) for situation in SITUATIONS.values()]
    asked = [plain(words) for situation in SITUATIONS.values() for words in situation.asked]
    assert {name for name in names if names.count(name) > 1} == set()
    assert {words for words in asked if asked.count(words) > 1} == set()


@pytest.mark.parametrize(
    "name", ["oil-reaction", "low-sugar", "saddle-numb", "stroke-signs", "choking", "hot-oil", "flashback"]
)
def test_what_cannot_wait_stops_the_massage(name: str) -> None:
    assert SITUATIONS[name].stops


# --- What is reported ----------------------------------------------------------------------------

EXTRA = """\
moon:
  about: a full moon
  asked: [it is full moon, the moon is out]
  say: The moon makes no difference to a massage.
  source: careful general knowledge
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped routines, with one more file of situations."""
    copy = shutil.copytree(SHIPPED, tmp_path / "routines")
    (copy / "handbook" / "situations" / "sky.yaml").write_text(EXTRA, encoding="utf-8")
    return copy


def reported(folder: Path, old: str, new: str, path: str = ".") -> list[str]:
    """Replace `old` by `new` in the added file. Return the problems at the path, with the line of each."""
    file = folder / "handbook" / "situations" / "sky.yaml"
    assert old in EXTRA
    file.write_text(EXTRA.replace(old, new), encoding="utf-8")
    return [f"{problem.path.name}:{problem.line}: {problem.what}" for problem in check([folder / path])]


def test_a_file_of_situations_adds_to_the_others(folder: Path) -> None:
    situations = load(folder).handbook.situations
    assert situations.keys() - SITUATIONS.keys() == {"moon"}
    assert situations["moon"].yes is None
    assert not situations["moon"].stops


def test_a_handbook_needs_no_situations(folder: Path) -> None:
    shutil.rmtree(folder / "handbook" / "situations")
    assert load(folder).handbook.situations == {}


@pytest.mark.parametrize("path", [".", "handbook", "handbook/situations", "handbook/situations/skin.yaml"])
def test_a_mistake_is_reported_for_any_path_to_it(folder: Path, path: str) -> None:
    assert reported(folder, "  source:", "  sauce:", path) == [
        "sky.yaml:1: `situations.moon.source` is missing",
        "sky.yaml:5: there is no key `sauce` here",
    ]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (
            "no difference",
            "no difference at all, " * 10,
            "4: `situations.moon.say` is too long: 248 characters, the maximum is 200",
        ),
        (
            ", the moon is out",
            "",
            "3: `situations.moon.asked` has 1 entries, the minimum is 2",
        ),
        (
            "a full moon",
            "Goose bumps",
            "2: `situations.moon.about` is in the situation `goose-bumps` already: Goose bumps",
        ),
        (
            "the moon is out",
            "it tickles him",
            "3: `situations.moon.asked`, entry 2 is in the situation `ticklish` already: it tickles him",
        ),
        (
            "it is full moon",
            "The moon is out",
            "3: `situations.moon.asked`, entry 2 is in the situation `moon` already: the moon is out",
        ),
        ("moon:\n", "cat:\n", "1: `cat` is in room.yaml already"),
        ("moon:\n", "Moon:\n", "1: `situations.Moon` cannot be an id: Moon"),
    ],
)
def test_a_mistake_in_a_situation_is_reported_with_its_line(
    folder: Path, old: str, new: str, what: str
) -> None:
    assert reported(folder, old, new) == [f"sky.yaml:{what}"]


def test_an_unreadable_file_of_situations_is_reported_alone(folder: Path) -> None:
    (problem,) = reported(folder, "moon:\n", "moon: :\n")
    assert problem.startswith("sky.yaml:1: ")

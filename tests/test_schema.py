"""The JSON Schema of a routine file is current, accepts every shipped routine and finds mistakes."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from bot.cli import main
from bot.routine.durations import parse
from bot.routine.loading import SHIPPED
from bot.routine.yaml_reader import read

FILE = SHIPPED / "routine.schema.json"
SCHEMA: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
ROUTINES = sorted(SHIPPED.glob("*.yaml"))


def mistakes(text: str, folder: Path) -> list[tuple[str, str]]:
    """Return where the schema finds mistakes in a routine, and which keyword finds each."""
    file = folder / "mine.yaml"
    file.write_text(text, "utf-8")
    errors = Draft7Validator(SCHEMA).iter_errors(read(file).data)
    return [(".".join(map(str, error.absolute_path)), str(error.validator)) for error in errors]


def test_the_committed_schema_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    current = capsys.readouterr().out
    assert FILE.read_text("utf-8") == current, "run: python -m bot schema > routines/routine.schema.json"


def test_the_schema_is_a_valid_json_schema() -> None:
    Draft7Validator.check_schema(SCHEMA)


def test_every_key_has_a_description_for_editors() -> None:
    definitions = SCHEMA["$defs"]
    for model in (SCHEMA, *definitions.values()):
        for key, field in model.get("properties", {}).items():
            target = definitions[field["$ref"].removeprefix("#/$defs/")] if "$ref" in field else {}
            assert "description" in target | field, key


@pytest.mark.parametrize("file", ROUTINES, ids=lambda file: file.stem)
def test_a_shipped_routine_fits_the_schema_and_names_it_in_its_first_line(file: Path, tmp_path: Path) -> None:
    text = file.read_text("utf-8")
    first_line = text.partition("\n")[0]
    schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", first_line)
    assert schema
    assert (file.parent / schema[1]).samefile(FILE)
    assert mistakes(text, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("    tip: ", "    tipp: ", [("step.0", "additionalProperties"), ("step.0", "required")]),
        ("prepTime: 15 min", "prep_time: 15 min", [("", "additionalProperties"), ("", "required")]),
        ("name: Back massage", "id: back\nname: Back massage", [("", "additionalProperties")]),
        ("handShape: flat-palms", "handShape: flat-hands", [("step.1.technique.handShape", "enum")]),
        ("{from: low-back,", "{from: lowback,", [("step.1.technique.where.from", "enum")]),
        ("noPress: [spine,", "noPress: [spina,", [("step.1.technique.noPress.0", "enum")]),
        ("pressure: firm", "pressure: hard", [("step.1.technique.pressure", "enum")]),
        ("stance: beside", "stance: above", [("stance", "enum")]),
        ("prepTime: 15 min", "prepTime: 15", [("prepTime", "type")]),
        ("prepTime: 15 min", "prepTime: 15 minutes", [("prepTime", "pattern")]),
        ("prepTime: 15 min", "prepTime: 0 min", [("prepTime", "pattern")]),
        ("lengths: [15 min,", "lengths: [1:30,", [("lengths.0", "pattern")]),
        (
            "name: Back massage",
            "name: Back massage, with oil, for two people at home",
            [("name", "maxLength")],
        ),
        ("  effleurage: ", "  Effleurage: ", [("terms", "additionalProperties")]),
        ("asksForKnots: true", "asksForKnots: yes", [("step.4.asksForKnots", "type")]),
    ],
)
def test_the_schema_finds_a_mistake(old: str, new: str, found: list[tuple[str, str]], tmp_path: Path) -> None:
    text = (SHIPPED / "back.yaml").read_text("utf-8")
    assert old in text
    assert mistakes(text.replace(old, new, 1), tmp_path) == found


durations = st.one_of(
    st.from_regex(r"\A([0-9]{1,4} ?h)? ?([0-9]{1,4} ?min)? ?([0-9]{1,4} ?s)?\Z"),
    st.from_regex(r"\APT([0-9]{1,4}H)?([0-9]{1,4}M)?([0-9]{1,4}S)?\Z"),
    st.text("0123456789 hminsPTHMS.:-", max_size=12),
)


@given(durations)
def test_the_schema_accepts_the_durations_that_the_coach_accepts(text: str) -> None:
    """There is one exception: the schema also accepts durations of more than a day."""
    text = text.strip()
    try:
        parse(text)
        accepted = True
    except ValueError as error:
        accepted = "more than a day" in str(error)
    assert Draft7Validator(SCHEMA["properties"]["prepTime"]).is_valid(text) is accepted

"""docs/routines.md, written for authors of routines, explains every key and its limits; its examples work."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.routine.checks import CAPTION_LIMIT, CAPTION_RESERVED
from bot.routine.loading import check, load
from bot.routine.mistakes import keys_of
from bot.routine.model import YamlModel

TEXT = (Path(__file__).parent.parent / "docs" / "routines.md").read_text(encoding="utf-8")
MODELS = {model.__name__: model for model in YamlModel.__subclasses__()}
BY_THE_LOADER = {("Routine", "id")}
"""Keys that the loader adds, so that authors do not write them."""


def rows(model: str) -> dict[str, str]:
    """Return the rows of a model's table by key; none if the model has no section."""
    section = TEXT.partition(f"\n### {model}\n")[2].partition("\n#")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE))


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def meaning(model: str, key: str) -> str:
    """Return the second column of a key's row."""
    return rows(model)[key].rpartition(" | ")[0]


def value(model: str, key: str) -> str:
    """Return the last column of a key's row."""
    return rows(model)[key].rpartition(" | ")[2]


def test_every_key_has_a_row_and_every_row_has_a_key() -> None:
    for name, model in MODELS.items():
        keys = [key for key in keys_of(model) if (name, key) not in BY_THE_LOADER]
        assert list(rows(name)) == keys, name


def test_every_section_is_about_a_model() -> None:
    every_key = TEXT.partition("\n## Every key\n")[2].partition("\n## What mistakes look like\n")[0]
    assert set(re.findall(r"^### (\w+)$", every_key, re.MULTILINE)) == set(MODELS)


FIELDS = [
    pytest.param(name, key, id=f"{name}.{key}")
    for name, model in MODELS.items()
    for key in keys_of(model)
    if (name, key) not in BY_THE_LOADER
]


EXPLAINED = [
    pytest.param(name, key, field.description, id=f"{name}.{key}")
    for name, model in MODELS.items()
    for key, field in zip(keys_of(model), model.model_fields.values(), strict=True)
    if field.description and (name, key) not in BY_THE_LOADER
]


@pytest.mark.parametrize(("name", "key", "description"), EXPLAINED)
def test_a_row_explains_a_routines_key_in_the_words_of_the_schema(
    name: str, key: str, description: str
) -> None:
    assert f"{meaning(name, key)}." == " ".join(description.split())


@pytest.mark.parametrize(("name", "key"), FIELDS)
def test_a_row_says_which_values_are_allowed(name: str, key: str) -> None:
    schema = MODELS[name].model_json_schema()
    field: dict[str, Any] = schema["properties"][key]
    said = value(name, key)
    assert ("optional" in said) is (key not in schema["required"])
    for limit in limits(field):
        assert re.search(rf"\b{limit}\b", said), f"{limit} is missing in: {said}"
    for choice in choices(field, schema.get("$defs", {})):
        assert f"`{choice}`" in said
    if "patternErrorMessage" in field:
        assert said == "duration"


def limits(field: Any) -> list[int]:
    """Return every limit on a length or a number of entries in a field's schema, at any depth."""
    if isinstance(field, list):
        return [limit for inner in field for limit in limits(inner)]
    if not isinstance(field, dict):
        return []
    names = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
    own = [field[name] for name in names if name in field]
    return own + [limit for name, inner in field.items() if name != "default" for limit in limits(inner)]


def choices(field: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """Return the values of the enum that a field refers to; none if the field refers to no enum."""
    name = field.get("$ref", "").removeprefix("#/$defs/")
    return list(definitions.get(name, {}).get("enum", []))


def test_the_stated_limits_of_a_message_are_those_that_are_checked() -> None:
    assert f"{CAPTION_LIMIT} characters" in TEXT
    assert f"the coach needs {CAPTION_RESERVED} for itself" in TEXT


def test_the_example_of_a_whole_routine_loads(tmp_path: Path) -> None:
    whole, _ = blocks("yaml")
    (tmp_path / "shoulder-rub.yaml").write_text(whole, encoding="utf-8")
    assert load(tmp_path).default.name == "Shoulder rub"


def test_the_mistakes_in_the_example_are_reported_as_shown(tmp_path: Path) -> None:
    _, mistaken = blocks("yaml")
    (shown,) = blocks("text")
    file = tmp_path / "shoulders.yaml"
    file.write_text(mistaken, encoding="utf-8")
    told = [str(problem).removeprefix(f"{tmp_path}/") for problem in check([file])]
    assert told == shown.splitlines()
    assert "has nine:" in TEXT
    assert len(told) == 9

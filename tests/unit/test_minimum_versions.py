"""What `tox -e minimum` installs is what the package says it can live with."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_constraints_are_the_lower_bounds_of_the_dependencies() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    constraints = (ROOT / "tests" / "minimum-versions.txt").read_text("utf-8").splitlines()
    bounds = [_pinned(line, "==") for line in constraints if not line.startswith("#")]
    assert bounds == [_pinned(requirement, ">=") for requirement in declared]


def _pinned(requirement: str, operator: str) -> tuple[str, str]:
    """Name and version without trailing zeros."""
    match = re.match(rf"([\w-]+){operator}([\d.]+)", requirement)
    assert match, requirement
    return match[1], re.sub(r"(\.0)+$", "", match[2])

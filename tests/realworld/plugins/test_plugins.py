from __future__ import annotations

from pathlib import Path

import pytest

from tests.realworld.plugins.case import Case
from tests.realworld.plugins.cases import all_cases
from tests.realworld.plugins.environment import environment
from tests.realworld.plugins.runner import compare, undeclared

pytestmark = pytest.mark.realworld


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_a_plugin_does_what_it_does_serially(case: Case, tmp_path: Path) -> None:
    problems = undeclared(case, compare(case, environment().python, tmp_path))

    assert problems == {}, "\n".join(f"--- {title}\n{shown}" for title, shown in problems.items())

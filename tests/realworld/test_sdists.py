"""Public projects end under `pytest --agents` as under plain serial `pytest`."""

from __future__ import annotations

import pytest

from benchmarks.compare_serial import main
from tests.realworld.suites import SUITES, Suite

# They share the environments that projects are installed into, and each fills the CPUs by itself. Tried again, because
# a few tests of others print what garbage they find, which depends on when it was collected, and jinja2 executes five
# more lines of its tests where a process runs one of two that depend on each other without the other.
pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["benchmarks/environments/"], retries=3)]


@pytest.mark.parametrize("suite", [suite for suite in SUITES if suite.everyday], ids=lambda suite: suite.name)
def test_every_test_ends_as_it_does_serially(suite: Suite) -> None:
    assert suite.ends_as_serially()


@pytest.mark.parametrize("project", ["boltons", "jinja2"])
def test_the_same_lines_are_executed(project: str) -> None:
    assert main([project, "--workers", "2", "--transport", "fork", "--transport", "popen", "--cov"]) == 0

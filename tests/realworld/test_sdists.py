"""Public projects say the same under `pytest --agents` as under plain serial `pytest`."""

from __future__ import annotations

import pytest

from benchmarks.compare_serial import main

# They share the environments that projects are installed into, and each fills the CPUs by itself. Tried again once,
# because a few tests of others print what garbage they find, which depends on when it was collected.
pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["benchmarks/environments/"], retries=1)]


# not boltons: one of its tests prints what the garbage collector has not come to yet
@pytest.mark.parametrize("project", ["attrs", "jinja2", "more-itertools"])
def test_every_test_ends_as_it_does_serially(project: str) -> None:
    assert main([project, "--workers", "2", "--transport", "fork", "--transport", "popen"]) == 0


@pytest.mark.parametrize("project", ["boltons", "jinja2"])
def test_the_same_lines_are_executed(project: str) -> None:
    assert main([project, "--workers", "2", "--transport", "fork", "--transport", "popen", "--cov"]) == 0

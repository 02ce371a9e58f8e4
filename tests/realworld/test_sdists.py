"""Public projects say the same under `pytest --agents` as under plain serial `pytest`."""

from __future__ import annotations

import pytest

from benchmarks.compare_serial import main

# They share the environments that projects are installed into, and each fills the CPUs by itself. Tried again, because
# a few tests of others print what garbage they find, which depends on when it was collected, and jinja2 executes five
# more lines of its tests where a process runs one of two that depend on each other without the other.
pytestmark = [pytest.mark.realworld, pytest.mark.agent("test", writes=["benchmarks/environments/"], retries=3)]


SET_ASIDE = {"boltons": ["--set-aside=tests.test_gcutils::test_get_all"]}
"""It prints what the garbage collector has not come to yet, which depends on what ran in the same process before."""


@pytest.mark.parametrize("project", ["attrs", "boltons", "jinja2", "more-itertools"])
def test_every_test_ends_as_it_does_serially(project: str) -> None:
    transports = ["--transport", "fork", "--transport", "popen"]
    assert main([project, "--workers", "2", *transports, *SET_ASIDE.get(project, ())]) == 0


@pytest.mark.parametrize("project", ["boltons", "jinja2"])
def test_the_same_lines_are_executed(project: str) -> None:
    assert main([project, "--workers", "2", "--transport", "fork", "--transport", "popen", "--cov"]) == 0

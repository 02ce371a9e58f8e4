from __future__ import annotations

import sys
from collections import UserDict

import pytest

from pytest_parallel_agents.runtest.own_modules import OwnModules


def test_modules_of_ours_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    own = OwnModules()
    before = {name: module for name, module in sys.modules.items() if name.startswith("pytest_parallel_agents")}
    for name in before:
        monkeypatch.delitem(sys.modules, name)

    own.restore()

    assert {name: sys.modules[name] for name in before} == before


def test_a_module_comes_back_though_another_was_added(monkeypatch: pytest.MonkeyPatch) -> None:
    own = OwnModules()
    own.restore()
    module = sys.modules["pytest_parallel_agents.model"]
    monkeypatch.delitem(sys.modules, "pytest_parallel_agents.model")
    monkeypatch.setitem(sys.modules, "module_of_a_test", sys)

    own.restore()

    assert sys.modules["pytest_parallel_agents.model"] is module


def test_it_looks_into_what_a_test_puts_in_the_place_of_all_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    own = OwnModules()
    own.restore()
    monkeypatch.setattr(sys, "modules", UserDict(sys.modules))
    del sys.modules["pytest_parallel_agents.model"]

    own.restore()

    assert "pytest_parallel_agents.model" in sys.modules


def test_a_run_goes_on_without_its_modules(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import sys
        def test_it():
            for name in [name for name in sys.modules if name.startswith("pytest_parallel_agents")]:
                del sys.modules[name]
        def test_next(findings): findings.add("seen", level="note")
    """)

    result = pytester.runpytest_subprocess("--agents", "-n0", "--agents-report=report.json")

    result.assert_outcomes(passed=2)
    assert result.ret == 0
    assert "Traceback" not in result.stderr.str()

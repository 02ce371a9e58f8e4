from __future__ import annotations

import sys

import pytest

from pytest_parallel_agents.runtest.own_modules import OwnModules


def test_modules_of_ours_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    own = OwnModules()
    before = {name: module for name, module in sys.modules.items() if name.startswith("pytest_parallel_agents")}
    for name in before:
        monkeypatch.delitem(sys.modules, name)

    own.restore()

    assert {name: sys.modules[name] for name in before} == before


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

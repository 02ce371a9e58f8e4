"""Where the mark may stand, and the kinds and tools that another plugin brings."""

from __future__ import annotations

import pytest

from tests.functional.runs import configure, run_agents


def test_marks_on_functions_classes_modules_and_parameter_sets(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_whole="""
        import pytest
        pytestmark = pytest.mark.agent("review")
        def test_module(): pass
        """,
        test_parts="""
        import pytest

        @pytest.mark.agent("profile")
        class TestAll:
            def test_class(self, profile):
                with profile() as run: sorted([2, 1])
                assert run.calls

            @pytest.mark.agent("test")
            def test_override(self): pass

        @pytest.mark.parametrize("n", [1, pytest.param(2, marks=pytest.mark.agent("review"))])
        def test_set(n): pass

        def test_plain(): pass
        """,
    )
    run = run_agents(pytester, "-v")
    assert {check["name"]: check["kind"] for check in run.report["checks"]} == {
        "test_class": "profile",
        "test_override": "test",
        "test_set[1]": "test",
        "test_set[2]": "review",
        "test_plain": "test",
        "test_module": "review",
    }
    assert run.exit_code == 0


@pytest.mark.parametrize("transport", ["fork", pytest.param("popen", marks=pytest.mark.slow)])
def test_marks_that_a_conftest_adds_to_collected_items(pytester: pytest.Pytester, transport: str) -> None:
    configure(pytester, 'unmarked = "skip"\nresources.db = 1\n[.groups.late]\nwait = "any"\n')
    pytester.makeconftest("""
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                if item.name.startswith("test_late"):
                    item.add_marker(pytest.mark.agent("review", writes=["db"], retries=1, group="late"))
    """)
    pytester.makepyfile("""
        import pathlib

        def test_late_a():
            seen = pathlib.Path("seen")
            if not seen.exists():
                seen.touch()
                assert 0

        def test_late_b(): assert 0
        def test_plain(): pass
    """)
    run = run_agents(pytester, f"--tx={transport}")
    assert {name: run.check(name)["kind"] for name in run.outcomes} == {
        "test_late_a": "review",
        "test_late_b": "review",
    }
    assert len(run.check("test_late_a")["attempts"]) == 2
    assert [conflict["resource"] for conflict in run.conflicts] == ["db"]
    assert [group["passed"] for group in run.report["groups"]] == [True]
    assert run.exit_code == 0


@pytest.mark.slow
def test_a_unittest_class_may_carry_the_mark(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import unittest, pytest

        @pytest.mark.agent("review")
        class TestIt(unittest.TestCase):
            def test_a(self): self.assertTrue(1)
            def test_b(self): self.assertTrue(0)
        """
    )
    run = run_agents(pytester)
    assert run.outcomes == {"test_a": "passed", "test_b": "failed"}
    assert {check["kind"] for check in run.report["checks"]} == {"review"}


@pytest.fixture
def spelling(pytester: pytest.Pytester) -> pytest.Pytester:
    """A plugin that brings a kind, which condemns what records a finding at all, and a tool."""
    pytester.makeconftest(
        """
        import sys
        from pytest_parallel_agents.api import Adapter, CheckFailed, read_jsonlines

        class Spelling:
            kind = "spelling"
            def judge(self, item, evidence):
                if evidence.findings:
                    raise CheckFailed(f"{len(evidence.findings)} words are wrong")

        def argv(paths, args, cache):
            return [sys.executable, "-c", "import sys; print(sys.argv[1])", *args]

        def pytest_agents_kinds(config): return [Spelling()]
        def pytest_agents_adapters(config):
            return [Adapter(name="speller", install="pip install speller", argv=argv, read=read_jsonlines)]
        """
    )
    return pytester


@pytest.mark.parametrize("transport", ["fork", pytest.param("popen", marks=pytest.mark.slow)])
def test_a_kind_of_another_plugin(spelling: pytest.Pytester, transport: str) -> None:
    spelling.makepyfile(
        """
        import pytest
        @pytest.mark.agent("spelling")
        def test_wrong(findings): findings.add("teh", level="note")
        @pytest.mark.agent("spelling")
        def test_right(findings): pass
        """
    )
    run = run_agents(spelling, f"--tx={transport}")
    assert run.outcomes == {"test_wrong": "failed", "test_right": "passed"}
    assert run.check("test_wrong")["kind"] == "spelling"
    assert "1 words are wrong" in run.check("test_wrong")["message"]


def test_a_tool_of_another_plugin(spelling: pytest.Pytester) -> None:
    note = '{"rule": "typo", "level": "note", "message": "teh", "path": "a.md", "line": 1}'
    configure(spelling, f"[.agents.speller]\nkind = 'spelling'\nargs = ['{note}']\n")
    run = run_agents(spelling)
    assert run.outcomes == {"speller": "failed"}
    assert run.check("speller")["kind"] == "spelling"
    assert run.check("speller")["findings"][0]["rule"] == "typo"

"""Options that select checks under plain pytest select them under `--agents`, commands included."""

from __future__ import annotations

import pytest

from benchmarks import junit
from tests.functional.runs import configure, refused, run_agents, run_pytest

ALL = ["pyproject.toml::true", "pyproject.toml::say[a]", "pyproject.toml::say[b]"]


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester) -> None:
    configure(
        pytester,
        '[.agents.true]\ncommand = "true"\n[.agents.say]\ncommand = ["test", "{}", "=", "a"]\neach = ["a", "b"]\n',
    )
    pytester.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.agent("review")
        def test_review(findings): pass

        @pytest.mark.agent("test")
        def test_marked(): pass

        def test_plain(): pass

        def test_failing(): assert 0
        """
    )


def names(pytester: pytest.Pytester, *args: str) -> set[str]:
    return set(run_agents(pytester, *args).outcomes)


def test_everything(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester)
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert run.outcomes == {
        "true": "passed",
        "say[a]": "passed",
        "say[b]": "failed",
        "test_review": "passed",
        "test_marked": "passed",
        "test_plain": "passed",
        "test_failing": "failed",
    }
    assert set(run.nodeids) >= {"pyproject.toml::true", "pyproject.toml::say[b]", "test_it.py::test_plain"}


@pytest.mark.parametrize(
    ("args", "chosen"),
    [
        (["-k", "true or plain"], {"true", "test_plain"}),
        (["-m", "agent"], {"true", "say[a]", "say[b]", "test_review", "test_marked"}),
        (["-m", "not agent"], {"test_plain", "test_failing"}),
        (["-m", "agent", "-k", "not say"], {"true", "test_review", "test_marked"}),
        (["pyproject.toml"], {"true", "say[a]", "say[b]"}),
        (["pyproject.toml::true"], {"true"}),
        (["pyproject.toml::say[b]"], {"say[b]"}),
        (["pyproject.toml::true", "test_it.py::test_plain"], {"true", "test_plain"}),
        (["test_it.py"], {"test_review", "test_marked", "test_plain", "test_failing"}),
        (["test_it.py::test_review"], {"test_review"}),
        (["."], {"true", "say[a]", "say[b]", "test_review", "test_marked", "test_plain", "test_failing"}),
        (["--deselect=pyproject.toml::say", "--deselect=test_it.py"], {"true"}),
    ],
)
def test_choosing(pytester: pytest.Pytester, args: list[str], chosen: set[str]) -> None:
    recorder = pytester.inline_run("--agents", "--collect-only", *args)
    assert {item.name for item in recorder.getcall("pytest_collection_finish").session.items} == chosen


def left_out(pytester: pytest.Pytester, *args: str) -> list[str]:
    result = run_pytest(pytester, "--agents", "--collect-only", *args)
    return [line for line in result.outlines if "left out" in line]


@pytest.mark.parametrize("args", [["test_it.py"], ["test_it.py::test_plain", "-k", "plain"]], ids=" ".join)
def test_commands_that_the_paths_leave_out_are_reported(pytester: pytest.Pytester, args: list[str]) -> None:
    said = "agents: 2 configured commands left out by the paths given: add pyproject.toml to them"
    assert left_out(pytester, *args) == [said]
    assert left_out(pytester, "-q", *args) == []


def test_commands_that_the_folder_leaves_out_are_reported(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("src")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        (said,) = left_out(pytester)
        assert said.startswith("agents: 2 configured commands left out in this folder: ")
        assert said.endswith(f": start in {pytester.path}, or give . ../pyproject.toml as paths")
        assert left_out(pytester, ".", "../pyproject.toml") == []


@pytest.mark.parametrize(
    "args", [[], ["."], ["-k", "plain"], ["-m", "not agent"], ["test_it.py", "pyproject.toml::true"]], ids=" ".join
)
def test_commands_that_are_there_to_be_selected_are_not_left_out(pytester: pytest.Pytester, args: list[str]) -> None:
    assert left_out(pytester, *args) == []


def test_what_was_not_chosen_does_not_run(pytester: pytest.Pytester) -> None:
    assert names(pytester, "-m", "agent", "-k", "not say") == {"true", "test_review", "test_marked"}


def test_a_command_that_does_not_exist(pytester: pytest.Pytester) -> None:
    faults = refused(pytester, "pyproject.toml::missing")
    assert any("pyproject.toml::missing" in fault for fault in faults)


def test_testpaths_are_no_choice_against_commands(pytester: pytest.Pytester) -> None:
    pytester.mkdir("tests")
    (pytester.path / "tests" / "test_more.py").write_text("def test_more(): pass\n", "utf-8")
    with (pytester.path / "pyproject.toml").open("a") as file:
        file.write('\n[tool.pytest.ini_options]\ntestpaths = ["tests"]\n')
    assert names(pytester) == {"true", "say[a]", "say[b]", "test_more"}


def test_the_failed_ones_again(pytester: pytest.Pytester) -> None:
    run_agents(pytester)
    assert names(pytester, "--lf") == {"say[b]", "test_failing"}


@pytest.mark.slow
def test_the_failed_ones_first_however_short(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_it="""
        import time
        def test_long(): time.sleep(0.3)
        def test_failing(): assert 0
        """
    )
    pytester.path.joinpath("pyproject.toml").unlink()
    assert run_agents(pytester).outcomes == {"test_long": "passed", "test_failing": "failed"}
    assert run_agents(pytester, "-n1").order == ["test_long", "test_failing"]
    assert run_agents(pytester, "-n1", "--ff").order == ["test_failing", "test_long"]


@pytest.mark.parametrize("limit", ["-x", "--maxfail=1"])
def test_stopping_at_the_first_failure(pytester: pytest.Pytester, limit: str) -> None:
    run = run_agents(pytester, limit, "-n1", "test_it.py::test_failing", "test_it.py::test_plain")
    assert run.exit_code == pytest.ExitCode.TESTS_FAILED
    assert run.outcomes == {"test_failing": "failed", "test_plain": "cancelled"}
    assert "stopping after 1 failures" in run.stdout


def test_two_failures_are_allowed(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "--maxfail=3")
    assert "cancelled" not in run.outcomes.values()


def test_collecting_only(pytester: pytest.Pytester) -> None:
    result = run_pytest(pytester, "--agents", "--collect-only", "-q", "--agents-report=r.json")
    assert result.ret == 0
    assert [line for line in result.outlines if "::" in line] == [
        *ALL,
        *(f"test_it.py::test_{name}" for name in ("review", "marked", "plain", "failing")),
    ]
    assert not (pytester.path / "r.json").exists()


def test_nothing_chosen(pytester: pytest.Pytester) -> None:
    run = run_agents(pytester, "-k", "nobody")
    assert run.exit_code == pytest.ExitCode.NO_TESTS_COLLECTED
    assert run.outcomes == {}


def test_an_interruption_is_reported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_stop="def test_stop(): raise KeyboardInterrupt")
    run = run_agents(pytester, "test_stop.py", "-n1")
    assert run.exit_code == pytest.ExitCode.INTERRUPTED


def test_a_check_may_end_the_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_stop="import pytest\ndef test_stop(): pytest.exit('enough', 7)\ndef test_late(): pass")
    run = run_agents(pytester, "test_stop.py", "-n1")
    assert run.exit_code == 7
    assert run.outcomes["test_late"] == "cancelled"


def test_junit_counts_commands_as_tests(pytester: pytest.Pytester) -> None:
    configure(
        pytester,
        '[.agents.fine]\ncommand = "true"\n[.agents.finds]\ncommand = "false"\n[.agents.gone]\ncommand = "no-such"\n'
        '[.agents.spare]\ncommand = "no-such"\noptional = true\n',
    )
    run_agents(pytester, "--junitxml=junit.xml")
    suite = junit.parse((pytester.path / "junit.xml").read_text("utf-8"))
    assert suite.counts == {"tests": 8, "failures": 2, "errors": 1, "skipped": 1}
    outcomes = {name.rpartition("::")[2]: cases[0].outcome for name, cases in suite.cases.items()}
    assert {name: outcomes[name] for name in ("fine", "finds", "gone", "spare", "test_plain")} == {
        "fine": "passed",
        "finds": "failure",
        "gone": "error",
        "spare": "skipped",
        "test_plain": "passed",
    }


@pytest.mark.parametrize("option", ["--sw", "-x"])
def test_no_further_test_runs_after_a_failure_that_ends_the_run(pytester: pytest.Pytester, option: str) -> None:
    pytester.makepyfile(
        test_numbers="""
        import pytest
        @pytest.mark.parametrize("number", range(20))
        def test_it(number): assert number != 3
        """
    )

    run = run_agents(pytester, "-n1", option, "test_numbers.py")

    ran = [name for name, outcome in run.outcomes.items() if outcome in ("passed", "failed")]
    assert ran == [f"test_it[{number}]" for number in range(4)]


@pytest.mark.slow
def test_names_in_files_that_are_left_out_are_known_to_be_there(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(pytester, "[.groups.any]\nwait = 1\n[.groups.panel]\nagree = 2\n")
    mark = "import pytest\n\n@pytest.mark.agent('test', {})\ndef test_it(): assert {}\n"
    folder = pytester.mkdir("sub")
    for name, argument in {"test_a": "group='any'", "test_b": "group='panel'", "test_c": "group='panel'"}.items():
        (pytester.path / f"{name}.py").write_text(mark.format(argument, 1))
    (folder / "test_d.py").write_text(mark.format("after=['test_a.py::test_it']", 0))
    assert run_agents(pytester).exit_code == pytest.ExitCode.TESTS_FAILED

    assert names(pytester, "--lf") == {"test_it", "test_failing"}
    assert len(run_agents(pytester, "--ignore=test_a.py", "--ignore=test_b.py").nodeids) == 6
    monkeypatch.chdir(folder)
    assert run_pytest(pytester, "--agents").ret == pytest.ExitCode.TESTS_FAILED

"""What is collected, however it is named, runs on workers."""

from __future__ import annotations

import pytest

from tests.functional.runs import run_agents, run_pytest
from tests.functional.workers.conftest import Agents


def test_a_file_that_would_not_be_collected_by_itself(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(check_it="def test_it(): pass")

    assert agents("check_it.py").outcomes == {"test_it": "passed"}


def test_one_test_of_a_file(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(check_it="class TestIt:\n    def test_a(self): pass\n    def test_b(self): assert 0")

    assert agents("check_it.py::TestIt::test_a").nodeids == ["check_it.py::TestIt::test_a"]


@pytest.mark.parametrize("mode", ["prepend", pytest.param("append", marks=pytest.mark.slow), "importlib"])
def test_every_import_mode(pytester: pytest.Pytester, agents: Agents, mode: str) -> None:
    for folder in ("one", "two"):
        package = pytester.mkpydir(folder)
        (package / "test_same.py").write_text(f"def test_{folder}(): assert {folder!r} in __name__ + __file__")

    assert agents(f"--import-mode={mode}").outcomes == {"test_one": "passed", "test_two": "passed"}


def test_modules_of_an_installed_package(
    pytester: pytest.Pytester, agents: Agents, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = pytester.path / "site" / "installed"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "test_inside.py").write_text("def test_it(): pass")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "site"))

    assert agents("--pyargs", "installed").outcomes == {"test_it": "passed"}


def test_doctests_of_modules_and_texts(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(module='def f():\n    """\n    >>> 1 + 1\n    2\n    """')
    pytester.maketxtfile(test_words=">>> 1 + 1\n3\n")

    run = agents("--doctest-modules")

    assert run.outcomes == {"module.f": "passed", "test_words.txt": "failed"}


@pytest.mark.slow
def test_tests_that_a_conftest_makes(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        import pytest

        class Line(pytest.Item):
            def runtest(self): assert self.name != "bad"

        class Lines(pytest.File):
            def collect(self):
                for name in self.path.read_text().split():
                    yield Line.from_parent(self, name=name)

        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".lines":
                return Lines.from_parent(parent, path=file_path)

        def pytest_generate_tests(metafunc):
            if "made" in metafunc.fixturenames:
                metafunc.parametrize("made", ["a", "b"])
    """)
    (pytester.path / "a.lines").write_text("good bad")
    pytester.makepyfile("def test_it(made): pass")

    assert agents().outcomes == {
        "good": "passed",
        "bad": "failed",
        "test_it[a]": "passed",
        "test_it[b]": "passed",
    }


def test_a_worker_sees_the_whole_session_in_the_order_of_a_serial_one(
    pytester: pytest.Pytester, agents: Agents
) -> None:
    """Hooks see, add and sort the same items, and modules are imported in the same order, before the first test."""
    pytester.makeconftest("""
        import os, sys
        import pytest

        SEEN = []

        def pytest_itemcollected(item): SEEN.append(item.name)

        @pytest.hookimpl(tryfirst=True)
        def pytest_collection_modifyitems(session, items):
            SEEN.append(len(items))
            items.sort(key=lambda item: item.name, reverse=True)
            again = type(items[0]).from_parent(items[0].parent, name="test_added", callobj=lambda: None)
            items.append(again)

        def pytest_collection_finish(session): SEEN.append([item.name for item in session.items])

        @pytest.fixture(scope="session")
        def seen(): return SEEN
    """)
    check = """
        import sys
        IMPORTED = [name for name in sys.modules if name.startswith("test_")]
        def test_{0}(request, seen):
            assert [item.name for item in request.session.items] == ["test_2", "test_1", "test_0", "test_added"]
            assert seen == ["test_0", "test_1", "test_2", 3, ["test_2", "test_1", "test_0", "test_added"]]
            assert request.session.testscollected == 4
            assert IMPORTED == ["test_module_0", "test_module_1", "test_module_2"][: {0} + 1]
            assert "test_module_2" in sys.modules
    """
    pytester.makepyfile(**{f"test_module_{number}": check.format(number) for number in range(3)})

    assert set(agents().outcomes.values()) == {"passed"}


@pytest.mark.slow
def test_what_only_a_worker_cannot_collect_is_an_error_with_its_reason(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_a="import os\nif 'PYTEST_XDIST_WORKER' in os.environ: raise RuntimeError('only here')\ndef test_a(): pass",
        test_b="def test_b(): pass",
    )

    result = run_pytest(pytester, "--agents", "--tx=2*popen", "--maxfail=3")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*test_a.py::test_a could not be collected by this worker*", "*RuntimeError: only here*"]
    )


ALL = {"test_bad": "failed", "test_good": "passed", "test_other": "passed"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "left_out"),
    [
        (["--lf"], {"test_good", "test_other"}),
        pytest.param(["--ff", "-knot other"], {"test_other"}, marks=pytest.mark.slow),
        pytest.param(["--deselect=test_good.py"], {"test_good"}, marks=pytest.mark.slow),
        pytest.param(["--continue-on-collection-errors"], set(), marks=pytest.mark.slow),
    ],
    ids=["last failed", "failed first", "deselected", "broken file"],
)
def test_a_worker_selects_as_the_controller_does(
    pytester: pytest.Pytester, arguments: list[str], left_out: set[str]
) -> None:
    ran = {name: outcome for name, outcome in ALL.items() if name not in left_out}
    pytester.makeconftest("""
        def pytest_collection_finish(session): session.config.found = sorted(item.name for item in session.items)
    """)
    for name in ALL:
        pytester.makepyfile(**{name: f"def {name}(request): assert '{name}' != 'test_bad'"})
    if "--lf" in arguments or "--ff" in arguments:
        run_pytest(pytester)
    for name in ALL:
        source = f"def {name}(request): assert ('{name}', request.config.found) != ('test_bad', {sorted(ran)})"
        pytester.makepyfile(**{name: source})
    if "--continue-on-collection-errors" in arguments:
        pytester.makepyfile(test_broken="raise RuntimeError")

    outcomes = dict(run_agents(pytester, "--tx=2*popen", *arguments).outcomes)
    assert outcomes.pop("test_broken.py", "") == ("error" if (pytester.path / "test_broken.py").exists() else "")
    assert outcomes == ran


@pytest.mark.slow
@pytest.mark.parametrize(
    ("option", "selected"),
    [
        ("--lf", ["test_bad"]),
        pytest.param("--sw", ["test_bad"], marks=pytest.mark.slow),
        pytest.param("--nf", ["test_good", "test_bad", "test_before"], marks=pytest.mark.slow),
        pytest.param("--cache-clear", ["test_before", "test_good", "test_bad"], marks=pytest.mark.slow),
    ],
)
def test_a_worker_that_starts_late_selects_by_the_cache_of_the_start(
    pytester: pytest.Pytester, option: str, selected: list[str]
) -> None:
    pytester.makeconftest("""
        def pytest_collection_finish(session): session.config.found = [item.name for item in session.items]
    """)
    pytester.makepyfile(test_a="def test_before(): pass", test_b="def test_good(): pass\ndef test_bad(): assert 0")
    run_pytest(pytester, *(["--sw"] if option == "--sw" else []))
    pytester.makepyfile(
        test_a="def test_before(): pass",
        test_b="""
            import os
            import pytest

            def test_good(): pass

            def test_bad(request, cache):
                if cache.get("has/run", None) is None:
                    cache.set("has/run", True)
                    cache.set("cache/lastfailed", {"test_a.py::test_before": True})
                    cache.set("cache/nodeids", ["test_b.py::test_good"])
                    cache.set("cache/stepwise", None)
                    os._exit(1)
                assert cache.get("cache/nodeids", None) == ["test_b.py::test_good"]
                assert request.config.found == FOUND

            test_bad = pytest.mark.agent("test", retries=1)(test_bad)
        """.replace("FOUND", str(selected)),
    )

    assert run_agents(pytester, "--tx=popen", "-n1", option).outcomes["test_bad"] == "passed"


@pytest.mark.slow
def test_random_parameters_are_reported(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import uuid
        import pytest
        @pytest.mark.parametrize("value", [str(uuid.uuid4()) for _ in range(3)])
        def test_random(value): pass
        def test_it(): pass
    """)

    result = run_pytest(pytester, "--agents", "--tx=2*popen")

    result.assert_outcomes(passed=1, errors=3)
    result.stdout.fnmatch_lines(
        ["*test_random*could not be collected by this worker*", "*is its parametrization random?*", "(2 more for*)"]
    )
    assert str(result.stdout).count("is its parametrization random?") == 1

"""What is collected, however it is named, runs on workers."""

from __future__ import annotations

import pytest

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


def test_a_worker_imports_only_what_it_runs(pytester: pytest.Pytester) -> None:
    for number in range(4):
        pytester.makepyfile(
            **{
                f"test_{number}": f"""
                    import os, pathlib, sys
                    pathlib.Path(os.environ.get("PYTEST_XDIST_WORKER", "controller") + "-{number}").touch()
                    def test_it(worker_id):
                        mine = [name for name in sys.modules if name.startswith("test_")]
                        assert "test_{number}" in mine
                """
            }
        )

    result = pytester.runpytest_subprocess("--agents", "--tx=2*popen", "-p", "no:cacheprovider", "-k", "not test_3")

    result.assert_outcomes(passed=3, deselected=1)
    imported = {path.name for path in pytester.path.glob("*-*") if not path.name.startswith("runpytest")}
    assert {f"controller-{number}" for number in range(4)} <= imported
    assert not any(name.startswith("gw") and name.endswith("-3") for name in imported)
    assert all(
        sum(name == f"{worker}-{number}" for name in imported) <= 1 for worker in ("gw0", "gw1") for number in range(3)
    )


def test_random_parameters_are_told(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("""
        import uuid
        import pytest
        @pytest.mark.parametrize("value", [str(uuid.uuid4())])
        def test_random(value): pass
        def test_it(): pass
    """)

    result = pytester.runpytest_subprocess("--agents", "--tx=2*popen")

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*test_random*could not be collected by this worker*", "*is its parametrization random?*"]
    )

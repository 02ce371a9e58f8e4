"""A fresh interpreter is like the one of a serial run."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.functional.runs import LIGHT, run_pytest

TELL = """
    import json, os, pathlib, sys
    import helper

    def test_tell(request):
        own = ("PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID")
        config = request.config
        pathlib.Path("told.json").write_text(json.dumps({
            "flags": list(sys.flags),
            "warnings": sys.warnoptions,
            "options": sys._xoptions,
            "path": sys.path,
            "environment": {name: value for name, value in os.environ.items() if name not in own},
            "folder": os.getcwd(),
            "argv": [word for word in sys.argv if word not in ("--agents", "--tx=popen")],
            "arguments": [config.args, str(config.invocation_params.dir), str(config.rootpath), config._parser.prog],
            "helper": helper.__file__,
        }))
"""


def told(pytester: pytest.Pytester, flags: list[str], *arguments: str) -> dict[str, Any]:
    result = pytester.run(sys.executable, *flags, "-m", "pytest", *LIGHT, "-pno:cacheprovider", *arguments)
    result.assert_outcomes(passed=2)
    facts: dict[str, Any] = json.loads((pytester.path / "told.json").read_text("utf-8"))
    return facts


@pytest.mark.slow
def test_it_has_the_flags_the_environment_and_the_folder_of_the_run(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Test modules that change the environment or the path while they are imported find both as they were."""
    monkeypatch.setenv("PYTHONWARNINGS", "ignore::ImportWarning")
    for folder in ("a", "b"):
        package = pytester.mkdir(folder)
        (package / "helper.py").touch()
    changes = "import os\nos.environ['LEVEL'] = os.environ.get('LEVEL', '') + 'x'\n"
    (pytester.path / "a" / "test_tell.py").write_text("\n".join(line[4:] for line in TELL.split("\n")), "utf-8")
    (pytester.path / "b" / "test_other.py").write_text(changes + "def test_other(): pass", "utf-8")
    flags = ["-bb", "-X", "utf8", "-X", "own=1", "-W", "error::UserWarning", "-s"]

    assert told(pytester, flags, "--agents", "--tx=popen", "-v", "a", "b") == told(pytester, flags, "-v", "a", "b")


@pytest.mark.slow
def test_all_of_a_run_have_one_hash_seed(pytester: pytest.Pytester) -> None:
    """Objects in a set have no ids of their own, so the failing one would have another in each worker."""
    pytester.makepyfile("""
        import os
        import pytest

        class City:
            def __init__(self, name): self.name = name
            def __hash__(self): return hash(self.name)

        @pytest.mark.parametrize("city", {City(str(number)) for number in range(12)})
        def test_city(city):
            assert "PYTHONHASHSEED" not in os.environ
            assert city.name != "3"
    """)

    result = run_pytest(pytester, "--agents", "--tx=3*popen", "-pno:cacheprovider")

    result.assert_outcomes(passed=11, failed=1)


@pytest.mark.slow
def test_output_of_its_start_is_left_to_the_controller(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        plugin="""
            import os, sys, warnings
            print("printed on import", file=sys.stderr)
            os.write(2, b"written on import\\n")
        """,
        test_it="""
            import warnings
            warnings.warn("on collection")
            def test_one(): pass
            def test_two(): warnings.warn("in a test")
        """,
    )
    command = (sys.executable, "-W", "nonsense", "-m", "pytest", *LIGHT, "-pplugin", "-pno:cacheprovider")

    serial = pytester.run(*command)
    found = pytester.run(*command, "--agents", "--tx=2*popen")

    assert found.parseoutcomes() == serial.parseoutcomes() == {"passed": 2, "warnings": 2}
    assert sorted(found.errlines) == sorted(serial.errlines) != []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("workers", "fresh", "other"),
    [(["--tx=2*popen"], 2, "gw?"), pytest.param(["--tx=fork", "--tx=popen"], 1, "the controller", id="mixed")],
)
def test_parameters_that_are_others_in_each_are_errors(
    pytester: pytest.Pytester, workers: list[str], fresh: int, other: str
) -> None:
    """None is run in the place of another, and what is different in every run anyhow is no error."""
    pytester.makepyfile(f"""
        import os, pathlib, random, time
        import pytest

        pathlib.Path(os.environ.get("PYTEST_XDIST_WORKER", "controller")).touch()

        @pytest.fixture(scope="session", autouse=True)
        def until_all_have_collected():  # or one could have nothing left to do
            while len(list(pathlib.Path().glob("gw?"))) < {fresh}: time.sleep(0.01)

        class City:
            def __init__(self, name): self.name = name

        CITIES = [City(number) for number in range(40)]
        random.SystemRandom().shuffle(CITIES)

        @pytest.mark.parametrize("city", CITIES)
        def test_city(city): time.sleep(0.05)

        def made(city):
            def test(): time.sleep(0.05)
            return lambda: city and test()

        for number, city in enumerate(CITIES):
            globals()[f"test_made_{{number}}"] = made(city)

        @pytest.mark.parametrize("now", [City(time.time_ns()), City(time.time_ns())])
        def test_time(now): pass
    """)

    result = run_pytest(pytester, "--agents", *workers, "-pno:cacheprovider")

    outcomes = result.parseoutcomes()
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert outcomes["errors"] > 0
    assert outcomes["errors"] + outcomes["passed"] == 82
    result.stdout.fnmatch_lines([f"gw? collected test_*::test_city?city*? with another parameter 'city' than {other}*"])
    result.stdout.fnmatch_lines([f"gw? collected test_*::test_made_* with other values in its function than {other}*"])
    assert "ERROR at setup of test_time" not in str(result.stdout)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [["-n0"], pytest.param(["--tx=2*popen", "-s"], id="popen"), pytest.param(["--tx=2*fork", "-s"], id="fork")],
)
def test_the_session_ends_whatever_tests_have_left(pytester: pytest.Pytester, arguments: list[str]) -> None:
    """Without workers a closed standard output is the terminal's, which then breaks as in a serial run."""
    pytester.makepyfile("""
        import sys

        def test_platform(): sys.platform = "nonsense"
        def test_streams(request):
            if request.config.option.capture == "no":
                sys.stdout.close()
                sys.__stdout__.close()
    """)

    result = run_pytest(pytester, "--agents", "-pno:cacheprovider", *arguments)

    assert result.ret == 0
    result.assert_outcomes(passed=2)
    assert result.errlines == []


@pytest.mark.slow
def test_plugins_find_what_they_find_in_xdists_workers(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        import json, pathlib

        OTHERS = ("agents", "tx", "basetemp", "loadgroup")

        def facts(config):
            options = {name: str(value) for name, value in vars(config.option).items() if not name.startswith(OTHERS)}
            arguments = [word for word in config.invocation_params.args if not word.startswith("--")]
            return [options, arguments, config.args, sorted(config.workerinput), config.workerinput["workerid"]]

        def pytest_configure(config):
            if hasattr(config, "workerinput"):
                assert config.workeroutput == {}
                pathlib.Path("configured.json").write_text(json.dumps(facts(config)))

        def pytest_sessionfinish(session):
            if hasattr(session.config, "workerinput"):
                pathlib.Path("finished.json").write_text(json.dumps(facts(session.config)))
    """)
    pytester.makepyfile(
        plugin="FOUND = []\ndef pytest_load_initial_conftests(early_config): FOUND.append(early_config)",
        test_it="import plugin\ndef test_it(request): assert plugin.FOUND == [request.config]",
    )
    found = []
    for arguments in (["-n1"], ["-n1", "--tx=popen", "--agents"]):
        result = run_pytest(pytester, "-pplugin", "--maxfail=3", "-v", *arguments, "test_it.py")
        result.assert_outcomes(passed=1)
        found.append([json.loads((pytester.path / f"{name}.json").read_text()) for name in ("configured", "finished")])

    assert found[1] == found[0]


@pytest.mark.slow
@pytest.mark.parametrize(("transport", "outcomes"), [("fork", {"failed": 1}), ("popen", {"passed": 1})])
def test_plugins_that_only_a_forked_worker_has_are_named(
    pytester: pytest.Pytester, transport: str, outcomes: dict[str, int]
) -> None:
    program = """
        import sys
        import pytest

        class Strict:
            def pytest_runtest_call(self, item):
                raise ValueError("refused")

        sys.exit(pytest.main(sys.argv[1:], plugins=[Strict()]))
    """
    pytester.makepyfile("def test_it(): pass")

    result = pytester.run(
        sys.executable, pytester.makepyfile(program=program), "--agents", "-n1", f"--tx={transport}", *LIGHT
    )

    result.assert_outcomes(**outcomes)
    lacked = "*fresh interpreters lack the plugins that pytest.main() was given (Strict)"
    (result.stdout.fnmatch_lines if transport == "popen" else result.stdout.no_fnmatch_line)(lacked)

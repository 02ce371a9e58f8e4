"""Modules that are compiled ahead of their import are those that a serial run imports."""

from __future__ import annotations

import marshal
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from _pytest.assertion.rewrite import PYC_TAIL

from pytest_parallel_agents.machine import usable_cpus
from tests.functional.runs import run_pytest
from tests.processes import wait_until_gone

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="it is done by a fork"),
    pytest.mark.skipif(usable_cpus() == 1, reason="it needs a second CPU"),
]

COUNTING = """
import os

def ahead(config):
    return config.pluginmanager.getplugin("parallel-agents-ahead")

def pytest_collection(session):
    if ahead(session.config):  # it has compiled everything when its process has ended
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)

def pytest_collection_finish(session):
    plugin = ahead(session.config)
    if plugin:
        paths = [os.path.relpath(path, session.config.rootpath) for path in plugin.code.taken]
        print("\\ntaken:", *sorted(path for path in paths if path != "conftest.py"))  # it may be in time for that

def pytest_sessionfinish(session):
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT | os.WNOHANG)
    except ChildProcessError:
        print("\\nno process is left")
"""
LONG = "# " + 8_000 * "-" + "\n"
FAILING = "def test_it():\n    left, right = [1, 2], [1, 3]\n    assert left == right, 'they differ'\n"


@pytest.fixture(autouse=True)
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project without byte code: a package, test modules and helpers of many kinds."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    files = {
        "pytest.ini": "[pytest]\npythonpath = src\n",
        "conftest.py": COUNTING,
        "src/product/__init__.py": "from product.core import double\n",
        "src/product/core.py": "from . import tables\ndef double(x): return x * tables.TWO\n",
        "src/product/tables.py": "TWO = 2\n",
        "src/product/unused.py": "raise SystemExit('imported')\n",
        "tests/test_long.py": LONG + FAILING,
        "tests/test_product.py": "import product\ndef test_double(): assert product.double(2) == 4\n",
        "tests/test_raw.py": '"""PYTEST_DONT_REWRITE"""\n' + FAILING,
        "tests/test_warns.py": "def test_it(): assert '\\d'\n",
        "tests/test_windows.py": FAILING.replace("\n", "\r\n"),
        "tests/inner/__init__.py": "",
        "tests/inner/conftest.py": "import pytest\n@pytest.fixture\ndef one(): return 1\n",
        "tests/inner/helper.py": "def check(x):\n    assert x == 2\n",
        "tests/inner/test_inner.py": "from . import helper\ndef test_it(one): helper.check(one)\n",
    }
    for name, text in files.items():
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return pytester.path


def taken(result: pytest.RunResult) -> list[str]:
    """The modules whose code was prepared, relative to the project."""
    lines = [line for line in result.outlines if line.startswith("taken:")]
    return lines[0].split()[1:] if lines else []


def explained(result: pytest.RunResult) -> Sequence[str]:
    """What pytest says of failures and errors, by line."""
    shown = re.compile(r"E  |>  |E$|tests/\S+:\d+|FAILED|ERROR|  .*Warning")
    return sorted({re.sub(r"0x[0-9a-f]+", "0x", line) for line in result.outlines if shown.match(line)})


def cold(project: Path) -> None:
    for file in project.rglob("*.pyc"):
        file.unlink()


def codes(project: Path) -> dict[str, bytes]:
    """The byte code that pytest and Python have left, by their files."""
    return {
        str(file.relative_to(project)): marshal.dumps(marshal.loads(file.read_bytes()[16:]), 2)  # noqa: S302
        for file in project.rglob("*.pyc")
    }


MODULES = [
    *("src/product/__init__.py", "src/product/core.py", "src/product/tables.py", "tests/inner/__init__.py"),
    *("tests/inner/conftest.py", "tests/inner/helper.py", "tests/inner/test_inner.py", "tests/test_long.py"),
    *("tests/test_product.py", "tests/test_raw.py", "tests/test_windows.py"),
]


@pytest.mark.parametrize(
    "args",
    [
        [],
        pytest.param(["--assert=plain"], marks=pytest.mark.slow),
        pytest.param(["--import-mode=importlib"], marks=pytest.mark.slow),
    ],
    ids=" ".join,
)
def test_the_run_and_what_it_leaves_are_those_of_a_serial_run(
    pytester: pytest.Pytester, project: Path, args: list[str]
) -> None:
    serial = run_pytest(pytester, *args)
    left = codes(project)
    cold(project)

    run = run_pytest(pytester, "--agents", "-n2", "--agents-root-cause=off", "--agents-recheck=off", *args)

    assert taken(run) == MODULES
    assert serial.ret == run.ret == pytest.ExitCode.TESTS_FAILED
    assert set(explained(serial)) <= set(explained(run))
    assert any("invalid escape" in line for line in explained(serial))
    assert codes(project) == left
    assert "no process is left" in run.outlines


@pytest.mark.slow
def test_nothing_begins_where_byte_code_is_there(pytester: pytest.Pytester) -> None:
    first = run_pytest(pytester, "--agents", "-n2", "--collect-only")
    second = run_pytest(pytester, "--agents", "-n2", "--collect-only")

    assert taken(first) == MODULES
    assert taken(second) == []


@pytest.mark.slow
@pytest.mark.parametrize("args", [["-n0"], ["tests/inner"], ["-p", "no:assertion"]], ids=" ".join)
def test_nothing_begins_where_it_does_not_pay(pytester: pytest.Pytester, args: list[str]) -> None:
    """Without workers, where there is little to compile, and where pytest lacks a part."""
    run = run_pytest(pytester, "--agents", "-n2", "--collect-only", *args)

    assert (run.ret, taken(run)) == (pytest.ExitCode.OK, [])


def test_nothing_is_written_where_python_may_not(
    pytester: pytest.Pytester, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    run = run_pytest(pytester, "--agents", "-n2", "--collect-only")

    assert taken(run) == MODULES
    assert codes(project) == {}


@pytest.mark.slow
def test_byte_code_is_where_the_user_wants_it(
    pytester: pytest.Pytester, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "elsewhere"))

    run = run_pytest(pytester, "--agents", "-n2", "--collect-only")

    assert taken(run) == MODULES
    assert codes(project) == {}
    assert len([*(tmp_path / "elsewhere").rglob(f"test_*{PYC_TAIL}")]) == 6


@pytest.mark.slow
def test_nothing_is_written_where_the_tree_does_not_allow_it(pytester: pytest.Pytester, project: Path) -> None:
    for folder in ("src/product", "tests", "tests/inner"):
        (project / folder / "__pycache__").touch()

    run = run_pytest(pytester, "--agents", "-n2", "--collect-only")

    assert (run.ret, taken(run)) == (pytest.ExitCode.OK, MODULES)
    assert [file for file in codes(project) if not file.startswith("__pycache__")] == []


@pytest.mark.slow
def test_modules_that_cannot_be_compiled_fail_as_ever(pytester: pytest.Pytester, project: Path) -> None:
    (project / "tests" / "test_syntax.py").write_text("def test_it(:\n", "utf-8")
    (project / "tests" / "test_null.py").write_bytes(b"x = 1\0\n")
    (project / "src" / "product" / "tables.py").write_text("TWO = = 2\n", "utf-8")
    serial = run_pytest(pytester, "-p", "no:cacheprovider")
    cold(project)

    run = run_pytest(pytester, "--agents", "-n2")

    assert serial.ret == run.ret == pytest.ExitCode.INTERRUPTED
    assert set(explained(serial)) <= set(explained(run))
    assert "tests/test_long.py" in taken(run)


@pytest.mark.slow
def test_a_source_that_changes_meanwhile_counts_as_it_is(pytester: pytest.Pytester, project: Path) -> None:
    changing = 'open("tests/test_raw.py", "w").write("def test_changed(): assert 1 == 2, 5\\n")\n'
    (project / "tests" / "test_aa.py").write_text(changing, "utf-8")

    run = run_pytest(pytester, "--agents", "-n2")

    assert "tests/test_aa.py" in taken(run)
    assert "tests/test_raw.py" not in taken(run)
    run.stdout.fnmatch_lines(["*def test_changed(): assert 1 == 2, 5*"])


@pytest.mark.slow
def test_plugins_may_compile_otherwise(pytester: pytest.Pytester, project: Path) -> None:
    """A finder that stands before all others, and modules that are registered for rewriting at the last moment."""
    (project / "tests" / "conftest.py").write_text(
        "import importlib.abc, importlib.util, sys, pytest\n"
        "pytest.register_assert_rewrite('product')\n"
        "class Loader(importlib.machinery.SourceFileLoader):\n"
        "    def source_to_code(self, data, path, **settings):\n"
        "        return super().source_to_code(data.replace(b'TWO = 2', b'TWO = 7'), path, **settings)\n"
        "class Finder(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'product.tables':\n"
        "            file = path[0] + '/tables.py'\n"
        "            return importlib.util.spec_from_file_location(name, file, loader=Loader(name, file))\n"
        "sys.meta_path.insert(0, Finder())\n",
        "utf-8",
    )

    run = run_pytest(pytester, "--agents", "-n2", "-k", "double")

    assert set(MODULES) - set(taken(run)) == {f"src/product/{name}.py" for name in ("__init__", "core", "tables")}
    run.stdout.fnmatch_lines(["E *assert 14 == 4"])


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_it_ends_with_the_run(pytester: pytest.Pytester, project: Path, how: signal.Signals) -> None:
    """Even while it compiles a module that takes seconds."""
    (project / "tests" / "test_huge.py").write_text("assert [1] == [1]\n" * 60_000, "utf-8")
    (project / "conftest.py").write_text(
        "import os, signal, psutil, time\n"
        "[fork] = psutil.Process().children()\n"
        "while fork.cpu_times().user < 0.3: time.sleep(0.01)\n"
        "open('fork', 'w').write(str(fork.pid))\n"
        f"os.kill(os.getpid(), {int(how)})\n",
        "utf-8",
    )

    run_pytest(pytester, "--agents", "-n2")

    wait_until_gone(int((project / "fork").read_text("utf-8")))

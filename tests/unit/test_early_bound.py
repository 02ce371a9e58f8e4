"""What runs in a worker beside or around a check calls nothing that the check can replace."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest

import pytest_parallel_agents
from pytest_parallel_agents import early_bound

ROOT = Path(pytest_parallel_agents.__file__).parent
STARTS = (
    *("worker.loop", "worker.forked", "worker.spawned", "session.serial", "runtest.lookup_cache"),
    *("wire.gateways.controller_side", "wire.gateways.worker_side"),
    *("runtest.judging", "runtest.leak_detection", "compat.benchmark", "agents.findings", "profiling.fixture"),
    "collection.commands",
)
"""What a worker's process, or the controller's without workers, runs beside and around checks imports these."""

REPLACEABLE = frozenset(early_bound.__all__) | {"glob", "platform", "psutil", "queue", "random", "selectors"}
"""Modules whose names tests replace."""

PATH_METHODS = frozenset(
    {"exists", "is_dir", "is_file", "lstat", "mkdir", "open", "read_bytes", "read_text", "rename", "resolve", "stat"}
    | {"touch", "unlink", "write_bytes", "write_text", "cwd", "glob", "iterdir"}
)
"""Methods of `pathlib.Path` that ask the system."""

BEFORE = "before the first check"
EXCEPTIONS = {
    "collection.cache_folder": "where the user's folder for temporary files is, wherever conftest.py has put it",
    "marks": "where an argument stands, for the plan",
    "collection.ordering": BEFORE,
    "compat.cache_copy": BEFORE,
    "code_origin": BEFORE,
    "compat.generators": BEFORE,
    "compat.fresh_coverage": BEFORE,
    "compat.questions": BEFORE,
    "compat.unshareable": BEFORE,
    "private_folders": "with collection.cache_folder, and in the controller",
    "runtest.child_processes": "psutil, where the system has no /proc",
    "psutil_import": "it looks for what a check has changed",
    "wire.run_folder": "before the first check, and in the controller",
    "worker.parameters": BEFORE,
    "runtest.leak_report": "after the last check",
    "compat.xdist": BEFORE,
    "worker.forked": BEFORE,
    "worker.inherited_session": BEFORE,
    "worker.own_session": BEFORE,
    "process_tree": "psutil, after the last check and in the controller",
    "worker.spawned": BEFORE,
}


def test_nothing_around_a_check_is_looked_up_when_it_is_called() -> None:
    assert list(_faults()) == []


def test_what_is_excepted_is_there() -> None:
    assert EXCEPTIONS.keys() <= _closure(STARTS).keys()


@pytest.mark.parametrize(
    "target",
    [
        *("os.stat", "os.lstat", "os.open", "os.path.exists", "os.path.isfile", "os.path.join", "os.mkdir"),
        *("builtins.open", "io.open", "subprocess.Popen", "shutil.which"),
    ],
)
def test_names_stay_what_they_were(target: str, tmp_path: Path) -> None:
    file = str(tmp_path / "file")
    exists, made = early_bound.os.path.exists, early_bound.tempfile.mkdtemp
    with mock.patch(target, side_effect=AssertionError(target)):
        has_been, folder = exists(file), made(dir=str(tmp_path))
        finished = early_bound.subprocess.run([early_bound.shutil.which("true") or ""], check=False)
        with early_bound.io.open(file, "w") as opened:
            opened.write("written")
        is_there = exists(file)

    assert (has_been, is_there, finished.returncode) == (False, True, 0)
    assert Path(folder).is_dir()
    assert Path(file).read_text("utf-8") == "written"


def test_the_clock_goes_on_while_others_are_stopped() -> None:
    with mock.patch("time.monotonic", return_value=1.0), mock.patch("time.perf_counter", return_value=1.0):
        start = early_bound.time.monotonic()
        early_bound.time.sleep(0.001)

        assert early_bound.time.monotonic() > start


def _faults() -> Iterator[str]:
    for name, file in _closure(STARTS).items():
        if name not in EXCEPTIONS and name != "early_bound":
            tree = ast.parse(file.read_text("utf-8"))
            yield from (f"{file.relative_to(ROOT)}:{line}: {what}" for line, what in _found(tree))


def _found(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in _run_nodes(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, f"import {n.name}") for n in names if n.name.partition(".")[0] in REPLACEABLE)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in REPLACEABLE:
                if [name.name for name in node.names] != ["PathLike"]:
                    yield node.lineno, f"from {module} import"
            case ast.Call(func=ast.Attribute(value=of, attr=attr)) if attr in PATH_METHODS:
                if ast.unparse(of) not in ("io", "os", "os.path", "spec.stdin.of(chosen)"):
                    yield node.lineno, f".{attr}()"
    if not _has_own_builtins(tree):
        yield from _uses_of_builtins(tree)


def _uses_of_builtins(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            match node:
                case ast.Import() | ast.ImportFrom():
                    yield node.lineno, "import in a function without __builtins__"
                case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)):
                    yield node.lineno, f"{name}() without __builtins__"


def _has_own_builtins(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.Assign) and ast.unparse(node) == "__builtins__ = builtins" for node in tree.body)


def _run_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All that is run; what stands under `if TYPE_CHECKING` is not."""
    for child in ast.iter_child_nodes(tree):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield child
            yield from _run_nodes(child)


def _closure(starts: tuple[str, ...]) -> dict[str, Path]:
    """The modules that these import, and they themselves, with their files."""
    found: dict[str, Path] = {}
    waiting = list(starts)
    while waiting:
        name = waiting.pop()
        file = ROOT.joinpath(*name.split(".")).with_suffix(".py")
        if name not in found and file.is_file():
            found[name] = file
            waiting += _imported(ast.parse(file.read_text("utf-8")))
    return found


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in _run_nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ROOT.name):
            module = (node.module or "").removeprefix(ROOT.name).lstrip(".")
            yield module
            yield from (f"{module}.{name.name}".lstrip(".") for name in node.names)

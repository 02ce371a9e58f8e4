from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.cli.init.hooks import Hook
from pytest_parallel_agents.cli.init.takeover import TakenOver, take_over
from pytest_parallel_agents.cli.init.tool_traits import TOOL_TRAITS, USUAL
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("src", "docs", "tests", "src/old"):
        (tmp_path / name).mkdir()
    (tmp_path / "setup.py").touch()
    return tmp_path


def taken(root: Path, tool: str = "ruff", /, judged: tuple[str, ...] = (), **keys: object) -> TakenOver:
    hook = Hook(id=tool, program=tool, **keys)  # type: ignore[arg-type]
    return take_over(hook, TOOL_TRAITS.get(tool, USUAL), ADAPTERS[tool], judged=judged, root=root)


@pytest.mark.parametrize(
    ("tool", "args", "kept", "unsuited"),
    [
        ("codespell", ("-L", "alog"), ("-L", "alog"), ""),
        ("codespell", ("-w", "-L", "alog"), ("-L", "alog"), "-w"),
        ("ruff", ("--fix", "--select", "E,F"), ("--select", "E,F"), "--fix"),
        ("ruff", ("--output-format", "github", "--preview"), ("--preview",), "--output-format github"),
        ("ruff", ("--output-format=github", "--preview"), ("--preview",), "--output-format=github"),
        ("bandit", ("-c", "pyproject.toml", "-ll", "-f", "txt"), ("-c", "pyproject.toml", "-ll"), "-f txt"),
        ("codespell", ("--write", "-i", "3", "-L", "x"), ("-L", "x"), "--write -i 3"),
        ("pylint", ("--output=x.txt", "-f", "colorized", "-j", "2"), ("-j", "2"), "--output=x.txt -f colorized"),
        (
            "mypy",
            ("--strict", "--install-types", "--non-interactive"),
            ("--strict",),
            "--install-types --non-interactive",
        ),
        ("mypy", ("--strict",), ("--strict",), ""),
    ],
)
def test_arguments(tool: str, args: tuple[str, ...], kept: tuple[str, ...], unsuited: str, root: Path) -> None:
    notes = (f"of its hook is left out what a check does not do: {unsuited}",) if unsuited else ()

    assert taken(root, tool, args=args) == TakenOver(args=kept, notes=notes)


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        ("^src/", ("src",)),
        ("^src/.*", ("src",)),
        ("^(src|tests)/", ("src", "tests")),
        ("^(?:src/|tests/)", ("src", "tests")),
        ("^src/|^tests/", ("src", "tests")),
        (r"^setup\.py$", ("setup.py",)),
        ("(?x)^(\n  src/\n  | setup.py$\n)", ("src", "setup.py")),
    ],
)
def test_files_that_are_folders(files: str, paths: tuple[str, ...], root: Path) -> None:
    assert taken(root, files=(files,)) == TakenOver(paths=paths)


@pytest.mark.parametrize(
    "files", ["src/", "^src", "^src/|tests/", r"\.py$", "^gone/", "^(src|docs)", "^src/[a-z]+/", "("]
)
def test_files_that_are_named(files: str, root: Path) -> None:
    assert taken(root, files=(files,)) == TakenOver(notes=(f"its hook judges only what matches {files}",))


def test_what_is_left_out_with_arguments_of_the_tool(root: Path) -> None:
    assert taken(root, "codespell", excludes=("^(docs|tests)/",)).args == ("--skip=./docs", "--skip=./tests")
    assert taken(root, "ruff", excludes=("^docs/",)).args == ("--extend-exclude=docs",)
    assert taken(root, "mypy", judged=("src",), excludes=("^src/old/",)).args == ("--exclude=^src/old(/|$)",)


def test_what_is_left_out_is_named_where_a_tool_has_no_arguments_for_it(root: Path) -> None:
    notes = ("its hook leaves out what matches ^docs/",)

    assert taken(root, "vulture", excludes=("^docs/",)).notes == notes
    assert taken(root, "vulture", judged=("src",), excludes=("^docs/",)) == TakenOver()
    assert taken(root, "ruff", excludes=("_pb2",)).notes == ("its hook leaves out what matches _pb2",)


def test_paths_among_the_arguments(root: Path) -> None:
    args = ("--strict", "-p", "src", "src", "tests")

    assert taken(root, args=args, finds_files=True) == TakenOver(args=("--strict", "-p", "src"), paths=("src", "tests"))
    assert taken(root, args=args) == TakenOver(args=args)
    assert taken(root, args=("-p", "src"), finds_files=True) == TakenOver(args=("-p", "src"))


def test_what_is_installed_with_it_is_named(root: Path) -> None:
    assert taken(root, beside=("types-requests", "x")).notes == ("its hook is installed with types-requests, x",)


def test_what_all_hooks_have_in_common_counts_too(root: Path) -> None:
    found = taken(root, files=("^src/", r"\.py$"), excludes=("^docs/", "_pb2"), types=("python", "!pyi"))

    assert found.args == ("--extend-exclude=docs",)
    assert found.notes == (
        "its hook judges only what matches ^src/",
        r"its hook judges only what matches \.py$",
        "its hook leaves out what matches _pb2",
        "its hook judges only files of the types python, !pyi",
    )

from __future__ import annotations

import pytest

from pytest_parallel_agents.tools.writing import changes_files, has_flag


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--fix", "src"],
        ["npx", "prettier", "--write", "."],
        ["python", "-m", "black", "src"],
        ["uv", "run", "ruff", "format", "src"],
        ["pre-commit", "run", "--all-files"],
        ["/usr/bin/codespell", "-w", "docs"],
        ["sh", "-c", "cd web && npx eslint --fix ."],
        ["sh", "-c", "isort src; mypy src"],
        ["tool", "--in-place=yes"],
    ],
)
def test_commands_that_change_files(command: list[str]) -> None:
    assert changes_files(command)


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "--no-fix", "src"],
        ["ruff", "format", "--check", "src"],
        ["black", "--check", "src"],
        ["isort", "-c", "src"],
        ["grep", "-w", "black", "src"],
        ["codespell", "docs"],
        ["sh", "-c", "black --check src && echo 'not --fixed'"],
        ["pre-commit", "validate-config"],
    ],
)
def test_commands_that_are_not_known_to_change_files(command: list[str]) -> None:
    assert not changes_files(command)


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["--select=F", "--fix"], "--fix"),
        (["--fix-only"], ""),
        (["--output-file=x"], "--output-file"),
        (["-ofile"], "-ofile"),
        (["-qo"], ""),
        (["--", "--fix"], ""),
        (["--outp=x"], ""),
    ],
)
def test_flags(args: list[str], found: str) -> None:
    assert has_flag(frozenset({"--fix", "--output-file", "-o"}), args) == found


def test_shortened_flags() -> None:
    flags = frozenset({"--write-changes", "-w"})

    assert has_flag(flags, ["--wri"], abbreviated=True) == "--wri"
    assert has_flag(flags, ["-Hw"], clustered=True) == "-Hw"
    assert has_flag(flags, ["--", "--wri"], abbreviated=True) == ""

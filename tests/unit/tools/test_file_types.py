from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.tools.file_types import files_of, is_of

SHELL = ("*.sh", "#!sh", "#!bash")


def write(root: Path, *names: str, text: str = "") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("path", "types", "expected"),
    [
        ("a.py", ("*.py",), True),
        ("pkg/a.py", ("*.py",), True),
        ("pkg/a.pyc", ("*.py",), False),
        ("a/.github/workflows/ci.yml", ("*.github/workflows/*.yml",), True),
        ("workflows/ci.yml", ("*.github/workflows/*.yml",), False),
        ("anything", (), True),
    ],
)
def test_types_are_patterns_of_names_or_of_paths(
    path: str, types: tuple[str, ...], expected: object, tmp_path: Path
) -> None:
    assert is_of(path, types, tmp_path) is expected


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("#!/bin/sh\n", True),
        ("#! /usr/bin/env bash\n", True),
        ("#!/usr/bin/env -S bash -eu\n", True),
        ("#!/usr/bin/python3\n", False),
        ("echo\n", False),
        ("", False),
    ],
)
def test_a_script_without_suffix_is_known_by_its_interpreter(first: str, expected: object, tmp_path: Path) -> None:
    write(tmp_path, "deploy", "deploy.txt", text=first)

    assert is_of("deploy", SHELL, tmp_path) is expected
    assert not is_of("deploy.txt", SHELL, tmp_path)
    assert not is_of("missing", SHELL, tmp_path)


def test_files_in_folders_are_found_in_order_and_named_ones_kept(tmp_path: Path) -> None:
    write(tmp_path, "b.sh", "a/c d.sh", "a/e.txt", ".hidden/x.sh", "node_modules/x.sh", "env/x.sh", "env/pyvenv.cfg")
    write(tmp_path, "run", text="#!/bin/bash\n")

    assert list(files_of((".",), SHELL, tmp_path)) == ["b.sh", "run", "a/c d.sh"]
    assert list(files_of(("a", "a/e.txt"), SHELL, tmp_path)) == ["a/c d.sh", "a/e.txt"]
    assert list(files_of((".hidden/",), SHELL, tmp_path)) == [".hidden/x.sh"]

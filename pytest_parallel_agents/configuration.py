"""Finds the configuration: the table in the project's file, and misnamed ones."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.table_names import TABLE, misnamed_sections, misnamed_tables

FILES: Final = ("pytest.toml", ".pytest.toml", "pyproject.toml")
_INI_FILES: Final = ("pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg")


def find_table(config: pytest.Config, faults: list[AgentsError]) -> tuple[Path | None, Mapping[str, Any], str]:
    """The table's file, the table, and the file's text. Without one: None, an empty table and no text."""
    found = []
    for path in dict.fromkeys((config.inipath, *(config.rootpath / name for name in FILES))):
        if path is None or path.suffix != ".toml" or not path.is_file():
            continue
        source = path.read_text(encoding="utf-8")
        try:
            content = tomllib.loads(source)
        except tomllib.TOMLDecodeError as error:
            faults.append(AgentsError(f"{path.name} is not valid TOML: {error}"))
            continue
        is_project = path.name == "pyproject.toml"
        parent = content.get("tool", {}) if is_project else content
        if isinstance(parent, Mapping) and TABLE in parent:
            found.append((path, parent[TABLE], source))
        right = f"tool.{TABLE}" if is_project else TABLE
        faults.extend(_misnamed(path, name, f"[{right}]") for name in misnamed_tables(content, right))
    faults.extend(_misnamed_in_ini_files(config))
    if len(found) > 1:
        names = " and ".join(path.name for path, _, _ in found)
        faults.append(AgentsError(f"both {names} configure {TABLE}", hint="keep the table in one of them"))
    if not found:
        return None, {}, ""
    path, values, source = found[0]
    if not isinstance(values, Mapping):
        faults.append(AgentsError(f"{where_in(config, path)} must be a table"))
        values = {}
    return path, values, source


def where_in(config: pytest.Config, file: Path | None) -> str:
    """The table as faults name it: its file and its dotted name."""
    if file is None:
        return f"pyproject.toml: tool.{TABLE}"
    shown = file.relative_to(config.rootpath) if file.is_relative_to(config.rootpath) else file
    return f"{shown}: tool.{TABLE}" if file.name == "pyproject.toml" else f"{shown}: {TABLE}"


def _misnamed_in_ini_files(config: pytest.Config) -> Iterator[AgentsError]:
    for path in (config.rootpath / name for name in _INI_FILES):
        if path.is_file():
            for name in misnamed_sections(path.read_text(encoding="utf-8", errors="replace")):
                yield _misnamed(path, name, f"[tool.{TABLE}] in pyproject.toml")


def _misnamed(path: Path, name: str, right: str) -> AgentsError:
    return AgentsError(f"{path.name}: nothing reads [{name}]", hint=f"write {right}")

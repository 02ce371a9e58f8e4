"""Lookups in a project before a tool runs: sections of its settings, and whether there is a file to judge.

They happen between tests, which may have replaced `open` and the methods of `pathlib`.
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_parallel_agents.early_bound import builtins, io, os

__builtins__ = builtins


def content(file: Path) -> str:
    """The file's text; empty where there is no file to read."""
    try:
        with io.open(file, encoding="utf-8", errors="replace") as opened:
            return opened.read()
    except OSError:
        return ""


def section(file: Path, name: str) -> Mapping[str, object] | None:
    """The table `tool.NAME` of a TOML file or the section `[NAME]` of any other.

    None when it is missing or the file is invalid, which the tool itself reports better.
    """
    text = content(file)
    try:
        if file.suffix == ".toml":
            table = tomllib.loads(text).get("tool", {}).get(name)
            return table if isinstance(table, dict) else None
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        parser.read_string(text)
        return dict(parser[name]) if name in parser else None
    except (ValueError, AttributeError, configparser.Error):
        return None


def values_of(option: str, args: Sequence[str]) -> Iterator[str]:
    """The values that the arguments give to a long option, in one word or in two, and however the option is
    shortened.
    """
    for arg, following in zip(args, (*args[1:], ""), strict=False):
        name, separator, value = arg.partition("=")
        if option.startswith(name) and name.strip("-"):
            yield value if separator else following


def upwards(folder: Path) -> Iterator[Path]:
    """The folder and those around it, up to that of the repository."""
    for around in (folder, *folder.parents):
        yield around
        if any(os.path.exists(os.path.join(around, name)) for name in (".git", ".hg")):
            return


def holds_file(folder: Path, paths: Sequence[str], suffix: str = "") -> bool:
    """Whether one of the paths is a file, or a folder with a file of this suffix somewhere below it."""
    for path in paths:
        place = os.path.join(folder, path)
        if not os.path.isdir(place):
            return True
        if any(name.endswith(suffix) for _, _, names in os.walk(place) for name in names):
            return True
    return False

"""The folder that is pytest's root, and the configuration files in it."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from pytest_parallel_agents.errors import AgentsError

Settings = Mapping[str, Any]

_PYTESTS_OWN: Final = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
"""Files that configure pytest even when they are empty."""
_PYTEST_FILES: Final = (*_PYTESTS_OWN, "pyproject.toml", "tox.ini", "setup.cfg")
"""Files in which pytest searches its configuration; the first counts."""


class Project(msgspec.Struct, frozen=True):
    """A folder with configuration files. A missing file reads as an empty one."""

    root: Path

    def text(self, name: str) -> str:
        """The file's text, however it is encoded. Raises AgentsError when it cannot be read."""
        return self._bytes(name).decode(errors="replace")

    def toml(self, name: str) -> Settings:
        """Raises AgentsError when the file is not valid."""
        try:
            return tomllib.loads(self._bytes(name).decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise AgentsError(f"{self.root / name} is not valid TOML: {error}", hint="mend it first") from error

    def ini(self, name: str) -> Mapping[str, Mapping[str, str | None]]:
        """Sections with their keys. Raises AgentsError when the file is not valid."""
        parser = configparser.ConfigParser(allow_no_value=True, interpolation=None, strict=False)
        try:
            parser.read_string(self.text(name))
        except configparser.Error as error:
            problem = " ".join(str(error).split())
            raise AgentsError(f"{self.root / name} is not valid: {problem}") from error
        return {section: dict(parser[section]) for section in parser.sections()}

    def tool(self, name: str) -> Settings | None:
        """The table `tool.NAME` of pyproject.toml, if there is one."""
        tools = mapping(self.toml("pyproject.toml").get("tool"))
        return mapping(tools[name]) if name in tools else None

    def matching(self, *patterns: str) -> Iterator[str]:
        """Names of the root's files that match one of the patterns."""
        for pattern in patterns:
            yield from sorted(path.name for path in self.root.glob(pattern) if path.is_file())

    def pytest_settings(self) -> tuple[str, Settings] | None:
        """The file that configures pytest, and its settings; None without one."""
        for name in _PYTEST_FILES:
            if (self.root / name).is_file():
                settings = self._pytest_table(name)
                if settings is not None or name in _PYTESTS_OWN:
                    return name, mapping(settings)
        return None

    def _bytes(self, name: str) -> bytes:
        path = self.root / name
        try:
            return path.read_bytes() if path.is_file() else b""
        except OSError as error:
            raise AgentsError(f"{path} cannot be read: {error.strerror}") from error

    def _pytest_table(self, name: str) -> object:
        if name == "pyproject.toml":
            table = self.tool("pytest") or {}
            return table.get("ini_options", table or None)
        sections = self.toml(name) if name.endswith(".toml") else self.ini(name)
        return sections.get("tool:pytest" if name == "setup.cfg" else "pytest")


def find_project(folder: Path) -> Project:
    """The project that pytest finds when it is started in `folder`: itself or one of the folders around it."""
    around = [Project(path) for path in (folder, *folder.parents)]
    configured = (project for project in around if project.pytest_settings() is not None)
    packaged = (
        project for name in ("pyproject.toml", "setup.py") for project in around if (project.root / name).is_file()
    )
    return next(configured, None) or next(packaged, around[0])


def mapping(value: object) -> Settings:
    """The value if it is a table, else an empty one: other tools' settings are not judged here."""
    return value if isinstance(value, Mapping) else {}


def texts(value: object) -> tuple[str, ...]:
    """The strings in a list, or in an INI file's form of one; nothing if it is neither."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(element for element in value if isinstance(element, str)) if isinstance(value, list) else ()

"""The file that the table belongs in, and how it is added without changing the rest."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from pytest_parallel_agents.cli.init.project import Project, mapping
from pytest_parallel_agents.configuration import FILES
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.table_names import TABLE


class Destination(msgspec.Struct, frozen=True, kw_only=True):
    """`header` is the table's name in the file. `taken_by` is the file that has such a table already."""

    path: Path
    header: str
    taken_by: Path | None

    def refuse_second_table(self) -> None:
        """Raises AgentsError when the project has the table already."""
        if self.taken_by is not None:
            header = f"tool.{TABLE}" if self.taken_by.name == "pyproject.toml" else TABLE
            hint = "leave out --write to see what init would add, and add by hand what you miss"
            raise AgentsError(f"{self.taken_by} has [{header}] already", hint=hint)

    def add(self, text: str) -> None:
        """Appends the table with the file's own line endings, or creates the file.

        Raises AgentsError when the file takes no further table or cannot be written.
        """
        try:
            present = self.path.read_bytes() if self.path.exists() else b""
            addition = _addition(present, text)
            tomllib.loads((present + addition).decode())
            with self.path.open("ab") as file:
                file.write(addition)
        except tomllib.TOMLDecodeError as error:
            hint = "add by hand what init prints without --write"
            raise AgentsError(f"{self.path} takes no further table: {error}", hint=hint) from error
        except OSError as error:
            raise AgentsError(f"cannot write {self.path}: {error.strerror}") from error


def find_destination(project: Project) -> Destination:
    """The TOML file that is pytest's own where there is one, else pyproject.toml."""
    own = next((name for name in FILES if (project.root / name).is_file()), "pyproject.toml")
    taken = (name for name in FILES if TABLE in _tables(project, name))
    taken_by = next((project.root / name for name in taken), None)
    header = f"tool.{TABLE}" if own == "pyproject.toml" else TABLE
    return Destination(path=project.root / own, header=header, taken_by=taken_by)


def _tables(project: Project, name: str) -> frozenset[str]:
    content = project.toml(name)
    return frozenset(mapping(content.get("tool")) if name == "pyproject.toml" else content)


def _addition(present: bytes, text: str) -> bytes:
    newline = b"\r\n" if present.count(b"\r\n") * 2 > present.count(b"\n") else b"\n"
    gap = b"" if not present or present.endswith(b"\n") else newline
    separator = newline if present.strip() else b""
    return gap + separator + text.encode().replace(b"\n", newline)

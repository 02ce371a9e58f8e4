"""The hooks of pre-commit: their programs, arguments and files."""

from __future__ import annotations

import re
import shlex
from typing import Final

import msgspec
import yaml

from pytest_parallel_agents.cli.init.project import Project, Settings, mapping, texts
from pytest_parallel_agents.errors import AgentsError

FILE: Final = ".pre-commit-config.yaml"

_RUNNERS: Final = re.compile(
    r"(?:(?:uv|poetry|pdm|hatch|pipenv|rye)\s+run|(?:\S*/)?python3?\s+-m|npx|uvx|env)\s+(?:--?[\w-]+\s+)*"
)
"""Programs that run the rest of the command."""

_COMMANDS: Final = frozenset({"check", "format", "scan"})
"""Subcommands that belong to a tool's name, as in `ruff format`."""

_BY_HAND: Final = frozenset({"manual"})
_DEFAULTS: Final = {"mirrors-mypy": ("--ignore-missing-imports", "--scripts-are-modules")}
"""The arguments of hooks without `args`, by the name of the repository that has them in its manifest."""


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """One hook. `program` is the first word of a local hook's command, else the id of the hook.

    `files` and `excludes` are regular expressions for paths from the root, its own and those of all hooks. `types` are
    the types of files that it judges, or with a `!` does not judge, where they are not left to the hook. `beside` is
    installed with it. `by_hand` hooks run only on request; one that `finds_files` is given none, but finds them by
    itself.
    """

    id: str
    program: str
    args: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    by_hand: bool = False
    finds_files: bool = False

    def runs(self, tool: str) -> bool:
        """Whether it runs the tool. Hooks that format with it show nothing of what it should find."""
        names = (self.program, self.id)
        return any(name == tool or (name.startswith(f"{tool}-") and "format" not in name) for name in names)


def find_hooks(project: Project) -> tuple[Hook, ...]:
    """All hooks in the order of the file. Raises AgentsError when it is not valid."""
    try:
        content = mapping(yaml.safe_load(project.text(FILE)))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())
        raise AgentsError(f"{project.root / FILE} is not valid YAML: {problem}", hint="mend it first") from error
    return tuple(
        _hook(mapping(entry), mapping(repo), content)
        for repo in _list(content.get("repos"))
        for entry in _list(mapping(repo).get("hooks"))
        if mapping(entry).get("id")
    )


def _hook(entry: Settings, repo: Settings, content: Settings) -> Hook:
    source = str(repo.get("repo")).rstrip("/").rpartition("/")[2].removesuffix(".git")
    args = tuple(map(str, _list(entry["args"]))) if "args" in entry else _DEFAULTS.get(source, ())
    words = _words(str(entry.get("entry") or entry["id"]))
    stages = texts(entry.get("stages") or content.get("default_stages"))
    return Hook(
        id=str(entry["id"]),
        program=words[0].rsplit("/", 1)[-1],
        args=(*words[1:], *args),
        files=_expressions("files", entry, content),
        excludes=_expressions("exclude", entry, content),
        types=(
            *(str(name) for key in ("types", "types_or") for name in _list(entry.get(key))),
            *(f"!{name}" for name in _list(entry.get("exclude_types"))),
        ),
        beside=tuple(map(str, _list(entry.get("additional_dependencies")))),
        by_hand=bool(stages) and _BY_HAND.issuperset(stages),
        finds_files=entry.get("pass_filenames") is False,
    )


def _words(command: str) -> tuple[str, ...]:
    """The words of a command without a program that runs it."""
    try:
        words = shlex.split(_RUNNERS.sub("", command, count=1) if _RUNNERS.match(command) else command)
    except ValueError:
        words = command.split()
    if words[1:] and words[1] in _COMMANDS:
        words[:2] = ["-".join(words[:2])]
    return tuple(words) or (command,)


def _expressions(key: str, *tables: Settings) -> tuple[str, ...]:
    return tuple(str(table[key]) for table in tables if table.get(key))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

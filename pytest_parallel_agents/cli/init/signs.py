"""Signs in a project that it uses a tool."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from pytest_parallel_agents.cli.init.hooks import FILE as HOOKS
from pytest_parallel_agents.cli.init.hooks import Hook
from pytest_parallel_agents.cli.init.project import Project, Settings, mapping, texts
from pytest_parallel_agents.cli.init.tool_traits import ToolTraits

_ENDINGS: Final = (".toml", ".ini", ".cfg", ".yaml", ".yml", ".json")
_SHARED_FILES: Final = ("setup.cfg", "tox.ini")
_SCRIPTS: Final = ("tox.ini", "tox.toml", "noxfile.py", "Makefile", "justfile")
_REQUIREMENTS: Final = ("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in")


class Configured(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a tool: the file, the place in words, and the values where they can be read."""

    file: str
    place: str
    settings: Settings


def settings_of(tool: str, traits: ToolTraits, project: Project) -> tuple[Configured, ...]:
    """All places in the project that configure the tool."""
    return (*_tables(tool, traits, project), *_files(tool, traits, project), *_sections(tool, project))


def uses_of(tool: str, project: Project, hooks: Sequence[Hook]) -> tuple[str, ...]:
    """All other places in the project that name the tool, in words that follow "named in"."""
    hooked = [f"a hook of {HOOKS}"] if any(hook.runs(tool) for hook in hooks) else []
    required = [place for place, names in _required(project) if tool in names]
    word = re.compile(rf"(?<![\w.-]){re.escape(tool)}(?![\w.-])")
    scripts = [name for name in _SCRIPTS if word.search(re.sub(r"#.*", "", project.text(name)))]
    return tuple(dict.fromkeys([*hooked, *required, *scripts]))


def commands_of(tool: str, project: Project) -> Iterator[str]:
    """Lines of scripts that run the tool with arguments of their own, each with its file."""
    called = re.compile(rf"(?<![\w./=-]){re.escape(tool)}[\"']?[,\s].*?(?<![\w-])-")
    for name in _SCRIPTS:
        for line in project.text(name).splitlines():
            if called.search(re.sub(r"#.*", "", line)):
                yield f"{name} runs it as {' '.join(line.split())}"


def _tables(tool: str, traits: ToolTraits, project: Project) -> Iterator[Configured]:
    for name in (tool, *traits.tables):
        settings = project.tool(name)
        if settings is not None:
            yield Configured(file="pyproject.toml", place=f"[tool.{name}]", settings=settings)


def _files(tool: str, traits: ToolTraits, project: Project) -> Iterator[Configured]:
    usual = (f"{dot}{tool}{ending}" for ending in (*_ENDINGS, "rc") for dot in ("", "."))
    for name in dict.fromkeys(project.matching(*usual, f".{tool}", *traits.files)):
        yield Configured(file=name, place=name, settings=_settings(tool, name, project))


def _settings(tool: str, name: str, project: Project) -> Settings:
    """The settings in a tool's own file; none if its language is not read here."""
    if name.endswith(".toml"):
        return project.toml(name)
    if name.endswith((".ini", ".cfg")):
        return mapping(project.ini(name).get(tool))
    if name.endswith(".json"):
        try:
            return mapping(json.loads(project.text(name)))
        except json.JSONDecodeError:  # with comments
            return {}
    return {}


def _sections(tool: str, project: Project) -> Iterator[Configured]:
    section_pattern = re.compile(rf"(tool:)?{re.escape(tool)}([.:-].*)?")
    for name in _SHARED_FILES:
        for section, settings in project.ini(name).items():
            if section_pattern.fullmatch(section):
                yield Configured(file=name, place=f"[{section}] of {name}", settings=settings)


def _required(project: Project) -> Iterator[tuple[str, frozenset[str]]]:
    """Places where a project names its developers' packages, with the packages' names."""
    pyproject = project.toml("pyproject.toml")
    for group, required in mapping(pyproject.get("dependency-groups")).items():
        yield f"the dependency group {group}", _names(texts(required))
    for extra, required in mapping(mapping(pyproject.get("project")).get("optional-dependencies")).items():
        yield f"the extra {extra}", _names(texts(required))
    for extra, required in mapping(project.ini("setup.cfg").get("options.extras_require")).items():
        yield f"the extra {extra}", _names(str(required).splitlines())
    yield from _required_by_managers(project)
    for pattern in _REQUIREMENTS:
        for path in sorted(project.root.glob(pattern)):
            name = path.relative_to(project.root).as_posix()
            yield name, _names(project.text(name).splitlines())
    yield "Pipfile", _names(mapping(project.toml("Pipfile").get("dev-packages")))


def _required_by_managers(project: Project) -> Iterator[tuple[str, frozenset[str]]]:
    poetry = project.tool("poetry") or {}
    groups = [mapping(group).get("dependencies") for group in mapping(poetry.get("group")).values()]
    for dependencies in (poetry.get("dev-dependencies"), *groups):
        yield "[tool.poetry]", _names(mapping(dependencies))
    for required in mapping((project.tool("pdm") or {}).get("dev-dependencies")).values():
        yield "[tool.pdm]", _names(texts(required))
    yield "[tool.uv]", _names(texts((project.tool("uv") or {}).get("dev-dependencies")))
    for environment in mapping((project.tool("hatch") or {}).get("envs")).values():
        for key in ("dependencies", "extra-dependencies"):
            yield "[tool.hatch]", _names(texts(mapping(environment).get(key)))
    try:
        package = mapping(json.loads(project.text("package.json") or "{}"))
    except json.JSONDecodeError:
        return
    yield "package.json", _names(mapping(package.get("devDependencies")))


def _names(requirements: Iterable[str]) -> frozenset[str]:
    """Normalized names of the packages that the requirements begin with."""
    begun = (re.match(r"\s*([A-Za-z0-9][\w.-]*)", requirement) for requirement in requirements)
    return frozenset(re.sub(r"[-_.]+", "-", name.group(1)).lower() for name in begun if name)

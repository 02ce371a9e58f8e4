"""The folders of a project's source and tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from pytest_parallel_agents.cli.init.project import Project, mapping, texts
from pytest_parallel_agents.cli.init.workspaces import find_members

_NO_SOURCE: Final = frozenset(
    {"test", "tests", "testing", "doc", "docs", "example", "examples", "samples", "demo", "notebooks"}
    | {"bench", "benches", "benchmark", "benchmarks", "script", "scripts", "tool", "tools", "ci", "tasks"}
    | {"build", "dist", "env", "venv", "node_modules", "vendor", "third_party", "requirements"}
)
"""Folders that hold something else, unless the project has that name."""

_SCRIPTS: Final = re.compile(r"(setup|conftest|noxfile|tasks|fabfile|dodo|test_.*|.*_test)\.py")
_TESTS: Final = ("test_*.py", "*_test.py")


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Paths of source and tests from the root, and how each was found. `spaces`: sources that are namespaces.

    `members` are the folders of the projects that the repository is made of, if it is made of several.
    """

    sources: tuple[str, ...]
    sources_why: str
    tests: tuple[str, ...]
    tests_why: str
    spaces: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    members_why: str = ""


def find_layout(project: Project) -> Layout:
    """The usual layouts: `src`, packages, namespace packages, modules. Tests where pytest's settings name them, or in
    `tests`.
    """
    tests, tests_why = _find_tests(project)
    members, members_why = find_members(project)
    sources, sources_why, spaces = _find_sources(project, (*tests, *(member.partition("/")[0] for member in members)))
    if not tests and any(_has(project.root / path, *_TESTS) for path in sources):
        tests_why = "beside the source"
    if members:
        inner = [_of_member(project, member) for member in members]
        sources = (*sources, *(path for paths, _ in inner for path in paths))
        spaces = (*spaces, *(path for _, paths in inner for path in paths))
        sources_why = "of the projects below" if len(inner) > 1 else "of the project below"
    return Layout(
        sources=sources,
        sources_why=sources_why,
        tests=tests,
        tests_why=tests_why,
        spaces=spaces,
        members=members,
        members_why=members_why,
    )


def _of_member(project: Project, member: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sources of a member, and which of them are namespaces, from the root."""
    inner = Project(project.root / member)
    sources, _, spaces = _find_sources(inner, _find_tests(inner)[0])
    return tuple(f"{member}/{path}" for path in sources), tuple(f"{member}/{path}" for path in spaces)


def _find_tests(project: Project) -> tuple[tuple[str, ...], str]:
    file, settings = project.pytest_settings() or ("", {})
    named = (path for pattern in texts(settings.get("testpaths")) for path in _matches(project.root, pattern))
    testpaths = tuple(dict.fromkeys(named))
    if testpaths:
        return testpaths, f"testpaths of {file}"
    usual = tuple(name for name in ("tests", "test") if _has(project.root / name, "*.py"))
    return usual, "the usual folder" if usual else ""


def _find_sources(project: Project, tests: tuple[str, ...]) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Paths, their kind, and those that are namespace packages."""
    for name in ("src", "lib"):
        if _has(project.root / name, "*.py") and (name == "src" or not (project.root / name / "__init__.py").exists()):
            return (name,), f"{name} layout", ()
    name = _import_name(project)
    folders = [path for path in _folders(project.root) if path.name == name or path.name not in {*_NO_SOURCE, *tests}]
    packages = tuple(path.name for path in folders if (path / "__init__.py").is_file())
    spaces = tuple(path.name for path in folders if path.name not in packages and _is_namespace(path, name))
    if packages or spaces:
        kinds = (_pluralized("package", packages), _pluralized("namespace package", spaces))
        return (*packages, *spaces), " and ".join(filter(None, kinds)), spaces
    modules = tuple(path for path in project.matching("*.py") if path == f"{name}.py" or not _SCRIPTS.fullmatch(path))
    return modules, _pluralized("module", modules), ()


def _pluralized(what: str, found: tuple[str, ...]) -> str:
    """The word in singular or plural; empty when there is none."""
    return {0: "", 1: what}.get(len(found), f"{what}s")


def _import_name(project: Project) -> str:
    """The likely name of its package, from the project's name."""
    declared = mapping(project.toml("pyproject.toml").get("project")).get("name")
    declared = declared or mapping(project.ini("setup.cfg").get("metadata")).get("name")
    return re.sub(r"[-_.]+", "_", declared).lower() if isinstance(declared, str) else ""


def _folders(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        hidden = path.name.startswith((".", "_")) or path.suffix == ".egg-info"
        if not hidden and path.is_dir() and not (path / "pyvenv.cfg").exists():
            yield path


def _is_namespace(folder: Path, name: str) -> bool:
    """Whether a folder that is no package contains one, or has the project's name."""
    below = any(next(folder.glob(pattern), None) for pattern in ("*/__init__.py", "*/*/__init__.py"))
    return below or (folder.name == name and _has(folder, "*.py"))


def _has(path: Path, *patterns: str) -> bool:
    if path.is_file():
        return any(path.match(pattern) for pattern in patterns)
    return any(next(path.rglob(pattern), None) for pattern in patterns)


def _matches(root: Path, pattern: str) -> Iterator[str]:
    """The paths that a pattern of pytest's `testpaths` matches, from the root."""
    plain = Path(pattern)
    if plain.is_absolute() or ".." in plain.parts:
        return
    found = sorted(root.glob(pattern)) if plain.parts else [root]
    yield from (path.relative_to(root).as_posix() for path in found)

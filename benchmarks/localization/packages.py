"""Public packages whose tests find mutants, and the mutants that are drawn of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from benchmarks.environments import Environment
from benchmarks.localization.edits import STUCK
from benchmarks.localization.faults import Fault
from benchmarks.localization.mutation import Candidate, candidates, mutant, seeded, varied
from benchmarks.localization.trials import Tree, Trial
from benchmarks.projects import Project, prepare
from benchmarks.runs import run_pytest

MOST_HANGS: Final = 10
"""Tests of a mutant that hangs: each takes the whole time limit."""

_TESTS: Final = frozenset({"test", "tests", "testing"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A source distribution with its tests. `code`: the folder with its modules, below `imports`.

    Such that run for few seconds, and of which pytest itself imports nothing.
    """

    requirement: str
    code: str
    imports: str = "."
    arguments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.requirement.partition("==")[0]


PACKAGES: Final = (
    Package(requirement="boltons==26.2.0", code="boltons"),
    Package(requirement="cachetools==8.0.2", code="src/cachetools", imports="src"),
    Package(requirement="h11==0.16.0", code="h11"),
    Package(requirement="itsdangerous==2.2.0", code="src/itsdangerous", imports="src"),
    Package(requirement="jinja2==3.1.6", code="src/jinja2", imports="src"),
    Package(requirement="structlog==26.1.0", code="src/structlog", imports="src"),
    Package(requirement="tinydb==4.9.0", code="tinydb"),
    Package(requirement="toolz==1.2.0", code="toolz"),
    Package(requirement="voluptuous==0.16.0", code="voluptuous"),
)


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """An installed package. `executed`: lines that its tests execute, by path. `version`: this project's beside it."""

    folder: str
    environment: str
    executed: dict[str, frozenset[int]]
    version: str


def prepared(package: Package, cache: Path, version: str | None) -> Prepared:
    """The package as it is in the cache; with a `version` brought there, beside this project's present state.

    Raises FileNotFoundError when it is not there and may not be installed, and what `projects.prepare` raises.
    """
    kept = cache / "localization" / f"{package.requirement}.json"
    if version is None or kept.exists():
        found = msgspec.json.decode(kept.read_bytes(), type=Prepared)
        if version in (None, found.version):
            return found
        Environment(Path(found.environment)).install_this_project(cache)
        found = msgspec.structs.replace(found, version=version)
    else:
        found = _measured(prepare(package.requirement, cache), package, version)
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(msgspec.json.encode(found))
    return found


class Originals:
    """The modules of a package that its tests execute, and the mutants that can be made of them."""

    def __init__(self, package: Package, found: Prepared) -> None:
        self._package, self._found = package, found
        self._texts = {path: (Path(found.folder) / path).read_bytes() for path in _modules(package, found)}

    def candidates(self, seed: int) -> Iterator[Candidate]:
        """In the order in which to try them."""
        drawn = (
            candidate
            for path, text in self._texts.items()
            for candidate in candidates(path, text, self._found.executed[path], seeded(seed, path))
        )
        return varied(drawn, seeded(seed, self._package.name))

    def trial(self, chosen: Sequence[Candidate]) -> Trial | None:
        """The run of a mutant with these faults; None where they make none."""
        made = mutant(chosen, self._texts)
        if made is None:
            return None
        kinds = [candidate.kind for candidate in chosen]
        name = " + ".join(f"{self._package.name}: {candidate.name}" for candidate in chosen)
        return Trial(
            fault=Fault(name=name, group=self._package.name, kind=" + ".join(kinds), changes=made.changes),
            tree=self._tree(),
            edited=made.edited,
            arguments=(f"--maxfail={MOST_HANGS}",) if STUCK in kinds else (),
        )

    def _tree(self) -> Tree:
        return Tree(
            folder=Path(self._found.folder),
            python=Environment(Path(self._found.environment)).python,
            imports=(self._package.imports,),
            arguments=self._package.arguments,
        )


def _measured(project: Project, package: Package, version: str) -> Prepared:
    return Prepared(
        folder=str(project.source),
        environment=str(project.environment.folder),
        executed=dict(run_pytest(project, package.arguments, cov=True).lines),
        version=version,
    )


def _modules(package: Package, found: Prepared) -> list[str]:
    """Executed files of the package that are no tests."""
    inside = (path for path in found.executed if PurePosixPath(path).is_relative_to(package.code))
    return sorted(path for path in inside if not _TESTS & set(PurePosixPath(path).parts))

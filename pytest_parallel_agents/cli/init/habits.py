"""What there is to know of single tools beyond their names, to see whether and how a project uses them.

A tool that is not in the table has the usual habits: a table or a section of its name, a file of its name with one of
the usual endings, and it judges the paths it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec


class Habits(msgspec.Struct, frozen=True, kw_only=True):
    """How one tool is configured.

    `tables` of pyproject.toml and `files` (patterns) that hold its settings, beyond those of its name. `path_keys` are
    the settings that say what it judges, so that it needs no paths. `finds_all` tools need none in any case.
    `flags`: the flag that makes it read settings from a file that it does not look for by itself. `needs`: what is in
    these files, when it does nothing without one of them, and how else to name it. `space_args` are what it needs to
    understand namespace packages, unless one of its settings is `space_key`. `unsuited` are further arguments that
    a check does not have, beyond what its adapter knows of. `excludes` is how it is told to leave out a path, `{}` in
    the arguments. `borrowed` are the places of settings that are another tool's, so that they alone are no sign of this
    one; `heirs` are tools that borrow from this one. `nearest`: it takes the settings that are nearest to each file.
    """

    tables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    path_keys: tuple[str, ...] = ()
    finds_all: bool = False
    flags: Mapping[str, str] = msgspec.field(default_factory=dict)
    needs: str = ""
    space_args: tuple[str, ...] = ()
    space_key: str = ""
    unsuited: frozenset[str] = frozenset()
    excludes: tuple[str, ...] = ()
    borrowed: frozenset[str] = frozenset()
    nearest: bool = False
    heirs: tuple[str, ...] = ()


USUAL: Final = Habits()
_BANDIT_FLAGS: Final = {".bandit": "--ini", **dict.fromkeys(("bandit.yaml", "bandit.yml", "pyproject.toml"), "-c")}

HABITS: Final[Mapping[str, Habits]] = {
    "actionlint": Habits(files=(".github/actionlint.y*ml",), finds_all=True),
    "bandit": Habits(flags=_BANDIT_FLAGS, path_keys=("targets",)),
    "basedpyright": Habits(
        tables=("pyright",),
        files=("pyrightconfig.json",),
        path_keys=("include",),
        borrowed=frozenset({"[tool.pyright]", "pyrightconfig.json"}),
    ),
    "black": Habits(finds_all=True),
    "checkov": Habits(finds_all=True, unsuited=frozenset({"-o"})),
    "codespell": Habits(finds_all=True, excludes=("--skip=./{}",)),
    "eslint": Habits(files=("eslint.config.*", ".eslintrc.*"), finds_all=True, nearest=True),
    "flake8": Habits(finds_all=True),
    "gitleaks": Habits(files=(".gitleaksignore",), finds_all=True, unsuited=frozenset({"-f", "-r"})),
    "hadolint": Habits(finds_all=True, unsuited=frozenset({"-f"})),
    "isort": Habits(finds_all=True),
    "mypy": Habits(
        excludes=("--exclude=^{}(/|$)",),
        path_keys=("files", "packages", "modules"),
        space_args=("--explicit-package-bases",),
        space_key="explicit_package_bases",
    ),
    "pip-audit": Habits(finds_all=True),
    "pylint": Habits(files=("pylintrc.toml", ".pylintrc.toml")),
    "pyright": Habits(files=("pyrightconfig.json",), path_keys=("include",), heirs=("basedpyright",)),
    "ruff": Habits(finds_all=True, excludes=("--extend-exclude={}",), nearest=True),
    "ruff-format": Habits(finds_all=True, excludes=("--extend-exclude={}",), nearest=True),
    "semgrep": Habits(
        files=(".semgrepignore",),
        finds_all=True,
        flags=dict.fromkeys((".semgrep.yml", ".semgrep.yaml", "semgrep.yml", "semgrep.yaml"), "--config"),
        needs='rules, to be named with args = ["--config=..."]',
    ),
    "shellcheck": Habits(finds_all=True, unsuited=frozenset({"-f"})),
    "trivy": Habits(files=(".trivyignore", ".trivyignore.yaml"), finds_all=True, unsuited=frozenset({"-f", "-o"})),
    "ty": Habits(path_keys=("src",)),
    "vulture": Habits(path_keys=("paths",)),
    "yamllint": Habits(finds_all=True, unsuited=frozenset({"-f"})),
    "zizmor": Habits(files=(".github/zizmor.y*ml",), finds_all=True),
}

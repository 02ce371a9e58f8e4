"""Traits of single tools, from which it is seen whether and how a project uses them.

A tool that is not in the table has the usual traits: a table or a section of its name, a file of its name with one of
the usual endings, and it judges the paths it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec


class ToolTraits(msgspec.Struct, frozen=True, kw_only=True):
    """How one tool is configured.

    `tables` of pyproject.toml and `files` (patterns) that hold its settings, beyond those of its name. `path_keys` are
    the settings that name what it judges, so that it needs no paths. `finds_all` tools need none in any case. `flags`:
    the flag that makes it read settings from a file that it does not find by itself. `needs`: the content of these
    files, when it does nothing without one of them, and how else to name it. `space_args` are the arguments for
    namespace packages, unless one of its settings is `space_key`. `unsuited` are further arguments that a check does
    not have, beyond those of its adapter. `excludes` are the arguments that leave out a path, `{}` in them. `borrowed`
    are places of settings that belong to another tool, so that they alone are no sign of this one; `borrowers` are
    tools that borrow from this one. `nearest`: it takes the settings that are nearest to each file.
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
    borrowers: tuple[str, ...] = ()


USUAL: Final = ToolTraits()
_BANDIT_FLAGS: Final = {".bandit": "--ini", **dict.fromkeys(("bandit.yaml", "bandit.yml", "pyproject.toml"), "-c")}

TOOL_TRAITS: Final[Mapping[str, ToolTraits]] = {
    "actionlint": ToolTraits(files=(".github/actionlint.y*ml",), finds_all=True),
    "bandit": ToolTraits(flags=_BANDIT_FLAGS, path_keys=("targets",)),
    "basedpyright": ToolTraits(
        tables=("pyright",),
        files=("pyrightconfig.json",),
        path_keys=("include",),
        borrowed=frozenset({"[tool.pyright]", "pyrightconfig.json"}),
    ),
    "black": ToolTraits(finds_all=True),
    "checkov": ToolTraits(finds_all=True, unsuited=frozenset({"-o"})),
    "codespell": ToolTraits(finds_all=True, excludes=("--skip=./{}",)),
    "eslint": ToolTraits(files=("eslint.config.*", ".eslintrc.*"), finds_all=True, nearest=True),
    "flake8": ToolTraits(finds_all=True),
    "gitleaks": ToolTraits(files=(".gitleaksignore",), finds_all=True, unsuited=frozenset({"-f", "-r"})),
    "hadolint": ToolTraits(finds_all=True, unsuited=frozenset({"-f"})),
    "isort": ToolTraits(finds_all=True),
    "mypy": ToolTraits(
        excludes=("--exclude=^{}(/|$)",),
        path_keys=("files", "packages", "modules"),
        space_args=("--explicit-package-bases",),
        space_key="explicit_package_bases",
    ),
    "pip-audit": ToolTraits(finds_all=True),
    "pylint": ToolTraits(files=("pylintrc.toml", ".pylintrc.toml")),
    "pyright": ToolTraits(files=("pyrightconfig.json",), path_keys=("include",), borrowers=("basedpyright",)),
    "ruff": ToolTraits(finds_all=True, excludes=("--extend-exclude={}",), nearest=True),
    "ruff-format": ToolTraits(finds_all=True, excludes=("--extend-exclude={}",), nearest=True),
    "semgrep": ToolTraits(
        files=(".semgrepignore",),
        finds_all=True,
        flags=dict.fromkeys((".semgrep.yml", ".semgrep.yaml", "semgrep.yml", "semgrep.yaml"), "--config"),
        needs='rules, to be named with args = ["--config=..."]',
    ),
    "shellcheck": ToolTraits(finds_all=True, unsuited=frozenset({"-f"})),
    "trivy": ToolTraits(files=(".trivyignore", ".trivyignore.yaml"), finds_all=True, unsuited=frozenset({"-f", "-o"})),
    "ty": ToolTraits(path_keys=("src",)),
    "vulture": ToolTraits(path_keys=("paths",)),
    "yamllint": ToolTraits(finds_all=True, unsuited=frozenset({"-f"})),
    "zizmor": ToolTraits(files=(".github/zizmor.y*ml",), finds_all=True),
}

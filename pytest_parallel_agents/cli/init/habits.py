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
    understand namespace packages, unless one of its settings is `space_key`. `unsuited` are arguments that change files
    or what is printed, with the number of words that follow each as its values. `excludes` is how it is told to leave
    out a path, `{}` in the arguments. `nearest`: it takes the settings that are nearest to each file.
    """

    tables: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    path_keys: tuple[str, ...] = ()
    finds_all: bool = False
    flags: Mapping[str, str] = msgspec.field(default_factory=dict)
    needs: str = ""
    space_args: tuple[str, ...] = ()
    space_key: str = ""
    unsuited: Mapping[str, int] = msgspec.field(default_factory=lambda: UNSUITED)
    excludes: tuple[str, ...] = ()
    nearest: bool = False


UNSUITED: Final[Mapping[str, int]] = {
    **dict.fromkeys(
        ("--fix", "--fix-only", "--unsafe-fixes", "--exit-non-zero-on-fix", "--show-fixes", "--autofix"), 0
    ),
    **dict.fromkeys(("--write", "--write-changes", "--in-place", "--inplace", "--add-noqa", "--exit-zero"), 0),
    **dict.fromkeys(("--json", "--outputjson", "--sarif", "--statistics", "--diff", "--watch"), 0),
    **dict.fromkeys(("--format", "--output", "--output-format", "--output-file"), 1),
}

USUAL: Final = Habits()
_BANDIT_FLAGS: Final = {".bandit": "--ini", **dict.fromkeys(("bandit.yaml", "bandit.yml", "pyproject.toml"), "-c")}

HABITS: Final[Mapping[str, Habits]] = {
    "actionlint": Habits(files=(".github/actionlint.y*ml",), finds_all=True),
    "bandit": Habits(flags=_BANDIT_FLAGS, path_keys=("targets",), unsuited={**UNSUITED, "-f": 1, "-o": 1}),
    "basedpyright": Habits(tables=("pyright",), files=("pyrightconfig.json",), path_keys=("include",)),
    "black": Habits(finds_all=True),
    "checkov": Habits(finds_all=True, unsuited={**UNSUITED, "-o": 1}),
    "codespell": Habits(
        finds_all=True,
        unsuited={**UNSUITED, "-w": 0, "-i": 1, "--interactive": 1},
        excludes=("--skip=./{}",),
    ),
    "eslint": Habits(
        files=("eslint.config.*", ".eslintrc.*"), finds_all=True, unsuited={**UNSUITED, "-f": 1, "-o": 1}, nearest=True
    ),
    "flake8": Habits(finds_all=True),
    "gitleaks": Habits(files=(".gitleaksignore",), finds_all=True, unsuited={**UNSUITED, "-f": 1, "-r": 1}),
    "hadolint": Habits(finds_all=True, unsuited={**UNSUITED, "-f": 1}),
    "isort": Habits(finds_all=True),
    "mypy": Habits(
        unsuited={**UNSUITED, "-O": 1, "--install-types": 0, "--non-interactive": 0},
        excludes=("--exclude=^{}(/|$)",),
        path_keys=("files", "packages", "modules"),
        space_args=("--explicit-package-bases",),
        space_key="explicit_package_bases",
    ),
    "pip-audit": Habits(finds_all=True),
    "pylint": Habits(
        files=("pylintrc.toml", ".pylintrc.toml"),
        unsuited={**UNSUITED, "-f": 1},
    ),
    "ruff": Habits(finds_all=True, unsuited={**UNSUITED, "-o": 1}, excludes=("--extend-exclude={}",), nearest=True),
    "ruff-format": Habits(finds_all=True, excludes=("--extend-exclude={}",), nearest=True),
    "semgrep": Habits(
        files=(".semgrepignore",),
        finds_all=True,
        flags=dict.fromkeys((".semgrep.yml", ".semgrep.yaml", "semgrep.yml", "semgrep.yaml"), "--config"),
        needs='rules, to be named with args = ["--config=..."]',
    ),
    "shellcheck": Habits(finds_all=True, unsuited={**UNSUITED, "-f": 1}),
    "trivy": Habits(
        files=(".trivyignore", ".trivyignore.yaml"), finds_all=True, unsuited={**UNSUITED, "-f": 1, "-o": 1}
    ),
    "ty": Habits(path_keys=("src",)),
    "vulture": Habits(path_keys=("paths",)),
    "yamllint": Habits(finds_all=True, unsuited={**UNSUITED, "-f": 1}),
    "zizmor": Habits(files=(".github/zizmor.y*ml",), finds_all=True),
}

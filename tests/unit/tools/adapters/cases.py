"""For each adapter: what its tool objects to, and how the tool behaves where tools differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from pytest_parallel_agents.model.results import Level

CLEAN = '''\
"""Doubles."""


def double(x: int) -> int:
    """Return it twice."""
    return 2 * x


print(double(1))
'''


class Answer(Enum):
    """What a tool makes of a file that it cannot make sense of."""

    FINDS = auto()
    BREAKS = auto()
    PASSES = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A file that the tool objects to once, in what place, and how to break the tool's configuration.

    `within` is the folder in which the tool looks for files; with `folders` it judges nothing else. `always` are files
    and `args` arguments without which it does nothing, `path_args` those for given paths. A tool that finds nothing in
    files has no `line`.
    """

    faulty: str
    rule: str
    level: Level
    line: int | None
    broken_files: Mapping[str, str] = field(default_factory=dict)
    broken_args: tuple[str, ...] = ()
    always: Mapping[str, str] = field(default_factory=dict)
    within: str = ""
    folders: bool = False
    without_paths: Answer = Answer.FINDS
    args: tuple[str, ...] = ()
    path_args: tuple[str, ...] = ()
    suffix: str = ".py"
    clean: str = CLEAN
    syntax_error: str = "def double(:\n"
    syntax_level: Level = Level.ERROR
    on_syntax_error: Answer = Answer.FINDS
    not_utf_8: bytes = b'NAME = "\xe9"\n'
    on_not_utf_8: Answer = Answer.FINDS


CASES = {
    "actionlint": Case(
        faulty="on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - run: echo ${{ github.no_such }}\n",
        rule="expression",
        level=Level.ERROR,
        line=6,
        broken_args=("-config-file=no-such-key.yaml",),
        within=".github/workflows",
        suffix=".yml",
        clean="on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - run: echo\n",
        syntax_error="on: [\n",
        not_utf_8=b"on: push # \xe9\n",
    ),
    "bandit": Case(
        faulty="def f(text: str) -> None:\n    exec(text)\n",
        rule="B102",
        level=Level.WARNING,
        line=2,
        broken_files={"bandit.yaml": "[\n"},
        broken_args=("-c", "bandit.yaml"),
    ),
    "basedpyright": Case(
        faulty='def f() -> int:\n    return "x"\n',
        rule="reportReturnType",
        level=Level.ERROR,
        line=2,
        broken_files={"pyrightconfig.json": '{"no-such-key": 1}'},
        on_not_utf_8=Answer.PASSES,
    ),
    "black": Case(
        faulty="one = 1\ntwo  = 2\n",
        rule="unformatted",
        level=Level.ERROR,
        line=2,
        broken_files={"pyproject.toml": "[tool.black]\nno-such-key = 1\n"},
    ),
    "checkov": Case(
        faulty="# an image\nFROM debian:latest\n",
        rule="CKV_DOCKER_7",
        level=Level.ERROR,
        line=2,
        broken_args=("--config-file=no-such-key.yaml",),
        args=("--check=CKV_DOCKER_7",),
        suffix=".Dockerfile",
        clean="FROM debian:12\n",
        syntax_error="FROM debian:12 AS\n",
        not_utf_8=b"FROM debian:latest\n# \xe9\n",
        folders=True,
        on_syntax_error=Answer.PASSES,
        on_not_utf_8=Answer.BREAKS,
    ),
    "codespell": Case(
        faulty="# fine\n# we recieve it\n",
        rule="misspelling",
        level=Level.WARNING,
        line=2,
        broken_files={"setup.cfg": "no-such-key\n"},
        on_syntax_error=Answer.PASSES,
        on_not_utf_8=Answer.PASSES,
    ),
    "eslint": Case(
        faulty="export const two = 2;\nconst unused = 1;\n",
        rule="no-unused-vars",
        level=Level.ERROR,
        line=2,
        broken_files={"eslint.config.mjs": 'export default [{"no-such-key": 1}];\n'},
        always={"eslint.config.mjs": 'export default [{rules: {"no-unused-vars": "error"}}];\n'},
        suffix=".js",
        clean="export const two = 2;\n",
        syntax_error="function (\n",
        on_not_utf_8=Answer.PASSES,
    ),
    "flake8": Case(
        faulty="def f() -> None:\n    unused = 1\n",
        rule="F841",
        level=Level.ERROR,
        line=2,
        broken_files={"setup.cfg": "[flake8]\nignore = no-such-key\n"},
        on_not_utf_8=Answer.PASSES,
    ),
    "hadolint": Case(
        faulty="FROM debian:12\nMAINTAINER me\n",
        rule="DL4000",
        level=Level.ERROR,
        line=2,
        broken_files={".hadolint.yaml": "ignored: no-such-key\n"},
        suffix=".Dockerfile",
        clean="FROM debian:12\n",
        syntax_error="FROM debian:12\nCOPY\n",
        not_utf_8=b"FROM debian:12\n# \xe9\n",
        on_not_utf_8=Answer.PASSES,
    ),
    "isort": Case(
        faulty="import sys\nimport os\n",
        rule="unsorted-imports",
        level=Level.ERROR,
        line=1,
        broken_files={".isort.cfg": "[settings]\nno_such_key = 1\n"},
        on_syntax_error=Answer.PASSES,
    ),
    "mypy": Case(
        faulty='def f() -> int:\n    return "x"\n',
        rule="return-value",
        level=Level.ERROR,
        line=2,
        broken_files={"mypy.ini": "[mypy]\nno_such_key = 1\n"},
        without_paths=Answer.BREAKS,
        on_not_utf_8=Answer.BREAKS,
    ),
    "pip-audit": Case(
        faulty="jinja2==2.4.1\n",
        rule="PYSEC-2014-8",
        level=Level.ERROR,
        line=None,
        broken_args=("--vulnerability-service=no-such-key",),
        without_paths=Answer.PASSES,
        suffix=".txt",
        path_args=("--no-deps", "--disable-pip"),
        clean="jinja2==3.1.6\n",
        syntax_error="jinja2 === = 1\n",
        on_syntax_error=Answer.BREAKS,
        not_utf_8=b"jinja2==3.1.6 # \xe9\n",
        on_not_utf_8=Answer.BREAKS,
    ),
    "pylint": Case(
        faulty='"""Faulty."""\n\nimport os\n',
        rule="unused-import",
        level=Level.WARNING,
        line=3,
        broken_files={".pylintrc": "[MAIN]\nno-such-key=1\n"},
    ),
    "pyright": Case(
        faulty='def f() -> int:\n    return "x"\n',
        rule="reportReturnType",
        level=Level.ERROR,
        line=2,
        broken_files={"pyrightconfig.json": '{"no-such-key": 1}'},
        on_not_utf_8=Answer.PASSES,
    ),
    "ruff": Case(
        faulty="def f() -> None:\n    unused = 1\n",
        rule="F841",
        level=Level.ERROR,
        line=2,
        broken_files={"ruff.toml": "no-such-key = 1\n"},
    ),
    "ruff-format": Case(
        faulty="one = 1\ntwo  = 2\n",
        rule="unformatted",
        level=Level.ERROR,
        line=2,
        broken_files={"ruff.toml": "no-such-key = 1\n"},
    ),
    "semgrep": Case(
        faulty='TWO = 2\neval("1")\n',
        rule="no-eval",
        level=Level.ERROR,
        line=2,
        broken_files={"rules.yml": "rules:\n- id: no-eval\n  no-such-key: 1\n"},
        always={
            "rules.yml": "rules:\n- id: no-eval\n  languages: [python]\n  severity: ERROR\n"
            "  message: Do not eval\n  pattern: eval(...)\n"
        },
        args=("--config=rules.yml",),
        syntax_error="eval('1') if x = 1 ) ( :\n",
        syntax_level=Level.WARNING,
        on_not_utf_8=Answer.PASSES,
    ),
    "shellcheck": Case(
        faulty="#!/bin/sh\ncp $1 /tmp\n",
        rule="SC2086",
        level=Level.NOTE,
        line=2,
        broken_args=("--shell=no-such-key",),
        suffix=".sh",
        clean='#!/bin/sh\necho "$1"\n',
        syntax_error="#!/bin/sh\nif true\n",
        not_utf_8=b'#!/bin/sh\necho "\xe9"\n',
        on_not_utf_8=Answer.PASSES,
    ),
    "ty": Case(
        faulty='def f() -> int:\n    return "x"\n',
        rule="invalid-explicit-return",
        level=Level.ERROR,
        line=2,
        broken_files={"ty.toml": "no-such-key = 1\n"},
        on_not_utf_8=Answer.BREAKS,
    ),
    "vulture": Case(
        faulty="import sys\n\nimport os\n\nprint(sys)\n",
        rule="unused-import",
        level=Level.WARNING,
        line=3,
        broken_files={"pyproject.toml": "[tool.vulture]\nno-such-key = 1\n"},
        without_paths=Answer.BREAKS,
        on_not_utf_8=Answer.BREAKS,
    ),
    "yamllint": Case(
        faulty="---\nkey: 1\nkey: 2\n",
        rule="key-duplicates",
        level=Level.ERROR,
        line=3,
        broken_files={".yamllint": "extends: no-such-key\n"},
        suffix=".yml",
        clean="---\nkey: 1\n",
        syntax_error="---\nkey: [\n",
        not_utf_8=b"---\nkey: \xe9\n",
        on_not_utf_8=Answer.BREAKS,
    ),
    "zizmor": Case(
        faulty="name: n\non: push\npermissions: {}\njobs:\n  a:\n    name: a\n    runs-on: ubuntu-latest\n    steps:\n"
        "    - run: echo ${{ github.event.issue.title }}\n",
        rule="template-injection",
        level=Level.ERROR,
        line=9,
        broken_files={"zizmor.yml": "no-such-key: 1\n"},
        within=".github/workflows",
        suffix=".yml",
        clean="name: n\non: push\npermissions: {}\njobs:\n  a:\n    name: a\n    runs-on: ubuntu-latest\n    steps:\n"
        "    - run: echo\n",
        syntax_error="on: [\n",
        on_syntax_error=Answer.BREAKS,
        not_utf_8=b"on: push # \xe9\n",
        on_not_utf_8=Answer.BREAKS,
    ),
}

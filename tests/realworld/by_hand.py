"""What the tools print for people, or for other machines than ours, and how to read it without the adapters."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

Place = tuple[str, str | None, int | None]
"""Rule, path as the tool prints it, line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """How one tool is run by hand: `words` before `args`, which its adapter is given too, and the paths.

    `read` takes what it prints. `whole` is that of a tool whose words name no lines: a place is then a whole file.
    """

    words: Sequence[str]
    read: Callable[[str], Iterator[Place]]
    args: Sequence[str] = ()
    paths: Sequence[str] = ("src",)
    whole: bool = False

    def command(self) -> list[str]:
        return [*self.words, *self.args, *self.paths]


def _lines(pattern: str) -> Callable[[str], Iterator[Place]]:
    """A reader of texts in which each match of the pattern names a path, a line and a rule."""
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda text: ((match["rule"], match["path"], int(match["line"])) for match in compiled.finditer(text))


def _files(pattern: str, rule: str) -> Callable[[str], Iterator[Place]]:
    """A reader of texts in which each match of the pattern names a file."""
    compiled = re.compile(pattern, re.MULTILINE)
    return lambda text: ((rule, match["path"], None) for match in compiled.finditer(text))


def _bandit(text: str) -> Iterator[Place]:
    for row in csv.DictReader(text.splitlines()):
        yield row["test_id"], row["filename"], int(row["line_number"])


def _pyright(text: str) -> Iterator[Place]:
    """A diagnostic goes over several lines, and the rule in parentheses ends the last of them."""
    begins = re.compile(r"^  (/.+?)(?::(\d+):\d+ -|:) (?:error|warning|information): ", re.MULTILINE)
    _, *parts = begins.split(text)
    for path, line, said in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        rule = re.search(r"\((report\w+)\)\n(?:/|\d+ errors?|\Z|$)", said)
        yield rule[1] if rule else "", path, int(line) if line else None


def _checkov(text: str) -> Iterator[Place]:
    """A check is three lines: its rule, how it ended, where."""
    ended = re.compile(r"^Check: (\S+): .*\n\tFAILED for resource: .*\n\tFile: /?(.+):(\d+)-\d+$", re.MULTILINE)
    for rule, path, line in ended.findall(text):
        yield rule, path, int(line) or None


def _codespell(text: str) -> Iterator[Place]:
    for said in text.splitlines():
        path, line, _ = said.split(":", 2)
        yield "misspelling", path, int(line)


def _eslint(text: str) -> Iterator[Place]:
    path = ""
    for said in text.splitlines():
        problem = re.fullmatch(r" +(\d+):\d+ +(?:error|warning) +.*?(?: {2,}(\S+))?", said)
        path = said if said.startswith("/") else path
        if problem:
            yield problem[2] or "eslint", path, int(problem[1])


def _pip_audit(text: str) -> Iterator[Place]:
    _, _, *rows = text.splitlines()
    for row in rows:
        yield row.split()[2], None, None


def _vulture(text: str) -> Iterator[Place]:
    """A whitelist: a line of Python for each unused name, and comments for code that cannot be reached."""
    for said in text.splitlines():
        unused = re.search(r"  # unused (\w+) \((.+):(\d+)\)$", said)
        dead = re.search(r"^# .+ \((.+):(\d+)\)$", said)
        if unused:
            yield f"unused-{unused[1]}", unused[2], int(unused[3])
        elif dead:
            yield "unreachable-code", dead[1], int(dead[2])


def _yamllint(text: str) -> Iterator[Place]:
    path = ""
    for said in text.splitlines():
        problem = re.match(r" +(\d+):\d+ +(?:error|warning) +.*?(?: +\(([\w-]+)\))?$", said)
        path = said if said and not said.startswith(" ") else path
        if problem:
            yield problem[2] or "syntax", path, int(problem[1])


def _zizmor(text: str) -> Iterator[Place]:
    """Commands for GitHub, which name lines as people count them."""
    for said in text.splitlines():
        command = re.match(r"::\w+ file=(?P<path>[^,]+),line=(?P<line>\d+),.*title=(?P<rule>[\w-]+)", said)
        if command:
            yield command["rule"], command["path"], int(command["line"])


BY_HAND: Final = {
    "actionlint": ByHand(
        words=("actionlint", "-oneline", "-no-color"),
        read=_lines(r"^(?P<path>[^:]+):(?P<line>\d+):\d+: .* \[(?P<rule>[\w-]+)\]$"),
        paths=(".github/workflows/ci.yml", ".github/workflows/wrong.yml"),
    ),
    "bandit": ByHand(words=("bandit", "-q", "-r", "-f", "csv"), read=_bandit),
    "basedpyright": ByHand(words=("basedpyright",), read=_pyright),
    "black": ByHand(
        words=("black", "--check"),
        read=_files(r"^would reformat (?P<path>.+)$", "unformatted"),
        args=("--line-length=60",),
        whole=True,
    ),
    "checkov": ByHand(
        words=("checkov", "--compact", "--directory=."),
        read=_checkov,
        paths=(),
    ),
    "codespell": ByHand(
        words=("codespell",),
        read=_codespell,
        args=("--builtin=clear,rare,informal,code,names,en-GB_to_en-US",),
        paths=("src", "docs", "tests"),
    ),
    "eslint": ByHand(words=("eslint", "--format=stylish"), read=_eslint, paths=(".",)),
    "flake8": ByHand(
        words=("flake8", "--format=pylint"),
        read=_lines(r"^(?P<path>[^:]+):(?P<line>\d+): \[(?P<rule>\w+)\] "),
    ),
    "hadolint": ByHand(
        words=("hadolint", "--format=gnu"),
        read=_lines(r"^hadolint:(?P<path>[^:]+):(?P<line>\d+): (?P<rule>\w+) "),
        paths=tuple(f"examples/{name}/Dockerfile" for name in ("internal-ssl", "simple", "swarm")),
    ),
    "isort": ByHand(
        words=("isort", "--check-only"),
        read=_files(r"^ERROR: (?P<path>.+) Imports are incorrectly sorted", "unsorted-imports"),
        args=("--force-single-line-imports",),
        whole=True,
    ),
    "mypy": ByHand(
        words=("mypy", "--no-pretty", "--cache-dir=/dev/null"),
        read=_lines(r"^(?P<path>[^:]+):(?P<line>\d+): error: .*  \[(?P<rule>[\w-]+)\]$"),
        args=("--strict", "--disallow-any-expr"),
    ),
    "pip-audit": ByHand(
        words=("pip-audit", "--progress-spinner=off", "-r", "requirements/tests.txt"),
        read=_pip_audit,
        args=("--no-deps", "--disable-pip"),
        paths=(),
    ),
    "pylint": ByHand(
        words=("pylint", "--recursive=y", "--msg-template=@{path}:{line}:{symbol}@"),
        read=_lines(r"^@(?P<path>[^:]+):(?P<line>\d+):(?P<rule>[\w-]+)@$"),
        args=("--disable=duplicate-code",),
    ),
    "pyright": ByHand(words=("pyright",), read=_pyright),
    "ruff": ByHand(
        words=("ruff", "check", "--no-fix", "--output-format=concise"),
        read=_lines(r"^(?P<path>[^:]+):(?P<line>\d+):\d+: (?P<rule>[A-Z]+\d+) "),
        args=("--select=ALL",),
    ),
    "ruff-format": ByHand(
        words=("ruff", "format", "--check"),
        read=_files(r"^(?:Would reformat: | +--> )(?P<path>.+?)(?::\d+:\d+)?$", "unformatted"),
        args=("--line-length=60",),
        whole=True,
    ),
    "semgrep": ByHand(
        words=("semgrep", "scan", "--emacs", "--metrics=off", "--disable-version-check", "--quiet"),
        read=_lines(r"^(?P<path>[^:]+):(?P<line>\d+):\d+:\w+\((?P<rule>[\w-]+)\):"),
        args=("--config=rules.yml",),
    ),
    "shellcheck": ByHand(
        words=("shellcheck", "--format=gcc"),
        read=_lines(r"^(?P<path>[^:]+):(?P<line>\d+):\d+: \w+: .* \[(?P<rule>SC\d+)\]$"),
        paths=("tests/manylinux/build.sh",),
    ),
    "ty": ByHand(
        words=("ty", "check", "--no-progress", "--output-format=concise"),
        read=_lines(r"^(?P<path>[^:]+):(?P<line>\d+):\d+: (?:error|warning|info)\[(?P<rule>[\w-]+)\] "),
    ),
    "vulture": ByHand(words=("vulture", "--make-whitelist"), read=_vulture),
    "yamllint": ByHand(words=("yamllint", "--format=standard"), read=_yamllint, paths=(".",)),
    "zizmor": ByHand(words=("zizmor", "--format=github", "--offline"), read=_zizmor, paths=(".",)),
}

SETTINGS: Final = {
    "actionlint": {
        ".github/workflows/wrong.yml": "on: push\njobs:\n  a:\n    runs-on: no-such-label\n    steps:\n"
        "    - run: echo ${{ github.no_such }} ${{ matrix.no_such }}\n    - users: actions/checkout@v5\n"
    },
    "eslint": {
        "eslint.config.mjs": "export default [{rules: {'no-magic-numbers': 'warn', 'prefer-const': 'error',"
        " 'max-lines-per-function': 'warn', 'no-undefined': 'error', eqeqeq: 'error', 'func-style': 'error'}}];\n"
    },
    "semgrep": {
        "rules.yml": "rules:\n"
        + "".join(
            f"- id: no-{name}\n  languages: [python]\n  severity: {severity}\n  message: no\n  pattern: {pattern}\n"
            for name, severity, pattern in [
                ("raise", "WARNING", "raise $X(...)"),
                ("isinstance", "INFO", "isinstance(...)"),
                ("eval", "ERROR", "eval(...)"),
                ("setattr", "ERROR", "setattr(...)"),
            ]
        )
    },
}
"""Files without which a tool finds nothing to say."""

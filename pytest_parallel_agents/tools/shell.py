"""Shell syntax in a command that is written as one string, since no shell runs it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_QUOTED: Final = re.compile(r"""\\.|'[^']*'|"(?P<double>(?:\\.|[^"\\])*)\"""", re.DOTALL)
_EXPANDED: Final = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9@*#?]|\(|\{)|`")
"""Expansions that a shell does even between double quotes."""

_OPERATORS: Final = re.compile(
    r"&&|\|\||\d*>>?(?:&\d?)?|<<?<?|[|;&\n]"
    rf"|{_EXPANDED.pattern}"
    r"|(?:(?<=\s)|\A)(?:~|\#(?=\s|\Z)|!(?=\s)|[A-Za-z_]\w*=)"
)
_GLOB: Final = re.compile(r"[*?]|\[[^\]\s]+\](?=[\w./-])|\{[^{}\s]*,[^{}\s]*\}")

_BUILT_IN: Final = frozenset(
    {".", ":", "alias", "cd", "eval", "exec", "export", "set", "source", "trap", "ulimit", "unset"}
)
"""Commands that are no programs: only shells have them."""


def shell_syntax(command: str) -> str | None:
    """The first operator, expansion, pattern or built-in command of a shell in the command that is not quoted; None
    without any.

    A pattern in an option or a URL is none: a shell would find no file of such a name either, and pass it on.
    """
    bare = "".join(_without_quotes(command))
    operator = _operator(bare)
    if operator is not None:
        return operator
    program, *_ = [*bare.split(maxsplit=1), ""]
    if program in _BUILT_IN:
        return program
    return next((word for word in bare.split() if _GLOB.search(word) and not _stays_literal(word)), None)


def _operator(bare: str) -> str | None:
    for match in _OPERATORS.finditer(bare):
        is_assignment = match.group().endswith("=")
        if not is_assignment or not bare[: match.start()].strip():  # further on it is an argument
            return bare[match.start() :].split(maxsplit=1)[0] if is_assignment else match.group().replace("\n", r"\n")
    return None


def _stays_literal(word: str) -> bool:
    return word.startswith("-") or "://" in word


def _without_quotes(command: str) -> Iterator[str]:
    """The command with `_` for what is quoted; within double quotes the parts that a shell expands stay."""
    position = 0
    for match in _QUOTED.finditer(command):
        yield command[position : match.start()]
        yield "_"
        yield from _EXPANDED.findall(re.sub(r"\\.", "", match["double"] or ""))
        position = match.end()
    yield command[position:]

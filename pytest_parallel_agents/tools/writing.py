"""Arguments of commands: those that let it change files rather than read them, as far as words show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

ABOUT_ITSELF: Final = frozenset({"--help", "-h", "--version"})
"""With these arguments tools print information on themselves and pass, which may look like a judgement."""

_FLAGS: Final = frozenset(
    {
        "--fix",
        "--fix-only",
        "--fix-type",
        "--autofix",
        "--apply",
        "--write",
        "--write-changes",
        "--in-place",
        "--inplace",
    }
)
"""Words for changing files that many tools use."""

_SHORT_FLAGS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("autopep8", "clang-format", "docformatter", "sed", "yapf"), "-i"),
    **dict.fromkeys(("codespell", "gofmt", "goimports", "prettier", "shfmt"), "-w"),
}
_FORMATTERS: Final[Mapping[str, frozenset[str]]] = {
    "black": frozenset({"--check", "--diff"}),
    "isort": frozenset({"--check", "--check-only", "--diff", "-c", "-d"}),
    "ruff format": frozenset({"--check", "--diff"}),
    "cargo fmt": frozenset({"--check"}),
    "pyupgrade": frozenset(),
}
"""Programs that change files unless they have one of these arguments."""

_HOOK_RUNNERS: Final = ("pre-commit run", "pre-commit try-repo", "prek run", "lefthook run")
"""Programs that stash changes that are not staged while they run, and run hooks that change files."""

_BEFORE_PROGRAMS: Final = frozenset(
    {"-m", "run", "exec", "npx", "uvx", "pipx", "env", "time", "nice", "&&", "||", ";", "|", "--", "then", "do"}
)


def has_flag(flags: frozenset[str], args: Iterable[str], *, abbreviated: bool = False, clustered: bool = False) -> str:
    """The first of the arguments that is one of the flags, with or without a value; empty without any.

    With `abbreviated` the beginning of a long flag counts too, with `clustered` a letter among others.
    """
    for arg in args:
        if arg == "--":
            break
        name = arg.partition("=")[0]
        if name in flags or (abbreviated and _begins(name, flags)) or _short(arg, flags, clustered=clustered):
            return name
    return ""


def changes_files(command: Sequence[str]) -> bool:
    """Whether a command, or a script for a shell among its words, is known to change files."""
    return any(map(_changes, _commands(command)))


def _begins(name: str, flags: frozenset[str]) -> bool:
    return re.match(r"--\w", name) is not None and any(flag.startswith(name) for flag in flags)


def _short(arg: str, flags: frozenset[str], *, clustered: bool) -> bool:
    if not re.match(r"-\w", arg):
        return False
    letters = arg[1:] if clustered and arg[1:].isalpha() else arg[1:2]
    return any(f"-{letter}" in flags for letter in letters)


def _commands(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """The words themselves, and those of every script among them."""
    yield words
    for word in words:
        if re.search(r"\s", word):
            yield re.split(r"\s+", re.sub(r"(&&|\|\||;|\|)", r" \1 ", _unquoted(word)).strip())


def _unquoted(script: str) -> str:
    try:
        return " ".join(shlex.split(script.replace("\n", " ; ")))
    except ValueError:
        return script


def _changes(words: Sequence[str]) -> bool:
    if has_flag(_FLAGS, (word for word in words if word != "--")):
        return True
    return any(_program_changes(words[index:]) for index in range(len(words)) if _is_program(words, index))


def _is_program(words: Sequence[str], index: int) -> bool:
    return index == 0 or words[index - 1] in _BEFORE_PROGRAMS


def _program_changes(words: Sequence[str]) -> bool:
    name = re.split(r"[/\\]", words[0])[-1].removesuffix(".exe")
    both = " ".join((name, *words[1:2]))
    if both in _HOOK_RUNNERS:
        return True
    harmless = _FORMATTERS.get(both, _FORMATTERS.get(name))
    if harmless is not None:
        return harmless.isdisjoint(words)
    return name in _SHORT_FLAGS and _SHORT_FLAGS[name] in words

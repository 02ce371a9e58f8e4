"""The arguments of a hook that its check can have too, and notes on the rest."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from pytest_parallel_agents.cli.init.hooks import Hook
from pytest_parallel_agents.cli.init.tool_traits import ToolTraits
from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.writing import has_flag

_UNSUITED: Final = frozenset(
    {"--fix", "--fix-only", "--unsafe-fixes", "--show-fixes", "--exit-non-zero-on-fix", "--exit-zero", "--diff"}
    | {"--write", "--write-changes", "--in-place", "--inplace", "--autofix", "--format", "--output", "--output-format"}
    | {"--output-file", "--json", "--sarif", "--non-interactive"}
)
"""Arguments that change files, the output, or the meaning of the exit code, whatever the tool is."""

_WITH_VALUE: Final = frozenset(
    {"--format", "--output", "--output-format", "--output-file", "--msg-template", "--interactive", "--junit-xml"}
    | {"-f", "-i", "-o", "-r", "-O"}
)
"""Such arguments, or ones of a single tool, whose value is the next word."""

_GROUP: Final = re.compile(r"\^\((?:\?:)?(?P<inner>[^()]+)\)(?P<end>[^()]*)")
_PLACE: Final = re.compile(r"(?P<path>[\w/.-]+?)(?:/(?:\.\*)?|\$)\$?")


class TakenOver(msgspec.Struct, frozen=True, kw_only=True):
    """Arguments and paths of a check, and notes on what of the hook is in neither. No paths: those that it judges
    without a hook.
    """

    args: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def take_over(hook: Hook, traits: ToolTraits, adapter: Adapter, *, judged: Sequence[str], root: Path) -> TakenOver:
    """Makes the check do what the hook does, as far as that is certain.

    `judged` are the paths that it judges without the hook; none for all.
    """
    args, unsuited = _split(hook.args, traits, adapter)
    named = _trailing_paths(args, root) if hook.finds_files else ()
    wanted = [_places(expression, root) for expression in hook.files]
    files = named or (wanted[0] if len(wanted) == 1 else ())
    without = [_without(expression, files or judged, traits, root) for expression in hook.excludes]
    notes = (
        f"of its hook is left out what a check does not do: {shlex.join(unsuited)}" if unsuited else "",
        *(f"its hook judges only what matches {expression}" for expression in hook.files if not files),
        *(
            f"its hook leaves out what matches {e}"
            for e, done in zip(hook.excludes, without, strict=True)
            if done is None
        ),
        f"its hook judges only files of the types {', '.join(hook.types)}" if hook.types else "",
        f"its hook is installed with {', '.join(hook.beside)}" if hook.beside else "",
    )
    return TakenOver(
        args=(*args[: len(args) - len(named)], *(arg for done in without for arg in done or ())),
        paths=files,
        notes=tuple(filter(None, notes)),
    )


def _without(expression: str, judged: Sequence[str], traits: ToolTraits, root: Path) -> tuple[str, ...] | None:
    """The arguments that leave out matching paths, if they are judged at all; None where no argument can."""
    excluded = _places(expression, root)
    within = [place for place in excluded if not judged or any(_overlap(place, path) for path in judged)]
    if not excluded or (within and not traits.excludes):
        return None
    return tuple(word.format(place) for place in within for word in traits.excludes)


def _split(args: Sequence[str], traits: ToolTraits, adapter: Adapter) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The arguments that a check can have, and the others with their values."""
    kept: list[str] = []
    unsuited: list[str] = []
    is_value = False
    for arg in args:
        flag = "" if is_value else _unsuited(arg, traits, adapter)
        (unsuited if flag or is_value else kept).append(arg)
        is_value = flag == arg and any(name.startswith(flag) for name in _WITH_VALUE)
    return tuple(kept), tuple(unsuited)


def _unsuited(arg: str, traits: ToolTraits, adapter: Adapter) -> str:
    """The flag, if a check cannot have it; else an empty text."""
    abbreviated = adapter.abbreviates
    changes = has_flag(adapter.writing, [arg], abbreviated=abbreviated, clustered=True)
    return changes or adapter.refuses([arg]) or has_flag(traits.unsuited | _UNSUITED, [arg], abbreviated=abbreviated)


def _trailing_paths(args: Sequence[str], root: Path) -> tuple[str, ...]:
    """The paths at the end that cannot be the value of a flag."""
    last = max((index for index, arg in enumerate(args) if arg.startswith("-")), default=-1)
    may_be_value = last >= 0 and "=" not in args[last]
    words = tuple(args[last + 1 + may_be_value :])
    return words if all((root / word).exists() for word in words) else ()


def _places(expression: str, root: Path) -> tuple[str, ...]:
    """The files and folders that a regular expression is sure to match whole, if it matches nothing else."""
    folded = re.sub(r"\s+", "", expression.removeprefix("(?x)")).replace(r"\.", ".")
    group = _GROUP.fullmatch(folded)
    if group:
        matched = [f"{part}{group['end']}" for part in group["inner"].split("|")]
    else:
        parts = folded.split("|")
        matched = [part[1:] for part in parts if part.startswith("^")]
        if len(matched) < len(parts):
            return ()
    places = [_PLACE.fullmatch(part) for part in matched]
    names = [place["path"].strip("/") for place in places if place]
    return tuple(names) if len(names) == len(matched) and all((root / name).exists() for name in names) else ()


def _overlap(place: str, path: str) -> bool:
    """Whether one is the other or in it."""
    shorter, longer = sorted((place, path), key=len)
    return shorter in {".", longer} or longer.startswith(f"{shorter}/")

"""What a run would send to language models, without sending it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from pytest_parallel_agents.collection.commands import CommandItem
from pytest_parallel_agents.early_bound import os
from pytest_parallel_agents.errors import AgentsError
from pytest_parallel_agents.printable import escape


def sending(items: Iterable[pytest.Item], root: Path) -> list[str]:
    """A line for each command that may ask a language model: to which program how many bytes go. Empty without any."""
    lines = list(_lines(items, root))
    return ["", "what is sent", *(f"  {line}" for line in lines)] if lines else []


def _lines(items: Iterable[pytest.Item], root: Path) -> Iterator[str]:
    for item in items:
        if isinstance(item, CommandItem) and item.spec.reports_usage:
            yield escape(f"{_sent(item, root)} ({item.nodeid})")


def _sent(item: CommandItem, root: Path) -> str:
    spec, stdin = item.spec, item.spec.stdin.of(item.chosen)
    program = spec.review.reviewer.name if spec.review is not None else spec.command[0]
    try:
        revision = stdin.revision(root)
        if revision is not None and spec.review is not None and not spec.review.reviewer.takes_prompt:
            size = len(stdin.changes(revision, root))
            return f"{size:,} bytes to {program}: what has changed since {revision.name}, which it finds by itself"
        with stdin.opened(root) as file:
            size = 0 if isinstance(file, int) else file.seek(0, os.SEEK_END)
    except (AgentsError, pytest.skip.Exception) as reason:
        return f"nothing to {program}: {reason}"
    what = [*(["the prompt"] if stdin.file or stdin.text else [])]
    what += [f"what has changed since {revision.name}"] if revision is not None else []
    if not what:
        return f"nothing to {program} beside its words"
    return f"{size:,} bytes to {program}: {' and '.join(what)}"

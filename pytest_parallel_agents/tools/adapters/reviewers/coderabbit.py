"""CodeRabbit. It finds the changes itself and uploads them; it takes no prompt and no model.

It prints events: findings, of which the line stands in a sentence, and at the end how many there were. Its program is
in no package registry: these are the options and shapes of its documentation and of programs that read it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.project_paths import place
from pytest_parallel_agents.tool_formats.echoes import Echoes
from pytest_parallel_agents.tool_formats.embedded import json_parts
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tool_formats.plain_text import plain
from pytest_parallel_agents.tools.adapters.reviewers.answer import refuse_failure
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question, Reviewer

_LEVELS = {
    **dict.fromkeys(("critical", "major"), Level.ERROR),
    "minor": Level.WARNING,
    **dict.fromkeys(("trivial", "info"), Level.NOTE),
}
_LINES = re.compile(r"\blines?\s+(\d{1,9})(?:\s*(?:-|to|\N{EN DASH})\s*(\d{1,9}))?")
_LONGEST = 300


def argv(question: Question) -> Sequence[str]:
    return ["coderabbit", "review", "--agent", "--no-color", f"--base-commit={question.base}", *question.args]


def read(output: Output, root: Path) -> Evidence:
    events = tuple(_events(output))
    for event in events:
        if event.get("type") == "error":
            problem = event.get("message") or event.get("errorType") or "without a reason"
            raise Unreadable(f"it reports an error: {cut(str(problem), _LONGEST)}")
    refuse_failure(output)
    found = [event for event in events if event.get("type") == "finding"]
    ends = [event for event in events if event.get("type") == "complete"]
    if not ends:
        raise Unreadable("it has no answer" if not events else "it breaks off: its last event is not complete")
    if ends[-1].get("status") != "review_completed" or ends[-1].get("findings") != len(found):
        count = ends[-1].get("findings")
        problem = f"status {ends[-1].get('status')}, {count} findings, of which {len(found)} were printed"
        raise Unreadable(f"it reports an error: {cut(problem, _LONGEST)}")
    return Evidence(findings=tuple(_finding(event, root) for event in found))


def _events(output: Output) -> Iterator[Mapping[str, object]]:
    text = plain(output.stdout)
    for part in json_parts(text, Echoes(text, "")):
        if part.error:
            raise Unreadable(f"its output cannot be read: {part.error}")
        if isinstance(part.value, dict):
            yield part.value


def _finding(event: Mapping[str, object], root: Path) -> Finding:
    severity = str(event.get("severity", "")).lower()
    message = str(event.get("comment") or event.get("codegenInstructions") or "")
    if severity not in _LEVELS or not message:
        raise Unreadable(
            f"its output cannot be read: a finding of the severity {severity!r} with {len(message)} letters"
        )
    lines = _LINES.search(str(event.get("codegenInstructions") or message))
    path = event.get("fileName")
    return Finding(
        rule="coderabbit",
        level=_LEVELS[severity],
        message=message,
        path=place(path, root) if isinstance(path, str) and path else None,
        line=int(lines[1]) if lines else None,
        end_line=int(lines[2]) if lines and lines[2] else None,
    )


CODERABBIT = Reviewer(
    name="coderabbit",
    looked_at="0.7 (not installed: no registry has it)",
    install="see https://docs.coderabbit.ai/cli",
    login="run coderabbit auth login",
    argv=argv,
    not_logged_in=re.compile(r"(?i)not (?:logged in|authenticated)|authentication (?:is )?required|unauthenticated"),
    takes_prompt=False,
    read=read,
    refused=frozenset({"--plain", "--interactive", "--prompt-only", "--base", "--base-commit"}),
)

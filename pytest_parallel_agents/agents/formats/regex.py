"""Text: every match of a pattern on a line of the output is a finding.

The key `pattern` holds the regular expression. Its named groups are the parts of the finding: `path`, `line`,
`end_line`, `rule`, `level`, `message`. A level that we have no word for is an error. Both streams are read.
"""

from __future__ import annotations

import re

from pytest_parallel_agents.agents.formats.locating import Locator, path_map
from pytest_parallel_agents.agents.output import Output, Reader, Unreadable
from pytest_parallel_agents.model import Evidence, Finding, Level
from pytest_parallel_agents.tables import Table, nearest

_GROUPS = ("path", "line", "end_line", "rule", "level", "message")
_LEVELS = {
    **dict.fromkeys(("note", "info", "information", "hint", "style", "convention"), Level.NOTE),
    **dict.fromkeys(("warning", "warn"), Level.WARNING),
}


def configured(table: Table) -> Reader:
    """A reader for the pattern in a command's table. A pattern that cannot serve is a fault of the table."""
    text = table.text("pattern")
    if not text:
        table.fault("pattern", 'is missing: the format "regex" needs it', hint=f"named groups: {', '.join(_GROUPS)}")
    try:
        pattern = re.compile(text)
    except re.error as error:
        table.fault("pattern", f"is no regular expression: {error}")
        pattern = re.compile("")
    for group in pattern.groupindex:
        if group not in _GROUPS:
            table.fault("pattern", f'has a group "{group}" that means nothing', hint=nearest(group, _GROUPS))
    prefixes = path_map(table)
    return lambda output, root: read(output, Locator(root, prefixes), pattern)


def read(output: Output, locator: Locator, pattern: re.Pattern[str]) -> Evidence:
    lines = [line for text in (output.stdout, output.stderr) for line in text.removeprefix("\ufeff").splitlines()]
    return Evidence(findings=tuple(_finding(match, locator) for line in lines for match in pattern.finditer(line)))


def _finding(match: re.Match[str], locator: Locator) -> Finding:
    groups = {name: text for name, text in match.groupdict().items() if text}
    return locator.finding(
        rule=groups.get("rule", ""),
        level=_LEVELS.get(groups.get("level", "").lower(), Level.ERROR),
        message=groups.get("message", match.group()).strip(),
        paths=(groups.get("path", "").strip(),),
        line=_number(groups.get("line")),
        end_line=_number(groups.get("end_line")),
    )


def _number(text: str | None) -> int | None:
    if text is not None and not text.isdecimal():
        raise Unreadable(f"the pattern takes {text!r} for a line number")
    return None if text is None else int(text)

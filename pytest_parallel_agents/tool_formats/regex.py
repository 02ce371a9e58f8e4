"""Text: every match of a pattern on a line of the output is a finding.

The key `pattern` holds the regular expression. Its named groups are the parts of the finding: `path`, `line`,
`end_line`, `rule`, `level`, `message`. An unknown level is an error. Both streams are read. A pattern that matches
nothing of what the command printed is more likely wrong than the code is clean, unless the expression at the key
`clean` matches it.
"""

from __future__ import annotations

import re

from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tables import Table, nearest
from pytest_parallel_agents.tool_formats.locating import Locator, path_map
from pytest_parallel_agents.tool_formats.output import Output, Reader, Unreadable

_NOTHING = "(?!)"
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
    pattern = _compiled(table, "pattern", text)
    clean = _compiled(table, "clean", table.text("clean"))
    for group in pattern.groupindex:
        if group not in _GROUPS:
            table.fault("pattern", f'has a group "{group}" that means nothing', hint=nearest(group, _GROUPS))
    no_finding = re.compile("") if table.flag("optional") else clean
    prefixes = path_map(table)
    return lambda output, root: read(output, Locator(root, prefixes), pattern, no_finding)


def _compiled(table: Table, key: str, text: str) -> re.Pattern[str]:
    try:
        return re.compile(text or _NOTHING)
    except re.error as error:
        table.fault(key, f"is no regular expression: {error}")
        return re.compile(_NOTHING)


def read(output: Output, locator: Locator, pattern: re.Pattern[str], clean: re.Pattern[str]) -> Evidence:
    """`clean` matches a line that stands for no finding at all."""
    lines = [line for text in (output.stdout, output.stderr) for line in text.removeprefix("\ufeff").splitlines()]
    findings = tuple(_finding(match, locator) for line in lines for match in pattern.finditer(line))
    printed = [*filter(str.strip, lines)]
    if printed and not findings and output.exit_code == 0 and not any(map(clean.search, printed)):
        raise Unreadable(f"its pattern matches nothing of what it printed, which begins with: {printed[0].strip()}")
    return Evidence(findings=findings)


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

"""Output of checks and commands, escaped for a terminal: it shows what it would otherwise act on.

Logs of CI are terminals, too: a runner of GitHub, Azure or TeamCity takes some lines for commands, which forge an
annotation or mask a word from then on.
"""

from __future__ import annotations

import re
from typing import Final

_COMMAND: Final = re.compile(
    r"(?<!\S):(?=:(?:error|warning|notice|debug|group|endgroup|add-mask|stop-commands|echo|set-output|save-state|set-env"
    r"|add-path|add-matcher|remove-matcher|internal-set-repo-path)\b)|#(?=#\w*\[)",
    re.IGNORECASE,
)
"""The first character of `::error`, where a line begins or may be broken, and of `##[error]` and `##teamcity[`."""


def escape(text: str) -> str:
    r"""One line: control characters, line breaks and direction marks as `\x1b`, `\n` and the like."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escaped(char) for char in text)
    if "::" in text or "##" in text:
        text = _COMMAND.sub(lambda match: f"\\x{ord(match[0]):x}", text)
    return text


def escape_lines(text: str, *, indent: str = "") -> str:
    """The same for several lines, which stay lines; all but the first are indented. Tabs stay, too."""
    lines = ("\t".join(map(escape, line.split("\t"))) for line in text.split("\n"))
    return f"\n{indent}".join(lines)


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")

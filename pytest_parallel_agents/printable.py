"""Output of checks and commands, escaped for a terminal: it shows what it would otherwise act on."""

from __future__ import annotations


def escape(text: str) -> str:
    r"""One line: control characters, line breaks and direction marks as `\x1b`, `\n` and the like."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def escape_lines(text: str, *, indent: str = "") -> str:
    """The same for several lines, which stay lines; all but the first are indented. Tabs stay, too."""
    lines = ("\t".join(map(escape, line.split("\t"))) for line in text.split("\n"))
    return f"\n{indent}".join(lines)

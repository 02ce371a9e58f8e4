"""Output for terminals, without what only a terminal needs."""

from __future__ import annotations

import re
from typing import Final

_SEQUENCES: Final = re.compile(
    r"""
    \x1b (?: \[ [0-?]* [ -/]* [@-~]                             # CSI: colours, movements, what is cleared
           | [\]PX^_] [^\x07\x1b]{0,4096} (?: \x07 | \x1b\\ )     # OSC and other strings: titles, links
           | [ -/]* [0-~] )                                     # the rest""",
    re.VERBOSE,
)


def plain(text: str) -> str:
    """The text without a byte order mark and escape sequences; a line that was written over is several."""
    return _SEQUENCES.sub("", text.removeprefix("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")

"""Messages in plain text (3.11)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from pytest_parallel_agents.tool_formats.sarif.shape import Message

_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{(\d{1,9})\}")
_LINK: Final = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)+)\]\(\d+\)")
"""A link to a related location, given by a number that means nothing here."""


def message_text(message: Message, templates: Sequence[Mapping[str, Message]] = ()) -> str:
    """A message in plain text, or for want of that in Markdown, its arguments in their places. Empty if it is."""
    template = next((texts[message.id] for texts in templates if message.id in texts), Message())
    text = message.text or template.text or message.markdown or template.markdown or message.id

    def filled(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        number = int(match[1])
        return message.arguments[number] if number < len(message.arguments) else match[0]

    return _LINK.sub(r"\1", _PLACEHOLDER.sub(filled, text) if message.arguments else text).strip()

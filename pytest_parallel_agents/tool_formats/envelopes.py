"""Envelopes: what the command lines of language models print around an answer, one object or a stream of events.

Known are the shapes that Claude Code, Codex, Gemini, Copilot, OpenCode and Ollama print, and those of the interfaces of
OpenAI, Anthropic and Google. All of them have the assistant's text under one of a few keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias

Object: TypeAlias = Mapping[str, object]


class AssistantText(NamedTuple):
    """A text of the assistant, or with `partial` a piece of one that the next piece continues."""

    text: str
    partial: bool = False


class Complaint(NamedTuple):
    """The reason why there is no answer, or no complete one."""

    text: str


class Answer(NamedTuple):
    """A value that is no envelope, but an answer."""

    value: object


Reply: TypeAlias = AssistantText | Complaint | Answer


def replies(value: object, *, inside: bool = False, partial: bool = False) -> Iterator[Reply]:
    """The assistant's replies in a value, in order.

    `inside` an envelope a text under any known key counts, and it may be `partial`.
    """
    if is_answer(value):
        yield Answer(value)
    elif isinstance(value, list):
        for element in value:
            yield from replies(element, inside=inside, partial=partial)
    elif isinstance(value, dict) and not _is_of_others(value):
        yield from _carried(
            value,
            inside=inside or "type" in value or "role" in value,
            partial=partial or "done" in value or value.get("delta") is True,
        )
        if problem := complaint(value):
            yield Complaint(problem)


def is_answer(value: object) -> bool:
    """An object with findings or measurements, or a list of which every entry has a message."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(entry, dict) and isinstance(entry.get("message"), str) for entry in value)
    return isinstance(value, dict) and not value.keys().isdisjoint(("findings", "measurements"))


def complaint(fields: Object) -> str:
    """An object's error, or the reason why it is not complete; empty when it has neither."""
    error = fields.get("error")
    kind = str(fields.get("type", ""))
    subtype = str(fields.get("subtype", ""))
    if error:
        return _wording(error)
    if fields.get("is_error") is True or subtype.startswith("error"):
        return _first_text(fields, ("result", "errors", "message", "subtype")) or "is_error"
    if re.search(r"(?:^|[._])(?:error|failed)$", kind):
        return _first_text(fields, ("message", "data", "type"))
    if str(fields.get("status", "")).lower() in _BAD_STATUS:
        return f"status {fields['status']}"
    for key in _STOP_REASONS:
        if str(fields.get(key, "")).lower() in _CUT_SHORT:
            return f"{key} {fields[key]}"
    return ""


_BEHIND: Final = ("answer", "completion", "content", "output", "response", "result", "structured_output")
"""Keys that carry an answer wherever they are."""
_WITHIN: Final = ("event", "msg", "message", "item", "part", "parts", "data", "delta", "choices", "candidates", "text")
"""Keys whose texts count only inside an envelope: other programs print them, too."""
_OTHERS: Final = frozenset(
    {
        "user",
        "system",
        "tool",
        "function",
        "mcp",
        "command",
        "file",
        "search",
        "todo",
        "hook",
        "prompt",
        "input",
        "call",
    }
    | {"thinking", "reasoning", "thought", "log", "debug", "progress", "usage", "status", "init"}
)
_BAD_STATUS: Final = frozenset({"error", "failed", "failure", "incomplete", "partial", "cancelled", "canceled"})
_STOP_REASONS: Final = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason")
_CUT_SHORT: Final = frozenset({"length", "max_tokens", "content_filter", "refusal", "safety", "recitation"})


def _is_of_others(fields: Object) -> bool:
    """Whether it is a message of the user, of a tool, or something else that is no answer of the assistant."""
    words = re.split(r"[\W_]+", str(fields.get("type", "")).lower())
    role = fields.get("role", "assistant")
    return role not in ("assistant", "model") or fields.get("thought") is True or not _OTHERS.isdisjoint(words)


def _carried(fields: Object, *, inside: bool, partial: bool) -> Iterator[Reply]:
    for key in (*_WITHIN, *_BEHIND):
        value = fields.get(key)
        in_pieces = partial or key == "delta"
        if not isinstance(value, str):
            yield from replies(value, inside=True, partial=in_pieces)
        elif (inside or key in _BEHIND) and (value.strip() or in_pieces):
            yield AssistantText(value, partial=in_pieces)


def _wording(value: object) -> str:
    if isinstance(value, dict):
        return _first_text(value, ("message", "data", "type", "name", "code")) or str(value)
    return _wording(value[0]) if isinstance(value, list) and value else str(value)


def _first_text(fields: Object, keys: tuple[str, ...]) -> str:
    return next((_wording(fields[key]) for key in keys if fields.get(key)), "")

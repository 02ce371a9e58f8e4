"""What an answer of a language model has cost, as far as its program or its service reports it.

Known are the shapes of the envelopes that `envelopes` reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias, TypeVar

from pytest_parallel_agents.model.results import Usage
from pytest_parallel_agents.tool_formats.echoes import Echoes
from pytest_parallel_agents.tool_formats.embedded import json_parts
from pytest_parallel_agents.tool_formats.output import Output, Unreadable
from pytest_parallel_agents.tool_formats.plain_text import plain

Object: TypeAlias = Mapping[str, object]
_Number = TypeVar("_Number", int, float)

_INPUT: Final = (
    *("input_tokens", "prompt_tokens", "promptTokenCount", "prompt_eval_count", "inputTokens", "prompt"),
    "input",
)
_CACHED: Final = ("cache_creation_input_tokens", "cache_read_input_tokens")
"""Anthropic counts these beside the input tokens, all others within them."""
_OUTPUT: Final = (
    *("output_tokens", "completion_tokens", "candidatesTokenCount", "eval_count", "outputTokens", "output"),
    "candidates",
)
_THOUGHTS: Final = ("reasoning", "thoughts", "thoughtsTokenCount")
"""Google and OpenCode count these beside the output tokens."""
_COST: Final = ("total_cost_usd", "cost_usd", "cost")
_MOST: Final = 1e15
"""No number of tokens or dollars is as large; it also leaves out what is not finite."""
_REFUSAL: Final = re.compile(
    r"Tool '(?P<tool>[^']{1,80})' does not exist|unavailable tool|specified a rule"
    r"|permission|denied|rejected|not allowed",
    re.IGNORECASE,
)
"""Errors of tools by which these were refused, and did not fail. They are those of Copilot and OpenCode."""
_REJECTED: Final = re.compile(r"^.*codex_core::tools::router: error=.*\b(?:reject|denied|not allowed)\b", re.MULTILINE)
"""Codex writes it among its logs alone, and does not name the tool."""


def usage_of(output: Output) -> Usage | None:
    """What the command's answer has used; None where it reports nothing of the kind."""
    events = tuple(_events(output))
    totals = [event for event in events if "total_cost_usd" in event or "stats" in event]
    counted = [usage for event in (totals[-1:] or events) if (usage := _usage(event))]
    names = [name for event in events for name in _refused(event)]
    refused = tuple(dict.fromkeys([*names, *(["a command"] if _REJECTED.search(output.stderr) else [])]))
    if not counted and not refused:
        return None
    return Usage(
        model=next((usage.model for usage in reversed(counted) if usage.model), _model(events)),
        input_tokens=_sum([usage.input_tokens for usage in counted]),
        output_tokens=_sum([usage.output_tokens for usage in counted]),
        cost_usd=_sum([usage.cost_usd for usage in counted]),
        refused=refused,
    )


def _events(output: Output) -> Iterator[Object]:
    text = plain(output.stdout)
    try:
        for part in json_parts(text, Echoes(text, output.sent)):
            values = part.value if isinstance(part.value, list) else [part.value]
            yield from (value for value in values if isinstance(value, dict))
    except Unreadable:  # the reader of the answer reports it
        return


def _usage(event: Object) -> Usage | None:
    """The numbers of one event."""
    models = _object(_object(event, "stats"), "models") or _object(event, "modelUsage")
    by_model = [_object(_object(models, name), "tokens") for name in models]
    tokens = by_model if "stats" in event else [_counts(event)]
    inputs = _sum([_sum([_whole(one, _INPUT), *(_whole(one, (key,)) for key in _CACHED)]) for one in tokens])
    outputs = _sum([_sum([_whole(one, _OUTPUT), _whole(one, _THOUGHTS)]) for one in tokens])
    cost = _number(event, _COST) if _number(event, _COST) is not None else _number(_object(event, "part"), _COST)
    if inputs is None and outputs is None and cost is None:
        return None
    return Usage(model=", ".join(models) or _model([event]), input_tokens=inputs, output_tokens=outputs, cost_usd=cost)


def _counts(event: Object) -> Object:
    """The object that has the numbers of tokens."""
    places = (
        _object(event, "usage"),
        _object(event, "usageMetadata"),
        _object(_object(event, "part"), "tokens"),
        _object(_object(event, "response"), "usage"),
    )
    top = {key: value for key, value in event.items() if key.endswith(("_tokens", "_count"))}
    return next((place for place in places if place), top)


def _refused(event: Object) -> Iterator[str]:
    """The tools that the model asked for and was not allowed to use, which includes those that it was not offered."""
    denials = event.get("permission_denials")
    for denial in denials if isinstance(denials, list) else ():
        yield str(denial.get("tool_name", "a tool")) if isinstance(denial, dict) else str(denial)
    tools = _object(_object(_object(event, "stats"), "tools"), "byName")
    yield from (name for name in tools if _is_refused(_object(tools, name)))
    item = _object(event, "item")
    if item.get("status") == "declined":
        yield str(item.get("type", "a tool"))
    part, data = _object(event, "part"), _object(event, "data")
    state = _object(part, "state")
    if state.get("status") == "error" and _REFUSAL.search(str(state.get("error", ""))):
        yield str(part.get("tool", "a tool"))
    refusal = _REFUSAL.search(str(data.get("error", ""))) if data.get("success") is False else None
    if refusal is not None:
        yield refusal["tool"] or str(data.get("toolName", "a tool"))


def _is_refused(tool: Object) -> bool:
    """By Gemini's counts: it was rejected, or failed before anybody decided."""
    decisions = _object(tool, "decisions")
    decided = _sum([_whole(decisions, (key,)) for key in decisions])
    return bool(_whole(decisions, ("reject",)) or (_whole(tool, ("fail",)) and decided == 0))


def _model(events: Sequence[Object]) -> str:
    holders = (holder for event in reversed(events) for holder in (event, _object(event, "data")))
    names = (holder.get(key) for holder in holders for key in ("model", "modelVersion"))
    return next((name for name in names if isinstance(name, str) and name), "")


def _object(fields: Object, key: str) -> Object:
    value = fields.get(key)
    return value if isinstance(value, dict) else {}


def _sum(numbers: Iterable[_Number | None]) -> _Number | None:
    """The sum of those that are known; None when none is."""
    known = [number for number in numbers if number is not None]
    return sum(known[1:], known[0]) if known else None


def _whole(fields: Object, keys: Sequence[str]) -> int | None:
    number = _number(fields, keys)
    return None if number is None else int(number)


def _number(fields: Object, keys: Sequence[str]) -> float | None:
    numbers = (fields.get(key) for key in keys)
    return next((n for n in numbers if isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n < _MOST), None)

"""What the code has to say: options, the mark, hooks, and the fields of the report, as Markdown."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin, get_type_hints

import msgspec
from _pytest.config import get_config

from pytest_parallel_agents import hookspecs, plugin
from pytest_parallel_agents.reports.report import Report

SEE: Final = {
    "--agents-independence": "[Conflicts](conflicts.md)",
    "--agents-wait": "[Groups](groups.md)",
    "--agents-timeout": "[Limits](limits.md)",
    "--agents-run-timeout": "[Limits](limits.md)",
    "--agents-report": "[Reports](reports.md)",
    "--agents-baseline": "[Baselines](baselines.md)",
    "--agents-output": "[For coding assistants](../assistants.md)",
    "--agents-shard": "[Shards](shards.md)",
    "--agents-durations": "[Shards](shards.md#durations)",
    "--agents-flamegraphs": "[Profiles](../profile.md#flame-graphs)",
    "--agents-recheck": "[Rechecks](rechecks.md)",
    "--agents-fresh": "[Language models](../llm.md#the-same-question-is-not-asked-twice)",
    "--agents-root-cause": "[Second pass](second-pass.md)",
}
"""The page that tells more."""


class _Recorder:
    """Stands in for pytest's parser, and keeps what is added."""

    def __init__(self) -> None:
        self.added: list[tuple[str, dict[str, Any]]] = []

    def getgroup(self, name: str, description: str) -> _Recorder:  # noqa: ARG002 - pytest's signature
        return self

    def addoption(self, name: str, **attrs: Any) -> None:
        self.added.append((name, attrs))


def options() -> str:
    """A table of the options that this plugin adds."""
    recorder: Any = _Recorder()
    plugin.pytest_addoption(recorder, get_config().pluginmanager)
    return "\n".join(["| option | meaning |", "|---|---|", *(_option(*each) for each in recorder.added)])


def _option(name: str, attrs: dict[str, Any]) -> str:
    value = attrs.get("metavar") or ("{" + ",".join(attrs["choices"]) + "}" if attrs.get("choices") else "")
    text = attrs["help"].strip().rstrip(".").replace("|", "\\|")
    see = f". See {SEE[name]}" if name in SEE else ""
    return f"| `{f'{name} {value}'.strip()}` | {text}{see} |"


def mark() -> str:
    """The signature of the mark."""
    signature = plugin.MARKER.partition(": ")[0]
    return f"```text\n@pytest.mark.{signature}\n```"


def hooks() -> str:
    """Each hook with its signature and what it is for."""
    found = [value for name, value in vars(hookspecs).items() if name.startswith("pytest_")]
    return "\n\n".join(_hook(each) for each in found)


def _hook(function: Any) -> str:
    signature = str(inspect.signature(function)).replace("'", "")
    return f"## {function.__name__}\n\n```text\n{function.__name__}{signature}\n```\n\n{inspect.getdoc(function)}"


def report() -> str:
    """Each class of the JSON report with its fields."""
    return "\n\n".join(_structure(each) for each in _structures(Report, []))


def _structures(of: type[msgspec.Struct], seen: list[type[msgspec.Struct]]) -> list[type[msgspec.Struct]]:
    """It and all that its fields hold, each once."""
    if of not in seen:
        seen.append(of)
        for hint in get_type_hints(of).values():
            for held in _held(hint):
                _structures(held, seen)
    return seen


def _held(hint: Any) -> Iterator[type[msgspec.Struct]]:
    if inspect.isclass(hint) and issubclass(hint, msgspec.Struct):
        yield hint
    for argument in get_args(hint):
        yield from _held(argument)


def _structure(of: type[msgspec.Struct]) -> str:
    hints = get_type_hints(of, include_extras=True)
    rows = (_field(field.encode_name, hints[field.name]) for field in msgspec.structs.fields(of))
    title = re.sub(r"Entry$", "", of.__name__)
    return "\n".join(
        [f"## {title}", "", inspect.getdoc(of) or "", "", "| field | type | what it is |", "|---|---|---|", *rows]
    )


def _field(name: str, hint: Any) -> str:
    notes = [each.description for each in get_args(hint)[1:] if isinstance(each, msgspec.Meta) and each.description]
    plain = get_args(hint)[0] if notes else hint
    return f"| `{name}` | `{_type(plain)}` | {' '.join(notes).replace('|', chr(92) + '|')} |"


_NAMES: Final[dict[Any, str]] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    msgspec.UnsetType: "absent",
}


def _type(hint: Any) -> str:
    """As JSON has it: `string`, `array of Check`, `object of number`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is tuple or origin is dict:
        return f"array of {_type(arguments[0])}" if origin is tuple else f"object of {_type(arguments[1])}"
    if arguments:
        return " or ".join(dict.fromkeys(map(_type, arguments)))
    if not inspect.isclass(hint):
        return str(hint)
    return _NAMES.get(hint) or re.sub(r"Entry$", "", hint.__name__)

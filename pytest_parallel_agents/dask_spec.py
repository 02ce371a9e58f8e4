"""`--tx dask=…`: which cluster of Dask, how it is reached, and how workers start there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import Final

import msgspec

from pytest_parallel_agents.errors import AgentsError

PREFIX: Final = "dask="
_SCHEDULER: Final = re.compile(r"(?:[a-z][a-z0-9+]*://)?[^/]*(?:/[^/]+)*")
_OPTIONS: Final = ("ca", "cert", "key", "chdir", "python", "nice")
_ENVIRONMENT: Final = "env:"
_FORM: Final = "write dask=tcp://HOST:PORT, and behind it //python=… or another of its options"


class DaskSpec(msgspec.Struct, frozen=True):
    """Workers on a cluster: this `number`, or as many as it has threads if that is None.

    `scheduler` is the address of the cluster's scheduler, or the file in which it has written that.

    `ca`, `cert` and `key` are files for TLS; without them Dask's own configuration counts. Workers start in the folder
    `chdir` with the interpreter `python`, those of the Dask worker if None.
    """

    scheduler: str
    number: int | None = None
    ca: str | None = None
    cert: str | None = None
    key: str | None = None
    chdir: str | None = None
    python: str | None = None
    nice: int = 0
    environment: Mapping[str, str] = msgspec.field(default_factory=dict)

    @property
    def is_file(self) -> bool:
        """Whether `scheduler` is a file."""
        return "://" not in self.scheduler and ("/" in self.scheduler or self.scheduler.endswith(".json"))


def parse_dask(text: str) -> DaskSpec:
    """The parts of `dask=…` or `4*dask=…`. Raises AgentsError."""
    number, _, rest = text.partition(PREFIX)
    found = _SCHEDULER.match(rest)
    scheduler = found.group() if found is not None else ""
    options: dict[str, str] = {}
    environment: dict[str, str] = {}
    for part in rest[len(scheduler) :].removeprefix("//").split("//"):
        name, is_given, value = part.partition("=")
        if name.startswith(_ENVIRONMENT):
            environment[name.removeprefix(_ENVIRONMENT)] = value
        elif name in _OPTIONS and is_given and value and name not in options:
            options[name] = value
        elif part:
            raise AgentsError(
                f"--tx {text}: {part} is no option of dask", hint=f"use {', '.join(_OPTIONS)} or env:NAME"
            )
    if not scheduler or scheduler.endswith("://"):
        raise AgentsError(f"--tx {text} names no scheduler", hint=_FORM)
    try:
        nice = int(options.pop("nice", "0"))
    except ValueError:
        raise AgentsError(f"--tx {text}: nice is no whole number", hint="write nice=10") from None
    try:
        shlex.split(options.get("python", ""))
    except ValueError as error:
        raise AgentsError(f"--tx {text}: python cannot be read: {error}", hint="quote it as in a shell") from None
    given = number.removesuffix("*")
    if given and not given.isdecimal():
        raise AgentsError(f"--tx {text}: {given} is no number of workers", hint="write 4*dask=…")
    return DaskSpec(scheduler, int(given) if given else None, nice=nice, environment=environment, **options)

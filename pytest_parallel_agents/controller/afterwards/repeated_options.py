"""The words of this run's command line that a command for some of its checks repeats."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

_WITH_VALUE: Final = "pocW"
"""Short options that change how tests run."""

_FLAGS: Final = frozenset("hlqsvVx")
_SELECTING: Final = ("-k", "-m")

_DROPPED: Final = frozenset(
    f"--{name}"
    for name in (
        *(
            "basetemp",
            "co",
            "code-highlight",
            "collect-only",
            "collectonly",
            "color",
            "deselect",
            "disable-warnings",
            "dist",
        ),
        *("exitfirst", "failed-first", "ff", "force-short-summary", "full-trace", "fulltrace", "help", "ignore"),
        *("ignore-glob", "last-failed", "last-failed-no-failures", "lf", "lfnf", "max-warnings", "max-worker-restart"),
        *("maxfail", "maxprocesses", "new-first", "nf", "no-fold-skipped", "no-header", "no-showlocals", "no-summary"),
        *("numprocesses", "pastebin", "quiet", "report-log", "self-contained-html", "show-capture", "showlocals", "sw"),
        *("sw-skip", "sw-reset", "tb", "trace", "tx", "verbose", "verbosity", "version", "xfail-tb"),
    )
)
_DROPPED_FAMILIES: Final = tuple(
    f"--{name}"
    for name in (
        *("agents", "cache-", "cov", "durations", "fixtures", "html", "json-report", "junit", "no-cov", "pdb"),
        *("randomly-", "setup-", "stepwise"),
    )
)


def repeated_options(config: pytest.Config) -> Iterator[str]:
    """The options that change how tests run, in order. What selects, distributes and shows them is left out.

    Options of the configuration file and of the environment are there again without being repeated.
    """
    for option, *values in _options(config):
        if _is_repeated(option, config):
            yield from (option, *values)
        elif not option.startswith("--") and set(option[1:]) <= _FLAGS and "s" in option:
            yield "-s"
    if config.pluginmanager.hasplugin("randomly") and hasattr(config.option, "randomly_seed"):
        yield f"--randomly-seed={config.option.randomly_seed}"


def is_configured(option: str, config: pytest.Config) -> bool:
    """Whether `addopts` has this short option."""
    words: Any = config.getini("addopts")
    return any(str(word).startswith(option) for word in words)


def argument(nodeid: str, config: pytest.Config) -> str:
    """The node id as pytest takes it in the folder in which this run was started."""
    path, separator, rest = nodeid.partition("::")
    return f"{near(config.rootpath / path, config.invocation_params.dir)}{separator}{rest}"


def near(path: Path, here: Path) -> Path:
    """The path as written in the folder `here`."""
    try:
        return Path(os.path.relpath(path, here))
    except ValueError:  # on another drive
        return path


def _options(config: pytest.Config) -> list[list[str]]:
    """Each option of the command line with its values."""
    paths = set(map(str, getattr(config.option, "file_or_dir", None) or ()))
    options: list[list[str]] = []
    for word in map(str, config.invocation_params.args):
        if word.startswith("-") and word not in ("-", "--"):
            options.append([word])
        elif options and word not in paths and not word.startswith("@"):
            options[-1].append(word)
    return options


def _is_repeated(option: str, config: pytest.Config) -> bool:
    if option.startswith("--"):
        name = option.partition("=")[0]
        return name not in _DROPPED and not name.startswith(_DROPPED_FAMILIES)
    if option.startswith(_SELECTING):  # it stands in for the one of the configuration, which may leave the test out
        return is_configured(option[:2], config)
    return option[1] in _WITH_VALUE

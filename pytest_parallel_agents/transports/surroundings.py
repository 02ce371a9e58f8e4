"""The surroundings that a fresh interpreter must share with this one, or it would collect and run other tests than a
serial run.

A worker starts with those of before the collection: module search path, environment, folder and arguments. It has the
same flags, and all workers of a run have one hash seed, or the sets of one would be in another order than the sets of
the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import msgspec
import pytest

_PATH = pytest.StashKey[tuple[str, ...]]()
_ENVIRONMENT = pytest.StashKey[Mapping[str, str]]()
HASH_SEED = "PYTHONHASHSEED"
_WARNINGS = "PYTHONWARNINGS"  # they are among the flags, too


class Surroundings(msgspec.Struct, frozen=True):
    """Where a process began: `sys.path`, `sys.argv`, environment variables, and the absolute path of its folder."""

    path: tuple[str, ...]
    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: str

    def launch_environment(self, hash_seed: int) -> dict[str, str]:
        """Environment variables for the start of an interpreter, which `users_variables` undo."""
        environment = {name: value for name, value in self.environment.items() if name != _WARNINGS}
        if not environment.get(HASH_SEED, "").isdigit():
            environment[HASH_SEED] = str(hash_seed)
        return environment

    def users_variables(self, chosen: Mapping[str, str]) -> dict[str, str | None]:
        """The values for tests of the variables that `launch_environment` sets or leaves out; None for one that the
        user has not set. `chosen` are those that the user sets for workers alone.
        """
        known = {**self.environment, **chosen}
        return {name: known.get(name) for name in (HASH_SEED, _WARNINGS)}


def remember_path(config: pytest.Config) -> None:
    """To be called before conftests are loaded, which insert their folders into `sys.path`."""
    config.stash[_PATH] = tuple(sys.path)


def remember_environment(config: pytest.Config) -> None:
    """To be called before the collection: variables that plugins set for workers count, those that test modules set do
    not.
    """
    config.stash[_ENVIRONMENT] = dict(os.environ)


def surroundings_of(config: pytest.Config) -> Surroundings:
    """The remembered surroundings of this process."""
    return Surroundings(
        path=config.stash.get(_PATH, tuple(sys.path)),
        argv=tuple(sys.argv),
        environment=config.stash.get(_ENVIRONMENT, os.environ.copy()),
        folder=str(config.invocation_params.dir),
    )


def random_hash_seed() -> int:
    """A seed that is not 0, which would switch the randomization off."""
    return int.from_bytes(os.urandom(4), "big") or 1


def interpreter_flags() -> list[str]:
    """Arguments that give another interpreter this one's flags, warning filters and `-X` options."""
    try:
        flags = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]  # noqa: SLF001
    except ValueError:  # a plugin has changed `sys.warnoptions`
        flags = []
    options = [name if value is True else f"{name}={value}" for name, value in sys._xoptions.items()]  # noqa: SLF001
    missing = [option for option in options if option not in flags]
    return [*flags, *(argument for option in missing for argument in ("-X", option))]

"""Chooses whether workers are forked, and writes notes for people on that."""

from __future__ import annotations

import msgspec
import pytest

from pytest_parallel_agents.compat import unshareable
from pytest_parallel_agents.compat.before_fork import BEFORE_FORK
from pytest_parallel_agents.options import Options


class TransportChoice:
    """Fresh interpreters where forks would not be what they should, unless forks were asked for.

    `options` are those that were given, with the transport that was chosen.
    """

    def __init__(self, config: pytest.Config, options: Options) -> None:
        self._config = config
        watch = config.stash[BEFORE_FORK]
        self._reasons = watch.reasons() if _forks(options) else []
        watch.end()
        if self._reasons and not options.specs_given:
            options = msgspec.structs.replace(options, specs=("popen",))
        self.options = options

    def notes(self) -> list[str]:
        """Why workers are what they are, a line each."""
        forks = _forks(self.options)
        so = "use --tx popen" if forks else "workers are fresh interpreters, as with --tx popen"
        notes = [f"agents: {reason}: {so}" for reason in self._reasons]
        threads = unshareable.threads(self._config.pluginmanager, of_plugins=True) if forks else []
        if threads:
            names = ", ".join(threads)
            notes.append(f"agents: forking while threads of plugins run ({names}); if a worker hangs, use --tx popen")
        if set(self.options.specs) != {"fork"} and self._given:
            names = ", ".join(self._given)
            notes.append(f"agents: fresh interpreters lack the plugins that pytest.main() was given ({names})")
        return notes

    @property
    def _given(self) -> list[str]:
        """Names of the plugins that a program has passed to `pytest.main`: most are objects of this process."""
        plugins = self._config.invocation_params.plugins or ()
        return [each if isinstance(each, str) else getattr(each, "__name__", type(each).__name__) for each in plugins]


def _forks(options: Options) -> bool:
    return "fork" in options.specs and bool(options.workers)

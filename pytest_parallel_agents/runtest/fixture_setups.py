"""Records when wide fixtures are set up and torn down."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_parallel_agents.early_bound import builtins
from pytest_parallel_agents.hidden_frames import hidden
from pytest_parallel_agents.wire.guarded import guarded
from pytest_parallel_agents.wire.setups import BEGUN, DONE, OVER, SetUpLog, WideFixture

__builtins__ = builtins


class FixtureSetUps:
    """The plugin of a worker that writes its log."""

    def __init__(self, log: SetUpLog) -> None:
        self._note = log.note
        self._up: dict[pytest.FixtureDef[Any], WideFixture] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    @hidden
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
    ) -> Generator[None, object, object]:
        __tracebackhide__ = True
        if fixturedef.scope == "function" or _is_built_in(fixturedef):
            return (yield)
        fixture = WideFixture(fixturedef.scope, fixturedef.argname, str(getattr(fixturedef, "baseid", "")))
        self._up[fixturedef] = fixture
        self._note(BEGUN, fixture, guarded(_key, lambda _: "", fixture, request))
        try:
            result = yield
        except BaseException:
            self._over(fixturedef)
            raise
        self._note(DONE, fixture)
        return result

    @pytest.hookimpl(trylast=True)
    def pytest_fixture_post_finalizer(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        """By this hook, since plugins see the finalizers of a fixture: allure's reports name each."""
        self._over(fixturedef)

    def _over(self, fixturedef: pytest.FixtureDef[Any]) -> None:
        fixture = self._up.pop(fixturedef, None)
        if fixture is not None:
            self._note(OVER, fixture)


def note_setups(config: pytest.Config, path: Path) -> None:
    """Registers the plugin, which writes to `path`."""
    config.pluginmanager.register(FixtureSetUps(SetUpLog(path)), "parallel-agents-setups")


def _key(fixture: WideFixture, request: Any) -> str:
    """The key of a fixture's instance: it differs between modules, say, or parameters."""
    return f"{fixture.name}[{request.param_index}] of {fixture.place} in {request.node.nodeid}"


def _is_built_in(definition: pytest.FixtureDef[Any]) -> bool:
    """Names with an underscore are pytest's wrappers of `setup_module` and the like."""
    module = getattr(definition.func, "__module__", "")
    return not definition.argname.startswith("_") and str(module).startswith(("_pytest.", "xdist."))

"""Questions that are asked before workers are forked: whether this process is a worker, and which.

A fork inherits what modules and plugins have made of the answer, which was the controller's. So questions of the
project's own code decide whether workers may be forked at all, and a plugin that asked when it was configured is
configured once more in each forked worker.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, NamedTuple

import pytest

from pytest_parallel_agents.code_origin import PACKAGE, installed_folders, is_of, is_project_file, module_name
from pytest_parallel_agents.compat.early_questions import asked_at_import

VARIABLES: Final = frozenset({"PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"})
_ATTRIBUTES: Final = frozenset({"workerinput", "workeroutput"})
_OPTIONS: Final = frozenset({"numprocesses", "dist", "tx"})
_ASKED_THROUGH: Final = ("os", "collections.abc", "_pytest.config", "xdist", PACKAGE)
"""Modules that ask on behalf of others."""
_CARED_FOR: Final = ("pytest_benchmark",)
"""Packages whose plugins have a module of ours that handles their answer."""


class Question(NamedTuple):
    """`path` and `line` are where the project's own code asked, or a module that was being imported, which no worker
    will import again; empty and 0 if none did. `hook` is the code of the hook that pytest had called.
    """

    about: str
    path: str
    line: int
    hook: CodeType | None


class Configured(NamedTuple):
    """An implementation of `pytest_configure` that asked, its code, and the plugins that it has registered."""

    implementation: Any
    code: CodeType
    registered: list[object]

    def supplies_workers(self) -> bool:
        """Whether it gives xdist's workers something that they need."""
        plugins = (self.implementation.plugin, *self.registered)
        return any(hasattr(plugin, "pytest_configure_node") for plugin in plugins)


class Questions:
    """Records questions and their places, from `begin` to `end`."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._seen: set[tuple[CodeType, int, str]] = set()
        self._asked: list[Question] = []
        self._registered: list[tuple[CodeType, object]] = []

    def begin(self) -> None:
        """Starts recording. Questions are answered as usual."""
        if not _listening:
            _watch()
        _listening.append(self)
        manager = self._config.pluginmanager
        plugins = [plugin for _, plugin in manager.list_name_plugin()]  # `get_plugins` wants each to have a hash
        early = asked_at_import(plugins, VARIABLES, but=(*_ASKED_THROUGH, *_CARED_FOR, "_pytest"))
        self._asked += [Question(asked.variable, asked.path, asked.line, None) for asked in early]
        manager.register(self, "parallel-agents-questions")

    def watch_options(self) -> None:
        """Records questions whether the run is distributed, once that is known."""
        note = self.note

        class Watched(argparse.Namespace):
            def __getattribute__(self, name: str) -> Any:
                if name in _OPTIONS:
                    note(f"config.option.{name}")
                return super().__getattribute__(name)

        Watched.__name__ = Watched.__qualname__ = argparse.Namespace.__name__
        self._config.option.__class__ = Watched

    def end(self) -> None:
        """Restores everything."""
        _listening.remove(self)
        if not _listening:
            _unwatch()
        self._config.option.__class__ = argparse.Namespace
        self._config.pluginmanager.unregister(self)

    @pytest.hookimpl
    def pytest_plugin_registered(self, plugin: object) -> None:
        hook = _hook(list(_frames_to_hook(_first_outside(sys._getframe(1), "pluggy", "_pytest.config"))))  # noqa: SLF001
        if hook is not None:
            self._registered.append((hook, plugin))

    def of_project(self) -> Question | None:
        """The first question about a worker that the project's own code has asked, or a module at its import."""
        return next((question for question in self._asked if question.path or self._is_conftests(question.hook)), None)

    def of_distribution(self) -> Iterator[Question]:
        """Questions whether checks run in workers. The code that asked may rely on the answer."""
        return (question for question in self._asked if question.about.startswith("config.option."))

    def configured(self) -> Iterator[Configured]:
        """Implementations of `pytest_configure` that asked, in the order of their calls."""
        hooks = {question.hook for question in self._asked}
        for implementation in reversed(self._config.hook.pytest_configure.get_hookimpls()):
            code: Any = getattr(implementation.function, "__code__", None)
            if code in hooks:
                registered = [plugin for hook, plugin in self._registered if hook is code]
                yield Configured(implementation, code, registered)

    def of_supplier(self) -> Question | None:
        """The question of a plugin that, in a distributed run, gives workers something at their start."""
        suppliers = {each.code for each in self.configured() if each.supplies_workers()}
        return next((question for question in self.of_distribution() if question.hook in suppliers), None)

    def _is_conftests(self, hook: CodeType | None) -> bool:
        """Whether this is a hook of a conftest, which may have it from an installed package."""
        manager: Any = self._config.pluginmanager
        conftests = {id(conftest) for conftest in manager._conftest_plugins}  # noqa: SLF001
        callers = vars(self._config.hook).values()
        return hook is not None and any(
            getattr(implementation.function, "__code__", None) is hook and id(implementation.plugin) in conftests
            for caller in callers
            for implementation in getattr(caller, "get_hookimpls", list)()
        )

    def note(self, about: str) -> None:
        """Records a question asked in the second frame from here."""
        frames = list(_frames_to_hook(_first_outside(sys._getframe(2), *_ASKED_THROUGH)))  # noqa: SLF001
        if not frames or is_of(module_name(frames[0]), *_CARED_FOR):
            return
        place = frames[0].f_code, frames[0].f_lineno, about
        if place in self._seen:
            return
        self._seen.add(place)
        asking = next((each for test in (_is_projects, _imports) for each in frames if test(each)), None)
        path, line = ("", 0) if asking is None else (asking.f_code.co_filename, asking.f_lineno)
        self._asked.append(Question(about, path, line, _hook(frames)))


_listening: Final[list[Questions]] = []
"""More than one where a test runs pytest within pytest."""
_Environment: Final[Any] = type(os.environ)
_look_up: Final = _Environment.__getitem__


def _watch() -> None:
    _Environment.__getitem__ = _environment_item
    pytest.Config.__getattr__ = _missing_attribute  # type: ignore[attr-defined]


def _unwatch() -> None:
    _Environment.__getitem__ = _look_up
    del pytest.Config.__getattr__  # type: ignore[attr-defined]


def _environment_item(environ: Any, key: Any) -> Any:
    if key in VARIABLES:
        for questions in _listening:
            questions.note(key)
    return _look_up(environ, key)


def _missing_attribute(config: pytest.Config, name: str) -> Any:
    if name in _ATTRIBUTES:
        for questions in _listening:
            questions.note(f"config.{name}")
    raise AttributeError(f"{type(config).__name__!r} object has no attribute {name!r}", name=name, obj=config)


def described(question: Question, root: Path) -> str:
    """The question and its place, for people."""
    path, line = Path(question.path), question.line
    if not question.path and question.hook is not None:
        path, line = Path(question.hook.co_filename), question.hook.co_firstlineno
    folders = (root, *map(Path, installed_folders()), Path(path.anchor))
    folder = next(folder for folder in folders if path.is_relative_to(folder))
    return f"{path.relative_to(folder)}:{line} asked for {question.about} before workers were forked"


def _is_projects(frame: FrameType) -> bool:
    return is_project_file(frame.f_code.co_filename)


def _imports(frame: FrameType) -> bool:
    """Whether this is a module while it is imported, other than pytest's and the interpreter's."""
    name = module_name(frame)
    return frame.f_code.co_name == "<module>" and not is_of(name, "_pytest", "__main__", *sys.stdlib_module_names)


def _hook(frames: list[FrameType]) -> CodeType | None:
    return frames[-1].f_code if frames else None


def _frames_to_hook(frame: FrameType | None) -> Iterator[FrameType]:
    """From this frame outwards to that of the hook which pytest has called."""
    while frame is not None and not is_of(module_name(frame), "pluggy"):
        yield frame
        frame = frame.f_back


def _first_outside(frame: FrameType | None, *modules: str) -> FrameType | None:
    """The first frame from this one outwards that is of none of these modules."""
    while frame is not None and is_of(module_name(frame), *modules):
        frame = frame.f_back
    return frame

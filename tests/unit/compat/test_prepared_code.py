"""Prepared code is the code that pytest and Python would have made, or there is none."""

from __future__ import annotations

import ast
import builtins
import importlib.util
import marshal
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from _pytest.assertion import rewrite

from pytest_parallel_agents.compat.prepared_code import PreparedCode, has_byte_code, has_rewritten_code

LONG = "\n".join(f"def test_{number}(x=[{number}]):\n    assert x == [{number}], 'no'\n" for number in range(20))
SOURCES = {
    "plain": b"x = 1\nassert x == 1\n",
    "long": LONG.encode(),
    "empty": b"",
    "docstring_alone": b'"""Nothing."""\n',
    "not_rewritten": b'"""PYTEST_DONT_REWRITE"""\nassert 1 == 1\n',
    "future": b'"""Doc."""\nfrom __future__ import annotations\ndef f(x: int): assert x\n',
    "windows": b"x = 1\r\nassert x == (\r\n    1\r\n)\r\n",
    "old_mac": b"x = 1\rassert x == 1\r",
    "latin": b"# -*- coding: latin-1 -*-\nx = '\xe9'\nassert x == '\xe9'\n",
    "marked": b"\xef\xbb\xbfx = 1\nassert x\n",
    "walrus": b"def f(a):\n    assert (b := a) and (c := b) != 3 or not b\n    return b, c\n",
    "async": b"async def f(a):\n    assert await a()\n    async with a: assert [x async for x in a]\n",
    "classes": b"class A:\n    class B:\n        def f(self, *, a=lambda: 1): assert self.f() is not a(), f'{a!r}'\n",
    "constants": b"assert (1, 2, frozenset({3}), ..., 1j, b'x', None) != 'x' * 3\nx = 'a_b'\n",
    "no_newline": b"assert 1 == 1",
}
FAULTY = {
    "syntax": b"def f(:\n",
    "null": b"x = 1\0\n",
    "cookie": b"# coding: no-such-coding\n",
    "not_utf8": b"x = '\xe9'\n",
    "warns_of_escape": b"x = '\\d'\nassert x\n",
    "warns_of_tuple": b"assert (1, 'always')\n",
    "warns_of_is": b"x = 1 is 1\n",
}


class Prepared:
    def __init__(self, config: pytest.Config, folder: Path) -> None:
        self.config = config
        self.reached: list[str] = []
        self.code = PreparedCode(config, folder, self.reached.append)

    @contextmanager
    def installed(self) -> Iterator[None]:
        self.code.install()
        try:
            yield
        finally:
            self.code.uninstall()

    def rewritten(self, path: Path) -> CodeType | None:
        """What pytest reads where it looks for byte code."""
        read: Any = rewrite
        with self.installed():
            code: CodeType | None = read._read_pyc(path, rewritten_file(path))
            return code


@pytest.fixture
def ready(pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    folder = tmp_path / "prepared"
    folder.mkdir()
    return Prepared(pytester.parseconfig(), folder)


def written(folder: Path, sources: dict[str, bytes], begin: str) -> list[Path]:
    paths = [folder / f"{begin}{name}.py" for name in sources]
    for path, source in zip(paths, sources.values(), strict=True):
        path.write_bytes(source)
    return paths


def rewritten_file(path: Path) -> Path:
    return rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"


def same(left: CodeType | None, right: CodeType) -> bool:
    """Whether their bytes are, but for how often an object is referred to, which depends on what else lives."""
    return left is not None and marshal.dumps(left, 2) == marshal.dumps(right, 2)


def test_tests_are_rewritten_as_pytest_does(ready: Prepared, tmp_path: Path) -> None:
    paths = written(tmp_path, SOURCES, "test_")

    for path in paths:
        ready.code.prepare(path.stem, str(path), is_given=False)

    for path in paths:
        assert same(ready.rewritten(path), rewrite._rewrite_test(path, ready.config)[1]), path.name
    assert ready.code.taken == [str(path) for path in paths]
    assert ready.reached == ready.code.taken
    assert not rewritten_file(paths[0]).exists()


def test_other_modules_are_compiled_as_python_does(ready: Prepared, tmp_path: Path) -> None:
    paths = written(tmp_path, SOURCES, "prepared_")

    for path in paths:
        ready.code.prepare(path.stem, str(path), is_given=False)

    for path in paths:
        loader = SourceFileLoader(path.stem, str(path))
        expected = loader.source_to_code(path.read_bytes(), str(path))
        with ready.installed():
            assert same(loader.get_code(path.stem), expected), path.name
    assert ready.code.taken == [str(path) for path in paths]
    assert vars(SourceFileLoader).get("source_to_code") is None


@pytest.mark.parametrize("begin", ["test_", "prepared_"])
def test_what_warns_or_fails_is_left_to_its_import(ready: Prepared, tmp_path: Path, begin: str) -> None:
    paths = written(tmp_path, FAULTY, begin)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for path in paths:
            ready.code.prepare(path.stem, str(path), is_given=False)

    assert [path for path in paths if ready.rewritten(path) is not None] == []
    assert seen == []
    assert list((tmp_path / "prepared").iterdir()) == []


def test_an_error_has_the_traceback_that_it_has_without(ready: Prepared, tmp_path: Path) -> None:
    [path] = written(tmp_path, {"broken": b"def f(:\n"}, "")

    def frames() -> list[str]:
        with pytest.raises(SyntaxError) as caught:
            SourceFileLoader("broken", str(path)).get_code("broken")
        return [entry.name for entry in caught.traceback]

    without = frames()
    with ready.installed():
        assert frames() == without
    assert ready.reached == [str(path)]


def test_a_source_that_has_changed_is_compiled_again(ready: Prepared, tmp_path: Path) -> None:
    test, other = written(tmp_path, {"test_it": b"x = 1\n", "other": b"x = 1\n"}, "")
    for path in (test, other):
        ready.code.prepare(path.stem, str(path), is_given=False)
        path.write_bytes(b"x = 2\n")

    with ready.installed():
        code = SourceFileLoader("other", str(other)).get_code("other")

    assert ready.rewritten(test) is None
    assert 2 in code.co_consts  # type: ignore[union-attr]
    assert ready.reached == [str(other), str(test)]
    assert ready.code.taken == []


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (rewrite, "AssertionRewriter"),
        (rewrite, "rewrite_asserts"),
        (rewrite.AssertionRewriter, "visit_Assert"),
        (ast, "parse"),
        (builtins, "compile"),
        (SourceFileLoader.__mro__[2], "source_to_code"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_nothing_fits_after_what_makes_code_has_changed(
    ready: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    """Each module is made by the function that is in its place by then."""
    test, other = written(tmp_path, {"test_it": b"assert 1 == 1\n", "other": b"x = 1\n"}, "")
    for path in (test, other):
        ready.code.prepare(path.stem, str(path), is_given=False)
    loader, own = SourceFileLoader("other", str(other)), getattr(owner, name)
    calls: list[object] = []

    def replaced(*args: Any, **settings: Any) -> Any:
        calls.append(args)
        return own(*args, **settings)

    monkeypatch.setattr(owner, name, replaced)
    with ready.installed():
        loader.get_code("other")
    assert bool(calls) == (name in ("compile", "source_to_code"))
    assert ready.rewritten(test) is None
    assert ready.code.taken == []

    monkeypatch.undo()
    with ready.installed():
        loader.get_code("other")
    assert ready.rewritten(test) is not None
    assert ready.code.taken == [str(other), str(test)]


def test_nothing_is_taken_or_reported_afterwards(ready: Prepared, tmp_path: Path) -> None:
    """A conftest that wraps the function in its place keeps it. The descriptor may belong to another file by then."""
    [path] = written(tmp_path, {"it": b"assert 1 == 1\n"}, "test_")
    ready.code.prepare(path.stem, str(path), is_given=False)
    kept: Any = rewrite
    with ready.installed():
        read, compiling = kept._read_pyc, vars(SourceFileLoader)["source_to_code"]

    assert read(path, rewritten_file(path)) is None
    assert compiling.__get__(SourceFileLoader("test_it", str(path)), SourceFileLoader)(b"x = 1", str(path)) is not None
    assert (ready.reached, ready.code.taken) == ([], [])


def test_who_compiles_otherwise_gets_what_it_asks_for(ready: Prepared, tmp_path: Path) -> None:
    """Import hooks of others derive from Python's loader, and compile trees or other sources."""
    [path] = written(tmp_path, {"it": b"x = 1\n"}, "other_")
    ready.code.prepare(path.stem, str(path), is_given=False)

    class Loader(SourceFileLoader):
        def source_to_code(self, data: Any, path: Any, **settings: Any) -> CodeType:  # type: ignore[override]
            code: CodeType = super().source_to_code(data.replace(b"1", b"7"), path, **settings)
            return code

    with ready.installed():
        code = Loader("it", str(path)).get_code("it")
        optimized = SourceFileLoader("it", str(path)).source_to_code(b"x = 1\n", str(path), _optimize=2)

    assert 7 in code.co_consts  # type: ignore[union-attr]
    assert 1 in optimized.co_consts
    assert ready.code.taken == []


@pytest.mark.parametrize(
    ("args", "name", "given", "kind"),
    [
        ([], "test_it", False, "rewritten"),
        ([], "conftest", False, "rewritten"),
        ([], "helper", False, "compiled"),
        ([], "helper", True, "rewritten"),
        ([], "registered.helper", False, "rewritten"),
        (["-o", "python_files=helper*.py"], "test_it", False, "compiled"),
        (["-o", "python_files=helper*.py"], "helper", False, "rewritten"),
        (["--assert=plain"], "test_it", True, "compiled"),
    ],
)
def test_what_is_rewritten(
    pytester: pytest.Pytester, tmp_path: Path, args: list[str], name: str, *, given: bool, kind: str
) -> None:
    folder = tmp_path / "prepared"
    folder.mkdir()
    config = pytester.parseconfig(*args)
    hook: Any = config.pluginmanager.rewrite_hook
    hook.mark_rewrite("registered")
    path = tmp_path / f"{name.rpartition('.')[2]}.py"
    path.write_text("assert 1 == 1\n", "utf-8")

    PreparedCode(config, folder, print).prepare(name, str(path), is_given=given)

    assert [file.suffix for file in folder.iterdir()] == [f".{kind}"]


def test_byte_code_that_is_there_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    [path] = written(tmp_path, {"it": b"x = 1\n"}, "other_")
    assert not has_byte_code(str(path))
    SourceFileLoader("it", str(path)).get_code("it")
    assert has_byte_code(str(path))

    os.utime(path, (1, 1))

    assert not has_byte_code(str(path))
    assert Path(importlib.util.cache_from_source(str(path))).exists()
    assert not has_rewritten_code(str(path))
    rewritten_file(path).touch()
    assert has_rewritten_code(str(path))

"""Code of modules that another process has compiled ahead, in place of what pytest and Python would compile alike.

It is made by their own functions, which is why it is the same code: with the same bytes of source, path and settings
the result is the same. All of these are compared when code is taken. What was not prepared, or does not fit, is
compiled as ever. A module whose compilation warns or fails is not prepared, so that it does so where it is imported.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import importlib.util
import marshal
import os
import struct
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, Final

import pytest
from _pytest.assertion import rewrite
from _pytest.assertion.rewrite import assertstate_key

_HASH_BYTES: Final = 8
_ATTRIBUTE: Final = "source_to_code"
_READ: Final = "_read_pyc"
_compile: Final[Any] = SourceFileLoader.source_to_code
"""Python's own, which belongs to a base class."""
_rewriting: Final[Any] = rewrite


class PreparedCode:
    """Code in the files of `folder`, which two processes of one fork share. `reached` is called with the path of
    each source that is needed and has no byte code. `taken` are those that were prepared.
    """

    def __init__(self, config: pytest.Config, folder: Path, reached: Callable[[str], None]) -> None:
        self._config: Any = config
        self._folder = folder
        self._reached = reached
        self._state: Any = config.stash.get(assertstate_key, None)
        self._read = getattr(_rewriting, _READ, None)
        self._makers = self._makers_now()
        self._is_installed = False
        self.taken: list[str] = []

    # The side of the process that prepares.

    def prepare(self, name: str, path: str, *, is_given: bool) -> None:
        """Compiles the module, unless there is valid byte code. `is_given`: the path is one of pytest's arguments."""
        with suppress(Exception), _no_warnings():  # whatever it is, it is seen where the module is imported
            if self._is_rewritten(name, path, is_given=is_given):
                self._rewrite(Path(path))
            elif not has_byte_code(path):
                self._compile(name, path)

    def _is_rewritten(self, name: str, path: str, *, is_given: bool) -> bool:
        hook = self._state and self._state.hook
        if not hook or self._read is None:
            return False
        bails_out = hook._early_rewrite_bailout(name, self._state)  # noqa: SLF001
        return is_given or (not bails_out and hook._should_rewrite(name, path, self._state))  # noqa: SLF001

    def _rewrite(self, path: Path) -> None:
        if self._read is not None and self._read(path, _rewritten_byte_code(path)) is None:
            file = self._rewritten_file(path)
            version, code = _rewriting._rewrite_test(path, self._config)  # noqa: SLF001
            _rewriting._write_pyc(self._state, code, version, file)  # noqa: SLF001

    def _compile(self, name: str, path: str) -> None:
        loader = SourceFileLoader(name, path)
        source = loader.get_data(path)
        code = _compile(loader, source, path)
        _replace(self._file(path, "compiled"), importlib.util.source_hash(source) + marshal.dumps(code))

    # The side of the process that imports.

    def install(self) -> None:
        """From now on pytest and Python take what is prepared."""
        self._is_installed = True
        if self._read is not None:
            _rewriting._read_pyc = self._read_rewritten  # noqa: SLF001
        if _ATTRIBUTE not in vars(SourceFileLoader):
            setattr(SourceFileLoader, _ATTRIBUTE, _Compiling(self))

    def uninstall(self) -> None:
        """Restores everything. Whoever keeps what was in its place gets nothing any more that is prepared."""
        self._is_installed = False
        if _rewriting.__dict__.get(_READ) == self._read_rewritten:
            _rewriting._read_pyc = self._read  # noqa: SLF001
        if isinstance(vars(SourceFileLoader).get(_ATTRIBUTE), _Compiling):
            delattr(SourceFileLoader, _ATTRIBUTE)

    def _read_rewritten(self, source: Path, pyc: Path, *trace: Any) -> CodeType | None:
        """In place of the function with which pytest reads byte code, and which it calls before it rewrites."""
        code: CodeType | None = self._read(source, pyc, *trace)  # type: ignore[misc]
        if code is not None or not self._may_take():
            return code
        with suppress(OSError):  # pytest reports it
            file = self._rewritten_file(source)
            code = self._read(source, file, *trace)  # type: ignore[misc]
        self._reached(str(source))
        if code is None:
            return None
        self.taken.append(str(source))
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                _replace(pyc, file.read_bytes())
        return code

    def compiled(self, path: str) -> bytes | None:
        """What is prepared for the module at this path: the hash of its source, and its code."""
        if not self._may_take():
            return None
        self._reached(path)
        with suppress(OSError):
            return self._file(path, "compiled").read_bytes()
        return None

    def take(self, prepared: bytes, compiling: Any, data: object, path: str, **settings: Any) -> Any:
        """In place of `compiling`, the method with which Python compiles the source `data`."""
        fits = isinstance(data, bytes) and importlib.util.source_hash(data) == prepared[:_HASH_BYTES]
        if settings or not fits:
            return compiling(data, path, **settings)
        self.taken.append(path)
        return marshal.loads(memoryview(prepared)[_HASH_BYTES:])  # noqa: S302 # nosec B302 - of our own process

    def _rewritten_file(self, path: Path) -> Path:
        """It is that of this very source: before 9.2 pytest compares its time and its size, and they may be equal."""
        return self._file(str(path), "rewritten", path.read_bytes())

    def _file(self, path: str, kind: str, source: bytes = b"") -> Path:
        digest = hashlib.sha256(os.fsencode(path) + b"\0" + source).hexdigest()
        return self._folder / f"{digest}.{kind}"

    def _may_take(self) -> bool:
        return self._is_installed and self._makers == self._makers_now()

    def _makers_now(self) -> tuple[object, ...]:
        """All that makes code, or decides how: a conftest may have replaced some of it since the fork."""
        functions = {name: value for name, value in vars(rewrite).items() if callable(value) and name != _READ}
        methods = dict(vars(rewrite.AssertionRewriter))
        setting = self._config.getini("enable_assertion_pass_hook")
        return setting, functions, methods, ast.parse, builtins.compile, _inherited(SourceFileLoader)


class _Compiling:
    """The attribute of loaders that compiles. Where nothing is prepared it is Python's own, so no frame of ours stands
    in the traceback of a syntax error.
    """

    def __init__(self, code: PreparedCode) -> None:
        self._code = code

    def __get__(self, loader: SourceFileLoader | None, owner: type) -> Any:
        compiling = _inherited(owner if loader is None else loader)
        prepared = loader and self._code.compiled(str(loader.path))
        return partial(self._code.take, prepared, compiling) if prepared else compiling


def _inherited(loader: Any) -> Any:
    """The method that compiles, of a class of loaders or one of them, as it is without what is installed here."""
    compiling: Any = super(SourceFileLoader, loader)
    return compiling.source_to_code


def has_rewritten_code(path: str) -> bool:
    """Whether pytest has byte code of this test module, valid or not."""
    return _rewritten_byte_code(Path(path)).exists()


def has_byte_code(path: str) -> bool:
    """Whether there is byte code of this source, and the source has not changed since."""
    try:
        status = Path(path).stat()
        with Path(importlib.util.cache_from_source(path)).open("rb") as file:
            header = file.read(16)
    except (OSError, NotImplementedError):
        return False
    is_hashed = header[4:8] != bytes(4)
    version = struct.pack("<II", int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
    return header[:4] == importlib.util.MAGIC_NUMBER and (is_hashed or header[8:] == version)


def _rewritten_byte_code(path: Path) -> Path:
    folder: Path = _rewriting.get_cache_dir(path)
    return folder / f"{path.stem}{_rewriting.PYC_TAIL}"


def _replace(path: Path, data: bytes) -> None:
    """Writes the file so that nobody sees a part of it."""
    new = Path(f"{path}.{os.getpid()}")
    new.write_bytes(data)
    new.replace(path)


@contextmanager
def _no_warnings() -> Iterator[None]:
    """Raises each warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield

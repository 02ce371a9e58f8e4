"""Parts of the standard library as they were before a test could replace any of it.

Tests replace what the code under test calls: they patch `time.sleep`, `os.stat`, `socket.socket.sendall` or `open`,
freeze the clock, replace the file system. Our code that runs beside or around a test must neither be changed by that
nor be seen by it. So it takes these names from here, where they were bound at import.

The names are attributes of namespaces: freezegun and pyfakefs go through all modules, and replace the functions and
modules that they know there. Functions written in Python, which look up others when they are called, are copied with
globals of their own.
"""

from __future__ import annotations

from types import FunctionType, ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any


def _bound(module: ModuleType, **others: object) -> SimpleNamespace:
    """The names of the module, some replaced by `others`."""
    return SimpleNamespace(**{**vars(module), **others})


def _made_anew(module: ModuleType, **others: object) -> SimpleNamespace:
    """The same, and its functions use these names too."""
    names: dict[str, Any] = {**vars(module), **others, "__builtins__": builtins}
    for name, value in vars(module).items():
        if type(value) is FunctionType and name not in others:
            made = FunctionType(value.__code__, names, value.__name__, value.__defaults__, value.__closure__)
            made.__kwdefaults__ = value.__kwdefaults__
            names[name] = made
    return SimpleNamespace(**names)


if TYPE_CHECKING:
    import builtins
    import faulthandler
    import io
    import json
    import os
    import queue
    import shutil
    import signal
    import socket
    import struct
    import subprocess
    import tempfile
    import threading
    import time
    import traceback
    import warnings
else:
    import builtins as _builtins
    import faulthandler as _faulthandler
    import io as _io
    import json as _json
    import os as _os
    import queue as _queue
    import shutil as _shutil
    import signal as _signal
    import socket as _socket
    import struct as _struct
    import subprocess as _subprocess
    import tempfile as _tempfile
    import threading as _threading
    import time as _time
    import traceback as _traceback
    import warnings as _warnings

    builtins = ModuleType("builtins", "A copy to be a module's `__builtins__`: its functions look there for `open`.")
    vars(builtins).update(vars(_builtins))
    faulthandler = _bound(_faulthandler)
    io = _bound(_io)
    json = _bound(_json)
    queue = _bound(_queue)
    signal = _bound(_signal)
    socket = _bound(_socket)
    struct = _bound(_struct)
    threading = _bound(_threading)
    time = _bound(_time, monotonic=_time.perf_counter)  # the one clock that no library is known to replace in C
    traceback = _bound(_traceback)
    warnings = _bound(_warnings)
    os = _made_anew(_os, path=_made_anew(_os.path, os=_bound(_os)))
    shutil = _made_anew(_shutil, os=os)
    subprocess = _made_anew(_subprocess)
    tempfile = _made_anew(_tempfile, _os=os, _io=io, _shutil=shutil)

__all__ = [
    "builtins",
    "faulthandler",
    "io",
    "json",
    "os",
    "queue",
    "shutil",
    "signal",
    "socket",
    "struct",
    "subprocess",
    "tempfile",
    "threading",
    "time",
    "traceback",
    "warnings",
]

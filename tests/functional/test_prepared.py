"""A run that begins in the fork of a prepared interpreter is like one that has started its own."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from tests.prepared import PYTEST

TELL = """
    import atexit, json, os, signal, sys, warnings
    from pathlib import Path

    def at_exit():
        warnings.warn("late")
        print("end", sys.modules["__main__"].__spec__.name)

    def test_tell(request):
        main = sys.modules["__main__"]
        plugins = request.config.pluginmanager.list_name_plugin()
        atexit.register(at_exit)
        Path("told.json").write_text(json.dumps({
            "arguments": [sys.argv, sys.orig_argv[-3:], list(request.config.invocation_params.args)],
            "flags": [list(sys.flags), sys.warnoptions, sys._xoptions, sys.getrecursionlimit()],
            "path": sys.path,
            "environment": dict(os.environ),
            "folder": os.getcwd(),
            "main": [main.__name__, main.__file__, main.__package__, main.__spec__.name],
            "streams": [
                [stream.encoding, stream.errors, stream.line_buffering]
                for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__)
            ],
            "signals": [str(signal.getsignal(number)) for number in signal.valid_signals()],
            "plugins": sorted(name for name, _ in plugins if name.isidentifier()),
            "descriptors": len(os.listdir("/dev/fd")),
            "stdin": os.read(0, 1).decode(),
        }))

    def test_end():
        if Path("dies").exists(): os.kill(os.getpid(), signal.SIGTERM)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="what is forked is told from /dev/fd and by adoption")
def test_a_fork_differs_in_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TELL)
    fresh = _told(pytester, sys.executable, "-m", "pytest")
    (pytester.path / "dies").touch()
    assert pytester.runpytest_subprocess().ret == -15
    (pytester.path / "dies").unlink()
    assert _told(pytester, *PYTEST) == fresh


def _told(pytester: pytest.Pytester, *command: str) -> dict[str, Any]:
    result = pytester.run(*command, "-q", "-pno:cacheprovider", "--basetemp=base")
    assert (result.ret, result.outlines[-1]) == (0, "end pytest.__main__")
    facts: dict[str, Any] = json.loads((pytester.path / "told.json").read_text("utf-8"))
    return {**facts, "errors": result.errlines}

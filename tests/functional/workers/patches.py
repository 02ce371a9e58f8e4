"""A suite whose tests replace what the code under test might call, each for longer than a worker waits to send.

Each test sees whether somebody else calls what it has replaced: in a serial run nobody does.
"""

from __future__ import annotations

from typing import Final

QUICK: Final = (
    *("time.sleep", "time.monotonic", "os.getpid", "os.fstat", "os.write", "os.environ", "builtins.open"),
    *("builtins.len", "builtins.__import__", "pathlib.Path.is_file", "socket.socket.sendall", "struct.pack"),
    *("threading.Event.wait", "threading.Condition.notify_all", "warnings.warn_explicit", "faulthandler.enable"),
)
"""Where workers have been seen to call, or would if they were written without care."""

TARGETS: Final = (
    *QUICK,
    *("time.time", "time.perf_counter", "time.time_ns", "time.monotonic_ns", "time.perf_counter_ns", "time.gmtime"),
    *("os.getcwd", "os.stat", "os.lstat", "os.open", "os.close", "os.read", "os.dup", "os.dup2", "os.kill", "os.pipe"),
    *("os.killpg", "os.listdir", "os.scandir", "os.unlink", "os.remove", "os.rename", "os.mkdir", "os.makedirs"),
    *("os.path.exists", "os.path.isfile", "os.path.isdir", "os.path.join", "os.path.realpath", "os.path.abspath"),
    *(
        "os.fspath",
        "os.fork",
        "os.waitpid",
        "os.waitid",
        "os.getenv",
        "os.getppid",
        "os.urandom",
        "os.access",
        "os._exit",
    ),
    *(
        "builtins.print",
        "builtins.isinstance",
        "builtins.getattr",
        "builtins.sorted",
        "builtins.input",
        "builtins.repr",
    ),
    *("io.open", "io.BytesIO", "io.StringIO", "io.TextIOWrapper", "tempfile.mkdtemp", "tempfile.TemporaryFile"),
    *("pathlib.Path.exists", "pathlib.Path.open", "pathlib.Path.read_text", "pathlib.Path.write_text"),
    *("pathlib.Path.unlink", "pathlib.Path.mkdir", "pathlib.Path.cwd", "pathlib.Path.resolve", "pathlib.Path.stat"),
    *("socket.socket", "socket.socket.send", "socket.socket.recv", "socket.socket.recv_into", "socket.socket.close"),
    *("socket.socket.shutdown", "socket.socket.makefile", "socket.SocketIO.readinto", "socket.getaddrinfo"),
    *("struct.unpack", "struct.Struct", "signal.signal", "signal.getsignal", "signal.alarm", "select.select"),
    *("threading.Thread", "threading.Thread.start", "threading.Event", "threading.Event.set"),
    *(
        "threading.Lock",
        "threading.RLock",
        "threading.Condition",
        "threading.Condition.wait",
        "threading.Condition.notify",
    ),
    *("threading.current_thread", "threading.active_count", "threading.enumerate", "threading.main_thread"),
    *("_thread.start_new_thread", "queue.Queue", "queue.Queue.put", "queue.Queue.get", "queue.SimpleQueue"),
    *(
        "json.dumps",
        "json.loads",
        "pickle.dumps",
        "subprocess.Popen",
        "subprocess.run",
        "shutil.which",
        "shutil.rmtree",
    ),
    *("platform.system", "platform.platform", "sys.platform", "sys.stdout", "sys.stderr", "sys.exit", "gc.collect"),
    *("warnings.warn", "traceback.format_exception", "faulthandler.dump_traceback_later", "mmap.mmap", "uuid.uuid4"),
    *("random.random", "random.seed", "random.Random", "logging.getLogger", "contextlib.suppress", "hashlib.sha1"),
    *("builtins.repr", "threading.Condition.notify", "threading.Event.is_set", "shutil.rmtree", "os._exit"),
    *("psutil.Process", "psutil.process_iter", "datetime.datetime", "importlib.import_module", "inspect.stack"),
)

FILES: Final = {
    "replaced.py": """
import importlib
import os
import sys
import sysconfig

_getframe = sys._getframe
_MISSING = object()
_LIBRARY = sysconfig.get_path("stdlib")
VALUES = {"os.environ": {}, "sys.platform": "amiga", "sys.stdout": None, "sys.stderr": None}


def found(target):
    module, rest = target, []
    while True:
        module, _, name = module.rpartition(".")
        rest.insert(0, name)
        try:
            owner = importlib.import_module(module)
        except ImportError:
            continue
        for name in rest[:-1]:
            owner = getattr(owner, name)
        return owner, rest[-1]


class Replaced:
    def __init__(self, target, make):
        self.owner, self.name = found(target)
        self.before = vars(self.owner).get(self.name, _MISSING)
        self.value = make(getattr(self.owner, self.name)) if target not in VALUES else VALUES[target]

    def __enter__(self):
        setattr(self.owner, self.name, self.value)

    def __exit__(self, *_):
        if self.before is _MISSING:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.before)


def caller(frame):
    # the innermost file that is none of the standard library's
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith("<") and (not file.startswith(_LIBRARY) or "site-packages" in file):
            return file
        frame = frame.f_back
    return "thread"


def refusing(calls):
    def make(original):
        def stand_in(*arguments, **named):
            calls.append(caller(_getframe(1)))
            raise RuntimeError("this is replaced")
        return stand_in
    return make


def recording(calls):
    def make(original):
        def stand_in(*arguments, **named):
            calls.append(caller(_getframe(1)))
            return original(*arguments, **named)
        is_bound = getattr(original, "__self__", None) is not None
        return staticmethod(stand_in) if is_bound else stand_in
    return make
""",
    "test_held.py": """
import hashlib
import os
from time import perf_counter as clock

import pytest

from replaced import Replaced, refusing

SOME, SECONDS, sha256 = bytes(1 << 20), 0.065, hashlib.sha256


@pytest.mark.parametrize("again", range(int(os.environ["ROUNDS"])))
@pytest.mark.parametrize("target", os.environ["TARGETS"].split())
def test_held(target, again):
    calls = []
    until = clock() + SECONDS
    with Replaced(target, refusing(calls)):
        while clock() < until:
            sha256(SOME)  # without the interpreter's lock
    assert calls == []
""",
    "test_around.py": """
import os
import warnings

import pytest

import execnet
import pytest_parallel_agents
from replaced import Replaced, found, recording

OURS = tuple(os.path.dirname(package.__file__) for package in (execnet, pytest_parallel_agents))
TARGETS = os.environ["TARGETS"].split()
# what the standard library calls wherever it is called
EVERYWHERE = ("builtins.len", "builtins.isinstance", "builtins.getattr", "builtins.sorted", "builtins.__import__")
FUNCTIONS = [
    target for target in TARGETS if target not in EVERYWHERE and not isinstance(getattr(*found(target)), type | str)
]


@pytest.fixture(scope="class", params=FUNCTIONS)
def watched(request):
    calls = []
    with Replaced(request.param, recording(calls)):
        yield
    assert {call for call in calls if call.startswith(OURS)} == set(), request.param


@pytest.mark.usefixtures("watched")
class TestAround:
    def test_prints(self, capsys):
        print("printed")

    def test_warns(self):
        warnings.warn("of this")

    @pytest.mark.xfail(strict=True)
    def test_fails(self):
        assert OURS == ()

    def test_skips(self):
        pytest.skip("this time")

    def test_records(self, record_property, findings):
        record_property("seen", 1)
        findings.add("seen", path=__file__, line=1, level="note")
""",
}

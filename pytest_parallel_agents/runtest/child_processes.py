"""Child processes, as the system lists them: on Linux in files, elsewhere by psutil.

They are listed between tests, which may have replaced what psutil calls.
"""

from __future__ import annotations

from typing import Final

from pytest_parallel_agents.early_bound import builtins, io, os, time
from pytest_parallel_agents.psutil_import import import_psutil

__builtins__ = builtins

_TASKS: Final = "/proc/self/task"
_IS_LINUX: Final = os.path.isdir(_TASKS)
_ENDED: Final = frozenset({b"Z", b"X"})
_PARENT: Final = 1
_START: Final = 19
"""Place of the start among the fields of `/proc/PID/stat` that follow the command's name (proc(5) counts 22)."""


def child_pids() -> list[int]:
    """The children of this process. To search all processes for them takes a thousand times as long."""
    tasks = os.listdir(_TASKS) if _IS_LINUX else []
    lists = [found for task in tasks if (found := _read(f"{_TASKS}/{task}/children")) is not None]
    if lists:
        return [int(pid) for found in lists for pid in found.split()]
    import_psutil()
    import psutil

    return [child.pid for child in psutil.Process().children()]


def started(pid: int) -> float | None:
    """The start of the process, by a clock of the system's; None once it has ended, waited for or not."""
    if _IS_LINUX:
        state, *fields = (_read(f"/proc/{pid}/stat") or b"X").rpartition(b")")[2].split()
        return None if state in _ENDED else float(fields[_START - 1])
    import_psutil()
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return None


def ancestry(pid: int) -> list[int]:
    """The process and its ancestors, as far as they live. Only on Linux, where the look-up is quick."""
    found: list[int] = []
    while pid > 0 and pid not in found:
        found.append(pid)
        fields = (_read(f"/proc/{pid}/stat") or b"").rpartition(b")")[2].split()
        pid = int(fields[_PARENT]) if fields else 0
    return found


def seconds_since_start(start: float) -> float:
    """Seconds since the process of this `started` began, to about a hundredth. Only on Linux."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) - start / os.sysconf("SC_CLK_TCK")


def command_line(pid: int) -> list[str] | None:
    """The words of the process's command; None if they cannot be read, or are gone since it ends."""
    if _IS_LINUX:
        words = _read(f"/proc/{pid}/cmdline")
        return os.fsdecode(words).removesuffix("\0").split("\0") if words else None
    import_psutil()
    import psutil

    try:
        return psutil.Process(pid).cmdline() or None
    except psutil.Error:
        return None


def _read(file: str) -> bytes | None:
    try:
        with io.open(file, "rb") as opened:
            return opened.read()
    except OSError:  # the process or the thread has ended, or this Linux was built without the list of children
        return None

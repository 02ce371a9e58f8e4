"""What there is to know about one plugin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

TRANSPORTS = ("fork", "popen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is known to be different from the serial run, by aspect: texts that the comparison shows then.

    `why` goes into the page for users, and says what to write instead where there is something.
    """

    shows: Mapping[str, str]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One plugin, and a suite that uses it.

    `load` are the names by which pytest's `-p` loads it. `runs` holds the arguments of one or more runs in the same
    folder, in a terminal if it is a `tty`. `before` has Python code that goes before a run, by its number from 0, in
    that folder.

    What is compared can be reduced. `ignored` are patterns of files that are not compared; `readers` take out of files,
    by pattern, what is. `volatile` are regular expressions of what no two serial runs share, beside what `normal`
    knows. With a `shown` expression the terminal is compared by the lines that it matches, for plugins that have a
    terminal of their own.

    `differs` has what is known to be different, by transport.
    """

    name: str
    load: Sequence[str]
    uses: str
    files: Mapping[str, str]
    requires: Sequence[str] = ()
    runs: Sequence[Sequence[str]] = ((),)
    before: Mapping[int, str] = field(default_factory=dict)
    tty: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)
    ignored: Sequence[str] = ()
    volatile: Sequence[str] = ()
    readers: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    shown: str | None = None
    differs: Mapping[str, Difference] = field(default_factory=dict)

    @property
    def requirements(self) -> tuple[str, ...]:
        """What pip installs for it."""
        return (self.name, *self.requires)

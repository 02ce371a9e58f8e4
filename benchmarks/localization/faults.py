"""What is known of a fault. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Function:
    """A function, or a module's own code, by its path and qualified name."""

    path: str
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Statement:
    """A statement: the lines `first` to `last` of a file. That of a compound statement ends with its header."""

    path: str
    first: int
    last: int

    def holds(self, path: str, lines: frozenset[int]) -> bool:
        return self.path == path and any(self.first <= line <= self.last for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place at which a fault is. Any of the lines, in the faulty text, counts as that place.

    Where code is missing these are the statements around the gap.
    """

    function: Function
    lines: frozenset[int]

    def is_at(self, statement: Statement) -> bool:
        return statement.holds(self.function.path, self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault in a tree. `kind`: how it came to be. `group`: the package, whose faults are much alike."""

    name: str
    group: str
    kind: str
    changes: tuple[Change, ...]

    @property
    def functions(self) -> frozenset[Function]:
        return frozenset(change.function for change in self.changes)

    def touches(self, statement: Statement) -> bool:
        return any(change.is_at(statement) for change in self.changes)

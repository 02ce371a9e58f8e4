from __future__ import annotations

import io

import pytest
from _pytest._io import TerminalWriter

from pytest_parallel_agents.workers.held_writes import held_writes


class Written(io.TextIOWrapper):
    """A file that encodes like the given one and counts its writes."""

    def __init__(self, encoding: str) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)
        self.texts: list[str] = []
        self.flushes = 0

    def write(self, text: str) -> int:
        length = super().write(text)
        self.texts.append(text)
        return length

    def flush(self) -> None:
        super().flush()
        self.flushes += 1


def test_many_writes_become_one_at_the_end_of_the_block() -> None:
    file = Written("utf-8")
    terminal = TerminalWriter(file)
    with held_writes(terminal):
        for letter in "abc":
            terminal.write(letter, flush=True)
        assert (file.texts, file.flushes) == ([], 0)
    assert (file.texts, file.flushes) == (["abc"], 1)
    terminal.write("d", flush=True)
    assert (file.texts, file.flushes) == (["abc", "d"], 2)


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "aéb"), ("ascii", r"a\xe9b")])
def test_what_a_terminal_cannot_show_is_escaped_in_its_place(encoding: str, shown: str) -> None:
    file = Written(encoding)
    terminal = TerminalWriter(file)
    with held_writes(terminal):
        for letter in "aéb":
            terminal.write(letter)
    assert "".join(file.texts) == shown


def test_what_is_held_is_written_when_the_block_is_left_by_an_error() -> None:
    file = Written("utf-8")
    terminal = TerminalWriter(file)

    def interrupted() -> None:
        with held_writes(terminal):
            terminal.write("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert file.texts == ["a"]
    assert terminal._file is file


def test_the_file_is_asked_for_all_else() -> None:
    terminal = TerminalWriter(Written("latin-1"))
    with held_writes(terminal):
        assert terminal._file.encoding == "latin-1"

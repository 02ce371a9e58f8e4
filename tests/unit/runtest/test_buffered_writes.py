from __future__ import annotations

import io

import pytest
from _pytest._io import TerminalWriter

from pytest_parallel_agents.runtest.buffered_writes import BufferedWrites


class Written(io.TextIOWrapper):
    """A file that encodes like the given one, keeps what is written, and counts how often it is flushed."""

    def __init__(self, encoding: str = "utf-8", *, is_terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)
        self.texts: list[str] = []
        self.flushes = 0
        self._is_terminal = is_terminal

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def isatty(self) -> bool:
        return self._is_terminal

    def write(self, text: str) -> int:
        length = super().write(text)
        self.texts.append(text)
        return length

    def flush(self) -> None:
        super().flush()
        self.flushes += 1


def holding(file: Written, *, rows: bool = False) -> tuple[TerminalWriter, BufferedWrites]:
    terminal = TerminalWriter(file)
    terminal.hasmarkup = file.isatty()
    return terminal, BufferedWrites(terminal, rows=rows)


def test_many_writes_become_one_at_the_end_of_a_batch() -> None:
    file = Written()
    terminal, held = holding(file)
    with held.batch():
        for letter in "abc":
            terminal.write(letter, flush=True)
        assert (file.texts, file.flushes) == ([], 0)
    assert (file.texts, file.flushes) == (["abc"], 1)
    terminal.write("d", flush=True)
    assert (file.texts, file.flushes) == (["abc", "d"], 2)


@pytest.mark.parametrize(("encoding", "shown"), [("utf-8", "aéb"), ("ascii", r"a\xe9b")])
def test_what_a_terminal_cannot_show_is_escaped_in_its_place(encoding: str, shown: str) -> None:
    file = Written(encoding)
    terminal, held = holding(file)
    with held.batch():
        for letter in "aéb":
            terminal.write(letter)
    assert file.text == shown


def test_what_is_held_is_written_when_the_batch_is_left_by_an_error() -> None:
    file = Written()
    terminal, held = holding(file)

    def interrupted() -> None:
        with held.batch():
            terminal.write("a")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert file.texts == ["a"]


def test_it_leaves_the_terminal_as_it_was() -> None:
    file = Written()
    terminal, held = holding(file, rows=True)
    terminal.write("..", flush=True)
    held.close()
    assert terminal._file is file
    assert file.text == ".."


def test_the_file_is_asked_for_all_else() -> None:
    terminal, _ = holding(Written("latin-1"))
    assert terminal._file.encoding == "latin-1"


def dots_and_lines(terminal: TerminalWriter, held: BufferedWrites) -> None:
    """Two rows of four letters, and two lines that come in the middle of the first."""
    terminal.write("..", flush=True)
    with held.above_row():
        terminal.line("one")
    terminal.write("F", flush=True)
    with held.batch(), held.above_row():
        terminal.line("two")
    terminal.write(".\n")
    terminal.write("....", flush=True)


def test_rows_of_a_file_are_written_whole_and_lines_at_once() -> None:
    file = Written()
    terminal, held = holding(file, rows=True)
    dots_and_lines(terminal, held)
    assert file.text == "one\ntwo\n..F.\n"
    assert terminal.width_of_current_line == 4
    held.close()
    assert file.text == "one\ntwo\n..F.\n...."


def test_rows_of_a_terminal_are_seen_as_they_grow_and_move_down_for_a_line() -> None:
    file = Written(is_terminal=True)
    terminal, held = holding(file, rows=True)
    dots_and_lines(terminal, held)
    assert file.text == "..\r\x1b[Kone\n..F\r\x1b[Ktwo\n..F.\n...."


def test_a_whole_line_is_written_at_once_so_that_no_fork_has_a_copy_of_it() -> None:
    file = Written()
    terminal, _ = holding(file, rows=True)
    terminal.line("a note")
    assert file.text == "a note\n"

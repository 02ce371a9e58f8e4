from __future__ import annotations

import io
import sys

import pytest
from _pytest._io import TerminalWriter

from pytest_parallel_agents.runtest.buffered_writes import BufferedWrites
from tests.screens import Screen


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


class Seen:
    """A terminal of 20 columns and 6 rows."""

    def __init__(self) -> None:
        self.file = Written(is_terminal=True)
        self.terminal, self.buffer = holding(self.file, rows=True)
        self.terminal.fullwidth = 20
        self._screen = Screen(20, 6)
        self._fed = 0

    @property
    def screen(self) -> Screen:
        """With all that has been written."""
        text = self.file.text[self._fed :].replace("\n", "\r\n")
        self._fed = len(self.file.text)
        self._screen.feed(text.encode())
        return self._screen


def test_an_area_stays_below_the_text_and_the_cursor_at_its_end() -> None:
    seen = Seen()
    with seen.buffer.area():
        seen.terminal.write("..", flush=True)
        seen.buffer.draw(["gw0 one", "gw1 two"])
        assert (seen.screen.lines, seen.screen.cursor) == (["..", "gw0 one", "gw1 two"], (0, 2))

        with seen.buffer.above_row():
            seen.terminal.line("PASS a")
        seen.terminal.write("F", flush=True)
        seen.buffer.draw(["gw1 two"])
        assert (seen.screen.lines, seen.screen.cursor) == (["PASS a", "..F", "gw1 two"], (1, 3))

        for number in range(9):
            seen.terminal.write(f"\nline {number}")
        seen.buffer.draw(["gw0 three", "gw1 two"])
        assert seen.screen.lines == ["line 5", "line 6", "line 7", "line 8", "gw0 three", "gw1 two"]
        assert seen.screen.cursor == (3, 6)
    assert (seen.screen.lines, seen.screen.cursor) == (["line 5", "line 6", "line 7", "line 8"], (3, 6))


def test_nothing_is_written_between_redraws_and_nothing_twice() -> None:
    seen = Seen()
    with seen.buffer.area():
        for number in range(100):
            seen.terminal.write(".", flush=True)
            seen.terminal.line(str(number))
        assert (seen.file.texts, seen.buffer.is_pending) == ([], True)
        seen.buffer.draw(["gw0"])
        seen.buffer.draw(["gw0"])
        assert (len(seen.file.texts), seen.buffer.is_pending) == (1, False)
        seen.buffer.draw(["gw0 2 s"])
        assert len(seen.file.texts) == 2
    seen.terminal.line("at once")
    assert seen.file.texts[-1] == "at once\n"


def test_what_another_process_writes_is_kept_and_the_area_moves_below_it() -> None:
    seen = Seen()
    with seen.buffer.area():
        seen.terminal.write("..", flush=True)
        seen.buffer.draw(["gw0 one", "gw1 two"])
        seen.screen.feed(b"hello\r\nyou\r\n")
        seen.terminal.write(".", flush=True)
        seen.buffer.draw(["gw0 one"])
        lines = seen.screen.lines
    assert (lines[0], lines[1][:3], lines[2:]) == ("..hello", "you", [".", "gw0 one"])


def test_what_a_plugin_prints_is_part_of_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Seen()
    monkeypatch.setattr(sys, "stdout", seen.file)
    with seen.buffer.area():
        seen.terminal.write("..", flush=True)
        seen.buffer.draw(["gw0 one"])
        print("hello", flush=True)  # noqa: T201
        seen.buffer.draw(["gw0 one"])
        assert seen.screen.lines == ["..hello", "", "gw0 one"]
    assert sys.stdout is seen.file


def test_a_line_of_the_area_takes_one_line_of_the_screen_whatever_is_in_it() -> None:
    seen = Seen()
    with seen.buffer.area():
        seen.terminal.write("..", flush=True)
        seen.buffer.draw(["gw0 " + "x" * 40, "gw1"])
        assert (len(seen.screen.lines), seen.screen.cursor) == (3, (0, 2))


def test_a_row_that_became_too_wide_for_its_terminal_moves_down_whole() -> None:
    seen = Seen()
    with seen.buffer.area():
        seen.terminal.write("." * 30, flush=True)
        seen.buffer.draw(["gw0"])
        with seen.buffer.above_row():
            seen.terminal.line("PASS a")
        seen.buffer.draw(["gw0"])
    assert seen.screen.lines == ["PASS a", "." * 20, "." * 10]


def test_an_area_of_a_terminal_that_cannot_show_it_is_escaped() -> None:
    file = Written("ascii", is_terminal=True)
    _, held = holding(file, rows=True)
    with held.area():
        held.draw(["é"])
    assert r"\xe9" in file.text


def test_the_area_goes_when_the_run_is_interrupted() -> None:
    seen = Seen()

    def interrupted() -> None:
        with seen.buffer.area():
            seen.terminal.write("..", flush=True)
            seen.buffer.draw(["gw0 one"])
            seen.terminal.write("E", flush=True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert (seen.screen.lines, seen.screen.cursor) == (["..E"], (0, 3))

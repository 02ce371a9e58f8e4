from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_parallel_agents.wire.journal import Journal, read_journal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gw0.journal"


def test_frames_are_read_with_the_number_of_their_batch(path: Path) -> None:
    journal = Journal(path)
    journal.begin(7)

    assert journal.add(b"one")
    assert journal.add(b"")
    assert journal.add(b"three")

    assert read_journal(path) == (7, [b"one", b"", b"three"])


def test_a_new_batch_forgets_the_frames_of_the_last(path: Path) -> None:
    journal = Journal(path)
    journal.begin(1)
    journal.add(b"old")
    journal.begin(2)
    journal.add(b"new")

    assert read_journal(path) == (2, [b"new"])


def test_the_last_frame_can_be_taken_back(path: Path) -> None:
    journal = Journal(path)
    journal.begin(1)
    journal.add(b"kept")
    journal.add(b"dropped")
    journal.drop(b"dropped")
    journal.add(b"next")

    assert read_journal(path) == (1, [b"kept", b"next"])


def test_a_frame_that_does_not_fit_is_refused_and_the_rest_stays(path: Path) -> None:
    journal = Journal(path)
    journal.begin(1)
    journal.add(b"small")

    assert not journal.add(b"x" * (1 << 18))

    assert read_journal(path) == (1, [b"small"])


def test_it_survives_the_process_that_wrote_it(path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from pytest_parallel_agents.wire.journal import Journal\n"
        "journal = Journal(Path(sys.argv[1])); journal.begin(3); journal.add(b'last words'); os.kill(os.getpid(), 9)"
    )
    ended = subprocess.run([sys.executable, "-c", code, os.fspath(path)], check=False)

    assert ended.returncode != 0
    assert read_journal(path) == (3, [b"last words"])


@pytest.mark.parametrize("content", [None, b"", b"short"])
def test_no_journal_has_no_messages(path: Path, content: bytes | None) -> None:
    if content is not None:
        path.write_bytes(content)

    assert read_journal(path) == (0, [])

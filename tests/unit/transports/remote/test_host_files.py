"""Files of a worker on a host have the same content here, as far as people are shown it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.excerpts import END, MOST
from pytest_parallel_agents.transports.remote.host_files import BroughtFiles, ChangedFiles
from pytest_parallel_agents.transports.remote.host_messages import FileContent
from pytest_parallel_agents.wire.journal import Journal, read_journal
from pytest_parallel_agents.wire.run_folder import RunFolder, WorkerFiles


@pytest.fixture
def sent() -> list[FileContent]:
    return []


@pytest.fixture
def there(tmp_path: Path) -> WorkerFiles:
    (tmp_path / "there").mkdir()
    return RunFolder(tmp_path / "there").of("gw3")


@pytest.fixture
def here(tmp_path: Path) -> WorkerFiles:
    (tmp_path / "here").mkdir()
    return RunFolder(tmp_path / "here").of("gw3")


def bring(sent: list[FileContent], here: WorkerFiles) -> int:
    """Writes what was sent. Returns how many files that were."""
    brought = BroughtFiles(RunFolder(here.folder))
    for content in sent:
        brought.write(content, {"gw3"})
    count = len(sent)
    sent.clear()
    return count


def test_each_change_crosses_once(there: WorkerFiles, here: WorkerFiles, sent: list[FileContent]) -> None:
    changed = ChangedFiles(there, sent.append)
    changed.send()
    assert bring(sent, here) == 0

    there.output("stdout").write_bytes(b"first and long")
    there.stacks.write_bytes(b"stack")
    changed.send()
    assert bring(sent, here) == 2

    there.output("stdout").write_bytes(b"second")
    changed.send()
    changed.send()
    assert bring(sent, here) == 1
    assert here.output("stdout").read_bytes() == b"second"
    assert here.stacks.read_bytes() == b"stack"


def test_of_a_long_file_both_ends_cross(there: WorkerFiles, here: WorkerFiles, sent: list[FileContent]) -> None:
    there.errors.write_bytes(b"a" * END + b"b" * MOST + b"c" * END)
    ChangedFiles(there, sent.append).send()

    assert sum(map(len, sent[0].parts.values())) == 2 * END
    bring(sent, here)
    assert here.errors.read_bytes() == b"a" * END + bytes(MOST) + b"c" * END


def test_of_a_growing_file_what_is_new_crosses(there: WorkerFiles, here: WorkerFiles, sent: list[FileContent]) -> None:
    changed = ChangedFiles(there, sent.append)
    there.setups.write_bytes(b"one\n")
    changed.send()
    with there.setups.open("ab") as file:
        file.write(b"two\n")
    changed.send()

    assert [dict(content.parts) for content in sent] == [{0: b"one\n"}, {4: b"two\n"}]
    bring(sent, here)
    assert here.setups.read_bytes() == b"one\ntwo\n"


def test_a_journal_crosses_whenever_it_changes(there: WorkerFiles, here: WorkerFiles, sent: list[FileContent]) -> None:
    journal = Journal(there.journal)
    changed = ChangedFiles(there, sent.append)
    journal.begin(3)
    journal.add(b"frame")
    changed.send()
    journal.add(b"another")
    changed.send()
    assert bring(sent, here) == 2
    assert read_journal(here.journal) == (3, [b"frame", b"another"])

    journal.begin(4)
    changed.send()
    bring(sent, here)
    assert read_journal(here.journal) == (4, [])


@pytest.mark.parametrize(
    ("worker", "name"), [("gw3", "../evil"), ("gw3", "lock"), ("../gw3", "errors"), ("gw4", "errors")]
)
def test_no_other_file_is_written(here: WorkerFiles, worker: str, name: str) -> None:
    with pytest.raises(ValueError, match="a file"):
        BroughtFiles(RunFolder(here.folder)).write(FileContent(worker, name, 1, {0: b"x"}), {"gw3"})
    assert list(here.folder.parent.rglob("*")) == [here.folder]

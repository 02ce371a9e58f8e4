from __future__ import annotations

from pathlib import Path

import pytest

from pytest_parallel_agents.excerpts import END
from pytest_parallel_agents.runtest.capture import command_output
from pytest_parallel_agents.wire.run_folder import RunFolder

KEY = "0815-4711-abc"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_KEY", KEY)


def said(folder: Path, text: bytes) -> str:
    files = RunFolder(folder).of("gw3")
    files.command_output("stderr").write_bytes(text)
    ((name, shown),) = command_output(files)
    assert name == "Captured stderr"
    return shown


def test_secrets_are_masked(tmp_path: Path) -> None:
    assert said(tmp_path, f"the key {KEY} is \xe9".encode("latin-1")) == "the key *** is \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("place", range(END - len(KEY), END + 1))
def test_no_secret_is_cut_in_two_where_a_long_output_is(tmp_path: Path, place: int) -> None:
    text = bytearray(b"x" * 300_000)
    for start in (place, len(text) - END - END + place):
        text[start : start + len(KEY)] = KEY.encode()

    shown = said(tmp_path, bytes(text))

    assert set(shown.replace("bytes left out", "")) <= set("x*. \n,0123456789")
    assert not any(KEY[at : at + 3] in shown.replace("left out", "") for at in range(len(KEY) - 2))
    assert shown.startswith("x")
    assert shown.endswith("x")
    assert 100_000 < len(shown) < 140_000


def test_no_output_is_nothing_shown(tmp_path: Path) -> None:
    files = RunFolder(tmp_path).of("gw3")
    files.command_output("stdout").touch()

    assert command_output(files) == []

"""What a run has left is explained without another run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.functional.runs import run_agents, run_pytest

TESTS = """
    import shop
    def test_net():
        print("captured \\x1b[2J")
        assert shop.net(3) == 3
    def test_fine(): pass
    def test_fine_too(): pass
"""


@pytest.fixture
def shop(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(shop="def net(price):\n    return price - 1\n", test_shop=TESTS)
    return pytester


def explain(*words: str, here: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import sys; from pytest_parallel_agents.cli.main import main; sys.exit(main())"]
    return subprocess.run([*command, "explain", *words], cwd=here, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_a_check_and_a_cause_of_the_last_run(shop: pytest.Pytester) -> None:
    run_agents(shop)
    assert run_pytest(shop, "--agents", "no_such_file.py").ret == pytest.ExitCode.USAGE_ERROR
    below = shop.mkdir("below")

    check = explain("test_shop.py::test_net", here=below)
    assert check.returncode == 0
    assert ">       assert shop.net(3) == 3" in check.stdout
    assert "captured \\x1b[2J" in check.stdout
    assert "run it again: pytest" in check.stdout

    by_number, by_place, by_name = (explain(name, here=shop.path).stdout for name in ("1", "shop.py:2", "net"))
    assert by_number == by_place == by_name
    assert "2 | return price - 1" in by_number

    entry = json.loads(explain("1", "--json", here=shop.path).stdout)
    assert (entry["path"], entry["function"]) == ("shop.py", "net")


@pytest.mark.slow
def test_what_is_not_there_is_an_error_with_what_is_similar(shop: pytest.Pytester) -> None:
    none = explain("1", here=shop.path)
    assert none.returncode == 4
    assert none.stderr.startswith("ERROR: no run of pytest --agents has left a report for ")
    run_agents(shop, "--agents-report=x.json")
    (shop.path / ".pytest_cache" / "d" / "parallel-agents" / "last-report.json").write_bytes(b"broken")
    for words, fault in (
        (["test_nett", "--report=x.json"], "did you mean test_shop.py::test_net"),
        (["9", "--report=x.json"], "there is no cause 9"),
        (["1"], "is not valid JSON"),
        (["1", "--report=y.json"], "y.json cannot be read"),
    ):
        refused = explain(*words, here=shop.path)
        assert (refused.returncode, refused.stdout) == (4, "")
        assert fault in refused.stderr
        assert "Traceback" not in refused.stderr


@pytest.mark.slow
@pytest.mark.parametrize("options", [["-p", "no:cacheprovider"], ["-o", "cache_dir=elsewhere"]], ids=str)
def test_without_the_usual_cache(
    shop: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, options: list[str]
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    run_pytest(shop, "--agents", "-n0", *options)
    assert "test_net" in explain("test_net", here=shop.path).stdout
    assert not (shop.path / ".pytest_cache").exists()


def test_a_reader_may_have_enough(shop: pytest.Pytester) -> None:
    run_agents(shop)
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-c", "from pytest_parallel_agents.cli.main import main; main(['explain', '1'])"]
    with open(writing, "wb") as closed:  # noqa: PTH123 - it is a descriptor
        ended = subprocess.run(command, cwd=shop.path, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")

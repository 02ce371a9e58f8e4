"""The command of each failed check runs it alone, and it fails there as it did."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents, run_pytest

SHOP = Path(__file__).parents[2] / "examples" / "shop"


def commands(run: AgentsRun) -> dict[str, list[str]]:
    """The words of each command after `pytest`, by the check's name."""
    found = {check["name"]: shlex.split(check["reproduce"]) for check in run.report["checks"] if "reproduce" in check}
    assert {words[0] for words in found.values()} <= {"pytest"}
    return {name: words[1:] for name, words in found.items()}


@pytest.mark.slow
def test_each_check_that_failed_has_one(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = json.dumps(["sh", "-c", "echo no; false"])
    configure(pytester, f"[.agents.bad]\ncommand = {bad}\n[.agents.fine]\ncommand = 'true'\n")
    pytester.makeini('[pytest]\naddopts = -m "not slow"\nmarkers = slow')
    pytester.makeconftest("def pytest_addoption(parser): parser.addoption('--shop')")
    below = pytester.mkdir("below")
    (below / "test_odd.py").write_text(
        "import pytest, time\n"
        "@pytest.fixture\n"
        "def shop(request): return request.config.getoption('shop')\n"
        "@pytest.mark.slow\n"
        """@pytest.mark.parametrize("text", ["it's", "a b", "$HOME `x`", "a::b/c", "[x", "ü"])\n"""
        "def test_odd(text, shop): assert shop != 'a b'\n"
        "@pytest.mark.slow\n"
        "@pytest.mark.agent('review')\n"
        "def test_review(findings): findings.add('wrong', path='a.py', line=1, rule='r')\n"
        "@pytest.mark.slow\n"
        "@pytest.mark.agent('test', timeout=0.5)\n"
        "def test_hung(shop): time.sleep(shop and 60)\n"
        "@pytest.mark.slow\n"
        "def test_fine(): pass\n"
        "def test_other(): assert 0\n"
    )

    run = run_agents(pytester, "--shop", "a b", "-m", "slow or agent", ".", "pyproject.toml", "-x", "--maxfail=99")

    found = commands(run)
    assert set(found) == {name for name, outcome in run.outcomes.items() if outcome != "passed"}
    assert len(found) == 9
    assert found["test_review"][0] == found["test_hung"][0] == found["bad"][0] == "--agents"
    for name in ("test_odd[it's]", "test_odd[$HOME `x`]", "test_odd[a::b/c]", "test_review", "test_hung", "bad"):
        alone = run_pytest(pytester, *found[name])
        assert alone.ret == 1, str(alone.stdout)
        alone.assert_outcomes(failed=1)


@pytest.mark.slow
def test_in_the_example(pytester: pytest.Pytester) -> None:
    shutil.copytree(SHOP, pytester.path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "__pycache__"))
    found = commands(run_agents(pytester))
    assert len(found) == 3
    for words in found.values():
        run_pytest(pytester, *words).assert_outcomes(failed=1)


def test_workers_of_the_configuration_are_not_needed(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\naddopts = -n2")
    pytester.makepyfile("def test_bad(): assert 0")
    [words] = commands(run_agents(pytester)).values()
    assert words[-3:-1] == ["-n", "0"]


def test_what_could_not_be_collected(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_broken="import no_such_module")
    [words] = commands(run_agents(pytester)).values()
    run_pytest(pytester, *words).assert_outcomes(errors=1)


def test_a_gate_has_none_for_it_judges_the_whole_run(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_bad(): assert 0\ndef test_gate(convergence): assert not convergence.results")
    assert set(commands(run_agents(pytester))) == {"test_bad"}

"""Several reviewers are asked the same, and what they agree on fails the run."""

from __future__ import annotations

import json
import sys

import pytest

from tests.functional.runs import AgentsRun, configure, refused, run_agents

REVIEWER = """
import json, sys, time
opinion = sys.argv[1]
def finding(rule, line, last, level):
    return dict(rule=rule, line=line, end_line=last, level=level, path="a.py", message="m")
opinions = {
    "clean": [],
    "leak": [finding("leak", 2, 2, "error"), finding("naming", 1, 1, "warning")],
    "the same": [finding("Leak", 1, 3, "error")],
    "race": [finding("race", 2, 2, "error")],
    "unnamed": [finding(None, 2, 2, "error")],
}
if opinion == "hangs":
    time.sleep(600)
if opinion == "breaks":
    sys.exit("429 Too Many Requests")
print(json.dumps({"findings": opinions[opinion]}))
"""


def panel(name: str, *opinions: str, in_order: bool = False) -> str:
    """The tables of a panel of which two must agree, and of its members, which have its name and a number.

    With `in_order` each begins when the one before it has ended.
    """
    members = [f"{name}{number}" for number in range(1, len(opinions) + 1)]
    before = [[], *([member] for member in members)] if in_order else [[]] * len(members)
    tables = [
        f"[.agents.{member}]\ncommand = [{json.dumps(sys.executable)}, 'reviewer.py', {json.dumps(opinion)}]\n"
        f'format = "findings"\ncpus = 0\nafter = {json.dumps(after)}\n'
        for member, opinion, after in zip(members, opinions, before, strict=False)
    ]
    return "".join([f"[.groups.{name}]\nagree = 2\nagents = {json.dumps(members)}\n", *tables])


@pytest.fixture
def reviewer(pytester: pytest.Pytester) -> str:
    pytester.makepyfile(reviewer=REVIEWER)
    (pytester.path / "a.py").write_text("a = 1\nb = 2\nc = 3\n")
    return json.dumps(sys.executable)


def decisions(run: AgentsRun) -> dict[str, tuple[bool | None, int]]:
    """Whether each panel passed, and how many of its members have answered."""
    return {group["name"]: (group["passed"], group["answers"]) for group in run.report["groups"]}


def test_panels_decide_as_soon_as_enough_agree(pytester: pytest.Pytester, reviewer: str) -> None:
    configure(
        pytester,
        panel("agreed", "leak", "the same", "hangs")
        + panel("outvoted", "leak", "race", "clean")
        + panel("excused", "clean", "breaks", "clean", in_order=True)
        + panel("decided", "clean", "clean", "hangs")
        + panel("undecided", "breaks", "leak", "breaks", in_order=True)
        + panel("unnamed", "unnamed", "unnamed")
        + '[.groups.codes]\nagree = 2\nagents = ["code1", "code2"]\n'
        + "".join(f"[.agents.code{n}]\ncommand = [{reviewer}, '-c', 'raise SystemExit(1)']\ncpus = 0\n" for n in (1, 2))
        + f"[.agents.voters]\ncommand = [{reviewer}, 'reviewer.py', '{{voter}}']\n"
        'voters = ["leak", "the same"]\nformat = "findings"\ncpus = 0\n',
    )
    run = run_agents(pytester)

    assert run.exit_code == 1
    assert decisions(run) == {
        "agreed": (False, 2),
        "outvoted": (True, 3),
        "excused": (True, 2),
        "decided": (True, 2),
        "undecided": (None, 1),
        "unnamed": (False, 2),
        "codes": (False, 2),
        "voters": (False, 2),
    }
    ended = {
        "agreed": ["failed", "failed", "cancelled"],
        "outvoted": ["passed", "passed", "passed"],
        "excused": ["passed", "error", "passed"],
        "decided": ["passed", "passed", "cancelled"],
        "undecided": ["error", "failed", "error"],
        "unnamed": ["failed", "failed"],
    }
    assert run.outcomes == {
        **{f"{name}{n}": outcome for name, outcomes in ended.items() for n, outcome in enumerate(outcomes, 1)},
        **{f"code{n}": "failed" for n in (1, 2)},
        "voters[leak]": "failed",
        "voters[the same]": "failed",
    }
    (agreed,) = [group for group in run.report["groups"] if group["name"] == "agreed"]
    first, second = agreed["agreements"]
    assert (first["rule"], first["level"], first["votes"], first["counts"]) == ("leak", "error", 2, True)
    assert (second["rule"], second["level"], second["votes"], second["counts"]) == ("naming", "note", 1, False)
    assert {(each["level"], each["votes"]) for each in run.check("outvoted1")["findings"]} == {("note", 1)}
    assert run.check("outvoted2")["notes"] == ["outvoted: 1 finding, on which fewer than 2 of the panel agree"]
    assert {(each["level"], each["votes"]) for each in run.check("undecided2")["findings"]} == {
        ("error", 1),
        ("warning", 1),
    }
    printed = " ".join(run.stdout.split())
    assert "panel agreed (2 of 3 must agree): failed, 2 of 3 answered and agree on 1 finding" in printed
    assert "a.py:2: error leak (2 votes): m" in run.stdout

    run = run_agents(pytester, "-k", "outvoted or excused")
    assert run.exit_code == 0, run.stdout
    assert "5 passed, 1 skipped" in run.stdout


MEMBERS = """
import pytest

pytestmark = pytest.mark.agent("review", group="panel")

@pytest.fixture
def breaks():
    yield
    raise RuntimeError

@pytest.mark.parametrize("rule", ["", "leak", "race"])
def test_finds(findings, rule):
    if rule:
        findings.add(rule=rule, message="m", path="a.py", line=2)

def test_fails():
    assert False

def test_finds_and_fails(findings):
    findings.add(rule="naming", message="m", path="a.py", line=2)
    assert False

def test_finds_and_breaks(findings, breaks):
    findings.add(rule="wording", message="m", path="a.py", line=2)
"""


def test_a_panel_outvotes_nothing_but_findings(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(a="a = 1\nb = 2\n", test_members=MEMBERS)
    configure(pytester, '[.groups.panel]\nagree = 2\nagents = ["listed"]\n[.agents.listed]\ncommand = ["true"]\n')
    run = run_agents(pytester)
    assert decisions(run) == {"panel": (True, 6)}
    assert run.outcomes == {
        "listed": "passed",
        **{f"test_finds[{rule}]": "passed" for rule in ("", "leak", "race")},
        **dict.fromkeys(("test_fails", "test_finds_and_fails", "test_finds_and_breaks"), "failed"),
    }
    assert "4 passed, 3 skipped" in run.stdout


def test_a_panel_for_each_input(pytester: pytest.Pytester, reviewer: str) -> None:
    configure(
        pytester,
        f"[.agents.each]\ncommand = [{reviewer}, 'reviewer.py', '{{}}']\neach = ['leak', 'clean']\n"
        'voters = 2\nagree = 2\nformat = "findings"\ncpus = 0\n',
    )
    run = run_agents(pytester)
    assert decisions(run) == {"each[leak]": (False, 2), "each[clean]": (True, 2)}
    assert set(run.outcomes) == {"each[leak-1]", "each[leak-2]", "each[clean-1]", "each[clean-2]"}


def test_mistakes_name_the_key_and_the_remedy(pytester: pytest.Pytester) -> None:
    agent = '[.agents.{}]\ncommand = "a"\n{}'
    configure(
        pytester,
        '[.groups.both]\nwait = 2\nagree = 2\nagents = ["one", "too"]\n[.groups.other]\nagents = ["one"]\n'
        + "".join(
            [
                agent.format("one", ""),
                agent.format("alone", "agree = 2\n"),
                agent.format("many", "voters = 2\nagree = 3\n"),
                agent.format("single", "voters = 1\n"),
                agent.format("member", 'group = "both"\nvoters = 2\nagree = 2\n'),
                agent.format("twice", 'voters = ["x", "x"]\n'),
            ]
        ),
    )
    where, valid = "pyproject.toml: tool.pytest-parallel-agents", "one, alone, many, single, member, twice"
    assert sorted(refused(pytester)) == sorted(
        [
            f"{where}.groups.both.agree and wait exclude each other (leave one of them out)",
            f'{where}.groups.both.agents names "too", which is no agent (valid: {valid})',
            f'{where}.groups.other.agents names "one", which is in the group "both" (drop one)',
            f"{where}.agents.alone.agree needs the key voters (write voters = 3, or list agents in a group)",
            f"{where}.agents.many.agree is 3, and there are 2 voters (write a smaller number)",
            f"{where}.agents.single.voters must be a list of at least 2 names, or how many, not 1",
            f"{where}.agents.member.agree is for an agent that is a panel of its own (write {where}.groups.both.agree)",
            f'{where}.agents.twice.voters names "x" more than once',
        ]
    )


@pytest.mark.slow
def test_a_panel_of_too_few_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_members="import pytest\n\n@pytest.mark.agent('review', group='few')\ndef test_one(): pass\n"
    )
    configure(pytester, '[.groups.few]\nagree = 4\nagents = ["two"]\n[.agents.two]\ncommand = ["a"]\nvoters = 2\n')
    where = "pyproject.toml: tool.pytest-parallel-agents.groups.few"
    assert refused(pytester) == [f"{where}.agree is 4, and its members are 3 (write a smaller number)"]


PRICED = """
import json, sys
used = {"total_cost_usd": 0.4, "usage": {"input_tokens": 100, "output_tokens": 20}}
answer = json.dumps({"findings": []})
print(answer if sys.argv[1] == "free" else json.dumps({"type": "result", "is_error": False, "result": answer} | used))
"""


def test_what_has_not_begun_is_skipped_when_the_budget_is_used_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(priced=PRICED)
    tables = [
        f"[.agents.{name}]\ncommand = [{json.dumps(sys.executable)}, 'priced.py', '{name}']\n"
        f"format = 'findings'\ncpus = 0\n{own}"
        for name, own in (("one", ""), ("two", ""), ("three", ""), ("free", "budget = 0\n"), ("dear", "budget = 3\n"))
    ]
    configure(pytester, "budget = 0.5\n" + "".join(tables))
    reports = ("--agents-report=r.md", "--agents-report=r.html", "--agents-report=r.sarif")
    run = run_agents(pytester, "-rs", *reports)
    assert run.exit_code == 0
    assert run.outcomes["dear"] == "skipped"
    assert run.outcomes["free"] == "passed"
    assert sorted(run.outcomes[name] for name in ("one", "two", "three")) == ["passed", "passed", "skipped"]
    assert run.check("dear")["message"] == "Skipped: not enough is left of the run's budget"
    assert {run.check(name)["usage"]["cost_usd"] for name in ("one", "two", "three") if "usage" in run.check(name)} == {
        0.4
    }
    spending = {"answers": 2, "kept": 0, "input_tokens": 200, "output_tokens": 40, "cost_usd": 0.8, "budget": 0.5}
    assert run.report["run"]["spending"] == pytest.approx(spending)
    spent = "$0.80, 200 input and 40 output tokens for 2 answers, budget $0.50"
    assert spent in " ".join(run.stdout.split())
    assert spent in (pytester.path / "r.md").read_text()
    assert spent in (pytester.path / "r.html").read_text()
    assert '"costUsd": 0.4' in (pytester.path / "r.sarif").read_text()

    run = run_agents(pytester, "--pdb")
    assert run.outcomes == {
        "one": "passed",
        "two": "passed",
        **dict.fromkeys(("three", "dear"), "skipped"),
        "free": "passed",
    }
    assert run.check("dear")["message"] == "Skipped: not enough is left of the run's budget"
    assert run.report["run"]["spending"] == pytest.approx(spending)

"""The known programs of language models by name: stand-ins, first on the search path, print what the real ones did."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.functional.runs import AgentsRun, configure, run_agents, run_pytest
from tests.repositories import commit_all, git
from tests.reviewers import PROGRAMS, SHAPES

STAND_IN = """#!{python}
import json, os, sys, time
from pathlib import Path
if sys.argv[1:] in (["login", "status"], ["auth", "list"]):
    sys.exit(print("Logged in using an API key"))
prompt = sys.stdin.read()  # to its end
shape, here = os.environ["SHAPE"], Path(__file__)
if shape == "hang":
    print("Loading ...", flush=True)
    time.sleep(600)
stdout, stderr, exit_code = json.loads(here.with_name("printed.json").read_text())[here.name][shape]
asked = {{"argv": sys.argv[1:], "cwd": os.getcwd(), "holds": sorted(os.listdir()), "prompt": prompt}}
here.with_name(f"{{here.name}}-{{shape}}-{{time.monotonic_ns()}}.asked").write_text(json.dumps(asked))
print("\\x1b[2K\\x1b[33mLoading ...\\x1b[0m", file=sys.stdout if shape == "good" else sys.stderr)
sys.stdout.write(stdout)
sys.stderr.write(stderr)
sys.exit(exit_code)
"""

OUTCOMES = {
    **dict.fromkeys(("good", "fenced", "refused"), "failed"),
    **dict.fromkeys(("empty", "error", "limit", "half", "prose"), "error"),
    "login": "skipped",
    "hang": "timed_out",
}
PROBLEMS = {"error": "it reports an error: ", "limit": "429 Rate limit reached", "half": "it breaks off: "}


@pytest.fixture
def bin_folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the stand-ins, and a repository in which one line has changed since main."""
    (pytester.path / "src").mkdir()
    (pytester.path / "src" / "a.py").write_text("a = 1\nb = 2\nc = 3\n")
    (pytester.path / "calm.py").touch()
    configure(pytester, "")
    commit_all(pytester.path, "main")
    (pytester.path / "src" / "a.py").write_text("a = 1\nb = 4\nc = 3\n")
    folder = pytester.mkdir("bin")
    for name in PROGRAMS:
        (folder / name).write_text(STAND_IN.format(python=sys.executable))
        (folder / name).chmod(0o755)
    printed = {name: {shape: made(shape) for shape in SHAPES} for name, made in PROGRAMS.items()}
    (folder / "printed.json").write_text(json.dumps(printed))
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return folder


def asked(folder: Path, name: str) -> dict[str, object]:
    """What a stand-in was asked the first time."""
    first, *_ = sorted(folder.glob(f"{name}-*.asked"))
    found: dict[str, object] = json.loads(first.read_text())
    return found


@pytest.mark.slow
def test_each_shape_ends_as_documented(pytester: pytest.Pytester, bin_folder: Path) -> None:
    tables = [
        f'[.agents.{name}-{shape}]\ntool = "{name}"\nenv = {{ SHAPE = "{shape}" }}\n'
        f"timeout = {1 if shape == 'hang' else 100}\n" + ("retries = 1\nretry-pause = 60\n" if shape == "limit" else "")
        for name in PROGRAMS
        for shape in SHAPES
    ]
    configure(pytester, "\n".join(tables))
    run = run_agents(pytester)

    expected = {f"{name}-{shape}": outcome for name in PROGRAMS for shape, outcome in OUTCOMES.items()}
    assert {name: found for name, found in run.outcomes.items() if found != expected[name]} == {}
    for name in PROGRAMS:
        _follows_the_table(run, name)
        assert len([*bin_folder.glob(f"{name}-limit-*.asked")]) == 2, "it is asked again after the pause that it names"
    assert "Traceback" not in run.stdout + run.stderr


def _follows_the_table(run: AgentsRun, name: str) -> None:
    for shape, outcome in OUTCOMES.items():
        check = run.check(f"{name}-{shape}")
        if outcome == "failed":
            (found,) = check["findings"]
            assert (found["path"], found["line"], found["level"]) == ("src/a.py", 2, "error")
        elif shape in PROBLEMS:
            assert PROBLEMS[shape] in check["message"], (name, shape)
    assert "is not logged in: " in run.check(f"{name}-login")["message"]
    notes = run.check(f"{name}-refused")["notes"]
    assert any(note.startswith("tools that the model was not allowed to use: ") for note in notes), name


def test_a_reviewer_needs_nothing_but_its_name(
    pytester: pytest.Pytester, bin_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHAPE", "good")
    configure(
        pytester,
        'agents.claude = {}\n[.agents.second]\ntool = "gemini"\nprompt = "Look for leaks, nothing else"\n'
        'diff = "start"\npaths = ["src"]\nmodel = "m-1"\nbudget = 0.5\ntools = "read"\n'
        '[.agents.third]\ntool = "codex"\neach = ["src/*.py", "calm.py", "gone.py"]\nfail-on = "error"\n',
    )
    run = run_agents(pytester)

    assert run.outcomes == {
        "claude": "failed",
        "second": "failed",
        "third[src/a.py]": "failed",
        "third[calm.py]": "skipped",
        "third[gone.py]": "error",
    }
    assert "no such path: gone.py" in run.check("third[gone.py]")["message"]
    told = asked(bin_folder, "claude")
    assert told["holds"] == []
    assert str(pytester.path) not in str(told["cwd"])
    prompt = str(told["prompt"])
    assert prompt.startswith("You review a change")
    assert "\n+b = 4\n" in prompt.split("<changes-")[2]
    assert "JSON Schema" not in prompt, "the program has it"
    told = asked(bin_folder, "gemini")
    assert told["cwd"] == str(pytester.path)
    assert str(told["prompt"]).startswith("Look for leaks, nothing else\n\nAnswer with one JSON object")
    assert "--model=m-1" in told["argv"]  # type: ignore[operator]


def test_without_programs_checks_are_skipped(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(pytester, f"agents = {[*PROGRAMS]}")
    commit_all(pytester.path)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    run = run_agents(pytester)

    assert set(run.outcomes.values()) == {"skipped"}
    assert all(f"{name} is not installed: " in run.check(name)["message"] for name in PROGRAMS)


@pytest.mark.slow
def test_the_plan_shows_what_goes_where(pytester: pytest.Pytester, bin_folder: Path) -> None:
    configure(pytester, 'agents.claude = {}\nagents.coderabbit = {}\nagents.codex = { paths = ["scr"] }\n')
    plan = run_pytest(pytester, "--agents-plan").stdout

    change = len(git(pytester.path, "diff", "main"))
    plan.fnmatch_lines([f"*{change:,} bytes to coderabbit: what has changed since main, which it finds by itself*"])
    plan.fnmatch_lines(["*bytes to claude: the prompt and what has changed since main (*::claude)"])
    plan.fnmatch_lines(["*nothing to codex: no such path: scr (see *.agents.codex) (*::codex)"])
    assert [*bin_folder.glob("*.asked")] == []

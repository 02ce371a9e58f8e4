from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.model.results import Evidence, Finding, Level
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.command import CommandSpec, execute
from pytest_parallel_agents.tools.interpretation import interpret
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.program import locate


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands of one project."""

    root: Path
    spec_of: Callable[..., CommandSpec]

    def python(self, code: str, *, chosen: str | None = None, **keys: object) -> Output:
        return self.run(self.spec_of(command=[sys.executable, "-c", code], **keys), chosen=chosen)

    def run(self, spec: CommandSpec, *, chosen: str | None = None) -> Output:
        return execute(spec, Invocation(chosen=chosen, root=self.root, scratch=self.root, cache=self.root / "cache"))

    def interpret(self, output: Output, **keys: object) -> Evidence:
        return interpret(self.spec_of(**{"command": ["x"], **keys}), output, root=self.root)


@pytest.fixture
def shell(tmp_path: Path, spec_of: Callable[..., CommandSpec]) -> Shell:
    return Shell(tmp_path, spec_of)


def said(exit_code: int = 0, stdout: str = "", stderr: str = "") -> Output:
    return Output(exit_code=exit_code, stdout=stdout, stderr=stderr)


def test_both_streams_and_the_exit_code_are_kept(shell: Shell) -> None:
    output = shell.python("import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)")

    assert output == said(3, "out\n", "err\n")


def test_a_command_runs_in_the_root(shell: Shell) -> None:
    assert shell.python("import os; print(os.getcwd())").stdout.strip() == str(shell.root.resolve())


def test_a_command_reads_an_empty_stdin(shell: Shell) -> None:
    assert shell.python("import sys; print(repr(sys.stdin.read()))").stdout == "''\n"


def test_what_a_command_was_sent_is_known(shell: Shell) -> None:
    (shell.root / "prompt.md").write_text("Answer with JSON.")
    prompt = 'Answer {"findings": []}'

    output = shell.python("print({})", stdin="prompt.md")
    told = shell.run(shell.spec_of(command=[sys.executable, "-c", "print({})", "-p", prompt, "--quiet"]))

    assert (output.sent, told.sent) == ("Answer with JSON.\n", prompt)


def test_temporary_files_go_into_the_scratch_folder(shell: Shell) -> None:
    assert shell.python("import tempfile; print(tempfile.gettempdir())").stdout.strip() == str(shell.root)


def test_output_that_is_not_utf_8_does_not_break_the_check(shell: Shell) -> None:
    output = shell.python(r"import sys; sys.stdout.buffer.write(b'caf\xe9\r\n')")

    assert output.stdout == "caf\N{REPLACEMENT CHARACTER}\n"


def test_the_input_is_where_the_command_has_it(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    code = "import sys; print(sys.argv[1:])"
    spec = spec_of(command=[sys.executable, "-c", code, "--package={}", "{}"], each=["core", "cli"])

    assert shell.run(spec, chosen="cli").stdout == "['--package=cli', 'cli']\n"


def test_braces_mean_nothing_without_each(shell: Shell) -> None:
    assert shell.python("print({})").stdout == "{}\n"


def test_paths_follow_the_command(shell: Shell) -> None:
    (shell.root / "src").mkdir()

    assert shell.python("import sys; print(sys.argv[1:])", paths=["src"]).stdout == "['src']\n"


def test_a_known_tool_judges_its_input_instead_of_its_paths(
    tmp_path: Path, spec_of: Callable[..., CommandSpec]
) -> None:
    spec = spec_of("ruff", paths=["src"], args=["--preview"], each=["a", "b"])

    assert spec.argv("b", tmp_path)[:3] == ("ruff", "check", "--output-format=sarif")
    assert spec.argv("b", tmp_path)[-3:] == ("--preview", "--", "b")
    assert spec.argv(None, tmp_path)[-1] == "src"


@pytest.mark.slow
def test_every_input_of_a_tool_has_its_own_cache(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    for name in ("a.py", "b.py"):
        (shell.root / name).write_text("")
        shell.run(spec_of("mypy", each=["a.py", "b.py"]), chosen=name)

    assert len(list((shell.root / "cache").iterdir())) == 2


def test_missing_paths_are_named_before_anything_runs(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: no such path: scr, tset \(see x.toml: agents.tool\)$"):
        shell.python("open('ran', 'w')", paths=["scr", "tset"])

    assert not (shell.root / "ran").exists()


def test_a_missing_input_of_a_known_tool_is_named(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    with pytest.raises(BrokenTool, match="ruff: no such path: scr"):
        shell.run(spec_of("ruff", each=["scr"]), chosen="scr")


@pytest.mark.parametrize("program", ["no-such-program", "bin/no-such-program"])
def test_a_missing_program_is_named(program: str, shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    remedy = "install it, correct x.toml: agents.tool.command, or skip it with optional = true"
    with pytest.raises(BrokenTool, match=rf"^{program} is not installed \({remedy}\)$"):
        shell.run(spec_of(command=[program]))


def test_the_error_of_a_missing_known_tool_names_its_installation(
    shell: Shell, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(shell.root / "python"))

    remedy = r"pip install ruff, or skip it with x.toml: agents.ruff.optional = true"
    with pytest.raises(BrokenTool, match=rf"^ruff is not installed \({remedy}\)$"):
        shell.run(spec_of("ruff"))


def test_a_missing_optional_program_skips_the_check(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    with pytest.raises(pytest.skip.Exception, match="no-such-program is not installed"):
        shell.run(spec_of(command=["no-such-program"], optional=True))


@pytest.mark.skipif(os.name == "nt", reason="needs permission bits")
def test_a_program_that_cannot_run_breaks_the_tool(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    (shell.root / "script").touch(mode=0o700)
    (shell.root / "script").write_bytes(b"\x7fELF")

    with pytest.raises(BrokenTool, match=r"cannot run \./script: Exec format error"):
        shell.run(spec_of(command=["./script"]))


def test_the_program_beside_python_comes_before_the_search_path(
    shell: Shell, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = shell.root / "ruff"
    other.write_text("#!/bin/sh\nexit 99\n")
    other.chmod(0o700)
    monkeypatch.setenv("PATH", str(shell.root), prepend=os.pathsep)

    assert shell.run(spec_of("ruff", args=["--quiet"])).exit_code != 99


def test_the_projects_npm_program_comes_before_the_search_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, others = tmp_path / "node_modules" / ".bin", tmp_path / "others"
    for folder in (ours, others):
        folder.mkdir(parents=True)
        (folder / "linter").write_text("#!/bin/sh\n", "utf-8")
        (folder / "linter").chmod(0o755)
    monkeypatch.setenv("PATH", str(others))

    assert locate("linter", tmp_path) == str(ours / "linter")


def test_a_command_passes_by_its_exit_code(shell: Shell) -> None:
    assert shell.interpret(said()) == Evidence()


def test_findings_without_a_rule_have_the_name_of_the_check(shell: Shell) -> None:
    assert shell.interpret(said(3)).findings == (Finding(rule="tool", level=Level.ERROR, message="exit code 3"),)


def test_measurements_pass_through(shell: Shell) -> None:
    measurement = '{"name": "n", "calls": 1, "cpu_seconds": 1, "wall_seconds": 1, "peak_bytes": 5}'

    evidence = shell.interpret(said(stdout=f'{{"measurements": [{measurement}]}}'), format="findings")

    assert [measured.peak_bytes for measured in evidence.measurements] == [5]


def test_a_signal_breaks_the_tool(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: ended by SIGKILL"):
        shell.interpret(said(-signal.SIGKILL))


def test_an_exit_code_that_is_no_verdict_breaks_the_tool(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^ruff: bad flag \(broke off with exit code 2\)\n--- stderr\nbad flag$"):
        interpret(shell.spec_of("ruff"), said(2, stderr="bad flag\n"), root=shell.root)


def test_unreadable_output_breaks_the_tool_and_is_shown(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: its output cannot be read: .*, exit code 0\n--- stdout\nhello$"):
        shell.interpret(said(stdout="hello\n"), format="sarif")


def test_a_path_that_cannot_be_breaks_the_tool(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: .*null (byte|character).*, exit code 1\n--- stdout"):
        shell.interpret(said(1, stdout=r'[{"message": "m", "path": "a\u0000b"}]'), format="findings")


@pytest.mark.parametrize("form", ["sarif", "gitlab", "findings"])
@pytest.mark.parametrize("exit_code", [0, 3])
def test_no_output_at_all_is_reported_after_the_exit_code(form: str, exit_code: int, shell: Shell) -> None:
    problem = rf"it printed nothing on its standard output, exit code {exit_code}"
    told = rf"^tool: no network \({problem}\)\n--- stderr\nno network$"
    with pytest.raises(BrokenTool, match=told):
        shell.interpret(said(exit_code, stdout="\n", stderr="no network"), format=form)


@pytest.mark.parametrize(
    ("keys", "stdout"), [({"format": "regex", "pattern": "x"}, "all is lost"), ({"format": "findings"}, "[]")]
)
def test_a_bad_exit_code_without_findings_breaks_the_tool(keys: dict[str, str], stdout: str, shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: .*exit code 1, yet it names no finding"):
        shell.interpret(said(1, stdout=stdout), **keys)


LOUD = "import sys\nfor _ in range(66 * 1024): sys.{stream}.write('y' * 1023 + chr(10))\nprint('[]')"


def test_the_ends_of_a_long_output_are_kept(shell: Shell) -> None:
    output = shell.python(LOUD.format(stream="stdout") + "\nsys.exit(3)")

    assert output.cut == ("stdout",)
    assert output.stdout.startswith("yyy")
    assert output.stdout.endswith("y\n[]\n")
    assert "\n... 69,0" in output.stdout
    assert [finding.message for finding in shell.interpret(output).findings] == ["exit code 3: []"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_is_too_long_to_be_read_breaks_the_tool(shell: Shell, stream: str) -> None:
    output = shell.python(LOUD.format(stream=stream))

    with pytest.raises(BrokenTool, match=rf"^tool: more than 64 MiB on {stream}, too much to read\n"):
        shell.interpret(output, format="findings")


def test_a_last_line_without_end_is_quoted_in_part(shell: Shell) -> None:
    (finding,) = shell.interpret(said(1, stdout="x" * 1_000_000)).findings

    assert len(finding.message) < 4_000


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_what_a_command_leaves_behind_does_not_keep_its_check(shell: Shell) -> None:
    output = shell.python("import subprocess; print(subprocess.Popen(['sleep', '600']).pid, flush=True)")

    os.kill(int(output.stdout), signal.SIGKILL)


def test_a_command_runs_in_its_folder_with_its_environment(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    (shell.root / "packages" / "core").mkdir(parents=True)
    code = "import os; print(os.path.relpath(os.getcwd(), os.environ['ROOT']), os.environ['PACKAGE'])"
    keys = {"command": [sys.executable, "-c", code], "each": ["core"], "cwd": "packages/{}"}
    spec = spec_of(**keys, env={"ROOT": str(shell.root), "PACKAGE": "the {}"})

    assert shell.run(spec, chosen="core").stdout == f"{Path('packages/core')} the core\n"


def test_a_missing_folder_is_named(shell: Shell) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: no such folder: gone \(see x.toml: agents.tool.cwd\)$"):
        shell.python("", cwd="gone")


def test_the_environment_of_a_known_tool_cannot_redirect_its_output(
    shell: Shell, spec_of: Callable[..., CommandSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    (shell.root / "a.py").write_text("import os\n", "utf-8")
    monkeypatch.setenv("RUFF_OUTPUT_FILE", "ours.txt")
    spec = spec_of("ruff", env={"RUFF_OUTPUT_FILE": "theirs.txt", "RUFF_OUTPUT_FORMAT": "concise"})

    (finding,) = interpret(spec, shell.run(spec), root=shell.root).findings

    assert finding.rule == "F401"
    assert list(shell.root.glob("*.txt")) == []


def test_paths_of_findings_are_seen_from_the_root(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    for name in ("packages/core/a.py", "packages/core/sub/b.py", "common/c.py"):
        (shell.root / name).parent.mkdir(parents=True, exist_ok=True)
        (shell.root / name).touch()
    paths = ["a.py", "sub/b.py", "../../common/c.py", "common/c.py", str(shell.root / "packages/core/a.py"), "new.py"]
    lines = "\n".join(f'{{"message": "m", "path": "{path}"}}' for path in paths)
    spec = spec_of(command=["x"], format="jsonlines", cwd="packages/{}", each=["core"])

    found = interpret(spec, said(1, stdout=lines), root=shell.root, chosen="core").findings

    assert [finding.path for finding in found] == [
        "packages/core/a.py",
        "packages/core/sub/b.py",
        "common/c.py",
        "common/c.py",
        "packages/core/a.py",
        "packages/core/new.py",
    ]


WRITE = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2]); print('written')"


def test_what_is_read_stands_in_the_output_file(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    (shell.root / "out.json").write_text("of an earlier run", "utf-8")
    command = [sys.executable, "-c", WRITE, "out.json", '{"message": "m"}']
    spec = spec_of(command=command, format="jsonlines", output_file="out.json")

    output = shell.run(spec)

    assert (output.stdout, output.other_text) == ('{"message": "m"}', "written\n")
    assert [finding.message for finding in interpret(spec, output, root=shell.root).findings] == ["m"]


def test_an_empty_output_file_is_named(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    command = [sys.executable, "-c", "open('out.json', 'w').close()"]
    spec = spec_of(command=command, format="findings", output_file="out.json")

    with pytest.raises(BrokenTool, match=r"^\w+: out\.json is empty, exit code 0"):
        shell.interpret(shell.run(spec), format="findings", output_file="out.json")


def test_an_output_file_of_an_earlier_run_is_not_read(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    (shell.root / "out.json").write_text("[]", "utf-8")
    spec = spec_of(command=[sys.executable, "-c", "print('done')"], format="findings", output_file="out.json")

    with pytest.raises(BrokenTool, match=r"^tool: exit code 0, and there is no out.json to be read: No such file"):
        shell.run(spec)


@pytest.mark.parametrize("stdout", ["3 problems", "Checked 5 files\nall good"])
def test_a_pattern_that_matches_nothing_breaks_the_tool(shell: Shell, stdout: str) -> None:
    keys = {"format": "regex", "pattern": r"(?P<path>.+):(?P<line>\d+): .*"}

    with pytest.raises(BrokenTool, match=r"^tool: its pattern matches nothing of what it printed"):
        shell.interpret(said(stdout=stdout), **keys)

    assert shell.interpret(said(stdout=stdout), optional=True, **keys) == Evidence()
    assert shell.interpret(said(stdout="\n"), **keys) == Evidence()


def test_the_words_of_a_clean_run(shell: Shell) -> None:
    keys = {"format": "regex", "pattern": "bad: .*", "clean": "^all good$"}

    assert shell.interpret(said(stdout="Checked 5 files\nall good"), **keys) == Evidence()
    with pytest.raises(BrokenTool, match="matches nothing"):
        shell.interpret(said(stdout="not all good"), **keys)


def test_a_tool_that_changes_files_writes_its_paths(spec_of: Callable[..., CommandSpec]) -> None:
    fixing = spec_of("ruff", args=["--fix"], paths=["src"], each=["a", "b"])
    checking = spec_of("ruff", paths=["src"])
    other = spec_of(command=["npx", "eslint", "--fix", "."], cwd="web", writes=["cache/"])

    assert (fixing.alone, fixing.written("a"), spec_of("ruff", args=["--fix"]).written(None)) == (
        True,
        ("a/",),
        (".",),
    )
    assert (checking.alone, checking.written(None)) == (False, ())
    assert (other.alone, other.written(None)) == (True, ("cache/", "web/"))


def test_an_output_file_is_written(spec_of: Callable[..., CommandSpec]) -> None:
    spec = spec_of(command=["x"], format="sarif", output_file="{}.sarif", each=["a", "b"])

    assert spec.written("a") == ("a.sarif",)


def test_where_the_input_of_a_known_tool_goes(spec_of: Callable[..., CommandSpec], tmp_path: Path) -> None:
    each = {"each": ["packages/core"]}
    configured = spec_of("ruff", args=["--config={}/ruff.toml"], **each)
    inside = spec_of("mypy", args=["--strict"], paths=["src"], cwd="{}", **each)
    package = spec_of("mypy", args=["-p", "{}"], paths=[], each=["core"])
    below = spec_of("ruff", paths=["{}/src"], **each)

    assert configured.argv("packages/core", tmp_path)[-3:] == (
        "--config=packages/core/ruff.toml",
        "--",
        "packages/core",
    )
    assert (inside.targets("packages/core"), inside.folder("packages/core")) == (("src",), "packages/core")
    assert package.targets("core") == ()
    assert {"-p", "core"} <= set(package.argv("core", tmp_path))
    assert below.targets("packages/core") == ("packages/core/src",)


@pytest.mark.parametrize(
    "stderr",
    [
        "warning: No Python files found under the given path(s)",
        "No Python files are present to be formatted. Nothing to do",
        "WARN No python files found under the given path(s)",
        "0 files checked",
        '    "filesAnalyzed": 0,',
    ],
)
def test_a_command_that_passes_for_want_of_files_breaks(shell: Shell, stderr: str) -> None:
    with pytest.raises(BrokenTool, match=r"^tool: it judged nothing: "):
        shell.interpret(said(stderr=f"starting\n{stderr}\nAll checks passed!\n"))
    with pytest.raises(pytest.skip.Exception, match="it judged nothing"):
        shell.interpret(said(stderr=stderr), optional=True)


@pytest.mark.parametrize("stdout", ["10 files checked", "Found 0 errors in 3 files", "it had no files found bad"])
def test_a_command_that_has_judged_something(shell: Shell, stdout: str) -> None:
    assert shell.interpret(said(stdout=f"{stdout}\n")) == Evidence()

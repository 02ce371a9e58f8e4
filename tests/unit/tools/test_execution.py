from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.interpretation import interpret
from tests.unit.tools.shell import Shell, said


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


def test_the_host_that_lacks_a_program_is_named(shell: Shell, spec_of: Callable[..., CommandSpec]) -> None:
    with pytest.raises(BrokenTool, match=r"^no-such-program is not installed on build1 \("):
        shell.run(spec_of(command=["no-such-program"]), host="build1")


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

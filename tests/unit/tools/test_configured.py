from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from msgspec.structs import replace

from pytest_parallel_agents.agents.kinds import AGENTS
from pytest_parallel_agents.model.results import Level
from pytest_parallel_agents.tables import Table
from pytest_parallel_agents.tools.adapters.registry import ADAPTERS
from pytest_parallel_agents.tools.adapters.reviewers import REVIEWERS
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.configured import parse_agents
from pytest_parallel_agents.tools.stdin import Stdin

NOWHERE = Path("/no/such/folder")


def parse(text: str, root: Path = NOWHERE) -> tuple[tuple[CommandSpec, ...], list[str]]:
    """The commands in a TOML text, and the faults."""
    table = Table(tomllib.loads(text), where="x.toml: t", faults=[]).named("agents")
    specs = parse_agents(table, ADAPTERS, kinds=AGENTS, root=root, source=text)
    return specs, [str(fault) for fault in table.faults]


def faults(text: str) -> list[str]:
    return parse(text)[1]


def test_a_known_tool_needs_nothing() -> None:
    (spec,), told = parse("[t]\n[agents.mypy]\n")

    assert told == []
    assert (spec.name, spec.kind, spec.adapter, spec.fail_on) == ("mypy", "review", ADAPTERS["mypy"], Level.ERROR)
    assert (spec.paths, spec.cpus, spec.timeout, spec.group, spec.line) == ((), 1, None, None, 2)


def test_all_keys_of_a_plain_command() -> None:
    (spec,), told = parse(
        """
        [agents."house rules"]  # ours
        kind = "profile"
        command = "python 'my tools/rules.py' {}"
        format = "regex"
        pattern = "x"
        fail-on = "note"
        paths = ["src"]
        each = ["a", "b"]
        reads = ["src/"]
        writes = ["db"]
        after = ["ruff"]
        cpus = 0
        timeout = 1.5
        group = "g"
        alone = true
        retries = 2
        optional = true
        """
    )

    assert told == []
    assert (spec.name, spec.kind, spec.adapter, spec.fail_on) == ("house rules", "profile", None, Level.NOTE)
    assert spec.command == ("python", "my tools/rules.py", "{}")
    assert (spec.paths, spec.inputs, spec.reads, spec.writes, spec.after) == (
        ("src",),
        ("a", "b"),
        ("src/",),
        ("db",),
        ("ruff",),
    )
    assert (spec.cpus, spec.timeout, spec.group, spec.alone, spec.retries) == (0, 1.5, "g", True, 2)
    assert (spec.optional, spec.line, spec.where) == (True, 2, 'x.toml: t.agents."house rules"')


def test_where_a_command_runs_and_what_it_writes() -> None:
    (spec,), told = parse(
        """
        [agents.x]
        command = ["a"]
        format = "sarif"
        cwd = "packages/{}"
        env = { LEVEL = "{}", MODE = "strict" }
        output-file = "out.sarif"
        each = ["core"]
        """
    )

    assert told == []
    assert (spec.cwd, spec.env, spec.output_file) == ("packages/{}", {"LEVEL": "{}", "MODE": "strict"}, "out.sarif")


@pytest.mark.parametrize("key", ["cwd", "env.NAME", "paths", "stdin", "output-file"])
def test_the_input_may_stand_in_other_keys(key: str) -> None:
    value = '["{}"]' if key == "paths" else '"{}"'

    assert faults(f'[agents.x]\ncommand = ["a"]\nformat = "sarif"\neach = ["b"]\n{key} = {value}\n') == []


def test_patterns_of_inputs_are_looked_up_in_the_commands_folder(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "a.js").touch()

    (spec,), told = parse('[agents.eslint]\neach = ["*.js"]\ncwd = "web"\n', tmp_path)

    assert (told, spec.inputs, spec.input_is_path) == ([], ("a.js",), True)


def test_an_explicit_level_is_the_users() -> None:
    (given,), _ = parse('[agents.ruff]\nfail-on = "note"\n')
    (default,), _ = parse("[agents.ruff]\n")

    assert (given.fail_on, given.fails_by_exit) == (Level.NOTE, False)
    assert (default.fail_on, default.fails_by_exit) == (Level.NOTE, True)


def test_every_known_tool_refuses_arguments_that_redirect_what_it_prints() -> None:
    for name, adapter in ADAPTERS.items():
        for flag in sorted(adapter.refused | {"--help", "-h", "--version"}):
            (told,) = faults(f'[agents.{name}]\nargs = ["{flag}"]\n')
            assert told.startswith(f'x.toml: t.agents.{name}.args has "{flag}", and with it {name} does not print')


@pytest.mark.parametrize(("tool", "arg"), [("bandit", "--outp=x"), ("mypy", "--junit-x=y"), ("pip-audit", "-ofile")])
def test_arguments_may_be_shortened(tool: str, arg: str) -> None:
    assert f'.{tool}.args has "{arg.partition("=")[0]}"' in faults(f'[agents.{tool}]\nargs = ["{arg}"]\n')[0]


def test_the_same_tool_may_run_under_several_names() -> None:
    specs, told = parse('[agents.mypy]\n[agents.types-of-tests]\ntool = "mypy"\nargs = ["--strict"]\n')

    assert told == []
    assert [(spec.name, spec.adapter, spec.args) for spec in specs] == [
        ("mypy", ADAPTERS["mypy"], ()),
        ("types-of-tests", ADAPTERS["mypy"], ("--strict",)),
    ]


def test_a_command_under_the_name_of_a_tool_is_a_plain_command() -> None:
    (spec,), told = parse('[agents.ruff]\ncommand = ["ruff", "format", "--check"]\n')

    assert told == []
    assert (spec.adapter, spec.command) == (None, ("ruff", "format", "--check"))


def test_a_list_of_tools_is_short_for_their_tables() -> None:
    tables, _ = parse("[agents.ruff]\n[agents.mypy]\n")
    listed, told = parse("agents = ['ruff', \"mypy\"]\n")

    assert told == []
    assert [replace(spec, line=None) for spec in listed] == [replace(spec, line=None) for spec in tables]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('agents = ["ruff", "mypy"]', [1, 1]),
        ('\nt.agents=[\n  # not "mypy"\n  "ruff", # yet\n  \'mypy\',\n]\n', [4, 5]),
    ],
)
def test_the_line_of_a_tool_in_a_list(text: str, lines: list[int]) -> None:
    table = Table({"ruff": {}, "mypy": {}}, where="x", faults=[])
    specs = parse_agents(table, ADAPTERS, kinds=AGENTS, root=NOWHERE, source=text)

    assert [spec.line for spec in specs] == lines


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[agents.rufff]", '.rufff.command is missing, and "rufff" is no known tool (did you mean "ruff"?)'),
        (
            "[agents.x]",
            f'.x.command is missing, and "x" is no known tool (valid: {", ".join((*REVIEWERS, *ADAPTERS))})',
        ),
        ('[agents.x]\ntool = "mypi"', '.x.tool is "mypi", which is unknown (did you mean "mypy"?)'),
        ("[agents.x]\ncommand = []", ".x.command must be a command: a string or a list of strings, not []"),
        ('[agents.x]\ncommand = ""', '.x.command must be a command: a string or a list of strings, not ""'),
        (
            '[agents.x]\ncommand = "a \'b"',
            ".x.command cannot be split into words: No closing quotation (write a list of strings)",
        ),
        (
            '[agents.x]\ncommand = "a"\nformat = "sarff"',
            '.x.format is "sarff", which is unknown (did you mean "sarif"?)',
        ),
        (
            '[agents.x]\ncommand = "a"\nfail-on = "errors"',
            '.x.fail-on is "errors", which is unknown (did you mean "error"?)',
        ),
        (
            '[agents.x]\ncommand = "a"\neach = ["b"]',
            ".x.each has no place in the command (write {} in the command where the input goes)",
        ),
        (
            '[agents.x]\ncommand = "a"\nstdin-diff = "--output=x"',
            '.x.stdin-diff must be a revision of git, not "--output=x"',
        ),
        (
            '[agents.x]\ncommand = "a"\nstdin-diff-paths = ["src"]',
            '.x.stdin-diff-paths needs the key stdin-diff (a revision of git, as in "origin/main")',
        ),
        ('[agents.x]\ncommand = ["a"]\ncwd = 3', ".x.cwd must be a string, not 3"),
        ('[agents.x]\ncommand = ["a"]\nenv = "A=1"', '.x.env must be a table of strings, not "A=1"'),
        ('[agents.x]\ncommand = ["a"]\nenv = { A = 1 }', ".x.env.A must be a string, not 1"),
        (
            '[agents.x]\ncommand = ["a"]\nenv = { "A=B" = "1" }',
            '.x.env names "A=B", which can be no variable (write NAME = "value")',
        ),
        (
            '[agents.x]\ncommand = ["a", "\\u0000"]',
            ".x.command holds a null character, which no program can be given (leave it out)",
        ),
        (
            '[agents.x]\ncommand = ["a"]\nenv = { A = "\\u0000" }',
            ".x.env.A holds a null character, which no program can be given (leave it out)",
        ),
        (
            '[agents.x]\ncommand = ["a"]\noutput-file = "o"',
            ".x.output-file needs the key format: how it is read (findings, gitlab, jsonlines, regex, sarif)",
        ),
        (
            '[agents.x]\ncommand = ["a", "{}"]\nformat = "sarif"\neach = ["b"]\noutput-file = "o"',
            ".x.output-file is one file for all inputs of each (write {} where the input goes)",
        ),
        ('[agents.ruff]\neach = ["b", "a", "b"]', '.ruff.each names "b" more than once'),
        ("[agents.ruff]\ncpu = 2", '.ruff.cpu is an unknown key (did you mean "cpus"?)'),
        (
            '[agents.x]\ncommand = ["a"]\nclean = "ok"',
            '.x.clean is for the format "regex", not for "exit-code" (leave it out)',
        ),
        ('[agents.x]\ncommand = ["a"]\nargs = ["b"]', ".x.args is for known tools (write the arguments into command)"),
        (
            '[agents.x]\ncommand = ["a"]\ntool = "ruff"',
            ".x.tool and command exclude each other (leave one of them out)",
        ),
        (
            '[agents.claude]\nstdin = "a.md"',
            ".claude.stdin is for commands, and claude is a known program (write prompt)",
        ),
        (
            '[agents.opencode]\nargs = ["--auto"]',
            '.opencode.args has "--auto", with which opencode prints something else or may change files (leave it out)',
        ),
        ('[agents.claude]\ndiff = "-p"', '.claude.diff must be a revision of git, not "-p"'),
        ("[agents.claude]\nbudget = 0", ".claude.budget must be a number above 0, not 0"),
        ("[agents.claude]\nbudget = -1", ".claude.budget must be a number above 0, not -1"),
        ('[agents.claude]\ntools = "all"', '.claude.tools is "all", which is unknown (valid: read)'),
        (
            '[agents.coderabbit]\nprompt = "a.md"',
            ".coderabbit.prompt is nothing that coderabbit takes (see its own settings, or the key args)",
        ),
        (
            '[agents.ruff]\nmodel = "m"',
            f".ruff.model is for known programs of language models ({', '.join(REVIEWERS)})",
        ),
        ("[agents.ruff]\nargz = []", '.ruff.argz is an unknown key (did you mean "args"?)'),
        ('[agents]\nruff = "src"', '.ruff must be a table, not "src"'),
        ('agents = ["rufff"]', '.rufff.command is missing, and "rufff" is no known tool (did you mean "ruff"?)'),
        ('agents = ["ruff", "mypy", "ruff"]', ' names "ruff" more than once'),
        ('agents = "ruff"', ' must be a table or a list of names, not "ruff" (write ["ruff"])'),
        ("agents = ['ruff', 3]", " must be a list of names, and 3 is none"),
        (
            "agents = ['ruff', { tool = 'mypy' }]",
            " must be a list of names, and a table is none (write agents.NAME = { ... } for each instead)",
        ),
    ],
)
def test_faults(text: str, fault: str) -> None:
    assert faults(text) == [f"x.toml: t.agents{fault}"]


def test_a_reviewer_needs_nothing() -> None:
    (spec,), told = parse("[t]\n[agents.claude]\n")

    assert told == []
    assert spec.review is not None
    assert (spec.review.reviewer, spec.review.model, spec.review.may_read) == (REVIEWERS["claude"], "", False)
    assert (spec.cpus, spec.optional, spec.timeout, spec.retries, spec.fail_on) == (0, True, 300, 0, Level.ERROR)


HARMLESS = {
    *("--model", "--max-budget-usd", "--color", "--stream", "--disable", "--deny-tool"),
    *("--extensions", "--allowed-mcp-server-names"),
}
"""Options of which another value changes neither the form of the answer nor what the model may do to files."""


@pytest.mark.parametrize("name", REVIEWERS)
def test_arguments_do_not_replace_what_keeps_a_reviewer_to_its_answer(name: str, tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    asked = Question(
        model="", budget=None, may_read=True, args=(), schema="{}", schema_file=file, scratch=tmp_path, base="b"
    )
    ours = {word.partition("=")[0] for word in REVIEWERS[name].argv(asked) if re.match(r"--[\w-]+=", word)}

    for flag in sorted(ours - HARMLESS):
        (told,) = faults(f'[agents.{name}]\nargs = ["{flag}=x"]\n')
        assert told.startswith(f'x.toml: t.agents.{name}.args has "{flag}", with which {name} prints something else')


@pytest.mark.parametrize(
    ("prompt", "file"),
    [
        ("review.md", "review.md"),
        ("prompts/{}", "prompts/{}"),
        ("my prompt.md", "my prompt.md"),
        ("Look for leaks.", ""),
        ("Look for leaks\nin a.py and\nb.py ", ""),
        ("", ""),
    ],
)
def test_a_prompt_is_a_file_or_several_words(prompt: str, file: str) -> None:
    (spec,), told = parse(f"[t]\n[agents.x]\ntool = 'llm'\nprompt = {json.dumps(prompt)}\n")

    assert told == []
    assert spec.stdin.file == file
    assert spec.stdin.text.startswith("\n" if file else prompt.rstrip() or "You review a change")


def test_a_command_that_only_a_shell_understands() -> None:
    (told,) = faults("[agents.x]\ncommand = 'a && b \"c\"'\n")

    assert told == (
        'x.toml: t.agents.x.command has "&&", which only a shell understands, and no shell runs it '
        '(write ["sh", "-c", "a && b \\"c\\""], or put it in single quotes if it means itself)'
    )
    assert faults('[agents.x]\ncommand = ["sh", "-c", "a && b"]\n') == []


def test_all_faults_are_reported_at_once() -> None:
    told = faults('[agents.a]\ncommand = 3\ntimeout = "1"\n[agents.ruff]\npaths = "src"\nformat = "sarif"\n')

    assert [fault.removeprefix("x.toml: t.agents.") for fault in told[:3]] == [
        "a.command must be a command: a string or a list of strings, not 3",
        'a.timeout must be a number above 0, not "1"',
        'ruff.paths must be a list of strings, not "src" (write ["src"])',
    ]
    assert told[3] == "x.toml: t.agents.ruff.format is for commands, and ruff is a known tool (leave it out)"


def test_all_faults_of_a_list_are_reported_at_once() -> None:
    told = faults('agents = ["mypi", 1, "ruff", "ruff"]\n')

    assert [fault.removeprefix("x.toml: t.agents") for fault in told] == [
        " must be a list of names, and 1 is none",
        ' names "ruff" more than once',
        '.mypi.command is missing, and "mypi" is no known tool (did you mean "mypy"?)',
    ]


def test_what_a_command_reads() -> None:
    (spec,), told = parse(
        '[agents.x]\ncommand = "a"\nstdin = "{}.md"\nstdin-diff = "main"\nstdin-diff-paths = ["src"]\neach = ["b"]\n'
    )

    assert told == []
    assert spec.stdin == Stdin(where="x.toml: t.agents.x", file="{}.md", base="main", paths=("src",))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("src/b.py", "src/a.py", "src/deep/c.py", "src/.hidden/d.py", "src/a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("each", "inputs"),
    [
        (["src/*.py"], ["src/a.py", "src/b.py"]),
        (["src/**/*.py"], ["src/a.py", "src/b.py", "src/deep/c.py"]),
        (["src/b.py", "src/*.py"], ["src/b.py", "src/a.py"]),
        (["src/*/"], ["src/deep/"]),
        (["Is [this] right?", "src/d*"], ["Is [this] right?", "src/deep"]),
        ([], [None]),
    ],
)
def test_patterns_of_inputs(tree: Path, each: list[str], inputs: list[str | None]) -> None:
    (spec,), told = parse(f'[agents.x]\ncommand = "a {{}}"\neach = {each}\n', tree)

    assert told == []
    assert list(spec.inputs) == inputs


def test_a_pattern_that_matches_nothing(tree: Path) -> None:
    table = '[agents.ruff]\neach = ["src/*.pyi", "src/*.py"]\n'

    (spec,), told = parse(table, tree)
    (optional,), fine = parse(table + "optional = true\n", tree)
    (none,), _ = parse('[agents.ruff]\neach = ["*.pyi"]\noptional = true\n', tree)

    assert told == ['x.toml: t.agents.ruff.each matches nothing with "src/*.pyi" (correct it or write optional = true)']
    assert fine == []
    assert spec.inputs == optional.inputs == ("src/a.py", "src/b.py")
    assert none.inputs == ()

from __future__ import annotations

import pytest

from pytest_parallel_agents.tools.shell import shell_syntax


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("echo build && false", "&&"),
        ("a || b", "||"),
        ("echo .. | grep -q nothing", "|"),
        ("a; b", ";"),
        ("a & b", "&"),
        ("a > out.txt", ">"),
        ("a 2>&1", "2>&1"),
        ("a >> out.txt", ">>"),
        ("a < in.txt", "<"),
        ("a $(git ls-files)", "$("),
        ('a "$(git ls-files)"', "$("),
        ("a `date`", "`"),
        ("a $HOME/x", "$HOME"),
        ('a "${HOME}/x"', "${"),
        ("a ~/x", "~"),
        ("KEY=1 a b", "KEY=1"),
        ("! a", "!"),
        ("a # why", "#"),
        ("a\nb", r"\n"),
        ("exec ruff check", "exec"),
        ("source .env", "source"),
        ("ruff check src/*.py", "src/*.py"),
        ("ruff check src/[ab].py", "src/[ab].py"),
        ("ruff check src/?.py", "src/?.py"),
        ("ruff check src/{a,b}.py", "src/{a,b}.py"),
    ],
)
def test_what_only_a_shell_understands(command: str, found: str) -> None:
    assert shell_syntax(command) == found


@pytest.mark.parametrize(
    "command",
    [
        "ruff check src",
        "tool {} --package={}",
        "grep 'a && b | c > $d' x",
        'python -c "print(1 > 0 and 2 & 3)"',
        r"find . -name x -exec cat {} \;",
        r'echo "\$HOME" \$HOME',
        "codespell --skip=*.lock,*.svg src",
        "curl https://example.org/x?y=1",
        "tool --set NAME=value",
        "uv run --with pkg[extra] tool",
        "grep -E ^a$ x",
        "git diff HEAD~1",
        "echo a#b",
        "tool set .",
    ],
)
def test_what_means_the_same_without_a_shell(command: str) -> None:
    assert shell_syntax(command) is None

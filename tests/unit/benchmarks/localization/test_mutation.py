from __future__ import annotations

import ast
from pathlib import Path

import pytest

import benchmarks
from benchmarks.localization.edits import KINDS
from benchmarks.localization.faults import Function
from benchmarks.localization.mutation import Mutant, candidates, mutant, seeded, varied

EVERY_LINE = range(10_000)


def mutated(source: str, kind: str) -> list[Mutant]:
    """All mutants of this kind."""
    text = source.encode()
    found = candidates("code.py", text, EVERY_LINE, seeded(1))
    return [made for each in found if each.kind == kind and (made := mutant([each], {"code.py": text})) is not None]


def texts(source: str, kind: str) -> set[str]:
    return {each.edited["code.py"].decode() for each in mutated(source, kind)}


@pytest.mark.parametrize(
    ("kind", "source", "expected"),
    [
        ("operator", "x = a < b <= c", {"x = a <= b <= c", "x = a < b < c"}),
        ("operator", "x = (a) + (b)", {"x = (a) - (b)"}),
        ("operator", "x = a if b not  in c else d", {"x = a if b in c else d"}),
        ("operator", "x = a and (b or c)", {"x = a or (b or c)", "x = a and (b and c)"}),
        ("operator", "x += 1", {"x -= 1"}),
        ("operator", "x = not a", {"x = a"}),
        ("operator", "x = é < b", {"x = é <= b"}),
        ("constant", "x = True", {"x = False"}),
        ("constant", "x = 7", {"x = 0"}),
        ("constant", "x = 'a'", {"x = ''"}),
        ("constant", "x = b''", {"x = b'x'"}),
        ("constant", "def f(a: 'A') -> 'B':\n    'Text.'\n    return f'{a}c'", set()),
        ("removed call", "a(b)\nx = a(b)", {"pass\nx = a(b)", "a(b)\nx = (b)", "(b)\nx = a(b)"}),
        ("wrong variable", "def f(a, b):\n    return a", {"def f(a, b):\n    return b"}),
        ("wrong variable", "def f(a):\n    return a\n    b = 1", set()),
        ("wrong variable", "def f(self, a):\n    return self", set()),
        ("off by one", "x = a[0]", {"x = a[1]"}),
        ("off by one", "x = a[b:-1]", {"x = a[b + 1:-1]", "x = a[b:(-1) + 1]"}),
        ("off by one", "x = len(a)", {"x = (len(a) - 1)"}),
        ("off by one", "x = range(a, b, 2)", {"x = range(a + 1, b, 2)", "x = range(a, b + 1, 2)"}),
        ("missing branch", "if a:\n    b\nelse:\n    c\n", {"if a:\n    b\n"}),
        ("missing branch", "if a:\n    b\nelif c:\n    d\n", {"if a:\n    b\n"}),
        ("stuck loop", "while a < b:\n    a += 1\n    c = a\n", {"while a < b:\n    pass\n    c = a\n"}),
        ("stuck loop", "while 1:\n    break\n", {"while 1:\n    continue\n"}),
        ("stuck loop", "for a in b:\n    a = 1\n    break\n", set()),
    ],
)
def test_edits_of_each_kind(kind: str, source: str, expected: set[str]) -> None:
    assert texts(source, kind) == expected


def test_where_a_branch_is_missing_the_statements_around_the_gap_are_faulty() -> None:
    source = "def f(a):\n    b = 1\n    if a:\n        return 2\n    return b\n"
    [made] = mutated(source, "missing branch")
    assert made.edited["code.py"].decode() == "def f(a):\n    b = 1\n    return b\n"
    assert made.changes[0].lines == {2, 3}
    assert made.changes[0].function == Function("code.py", "f")


def test_a_branch_that_was_its_whole_block_leaves_a_statement() -> None:
    [made] = mutated("def f(a):\n    if a:\n        g()\n", "missing branch")
    assert made.edited["code.py"].decode() == "def f(a):\n    pass\n"
    assert made.changes[0].lines == {2}


def test_a_method_is_named_with_its_class() -> None:
    [made] = mutated("class A:\n    def b(self):\n        return 1\n", "constant")
    assert made.changes[0].function == Function("code.py", "A.b")


def test_only_executed_lines_are_changed() -> None:
    found = candidates("code.py", b"a = 1\nb = 2\n", {2}, seeded(1))
    assert {each.line for each in found} == {2}


def test_mutants_of_real_code_are_python_and_differ_from_it() -> None:
    for path in sorted((Path(benchmarks.__file__).parent / "suites").glob("*.py")):
        text = path.read_bytes()
        drawn = varied(candidates(path.name, text, EVERY_LINE, seeded(1)), seeded(2))
        for candidate in list(drawn)[:20]:
            made = mutant([candidate], {path.name: text})
            assert made is None or (made.edited[path.name] != text and ast.parse(made.edited[path.name]))


def test_kinds_come_by_turns_and_the_same_seed_draws_the_same() -> None:
    text = Path(benchmarks.__file__).with_name("order.py").read_bytes()

    def drawn(seed: int) -> list[tuple[str, str]]:
        found = candidates("order.py", text, EVERY_LINE, seeded(1))
        return [(each.kind, each.name) for each in varied(found, seeded(seed))]

    assert drawn(1) == drawn(1) != drawn(2)
    kinds = [kind for kind, _ in drawn(1)]
    assert len(set(kinds[:5])) == 5
    assert set(kinds) < set(KINDS)


def test_two_faults_in_one_file_have_the_lines_of_the_text_with_both() -> None:
    text = b"def f(a):\n    b = 1\n    if a:\n        return 2\n    return b\n\n\ndef g(a):\n    return not a\n"
    found = list(candidates("code.py", text, EVERY_LINE, seeded(1)))
    [branch] = [each for each in found if each.kind == "missing branch"]
    [negation] = [each for each in found if each.kind == "operator"]
    made = mutant([negation, branch], {"code.py": text})
    assert made is not None
    assert made.edited["code.py"] == b"def f(a):\n    b = 1\n    return b\n\n\ndef g(a):\n    return a\n"
    assert [(each.function.name, set(each.lines)) for each in made.changes] == [("f", {2, 3}), ("g", {7})]
    assert mutant([branch, branch], {"code.py": text}) is None

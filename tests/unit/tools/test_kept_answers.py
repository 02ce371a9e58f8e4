from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import msgspec
import pytest
from msgspec.structs import replace

from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools import kept_answers
from pytest_parallel_agents.tools.identity import program_identity
from pytest_parallel_agents.tools.kept_answers import AnswerInputs, KeptAnswers
from pytest_parallel_agents.tools.program import Program

ANSWER = Output(exit_code=0, stdout='{"findings": []}', stderr="")


@pytest.fixture
def stdin() -> Iterator[IO[bytes]]:
    with tempfile.TemporaryFile() as file:
        file.write(b"prompt and diff")
        file.seek(0)
        yield file


@pytest.fixture
def inputs(tmp_path: Path, stdin: IO[bytes]) -> AnswerInputs:
    for name in ("program", "script.py", "judged.py"):
        (tmp_path / name).write_text(name)
    return AnswerInputs(
        spec=spec(),
        program=Program(
            path=str(tmp_path / "program"),
            argv=("program", "script.py", "--model=small", str(tmp_path / "scratch" / "schema.json")),
            environment={**os.environ, "EFFORT": "low"},
            folder=tmp_path,
            targets=("judged.py",),
        ),
        stdin=stdin,
    )


def other(inputs: AnswerInputs, **fields: Any) -> AnswerInputs:
    """The same with these fields of its program."""
    return replace(inputs, program=inputs.program._replace(**fields))


def spec(**changed: object) -> Any:
    return SimpleNamespace(**{"name": "reviewer", "voter": None, "keep": True} | changed)


def answers(tmp_path: Path, *, fresh: bool = False) -> KeptAnswers:
    return KeptAnswers(folder=tmp_path / "answers", fresh=fresh)


def ask(store: KeptAnswers, inputs: AnswerInputs, answer: Output = ANSWER) -> Output:
    """The answer, which is good and kept."""
    output = store.ask(inputs, inputs.program.folder / "scratch", lambda: answer)
    store.keep(output)
    return output


def test_the_same_question_is_answered_without_asking(tmp_path: Path, inputs: AnswerInputs) -> None:
    assert ask(answers(tmp_path), inputs).kept_since is None
    known = ask(answers(tmp_path), inputs, Output(exit_code=1, stdout="", stderr=""))
    assert (known.stdout, known.exit_code, known.sent) == (ANSWER.stdout, 0, "prompt and diff")
    assert known.kept_since == pytest.approx(time.time(), abs=60)
    assert ask(answers(tmp_path, fresh=True), inputs).kept_since is None


def test_the_program_still_reads_its_whole_input(tmp_path: Path, inputs: AnswerInputs, stdin: IO[bytes]) -> None:
    read = answers(tmp_path).ask(inputs, tmp_path, lambda: replace(ANSWER, stdout=os.read(stdin.fileno(), 99).decode()))
    assert read.stdout == "prompt and diff"


def test_another_question_is_asked(tmp_path: Path, inputs: AnswerInputs, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(answers(tmp_path), inputs)
    others = [
        other(inputs, argv=("program", "script.py", "--model=large")),
        other(inputs, environment={**inputs.program.environment, "EFFORT": "high"}),
        other(inputs, environment={**inputs.program.environment, "ANTHROPIC_MODEL": "large"}),
        replace(inputs, spec=spec(voter="2")),
        replace(inputs, spec=spec(name="other")),
        replace(inputs, tree="other"),
        other(inputs, targets=()),
    ]
    assert [ask(answers(tmp_path), each).kept_since for each in others] == [None] * len(others)
    for name in ("program", "script.py", "judged.py"):
        (tmp_path / name).write_text("changed")
        assert ask(answers(tmp_path), inputs).kept_since is None, name
        assert ask(answers(tmp_path), inputs).kept_since is not None, name


def test_variables_that_choose_a_model_or_a_service_count(
    tmp_path: Path, inputs: AnswerInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(answers(tmp_path), inputs)
    for name in ("ANTHROPIC_MODEL", "OPENAI_BASE_URL", "CLAUDE_CODE_USE_BEDROCK", "OLLAMA_HOST", "EDITOR"):
        monkeypatch.setenv(name, "x")
        with_it = other(inputs, environment={**inputs.program.environment, name: "x"})
        assert (ask(answers(tmp_path), with_it).kept_since is None) is (name != "EDITOR"), name


@pytest.mark.parametrize("word", ["{}", "./{}", "--prompt={}", "@{}", "--prompt=@{}"])
@pytest.mark.parametrize("name", ["prompt.md", "prompts"])
def test_what_words_name_may_not_have_changed(tmp_path: Path, inputs: AnswerInputs, word: str, name: str) -> None:
    (tmp_path / "prompts").mkdir()
    inputs = other(inputs, argv=("program", word.format(name)))
    for text in ("first", "second"):
        for file in (tmp_path / "prompt.md", tmp_path / "prompts" / "review.md"):
            file.write_text(text)
        assert ask(answers(tmp_path), inputs).kept_since is None
        assert ask(answers(tmp_path), inputs).kept_since is not None


def test_in_another_folder_it_is_another_question(tmp_path: Path, inputs: AnswerInputs) -> None:
    here = other(inputs, argv=("program",), targets=())
    ask(answers(tmp_path), here)
    elsewhere = other(here, folder=tmp_path / "elsewhere")
    assert answers(tmp_path).ask(elsewhere, tmp_path / "scratch", lambda: ANSWER).kept_since is None


def test_the_folder_for_temporary_files_does_not_matter(tmp_path: Path, inputs: AnswerInputs) -> None:
    ask(answers(tmp_path), inputs)
    elsewhere = other(inputs, argv=(*inputs.program.argv[:3], "/elsewhere/schema.json"))
    assert answers(tmp_path).ask(elsewhere, Path("/elsewhere"), lambda: ANSWER).kept_since is not None


def test_another_input_is_another_question(tmp_path: Path, inputs: AnswerInputs, stdin: IO[bytes]) -> None:
    ask(answers(tmp_path), inputs)
    stdin.seek(0, os.SEEK_END)
    stdin.write(b"\xff")
    stdin.flush()
    assert ask(answers(tmp_path), inputs).kept_since is None


@pytest.mark.parametrize("damage", ["", "{}", '{"exit_code": 0}', "[" * 10_000])
def test_what_cannot_be_read_is_asked_again(tmp_path: Path, inputs: AnswerInputs, damage: str) -> None:
    ask(answers(tmp_path), inputs)
    (kept,) = (tmp_path / "answers").iterdir()
    kept.write_text(damage)
    assert ask(answers(tmp_path), inputs).kept_since is None


def test_answers_grow_old(tmp_path: Path, inputs: AnswerInputs) -> None:
    ask(answers(tmp_path), inputs)
    (kept,) = (tmp_path / "answers").iterdir()
    old = replace(msgspec.json.decode(kept.read_bytes(), type=Output), kept_since=time.time() - 31 * 24 * 3600)
    kept.write_bytes(msgspec.json.encode(old))
    assert ask(answers(tmp_path), inputs).kept_since is None


def test_only_the_newest_answers_are_kept(
    tmp_path: Path, inputs: AnswerInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "MOST", 2)
    for number in range(4):
        ask(answers(tmp_path), replace(inputs, tree=str(number)))
        for age, file in enumerate(sorted((tmp_path / "answers").iterdir(), key=lambda file: -file.stat().st_mtime)):
            os.utime(file, (time.time() - age - 1,) * 2)
    assert len(list((tmp_path / "answers").iterdir())) == 2
    assert ask(answers(tmp_path), replace(inputs, tree="3")).kept_since is not None


def test_secrets_are_not_kept(tmp_path: Path, inputs: AnswerInputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_API_KEY", "sk-0123456789abcdef")
    ask(answers(tmp_path), inputs, replace(ANSWER, stderr="used sk-0123456789abcdef"))
    (kept,) = (tmp_path / "answers").iterdir()
    assert "0123456789abcdef" not in kept.read_text()
    assert (tmp_path / "answers").stat().st_mode & 0o077 == 0


def test_an_answer_with_a_secret_in_it_is_not_kept(
    tmp_path: Path, inputs: AnswerInputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its path would be another one, on no line that has changed."""
    monkeypatch.setenv("DATABASE_PASSWORD", "postgres")
    found = '{"findings": [{"message": "m", "path": "src/postgres/pool.py", "line": 1}]}'
    ask(answers(tmp_path), inputs, replace(ANSWER, stdout=found))
    assert ask(answers(tmp_path), inputs).kept_since is None


def test_nothing_is_kept_unless_it_may_be(tmp_path: Path, inputs: AnswerInputs) -> None:
    assert ask(KeptAnswers(), inputs) == ANSWER
    ask(answers(tmp_path), replace(inputs, spec=spec(keep=False)))
    answers(tmp_path).keep(replace(answers(tmp_path).ask(inputs, tmp_path, lambda: ANSWER), cut=("stdout",)))
    assert not (tmp_path / "answers").exists()


def test_a_new_version_is_another_program(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "assistant"
    (package / "bin").mkdir(parents=True)
    (package / "bin" / "run.js").write_text("start()")
    (package / "package.json").write_text('{"version": "1"}')
    link = tmp_path / "assistant"
    link.symlink_to(package / "bin" / "run.js")
    before = program_identity(str(link))
    (package / "package.json").write_text('{"version": "2"}')
    assert program_identity(str(link)) != before

    installed = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    (installed / "llm-1.dist-info").mkdir(parents=True)
    script = tmp_path / "llm"
    script.write_text(f"#!{tmp_path}/venv/bin/python\n")
    before = program_identity(str(script))
    (installed / "llm-1.dist-info").rename(installed / "llm-2.dist-info")
    assert program_identity(str(script)) != before

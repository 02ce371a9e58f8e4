"""Asks a known program of a language model to review the changes, and recognizes why it gives no answer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_parallel_agents.early_bound import io, os, subprocess
from pytest_parallel_agents.errors import BrokenTool
from pytest_parallel_agents.tool_formats.answer_schema import answer_schema_text
from pytest_parallel_agents.tool_formats.answers import own_error
from pytest_parallel_agents.tool_formats.plain_text import plain
from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Question
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.execution import execute, run_program
from pytest_parallel_agents.tools.identity import project_identity
from pytest_parallel_agents.tools.invocation import Invocation
from pytest_parallel_agents.tools.kept_answers import AnswerInputs
from pytest_parallel_agents.tools.preparation import environment_of, find_program, run_folder
from pytest_parallel_agents.tools.program import Program
from pytest_parallel_agents.tools.streams import WITHOUT_NAMES

if TYPE_CHECKING:
    from pytest_parallel_agents.tool_formats.output import Output
    from pytest_parallel_agents.tools.adapters.reviewers.reviewer import Review


def run_tool(spec: CommandSpec, invocation: Invocation) -> Output:
    """Asks a known program of a language model, or executes any other command."""
    return execute(spec, invocation) if spec.review is None else _ask(spec, spec.review, invocation)


def _ask(spec: CommandSpec, review: Review, invocation: Invocation) -> Output:
    """The output of the program, or that of an earlier run for the same question.

    The program runs in an empty folder unless it may read.

    Skips the check when nothing has changed, and when the check is optional and the program or its account is missing.
    Raises BrokenTool when one of these is missing otherwise, or the prompt, or git cannot list the changes.
    """
    chosen, root, scratch = invocation.chosen, invocation.root, invocation.scratch
    reviewer, stdin = review.reviewer, spec.stdin.of(chosen)
    folder = run_folder(spec, chosen, root)
    program = find_program(spec, reviewer.name, folder, invocation)
    workplace = folder if review.may_read or not reviewer.takes_prompt else scratch / "empty"
    os.makedirs(workplace, exist_ok=True)
    question = _question(spec, review, chosen, root, scratch)
    argv = reviewer.argv(question)
    environment = {**environment_of(spec, chosen, scratch), **reviewer.env(question)}
    with stdin.opened(root) as prompt:
        sent = prompt if reviewer.takes_prompt else subprocess.DEVNULL
        started = Program(path=program, argv=tuple(argv), folder=workplace, environment=environment, targets=())

        def run() -> Output:
            _refuse_without_account(spec, review, question, program, environment)
            return run_program(spec, started, sent, invocation.streams)

        tree = project_identity(root) if review.may_read else ""
        return invocation.answers.ask(AnswerInputs(spec=spec, program=started, stdin=sent, tree=tree), scratch, run)


def _question(spec: CommandSpec, review: Review, chosen: str | None, root: Path, scratch: Path) -> Question:
    """The question of one input, whose schema is in a file."""
    revision = None if review.reviewer.takes_prompt else spec.stdin.of(chosen).revision(root)
    question = Question(
        model=spec.filled(review.model, chosen),
        budget=review.budget,
        may_read=review.may_read,
        args=spec.arguments(chosen),
        schema=answer_schema_text(),
        schema_file=scratch / "schema.json",
        scratch=scratch,
        base="" if revision is None else revision.ancestor(root),
    )
    with io.open(question.schema_file, "w", encoding="utf-8") as schema:
        schema.write(question.schema)
    return question


def _refuse_without_account(
    spec: CommandSpec, review: Review, question: Question, program: str, environment: Mapping[str, str]
) -> None:
    account = review.reviewer.account
    if account is None or question.args or (account.free_choice and question.model):
        return
    if any(environment.get(name) for name in account.unless):
        return
    argv = (review.reviewer.name, *account.args)
    status = Program(path=program, argv=argv, folder=question.scratch, environment=environment, targets=())
    asked = run_program(spec, status, subprocess.DEVNULL, WITHOUT_NAMES)
    if account.missing.search(plain(f"{asked.stdout}\n{asked.stderr}")):
        raise not_logged_in(spec, review)


def not_logged_in(spec: CommandSpec, review: Review) -> BaseException:
    """The outcome of a check whose program knows no account: it is skipped if the check is optional."""
    problem = f"{review.reviewer.name} is not logged in"
    if spec.optional:
        return pytest.skip.Exception(f"{problem}: {review.reviewer.login}", _use_item_location=True)
    hint = f"{review.reviewer.login}, or skip it with {spec.where}.optional = true"
    return BrokenTool(f"{spec.name}: {problem}", hint=hint)


def lacks_account(review: Review, output: Output) -> bool:
    """Whether the program has failed because it knows no account, by its own words and never by its model's."""
    reported = own_error(output.stdout, output.sent)
    words = own_words(output, reported) if output.exit_code != 0 else reported
    return review.reviewer.not_logged_in.search(words) is not None


def own_words(output: Output, problem: str) -> str:
    """The problem and what the program printed for people, without what it was sent."""
    lines = plain(output.stderr).splitlines()
    return "\n".join([problem, *(line for line in lines if line.strip() not in output.sent)])

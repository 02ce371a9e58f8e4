"""Reviewers: what must be known of the command line of a language model before it can judge a change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

import msgspec

from pytest_parallel_agents.tool_formats.output import Reader
from pytest_parallel_agents.tools.adapters.reviewers.answer import read
from pytest_parallel_agents.tools.writing import ABOUT_ITSELF, has_flag

NO_VARIABLES: Final[Mapping[str, str]] = MappingProxyType({})


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What a program is asked for, beside the prompt, which is its standard input.

    `model` is empty for the program's own choice. `budget` is the most that the answer may cost, in US dollars, None
    for no limit. With `may_read` the model may read files in the folder in which the program runs; else that folder is
    empty. `args` are the user's. `schema_file` is the file that has the `schema` of an answer, which is JSON. `scratch`
    is a folder for further files. `base` is the revision since which changes are judged.
    """

    model: str
    budget: float | None
    may_read: bool
    args: tuple[str, ...]
    schema: str
    schema_file: Path
    scratch: Path
    base: str


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A command of a program that shows whether it knows an account, for one that hangs without.

    `args` are the program's, and `missing` is found in what it prints when there is none. It is not asked when one of
    the environment variables `unless` is set, or when the user has given arguments, or names a model of a
    `free_choice`: these may name a service that needs none.
    """

    args: tuple[str, ...]
    missing: re.Pattern[str]
    unless: tuple[str, ...] = ()
    free_choice: bool = False


Asking: TypeAlias = Callable[[Question], Sequence[str]]
"""Returns the command that reads a prompt from its standard input and prints an answer."""


def _no_variables(question: Question) -> Mapping[str, str]:  # noqa: ARG001 - as `env` of a reviewer
    return NO_VARIABLES


class Reviewer(msgspec.Struct, frozen=True, kw_only=True):
    """A known program that asks a language model.

    `name` is what users call it, and the program's. `looked_at` is the version whose options, output and errors were
    looked at. `install` installs it, `login` is how it gets to know an account. `argv` keeps the program from changing
    files, from using tools unless the question allows it, and from what projects and users have set for their own
    sessions; `env` has variables for the same. `not_logged_in` is found in the error of a program that knows no
    account; `account` asks it before.

    `holds_schema`: it holds the model to the schema, otherwise the prompt has it. One that does not read a prompt
    (`takes_prompt`) finds the changes itself, in the folder of the project. One that `limits_cost` ends before an
    answer costs more than the budget. `refused` are arguments with which it prints something else, or may change files.
    """

    name: str
    looked_at: str
    install: str
    login: str
    argv: Asking
    not_logged_in: re.Pattern[str]
    env: Callable[[Question], Mapping[str, str]] = _no_variables
    account: Account | None = None
    holds_schema: bool = False
    takes_prompt: bool = True
    limits_cost: bool = False
    read: Reader = read
    refused: frozenset[str] = frozenset()

    def refuses(self, args: Sequence[str]) -> str:
        """The first of the user's arguments that would leave nothing to read, or let the model change files; empty
        without any.
        """
        return has_flag(self.refused | ABOUT_ITSELF, args)


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """How a reviewer is asked, as the user has set it: see Question."""

    reviewer: Reviewer
    model: str
    budget: float | None
    may_read: bool

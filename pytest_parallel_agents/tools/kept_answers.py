"""Answers of language models that are kept from run to run: the same question is not asked, and paid for, twice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

import msgspec
from msgspec.structs import replace

from pytest_parallel_agents.early_bound import io, os, tempfile, time
from pytest_parallel_agents.secrets import mask_secrets
from pytest_parallel_agents.tool_formats.output import Output
from pytest_parallel_agents.tools.command import CommandSpec
from pytest_parallel_agents.tools.identity import digest, program_identity, tree_identity
from pytest_parallel_agents.tools.program import Program
from pytest_parallel_agents.tools.stdin import sent_text

MOST: Final = 500
MOST_SECONDS: Final = 30 * 24 * 3600.0
MOST_BYTES: Final = 1024 * 1024
"""Of one answer."""

_FORM: Final = "1"
"""Changed when kept answers of earlier versions must not be read any more."""
_CHOOSES_MODEL: Final = re.compile(r"MODEL|BASE_URL|API_BASE|ENDPOINT|PROVIDER|_USE_|OLLAMA_HOST")
"""Environment variables by which programs choose a model or a service."""


class AnswerInputs(msgspec.Struct, frozen=True, kw_only=True):
    """All that an answer depends on: the program with its words, environment and targets, and what it is sent. `tree`
    stands for all files of the project, if it may read them.
    """

    spec: CommandSpec
    program: Program
    stdin: IO[bytes] | int
    tree: str = ""

    def key(self, scratch: Path) -> str:
        """Equal for the same inputs. Paths of the folder `scratch` mean nothing."""
        folder = self.program.folder
        words = [word.replace(str(scratch), "") for word in self.program.argv[1:]]
        named = (folder / name for word in words for name in _names(word))
        scripts = [tree_identity(path) for path in named if os.path.exists(path)]
        files = [part for path in self.program.targets for part in (path, tree_identity(folder / path))]
        voter = self.spec.voter or ""
        who = [_FORM, self.spec.name, voter, program_identity(self.program.path), *self._variables(scratch)]
        where = ["folder", str(folder).replace(str(scratch), ""), "tree", self.tree]
        return digest([*who, *where, "words", *words, "scripts", *scripts, "files", *files, "sent", self._sent()])

    def _sent(self) -> str:
        """A digest of the standard input, which is still to be read by the program: its buffer must stay empty."""
        if isinstance(self.stdin, int):
            return ""
        number = self.stdin.fileno()
        os.lseek(number, 0, os.SEEK_SET)
        content = os.read(number, os.fstat(number).st_size)
        os.lseek(number, 0, os.SEEK_SET)
        return hashlib.sha256(content).hexdigest()

    def _variables(self, scratch: Path) -> list[str]:
        """Those that are set for this command, and those that choose a model."""
        variables = self.program.environment
        own = {name for name, value in variables.items() if os.environ.get(name) != value}
        named = own | {name for name in variables if _CHOOSES_MODEL.search(name)}
        return [f"{name}={variables[name]}".replace(str(scratch), "") for name in sorted(named)]


class KeptAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """In `folder`, or none are kept without it. With `fresh` every question is asked again."""

    folder: Path | None = None
    fresh: bool = False

    def ask(self, inputs: AnswerInputs, scratch: Path, run: Callable[[], Output]) -> Output:
        """The answer that is known, or that of `run`. `scratch` is the folder for the command's temporary files."""
        if self.folder is None or not inputs.spec.keep:
            return run()
        key = inputs.key(scratch)
        known = None if self.fresh else self._find(key)
        if known is not None:
            return replace(known, sent=sent_text(inputs.program.argv, inputs.stdin))
        return replace(run(), key=key)

    def keep(self, output: Output) -> None:
        """Keeps an output whose answer is good, without secrets.

        An answer that has a secret itself is not kept: with a mask in a path or a line it would mean something else.
        """
        if self.folder is None or not output.key or output.kept_since is not None or output.cut:
            return
        texts = {name: mask_secrets(getattr(output, name)) for name in ("stdout", "stderr", "other_text")}
        if texts["stdout"] != output.stdout:
            return
        content = msgspec.json.encode(replace(output, sent="", kept_since=time.time(), **texts))
        if len(content) > MOST_BYTES:
            return
        with suppress(OSError):  # without a kept answer the question is asked again
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            _write(self._file(output.key), content)
            _forget_old(self.folder)

    def _find(self, key: str) -> Output | None:
        """None where nothing is kept, or it is too old or cannot be read."""
        with suppress(OSError, msgspec.DecodeError), io.open(self._file(key), "rb") as file:
            kept = msgspec.json.decode(file.read(), type=Output)
            if kept.key == key and 0 <= time.time() - (kept.kept_since or 0.0) < MOST_SECONDS:
                return kept
        return None

    def _file(self, key: str) -> str:
        return os.path.join(self.folder or "", f"{key}.json")


def _write(file: str, content: bytes) -> None:
    """At once: another worker may read it."""
    handle, unfinished = tempfile.mkstemp(dir=os.path.dirname(file))
    with os.fdopen(handle, "wb") as written:
        written.write(content)
    os.replace(unfinished, file)


def _forget_old(folder: Path) -> None:
    files = {file: os.stat(file).st_mtime for file in (os.path.join(folder, name) for name in os.listdir(folder))}
    newest = sorted(files, key=lambda file: -files[file])
    for number, file in enumerate(newest):
        if number >= MOST or time.time() - files[file] > MOST_SECONDS:
            os.unlink(file)


def _names(word: str) -> Iterator[str]:
    """The paths that a word may name: the whole of it, or a part as in `--prompt=review.md` and `@review.md`."""
    parts = (word, word.partition("=")[2])
    return filter(None, dict.fromkeys(name for part in parts for name in (part, part.removeprefix("@"))))


NOTHING_KEPT: Final = KeptAnswers()

"""Finds the answer in output that may have other text too: that of language models, above all.

An answer is an object with `findings` or `measurements`, or a list of which every entry has a message. It is the whole
output, or fills lines of its own, or is in an envelope. The last one counts: others before it were drafts. Text that
was sent to the program is no answer, nor is one before an error, or between the tags of a model's reasoning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from pytest_parallel_agents.early_bound import json
from pytest_parallel_agents.excerpts import cut
from pytest_parallel_agents.tool_formats.decoding import DECODER, without_lone_surrogates
from pytest_parallel_agents.tool_formats.echoes import Echoes
from pytest_parallel_agents.tool_formats.embedded import Part, json_parts, undecorated
from pytest_parallel_agents.tool_formats.envelopes import Answer, AssistantText, Complaint, Reply, is_answer, replies
from pytest_parallel_agents.tool_formats.output import Unreadable
from pytest_parallel_agents.tool_formats.plain_text import plain

_LONGEST: Final = 300
"""Characters of a line that is quoted in an error."""
_REASONING: Final = re.compile(
    r"^[ \t]*<(?P<tag>think(?:ing)?|thought|reason(?:ing)?)>.*?(?:</(?P=tag)>|\Z)"
    r"|\A.*^[ \t]*</(?:think(?:ing)?|thought|reason(?:ing)?)>",
    re.DOTALL | re.MULTILINE,
)
"""A model's reasoning, complete or not. Some templates contain the opening tag, so that only the closing one is
printed. A tag that begins a line is in no text of JSON."""
_LIKE_AN_ANSWER: Final = re.compile(r'"(?:findings|message)"')
_IN_A_LINE: Final = re.compile(r'\{\s*"findings"\s*:')
_FIELDS: Final = frozenset({"findings", "measurements"})
_ERROR_WORDS: Final = re.compile(
    r"\b(?:error|fatal|failed|denied|refused|exceeded|limit|too many|unauthorized|overloaded|unavailable|timed out)\b"
)
_ERROR_LINE: Final = re.compile(r"\s*(?:(?:[\w.]+ )?(?:error|fatal|exception): |Traceback \()", re.IGNORECASE)


def find_answer(text: str, sent: str = "") -> object:
    """The answer in a text; `sent` is the program's input. Raises Unreadable when there is none."""
    return _answer(plain(text), without_lone_surrogates(plain(sent)))


def own_error(text: str, sent: str = "") -> str:
    """The last error that an envelope in a text reports; empty without any."""
    text = without_lone_surrogates(plain(text))
    parts = (part for part in json_parts(text, Echoes(text, sent)) if not part.error)
    try:
        problems = [reply.text for part in parts for reply in replies(part.value) if isinstance(reply, Complaint)]
    except (Unreadable, RecursionError):  # a text that cannot be read reports nothing
        return ""
    return cut(problems[-1], _LONGEST) if problems else ""


def is_nothing_else(text: str) -> bool:
    """Whether a text is an answer and nothing else."""
    try:
        value = _whole(plain(text).strip())
    except Unreadable:
        return False
    is_bare = isinstance(value, list) or (isinstance(value, dict) and _FIELDS.issuperset(value))
    return is_bare and is_answer(value)


def _answer(text: str, sent: str) -> object:
    if not text.strip():
        raise Unreadable("it printed nothing on its standard output")
    text = _REASONING.sub("", without_lone_surrogates(text))
    if not text.strip():
        raise Unreadable("its output cannot be read: it has no answer beside its reasoning")
    body = undecorated(text)
    whole = _whole(body)
    if whole == [] or (is_answer(whole) and not Echoes(body, sent).whole(0, len(body))):
        return whole
    replies_ = _joined([AssistantText(whole)] if isinstance(whole, str) else _replies(text, Echoes(text, sent)))
    match replies_[-1] if replies_ else None:
        case Answer(value):
            return value
        case AssistantText(inner):
            return _answer(plain(inner), sent)
        case Complaint(problem):
            raise Unreadable(f"it reports an error: {cut(problem, _LONGEST)}")
        case _:
            raise Unreadable(f"its output cannot be read: {_why_none(text, whole)}")


def _whole(text: str) -> object:
    """The value of the whole text, if it is JSON; None when it is not."""
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError:
        return None
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"its output cannot be read: {error}") from error


def _replies(text: str, echoes: Echoes) -> Iterator[Reply]:
    """The replies in a text, in order, and complaints that follow and invalidate them."""
    stop = 0
    for part in json_parts(text, echoes):
        _refuse_broken(text, part)
        found = list(replies(part.value))
        if found and not echoes.whole(part.start, part.stop):
            stop = part.stop
            yield from found
    if stop:
        yield from _later_complaints(text[stop:], echoes)


def _refuse_broken(text: str, part: Part) -> None:
    if part.error and (part.breaks_off or _LIKE_AN_ANSWER.search(text, part.start, part.stop)):
        raise Unreadable(f"its output cannot be read: {'it breaks off: ' if part.breaks_off else ''}{part.error}")


def _later_complaints(text: str, echoes: Echoes) -> Iterator[Complaint]:
    for line in text.splitlines():
        if _ERROR_LINE.match(line) and not echoes.line(line):
            yield Complaint(line.strip())
    inline = _IN_A_LINE.search(text)
    if inline and not echoes.line(text[inline.start() :].partition("\n")[0]):
        raise Unreadable("its output cannot be read: after an answer comes one that fills no lines of its own")


def _joined(replies_: Iterable[Reply]) -> list[Reply]:
    """The replies, pieces of one text joined."""
    joined: list[Reply] = []
    for is_partial, group in groupby(replies_, key=lambda reply: isinstance(reply, AssistantText) and reply.partial):
        if is_partial:
            joined.append(AssistantText("".join(piece.text for piece in group if isinstance(piece, AssistantText))))
        else:
            joined.extend(group)
    return joined


def _why_none(text: str, whole: object) -> str:
    if is_answer(whole):
        return "it is what was sent"
    if isinstance(whole, dict):
        return f"it is an object without findings; its keys are {', '.join(whole) or 'none'}"
    if isinstance(whole, list):
        return "it is a list of which not every entry has a message"
    return f"it has no answer: {_explaining_line(text)}"


def _explaining_line(text: str) -> str:
    """The line that explains most: the first that names an error, else the last one with a word."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    last = next((line for line in reversed(lines) if any(map(str.isalpha, line))), lines[-1])
    return cut(next((line for line in lines if _ERROR_WORDS.search(line.lower())), last), _LONGEST)

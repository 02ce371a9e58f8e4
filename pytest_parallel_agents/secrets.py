"""Keys and passwords of the environment, which must not appear in any report.

A value is secret when its variable's name suggests it, and so is the password in a URL. It is masked as it is, with the
escapes of JSON, Python and URLs, in base64 at any offset, and where a line break splits it. Other encodings and parts
of a value are not recognized.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from pytest_parallel_agents.early_bound import builtins, json, os

__builtins__ = builtins

MASK: Final = "***"
SHORTEST: Final = 6
"""Characters of the shortest value that is masked: a shorter one occurs in too many ordinary texts."""

_SHORTEST_LINE: Final = 12
"""The same for one line of a value that has several."""

_SHORTEST_USER: Final = 16
"""The same for the user in a URL without a password, which may be a token."""

_SECRET_NAME: Final = re.compile(
    r"(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|COOKIE)S?(?![A-Z])"
    r"|(?<![A-Z])(?:PASS|AUTH)(?![A-Z])|_(?:PWD|PAT)$"
)
_NAMES_A_PLACE: Final = re.compile(r"(?:FILE|PATH|DIR|SOCK)$")
_LINE_BREAK: Final = r"(?:[ \t]*(?:\r?\n|\\n)[ \t]*)?"


_CONFIGURED: Final[set[str]] = set()
"""Secrets that the configuration gives to commands, in the process that has read it and all its forks."""


def mask_also(environment: Mapping[str, str]) -> None:
    """Masks the secret values of variables that are not in this process's environment too."""
    _CONFIGURED.update(_secrets(environment))


def mask_secrets(text: str) -> str:
    """The text without the secret values of this process's environment."""
    return secrets_mask(os.environ)(text)


def secrets_mask(environment: Mapping[str, str]) -> Callable[[str], str]:
    """A function that replaces the environment's secret values in a text by `***`."""
    pattern = _pattern(frozenset(_secrets(environment)) | _CONFIGURED)
    return _unchanged if pattern is None else partial(pattern.sub, MASK)


def _unchanged(text: str) -> str:
    return text


def _secrets(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        if _is_secret(name.upper()):
            yield value
        elif "://" in value:
            yield from _credentials(value)


def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None and _NAMES_A_PLACE.search(name) is None


def _credentials(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    if parts.password:
        yield from (parts.password, unquote(parts.password))
    elif parts.username and len(parts.username) >= _SHORTEST_USER:
        yield parts.username


@lru_cache(maxsize=16)
def _pattern(values: frozenset[str]) -> re.Pattern[str] | None:
    """Matches any of the values in any of its forms, the longest first."""
    forms = {form for value in values for form in _forms(value.strip())}
    ordered = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(_split_anywhere, ordered))) if ordered else None


def _forms(value: str) -> Iterator[str]:
    if len(value) < SHORTEST:
        return
    lines = [line.strip() for line in value.splitlines()]
    texts = ["".join(lines), *(line for line in lines if len(line) >= _SHORTEST_LINE)]
    for text in texts:
        yield from (text, json.dumps(text)[1:-1], repr(text)[1:-1], quote(text), quote(text, safe=""))
    yield from _base64_forms(os.fsencode(value))


def _base64_forms(value: bytes) -> Iterator[str]:
    """The part of the value's base64 that is the same whatever precedes and follows it."""
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + value).decode()
        first, last = -(-before * 8 // 6), (before + len(value)) * 8 // 6
        yield whole[first:last]
        yield whole[first:last].translate(str.maketrans("+/", "-_"))


def _split_anywhere(form: str) -> str:
    return _LINE_BREAK.join(r"\s+" if character.isspace() else re.escape(character) for character in form)

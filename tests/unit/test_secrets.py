from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_parallel_agents.secrets import mask_secrets, secrets_mask

KEY = "sk-live-Zm9v/0815+bar"
PEM = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nBAQEFAASCBKcwggSjAgEA\n-----END PRIVATE KEY-----\n"


def mask(text: str, **environment: str) -> str:
    return secrets_mask(environment)(text)


@pytest.mark.parametrize(
    "name",
    [
        *("OPENAI_API_KEY", "APIKEY", "CI_JOB_TOKEN", "PGPASSWORD", "MYSQL_PWD", "DB_PASS", "GITHUB_PAT", "BASIC_AUTH"),
        *("AWS_ACCESS_KEY_ID", "SECRET1", "deploy_key", "TWO_SECRETS", "SSH_PASSPHRASE", "SESSION_COOKIE"),
    ],
)
def test_a_name_that_looks_secret(name: str) -> None:
    assert mask(f"the value is {KEY}.", **{name: KEY}) == "the value is ***."


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "PWD", "OLDPWD", "HOME", "TOKENIZERS_PARALLELISM", "GIT_AUTHOR_NAME", "GIT_ASKPASS", "KEYBOARD"),
        *("SSH_AUTH_SOCK", "PASSWORD_FILE", "SSL_KEY_PATH", "BYPASS"),
    ],
)
def test_a_name_that_does_not(name: str) -> None:
    assert mask(KEY, **{name: KEY}) == KEY


@pytest.mark.parametrize(
    "form",
    [
        json.dumps(KEY + '"\\\n'),
        repr(KEY + "'\\\n"),
        quote(KEY),
        quote(KEY, safe=""),
        f"{KEY[:7]}\n{KEY[7:]}",
        f"{KEY[:7]}  \r\n    {KEY[7:12]}\n{KEY[12:]}",
        json.dumps(f"{KEY[:7]}\n{KEY[7:]}"),
    ],
)
def test_escapes_and_line_breaks_do_not_help(form: str) -> None:
    shown = mask(f"a {form} b", API_KEY=KEY)

    assert "***" in shown
    assert KEY[:5] not in shown
    assert KEY[-5:] not in shown


@pytest.mark.parametrize("before", ["", "u", "me", "me:", "someone:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_at_any_offset(before: str, encode: object) -> None:
    assert callable(encode)
    whole = encode(f"{before}{KEY}".encode()).decode()
    shown = mask(f"Authorization: Basic {whole}", API_KEY=KEY)

    assert "***" in shown
    decoded = base64.urlsafe_b64decode(shown.partition("***")[2].rjust(4, "A") + "==")
    assert KEY[-4:].encode() not in decoded


def test_every_line_of_a_key_in_several_lines() -> None:
    environment = {"SIGNING_KEY": PEM}

    assert mask(PEM, **environment) == "***\n"
    assert mask(PEM.replace("\n", "\\n"), **environment) == "***\\n"
    assert mask("line 2 is MIIEvQIBADANBgkqhkiG9w0", **environment) == "line 2 is ***"


def test_the_blanks_of_a_phrase_may_be_line_breaks() -> None:
    mask = secrets_mask({"PASSPHRASE": "open sesame now"})

    assert mask("it is 'open\n  sesame now'") == "it is '***'"


def test_short_values_stay() -> None:
    mask = secrets_mask({"USE_TOKEN": "true", "NUMBER_KEY": "12345", "DB_PASS": "hunter2"})

    assert mask("true or 12345 or hunter2!") == "true or 12345 or ***!"


def test_passwords_in_urls() -> None:
    environment = {"DATABASE_URL": "postgres://deploy:hun%40ter2@db/shop", "HTTPS_PROXY": "http://proxy:3128"}

    assert mask("deploy hun%40ter2 hun@ter2 proxy 3128", **environment) == "deploy *** *** proxy 3128"
    assert mask("as 0123456789abcdef", REMOTE="https://0123456789abcdef@host/x") == "as ***"
    assert mask("as deploy", REMOTE="https://deploy@host/x") == "as deploy"
    assert mask("kept", BROKEN="http://[::1") == "kept"


def test_the_longest_value_is_masked_first() -> None:
    assert mask("secret-value-and-more", A_KEY="secret-value", B_KEY="secret-value-and-more") == "***"


def test_this_process_s_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_API_KEY", KEY)

    assert mask_secrets(f"{KEY} it was") == "*** it was"


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=6, max_size=40),
    st.text(max_size=40),
    st.text(max_size=40),
)
def test_no_value_survives_in_any_text(value: str, before: str, after: str) -> None:
    assume("*" not in value)

    assert value not in mask(before + value + after, API_KEY=value)


@given(st.text(max_size=80))
def test_a_text_without_secrets_is_not_changed(text: str) -> None:
    assume("0815" not in text)

    assert mask(text, API_KEY=KEY, PATH="/usr/bin") == text

"""What counts as the answer in what a language model's program prints."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from pytest_parallel_agents.tool_formats.answers import find_answer, is_nothing_else
from pytest_parallel_agents.tool_formats.output import Unreadable

BAD = {"findings": [{"message": "bad", "path": "src/a.py", "line": 1}]}
WORSE = {"findings": [{"message": "worse"}]}
CLEAN = {"findings": list[object]()}
B, C = json.dumps(BAD), json.dumps(CLEAN)

PROMPT = """You review a change. Answer like this:

```json
{"findings": [{"rule": "leak", "message": "..."}]}
```

or, when nothing is wrong, with

{"findings": []}

and nothing else.
--- a/tests/data.json
 {
 "kept": [{
+{"findings": []}
"""


def lines(*values: object) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


@pytest.mark.parametrize("value", [BAD, CLEAN, [], BAD["findings"], {"measurements": []}])
@pytest.mark.parametrize("around", ["{}", "\n {}\n", "```json\n{}\n```", "```json {}```", "`{}`", "● {}", "\ufeff{}"])
def test_a_whole_output(value: object, around: str) -> None:
    assert find_answer(around.replace("{}", json.dumps(value))) == value
    assert find_answer(json.dumps(around.replace("{}", json.dumps(value)))) == value


@pytest.mark.parametrize("text", ["", "7", f"Draft:\n{B}\n", '{"a": 1}', B[:-5]])
def test_what_stands_beside_an_answer_is_for_people(text: str) -> None:
    assert not is_nothing_else(text)
    assert not is_nothing_else('{"findings": [], "summary": "I could not open a.py"}')
    assert all(map(is_nothing_else, (B, C, f"\ufeff{B}\n", json.dumps(BAD["findings"]))))


@pytest.mark.parametrize(
    "text",
    [
        f"Draft:\n{B}\nOn second thought:\n{C}\n",
        f"The configuration is\n{{\n  'a': 1,\n}}\nand\n{{\n  \"a\": 1,\n}}\nso:\n{C}\n",
        f"\x1b[1m⏺ {C}\x1b[0m\n\nCost: $0.02",
        f"⠋ thinking\r⠙ thinking\r\x1b[2K{C}\r\n",
        f"<think>\n{B}\n</think>\n\n{C}",
        f"{C}\nThere is no error in this change.\n",
    ],
)
def test_the_last_one_in_a_text(text: str) -> None:
    assert find_answer(text) == CLEAN


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it printed nothing on its standard output"),
        ("\x1b[0m\n", "it printed nothing on its standard output"),
        ("API Error: Rate limit reached\n", "it has no answer: API Error: Rate limit reached"),
        ("429 Too Many Requests. Tried:\n[]\n", "it has no answer: 429 Too Many Requests. Tried:"),
        ("Tool calls:\n[]\nI could not reach it.\n", "it has no answer: I could not reach it."),
        ("It went well.\n```\n[]\n```\n", "it has no answer: It went well."),
        ("7", "it has no answer: 7"),
        ("{}", "it is an object without findings; its keys are none"),
        ('{"finding": []}', "it is an object without findings; its keys are finding"),
        ('[{"mesage": "m"}]', "it is a list of which not every entry has a message"),
        (B[:-5], "it breaks off: "),
        (f"{C}\nNo, it is\n{B[:-5]}\n", "it breaks off: "),
        (f"{C}\nNo, it is {B}\n", "after an answer comes one that fills no lines of its own"),
        (f'{C}\n{{"findings": [{{"message": "say "no""}}]}}\n', "Expecting ',' delimiter"),
        ('{"findings": [{"message": "say\n{"findings": []}\n"}]}', "Invalid control character"),
        (f"<think>\n{C}\n</think>\nA leak in a.py.\n", "it has no answer: A leak in a.py."),
        (f"Perhaps:\n{C}\n</thinking>\nA leak in a.py.\n", "it has no answer: A leak in a.py."),
        (f"<think>\nPerhaps {C}", "it has no answer beside its reasoning"),
        (f"{B}\nERROR: exceeded retry limit\n", "it reports an error: ERROR: exceeded retry limit"),
        (f"{B}\nAPI Error: overloaded\n", "it reports an error: API Error: overloaded"),
        (f"{B}\nTraceback (most recent call last):\n", "it reports an error: Traceback (most recent call last):"),
        ('{"findings": [], "findings": [1]}', 'an object has the key "findings" twice'),
        ('Here:\n{"findings": [], "findings": [1]}\n', 'an object has the key "findings" twice'),
    ],
)
def test_what_is_no_answer(text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        find_answer(text)

    assert reason in str(raised.value)


def echoes() -> Iterable[str]:
    yield PROMPT
    yield f"user instructions:\n{PROMPT}\n"
    yield f"\x1b[2m{PROMPT}\x1b[0m"
    yield "\n".join(f"  {line}" for line in PROMPT.splitlines())
    yield "\n".join(f"> {line}" for line in PROMPT.splitlines())
    yield "\n".join(PROMPT.splitlines()[:10])
    yield "\n".join(PROMPT.splitlines()[5:])


@pytest.mark.parametrize("echo", tuple(echoes()))
def test_what_was_sent_is_no_answer(echo: str) -> None:
    with pytest.raises(Unreadable, match="it has no answer: "):
        find_answer(f"{echo}\nERROR: exceeded retry limit, last status: 429\n", PROMPT)

    assert find_answer(f"{echo}\nassistant\n{C}\n", PROMPT) == CLEAN
    assert find_answer(f"{echo}\nassistant\n{B}\n", PROMPT) == BAD
    assert find_answer(f"{C}\nThat was about:\n{echo}\n", PROMPT) == CLEAN


@pytest.mark.parametrize("echo", tuple(echoes()))
def test_what_was_sent_is_none_inside_an_envelope_either(echo: str) -> None:
    for envelope in ({"type": "result", "result": echo}, {"response": echo}):
        with pytest.raises(Unreadable):
            find_answer(json.dumps(envelope), PROMPT)


def test_a_long_answer_counts_unless_it_was_sent() -> None:
    long = json.dumps({"findings": [{"message": "bad " * 40_000}]})

    assert find_answer(f"Here:\n{long}\n", PROMPT) == json.loads(long)
    with pytest.raises(Unreadable, match="no answer"):
        find_answer(f"Here:\n{long}\n", f"{PROMPT}\n{long}\n")


def test_the_example_alone_is_no_answer() -> None:
    for example in (PROMPT.splitlines()[3], "```json\n" + PROMPT.splitlines()[3] + "\n```"):
        with pytest.raises(Unreadable, match="it is what was sent"):
            find_answer(example, PROMPT)


def test_an_answer_in_the_words_of_the_prompt_is_one() -> None:
    assert find_answer(C, PROMPT) == CLEAN
    assert find_answer(f"```json\n{C}\n```", PROMPT) == CLEAN
    assert find_answer(f"I have read it all.\n\n{C}\n\nDone.", PROMPT) == CLEAN


def content(*texts: str, role: str = "assistant") -> dict[str, object]:
    return {"role": role, "content": [{"type": "text", "text": text} for text in texts]}


USED = {"type": "tool_use", "name": "read", "input": {"path": "a.py"}}
READ = {"type": "user", "message": {"role": "user", "content": [{"type": "tool_result", "content": C}]}}

ENVELOPES = {
    "claude": {"type": "result", "subtype": "success", "is_error": False, "result": f"Here:\n```json\n{B}\n```"},
    "claude, structured": {"type": "result", "result": "", "structured_output": BAD},
    "claude, all events": [
        {"type": "system", "subtype": "init", "tools": []},
        {"type": "assistant", "message": content("Let me look.")},
        {"type": "assistant", "message": {"role": "assistant", "content": [USED]}},
        READ,
        {"type": "result", "is_error": False, "result": B},
    ],
    "gemini": {"response": B, "stats": {"findings": 1}, "error": None},
    "ollama": {"model": "m", "message": {"role": "assistant", "content": B}, "done": True, "done_reason": "stop"},
    "chat completion": {
        "object": "chat.completion",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": B}}],
    },
    "response": {
        "object": "response",
        "status": "completed",
        "error": None,
        "text": {"format": {"type": "text"}},
        "output": [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": C}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": B}]},
        ],
    },
    "message": {"type": "message", **content(B), "stop_reason": "end_turn"},
    "generated content": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": B}]}, "finishReason": "STOP"}]
    },
    "converse": {"output": {"message": content(B)}, "stopReason": "end_turn"},
    "within another": {"result": json.dumps({"response": B})},
}


@pytest.mark.parametrize("name", ENVELOPES)
def test_envelopes(name: str) -> None:
    envelope = ENVELOPES[name]
    events = envelope if isinstance(envelope, list) else [envelope]

    assert find_answer(json.dumps(envelope)) == BAD
    assert find_answer(json.dumps(envelope, indent=2)) == BAD
    assert find_answer("Loading ...\n" + lines(*events) + "Done.\n") == BAD


def pieces(wrap: object, answer: str = B) -> str:
    """A stream of events in the shape of `wrap`, each with the next piece of the answer in the place of `$`."""
    shape = json.dumps(wrap)
    cut = [f"Here is\n{answer}"[start : start + 7] for start in range(0, len(answer) + 8, 7)]
    return "".join(shape.replace('"$"', json.dumps(piece)) + "\n" for piece in cut)


STREAMS = {
    "claude": lines(
        {"type": "system"}, {"type": "assistant", "message": content(C)}, READ, {"type": "result", "result": B}
    ),
    "codex": lines(
        {"type": "thread.started", "thread_id": "1"},
        {"type": "error", "message": "Reconnecting... 1/5"},
        {"type": "item.completed", "item": {"type": "reasoning", "text": C}},
        {"type": "item.completed", "item": {"type": "command_execution", "aggregated_output": C, "status": "failed"}},
        {"type": "item.completed", "item": {"type": "agent_message", "text": B}},
        {"type": "turn.completed", "usage": {"output_tokens": 7}},
    ),
    "codex, before": lines(
        {"id": "0", "msg": {"type": "agent_message", "message": B}}, {"id": "1", "msg": {"type": "token_count"}}
    ),
    "copilot": lines(
        {"type": "user.message", "data": {"content": C}}, {"type": "assistant.message", "data": {"content": B}}
    ),
    "opencode": lines({"type": "step_start"}, {"type": "text", "part": {"type": "text", "text": B}}),
    "gemini": lines({"type": "init"}, {"type": "message", "role": "user", "content": C})
    + pieces({"type": "message", "role": "assistant", "content": "$", "delta": True})
    + lines({"type": "result", "status": "success", "stats": {}}),
    "ollama": pieces({"response": "$", "done": False}) + lines({"response": "", "done": True, "done_reason": "stop"}),
    "chat completion": "".join(
        f"data: {line}\n\n" for line in pieces({"choices": [{"delta": {"content": "$"}}]}).splitlines()
    )
    + "data: [DONE]\n",
    "message": lines({"type": "message_start", "message": {"role": "assistant", "content": []}})
    + pieces({"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "$"}}, C)
    + pieces({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "$"}})
    + lines({"type": "message_delta", "delta": {"stop_reason": "end_turn"}}, {"type": "message_stop"}),
    "response": pieces({"type": "response.output_text.delta", "delta": "$"})
    + lines({"type": "response.completed", "response": ENVELOPES["response"]}),
    "log": lines({"level": "info", "message": "start"}, BAD, {"level": "info", "message": "done"}),
}


@pytest.mark.parametrize("name", STREAMS)
def test_streams(name: str) -> None:
    assert find_answer(STREAMS[name]) == BAD


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            lines({"type": "result", "subtype": "success", "is_error": True, "result": "Rate limit"}),
            "error: Rate limit",
        ),
        (lines({"type": "result", "subtype": "error_max_turns"}), "it reports an error: error_max_turns"),
        (lines({"type": "result", "subtype": "success", "result": "API Error: limit"}), "no answer: API Error: limit"),
        (lines({"type": "result", "result": ""}), "without findings; its keys are type, result"),
        (lines({"response": None, "error": {"message": "quota exceeded", "code": 429}}), "error: quota exceeded"),
        (lines({"error": ["no key"]}), "it reports an error: no key"),
        (lines({"type": "error", "error": {"type": "overloaded_error"}}), "it reports an error: overloaded_error"),
        (lines({"choices": [{"message": {"content": C}, "finish_reason": "length"}]}), "error: finish_reason length"),
        (lines({**content(C), "stop_reason": "max_tokens"}), "error: stop_reason max_tokens"),
        (lines({"status": "incomplete", "output": [content(C)]}), "error: status incomplete"),
        (lines({"findings": None, "error": "rate limited"}, {"error": "rate limited"}), "error: rate limited"),
        (STREAMS["codex"] + lines({"type": "turn.failed", "error": {"message": "stream lost"}}), "error: stream lost"),
        (STREAMS["claude"] + lines({"type": "result", "result": "I gave up."}), "no answer: I gave up."),
        (
            lines({"type": "assistant", "message": content(B)}, {"type": "result", "result": "limit"}),
            "no answer: limit",
        ),
        (pieces({"response": "$", "done": False}, B[:-3]), "it breaks off: "),
        (lines(READ), "its keys are type, message"),
        (lines({"type": "tool_result", "findings_of": C, "output": C}), "its keys are type, findings_of, output"),
        (lines({"role": "user", "content": C}), "its keys are role, content"),
        (lines({"level": "info", "message": C}), "its keys are level, message"),
    ],
)
def test_envelopes_without_an_answer(text: str, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        find_answer(text)

    assert reason in str(raised.value)

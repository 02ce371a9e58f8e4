"""Whatever a check does to the messages of its worker, no check is lost, counts twice, or passes for less than that."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.functional.workers.conftest import Agents

SUITE = """
    import gc, os, time
    import pytest
    from pytest_parallel_agents.wire import messages
    from pytest_parallel_agents.wire.journal import Journal
    from pytest_parallel_agents.worker.outbox import Outbox
    from pytest_parallel_agents.worker.check_protocol import CheckProtocol
    from pytest_parallel_agents.worker.loop import Worker

    now = time.perf_counter

    def found(kind):
        return next(thing for thing in gc.get_objects() if isinstance(thing, kind))

    def work(seconds=0.08):
        until = now() + seconds
        while now() < until:
            pass

    def first_time():
        try:
            os.close(os.open("ran", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True

    @pytest.mark.parametrize("number", range(20))
    def test_before(number): pass

    def test_it(monkeypatch):
        {body}

    @pytest.mark.parametrize("number", range(20))
    def test_after(number): work(0.01)
"""
SWALLOWS = """
        outbox = found(Outbox)
        with monkeypatch.context() as patched:
            patched.setattr(outbox._channel, "send", lambda data: None)
            work()
            outbox.send(messages.Returned(()))
            outbox.flush()"""
RAISES = SWALLOWS.replace("lambda data: None", "lambda data: 1 / 0")
REPEATS = """
        outbox = found(Outbox)
        send = outbox._channel.send
        with monkeypatch.context() as patched:
            patched.setattr(outbox._channel, "send", lambda data: (send(data), send(data)))
            work()
            outbox.send(messages.Returned(()))
            outbox.flush()
        time.sleep({then})"""
FOREIGN = """
        found(Outbox).send(messages.Finished({check}, (now(), now()), ()))
        found(Outbox).flush()
        time.sleep({then})"""
PARTLY = """
        protocol = found(CheckProtocol)
        call = messages.Phase("call", 0.0, 0.0, 0.0)
        found(Outbox).send(messages.Finished(protocol.check, (now(), now()), (*protocol._phases, call)))
        found(Outbox).flush()
        time.sleep({then})"""
LEAVES = """
        found(Outbox).send(messages.Closed(b""))
        found(Outbox).flush()
        time.sleep({then})"""
DEAF = """
        with monkeypatch.context() as patched:
            patched.setattr(Worker, "_execute", lambda self, data: {deaf})
            work(0.3)"""


@pytest.mark.parametrize(
    ("body", "outcomes", "message"),
    [
        pytest.param(SWALLOWS, {"passed", "crashed"}, "of its messages after batch", id="swallowed"),
        pytest.param(
            "if first_time():" + SWALLOWS.replace("\n", "\n    "),
            {"passed", "crashed"},
            "",
            id="once",
            marks=pytest.mark.slow,
        ),
        pytest.param(RAISES, {"passed"}, "", id="raised", marks=pytest.mark.slow),
        pytest.param(
            REPEATS.format(then=600), {"crashed"}, "of its messages after batch", id="repeated", marks=pytest.mark.slow
        ),
        pytest.param(
            FOREIGN.format(check=99, then=600), {"crashed"}, "check 99, which does not exist out of turn", id="foreign"
        ),
        pytest.param(
            FOREIGN.format(check=0, then=600), {"crashed"}, "reported the end of", id="another", marks=pytest.mark.slow
        ),
        pytest.param(PARTLY.format(then=600), {"crashed"}, "with 2 of 3 reports", id="partly"),
        pytest.param(LEAVES.format(then=600), {"crashed"}, "ended as if it had nothing left to do", id="leaves"),
    ],
)
def test_every_check_ends_once(
    pytester: pytest.Pytester, agents: Agents, body: str, outcomes: set[str], message: str
) -> None:
    pytester.makepyfile(SUITE.format(body=body))

    run = agents("--junitxml=junit.xml")

    crashed = {name for name, outcome in run.outcomes.items() if outcome == "crashed"}
    if "lambda data: None" in body:  # the end of a test before may have been in the message that never arrived
        crashed = {name for name in crashed if not name.startswith("test_before")}
    assert Counter(run.outcomes.values()).keys() <= {"passed", "crashed"}, run.stdout
    assert crashed <= {"test_it"}, run.stdout
    assert run.outcomes["test_it"] in outcomes
    assert run.exit_code == ("crashed" in run.outcomes.values())
    assert all(message in run.check(name)["message"] for name in crashed)
    assert (pytester.path / "junit.xml").read_text("utf-8").count("<testcase ") == 41


@pytest.mark.slow
def test_the_first_messages_of_a_worker_may_be_missing_too(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makepyfile(SUITE.format(body=SWALLOWS))

    run = agents("-k", "test_it or test_after")

    assert Counter(run.outcomes.values()) == {"passed": 20, "crashed": 1}, run.stdout
    assert "of its messages after batch" in run.check("test_it")["message"]


@pytest.mark.parametrize(
    "deaf", [pytest.param("None", id="lost"), pytest.param("1 / 0", id="broken", marks=pytest.mark.slow)]
)
def test_a_message_that_a_worker_does_not_read_is_noticed(pytester: pytest.Pytester, agents: Agents, deaf: str) -> None:
    pytester.makepyfile(SUITE.format(body=DEAF.format(deaf=deaf)))

    run = agents("--max-worker-restart=100")

    assert Counter(run.outcomes.values()).total() == 41
    assert set(run.outcomes.values()) <= {"passed", "crashed"}
    assert run.exit_code == ("crashed" in run.outcomes.values())


def test_a_check_without_a_report_has_not_passed(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        def pytest_runtest_protocol(item):
            return True if item.name == "test_unseen" else None
    """)
    pytester.makepyfile("def test_unseen(): pass\ndef test_seen(): pass")

    run = agents()

    assert run.outcomes == {"test_unseen": "cancelled", "test_seen": "passed"}
    assert run.check("test_unseen")["message"] == "ended without a report of its outcome"
    assert run.exit_code == 0  # as under pytest alone


def test_a_run_that_loses_a_check_does_not_pass(pytester: pytest.Pytester, agents: Agents) -> None:
    pytester.makeconftest("""
        from pytest_parallel_agents.scheduling.scheduler import Scheduler

        Scheduler.handle = lambda self, event: []
    """)
    pytester.makepyfile("def test_one(): pass\ndef test_two(): pass")

    run = agents()

    assert run.exit_code == 3
    assert "it is not known what became of 2 checks:" in run.stdout
    assert ".py::test_two" in run.stdout

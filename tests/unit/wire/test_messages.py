from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_parallel_agents.wire import messages

PHASE = messages.Phase("call", 0.25, 1.0, 1.25, b"packed")
ORDERS: list[messages.ControllerMessage] = [
    messages.Assign(((3,), (4, 6)), 5),
    messages.Assign((), None),
    messages.Recall(rest=True),
    messages.Finish(),
]
NEWS: list[messages.WorkerMessage] = [
    messages.Ready(12, 3.5, b"packed"),
    messages.Started(3, 4.5),
    messages.AttemptFailed(3, (1.0, 2.0), (PHASE,)),
    messages.Finished(3, (2.0, 3.0), (PHASE, messages.Phase("setup", 0.0, 1.0, 1.0)), halt="stop"),
    messages.Finished(3, (1.0, 1.0), (), error="not found"),
    messages.Late(3, PHASE),
    messages.Returned((4, 5)),
    messages.Warned(b"packed", "runtest", "a.py::test", ("a.py", 3, "test")),
    messages.Warned(b"packed", "config", "", None),
    messages.Halted("bye", internal=False, exit=3),
    messages.Halted("Traceback", internal=True),
    messages.Closed(b"packed"),
]


def batch(*told: messages.Message) -> bytes:
    return messages.encode_batch(7, [messages.encode(one) for one in told])


@pytest.mark.parametrize("order", ORDERS, ids=repr)
def test_an_order_arrives_as_it_was_given(order: messages.ControllerMessage) -> None:
    assert messages.decode_controller_message(messages.encode_controller_message(7, order)) == (7, order)


@pytest.mark.parametrize("news", NEWS, ids=repr)
def test_messages_arrive_as_they_were_sent(news: messages.WorkerMessage) -> None:
    assert messages.decode_batch(batch(news)) == (7, [news])


def test_a_batch_keeps_its_order() -> None:
    assert messages.decode_batch(batch(*NEWS))[1] == NEWS


@pytest.mark.parametrize("order", ORDERS, ids=repr)
def test_no_message_of_the_controller_is_one_of_a_worker(order: messages.ControllerMessage) -> None:
    with pytest.raises(msgspec.DecodeError):
        messages.decode_batch(batch(order))


@pytest.mark.parametrize("news", NEWS, ids=repr)
def test_no_message_of_a_worker_is_one_of_the_controller(news: messages.WorkerMessage) -> None:
    with pytest.raises(msgspec.DecodeError):
        messages.decode_controller_message(msgspec.msgpack.encode((7, news)))


@given(st.binary())
def test_garbage_is_refused_or_a_message(data: bytes) -> None:
    try:
        _, news = messages.decode_batch(data)
    except msgspec.DecodeError:
        return
    assert all(isinstance(one, messages.Message) for one in news)


@given(st.integers(0, len(NEWS) - 1), st.data())
def test_a_message_cut_short_is_refused(index: int, data: st.DataObject) -> None:
    whole = batch(NEWS[index])
    cut = data.draw(st.integers(0, len(whole) - 1))

    with pytest.raises(msgspec.DecodeError):
        messages.decode_batch(whole[:cut])


def test_ill_formed_text_is_refused() -> None:
    data = batch(messages.Halted("reason", internal=False)).replace(b"reason", b"\xff\xfe\xfd\xfc\xfb\xfa")

    with pytest.raises(msgspec.DecodeError):
        messages.decode_batch(data)

from __future__ import annotations

import os
import random
import sys
import uuid
from types import ModuleType

import pytest

from pytest_parallel_agents.compat.generators import Generators, own_clock_sequence


def test_only_unseeded_generators_are_renewed() -> None:
    made, generators = random.Random, Generators()
    generators.begin()
    try:
        unseeded, seeded, seeded_later, renewed = made(), made(1), made(), made(2)
        seeded_later.seed("chosen")
        renewed.seed()
    finally:
        generators.end()
    after = made()
    all_of_them = (unseeded, seeded, seeded_later, renewed, after)
    before = [each.getstate() for each in all_of_them]

    generators.renew()

    changed = [each.getstate() != state for each, state in zip(all_of_them, before, strict=True)]
    assert changed == [True, False, False, True, False]
    assert random.Random.seed.__module__ == "random"
    assert vars(random)["_urandom"] is os.urandom


def test_those_of_plugins_count_as_unseeded_unless_they_are_seeded_later(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin, generators = ModuleType("own_plugin"), Generators()
    made = random.Random
    early, seeded_later = made(), made()
    vars(plugin).update(early=early, seeded_later=seeded_later)
    monkeypatch.setitem(sys.modules, "own_plugin", plugin)
    generators.begin()
    try:
        seeded_later.seed(1)
    finally:
        generators.end()
    before = early.getstate(), seeded_later.getstate()

    generators.renew()

    assert early.getstate() != before[0]
    assert seeded_later.getstate() == before[1]


@pytest.mark.skipif(vars(uuid)["_generate_time_safe"] is None, reason="this uuid makes a sequence each time")
def test_no_two_workers_have_a_clock_sequence(monkeypatch: pytest.MonkeyPatch) -> None:
    generate = vars(uuid)["_generate_time_safe"]
    sequences = {uuid.uuid1().clock_seq}
    for number in (1, 2, 257):
        monkeypatch.setattr(uuid, "_generate_time_safe", generate)
        own_clock_sequence(number)
        made = uuid.uuid1()
        assert (made.version, made.variant) == (1, uuid.RFC_4122)
        assert made.node == uuid.UUID(bytes=generate()[0]).node
        sequences.add(made.clock_seq)
    assert len(sequences) == 4

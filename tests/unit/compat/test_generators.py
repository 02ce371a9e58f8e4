from __future__ import annotations

import random

from pytest_parallel_agents.compat.generators import Generators


def test_only_those_are_renewed_that_nobody_has_seeded() -> None:
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

"""The generators of numpy and faker, forked: workers share what somebody has seeded, and nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from tests.realworld.plugins.environment import environment

pytestmark = [pytest.mark.realworld, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]

GENERATORS = """
    import json
    from pathlib import Path
    import numpy, pytest
    from faker import Faker

    class Simulation:
        RNG = numpy.random.default_rng()
        def __init__(self): self.legacy = numpy.random.RandomState()

    SIMULATIONS = [Simulation()]
    UNSEEDED = numpy.random.Generator(numpy.random.PCG64DXSM())
    FAKER = Faker()

    CHOSEN = numpy.random.default_rng(122807528840384100672342137672332424406)
    SEVERAL = numpy.random.default_rng([1, 2])
    LEGACY = numpy.random.RandomState(3)
    RESET = numpy.random.RandomState()
    RESET.seed(4)
    OWN_FAKER = Faker()
    OWN_FAKER.seed_instance(5)

    @pytest.mark.parametrize("number", range(2))
    def test_it(worker_id, number):
        own = [each.bytes(8).hex() for each in (Simulation.RNG, SIMULATIONS[0].legacy, UNSEEDED, numpy.random)]
        own.append(FAKER.sha256())
        shared = [each.bytes(8).hex() for each in (CHOSEN, SEVERAL, LEGACY, RESET)]
        shared.append(OWN_FAKER.sha256())
        Path(f"{worker_id}.json").write_text(json.dumps([own, shared]))
        while len(list(Path().glob("gw*.json"))) < 2: pass
"""


def test_workers_share_only_seeded_generators(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(dedent(GENERATORS), "utf-8")
    command = [
        "-m",
        "pytest",
        "-pxdist",
        "-pparallel_agents",
        "--agents",
        "-n2",
        "--tx=fork",
        "--agents-run-timeout=60",
    ]
    variables = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    done = subprocess.run(
        [environment().python, *command], cwd=tmp_path, env=variables, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout
    (own, shared), (others_own, others_shared) = [json.loads(file.read_text()) for file in tmp_path.glob("gw*.json")]
    assert [a == b for a, b in zip(own, others_own, strict=True)] == [False] * 5
    assert [a == b for a, b in zip(shared, others_shared, strict=True)] == [True] * 5

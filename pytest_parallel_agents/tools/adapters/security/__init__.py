"""Scanners for vulnerabilities, secrets and unsafe settings: each in a small module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pytest_parallel_agents.tools.adapters.adapter import Adapter
from pytest_parallel_agents.tools.adapters.security.bandit import BANDIT
from pytest_parallel_agents.tools.adapters.security.checkov import CHECKOV
from pytest_parallel_agents.tools.adapters.security.gitleaks import GITLEAKS
from pytest_parallel_agents.tools.adapters.security.pip_audit import PIP_AUDIT
from pytest_parallel_agents.tools.adapters.security.semgrep import SEMGREP
from pytest_parallel_agents.tools.adapters.security.trivy import TRIVY
from pytest_parallel_agents.tools.adapters.security.zizmor import ZIZMOR

SCANNERS: Final[Mapping[str, Adapter]] = {
    "bandit": BANDIT,
    "checkov": CHECKOV,
    "gitleaks": GITLEAKS,
    "pip-audit": PIP_AUDIT,
    "semgrep": SEMGREP,
    "trivy": TRIVY,
    "zizmor": ZIZMOR,
}

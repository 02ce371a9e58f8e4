from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from pytest_parallel_agents.psutil_import import import_psutil
assert "psutil" not in sys.modules
sys.platform = "nonsense"
import_psutil()
assert sys.platform == "nonsense"
import psutil
print(psutil.Process().pid)
"""


def test_it_is_imported_for_the_platform_that_this_is() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)

    assert done.stdout.strip().isdigit()

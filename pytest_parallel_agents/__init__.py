"""pytest --agents: run everything that judges a change at the same time, and merge what it found into one report.

PYTEST_DONT_REWRITE: a spawned worker imports this before it has a pytest that could, and pytest would warn of it.
"""

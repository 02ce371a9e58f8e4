"""pytest --agents: run everything that judges a change in parallel, and merge the findings into one report.

PYTEST_DONT_REWRITE: a spawned worker imports this before it has a pytest that could, and pytest would warn of it.
"""

"""The console script `pytest-parallel-agents`: one module or package for each command."""

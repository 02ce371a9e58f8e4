"""The console script `pytest-parallel-agents`: what there is to do around a run, a module or package a command."""

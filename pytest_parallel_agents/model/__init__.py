"""The model. Frozen values that flow one way: items -> checks -> plan -> commands -> events -> results -> report.

Seconds are floats of wall clock, paths are relative to the root with `/`, lines count from 1.
"""

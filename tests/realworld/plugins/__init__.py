"""Plugins of others do under `pytest --agents` what they do in a serial run.

Each module in `cases` is one plugin: a small suite that uses what the plugin is for. `runner` runs it serially and on
both transports, `normal` takes out of the results what no two runs share, and `page` writes docs/plugins.md.
"""

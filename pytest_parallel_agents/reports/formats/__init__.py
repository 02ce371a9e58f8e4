"""The files that `--agents-report` writes: one module or package for each format, which renders the one Report."""

"""Scanners for vulnerabilities, secrets and unsafe settings: one small module each."""

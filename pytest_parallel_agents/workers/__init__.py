"""Impure: the controller, its gateways, and what runs inside a worker."""

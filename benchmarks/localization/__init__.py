"""How well a run's causes point at faults that are known."""

"""Code around a check wherever it runs, in the process of the controller too."""

"""What a run shows in the terminal: its plan, its progress, and the summary at the end."""

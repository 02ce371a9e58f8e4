"""What the fixture `profile` measures, and how."""

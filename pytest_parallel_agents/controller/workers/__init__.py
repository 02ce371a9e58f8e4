"""What the controller knows of its workers, and how it reaches them."""

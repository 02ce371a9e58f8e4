"""What crosses between the controller and its workers, and where."""

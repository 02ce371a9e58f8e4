"""`init`: examines a project and writes the table that makes its tools checks."""

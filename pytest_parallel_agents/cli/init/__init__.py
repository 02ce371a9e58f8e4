"""`init`: look at a project and write the table that makes its tools checks."""

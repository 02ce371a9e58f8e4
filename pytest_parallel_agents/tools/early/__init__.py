"""Commands that begin while tests are collected."""

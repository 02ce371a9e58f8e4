"""The MCP server: assistants run checks and read the last report through it."""

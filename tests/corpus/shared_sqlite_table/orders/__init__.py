"""Orders and their bills, in SQLite."""

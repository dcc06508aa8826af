"""The command ``markersteal propose``."""

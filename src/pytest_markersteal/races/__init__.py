"""Finds tests that disturb each other, and what would keep them apart."""

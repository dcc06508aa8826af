"""Backups of a folder."""

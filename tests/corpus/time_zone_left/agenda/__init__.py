"""Meetings in all the world."""

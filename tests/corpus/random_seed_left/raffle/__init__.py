"""Draws of lots."""

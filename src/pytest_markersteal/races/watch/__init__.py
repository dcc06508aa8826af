"""Watches what tests touch, and what they leave changed: ``--markersteal-watch``."""

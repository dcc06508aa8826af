"""Prices and their labels."""

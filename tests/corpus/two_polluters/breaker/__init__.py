"""Payments by way of a bank that is not always there."""

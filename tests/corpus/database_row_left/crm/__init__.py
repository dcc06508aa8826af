"""Customers in a database."""

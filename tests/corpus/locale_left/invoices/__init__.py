"""Invoices, as customers want to read them."""

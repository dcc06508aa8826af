"""Invoices and reminders."""

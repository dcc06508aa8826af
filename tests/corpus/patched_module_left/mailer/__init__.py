"""Mails, by way of an outbox folder."""

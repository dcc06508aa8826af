"""The record of one run: what ran where and when, and why a worker had nothing to run."""

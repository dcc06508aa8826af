"""Settings for all tests."""

from __future__ import annotations

pytest_plugins = ["pytester"]

collect_ignore = ["corpus"]
"""Suites with planted faults, which must fail: ``acceptance/test_corpus_faults.py`` runs them."""

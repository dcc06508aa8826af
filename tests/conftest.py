"""Settings for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import doc_pages
import pytest

pytest_plugins = ["pytester"]

collect_ignore = ["corpus"]
"""Suites with planted faults, which must fail: ``acceptance/test_corpus_faults.py`` runs them."""


@pytest.fixture(autouse=True)
def examples_were_read(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that says which examples it runs has read them."""
    yield
    for mark in request.node.iter_markers("runs_examples"):
        page, *languages = mark.args
        for language in languages:
            assert (page, language) in doc_pages.READ, f"{page} was not read for its {language}"

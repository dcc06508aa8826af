"""Marks for huey's suite, put on from outside: which tests share which file.

Loaded with ``-p huey_marks``; the suite itself stays as it is.
"""

from __future__ import annotations

import pytest

KEY_OF = {
    "huey/tests/test_stats.py::": "/tmp/huey-stats.db",
    "huey/tests/test_sql_huey.py::": "/tmp/huey-sqlite.db",
    "huey/tests/test_storage.py::TestSqliteStorage::": "huey.db",
    "huey/tests/test_storage.py::TestFileStorageMethods::": "/tmp/test-huey-storage",
}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by the beginning of the node id."""
    for item in items:
        for beginning, key in KEY_OF.items():
            if item.nodeid.startswith(beginning):
                item.add_marker(pytest.mark.shared_resource(key))

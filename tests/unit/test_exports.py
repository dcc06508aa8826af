"""What test authors import from the package."""

from __future__ import annotations

import subprocess
import sys

import pytest

import pytest_markersteal


@pytest.mark.parametrize("name", pytest_markersteal.__all__)
def test_every_name_is_there(name: str) -> None:
    """Also those that are imported only when they are asked for."""
    assert getattr(pytest_markersteal, name)


def test_another_name_is_an_error() -> None:
    """As for any module."""
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = pytest_markersteal.nothing


def test_workers_do_not_wait_for_what_few_use() -> None:
    """The plugin's import leaves the ports and the extras alone."""
    code = "import sys, pytest_markersteal.plugin; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [name for name in loaded if name.startswith("pytest_markersteal.safety.ports")]
    assert not {"anyio", "tenacity", "bokeh", "numpy", "sqlalchemy"} & set(loaded)

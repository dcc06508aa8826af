"""What ``pytest_markersteal.sync`` gives to authors of tests, and what it needs for that."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Callable

import pytest

from pytest_markersteal import sync


def test_everything_public_is_exported_and_described() -> None:
    """Nothing more is there by accident, and nothing without a docstring."""
    modules = {name for name, value in vars(sync).items() if inspect.ismodule(value)}
    public = {name for name in vars(sync) if not name.startswith("_")}
    assert public - modules == set(sync.__all__)
    for name in sync.__all__:
        assert inspect.getdoc(getattr(sync, name)), name


def test_importing_it_imports_no_library() -> None:
    """Neither those of the extra nor those that distribute tests."""
    code = (
        "import sys; from pytest_markersteal.sync import *; "
        "print(*{'anyio', 'tenacity', 'asyncio', 'xdist', 'execnet'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def wait_without_anyio() -> None:
    # Run by hand: no event loop is needed to get that far.
    sync.wait_for_condition_async(bool).send(None)


def iterate_without_anyio() -> None:
    aiter(sync.RetryWithBackoff(ConnectionError))


@pytest.mark.parametrize(
    ("missing", "use", "message"),
    [
        ("anyio", sync.AsyncTestEvent, "AsyncTestEvent needs anyio"),
        ("anyio", wait_without_anyio, "wait_for_condition_async needs anyio"),
        ("anyio", iterate_without_anyio, "RetryWithBackoff needs anyio"),
        (
            "tenacity",
            lambda: sync.RetryWithBackoff(ConnectionError),
            "RetryWithBackoff needs tenacity",
        ),
    ],
)
def test_a_missing_library_is_told_with_its_extra(
    monkeypatch: pytest.MonkeyPatch, missing: str, use: Callable[[], object], message: str
) -> None:
    """By the first use of what needs it, with the command that installs it."""
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(ModuleNotFoundError) as caught:
        use()
    assert str(caught.value) == f"{message}: pip install 'pytest-markersteal[sync]'"
    assert caught.value.name == missing


def test_without_anyio_synchronous_retries_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """As do all others that need no event loop."""
    monkeypatch.setitem(sys.modules, "anyio", None)
    retry = sync.RetryWithBackoff(ConnectionError)
    assert retry(lambda: "up")() == "up"

"""Which host a process is on."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from pytest_markersteal.distribution.host import HOST_VARIABLE, host_of, own_host


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("", "boot", "name", "net:1"), ("", "boot", "name", "net:1"), True),
        (("", "boot", "name", "net:1"), ("", "boot", "other name", "net:1"), True),
        (("", "boot", "name", "net:1"), ("", "boot", "name", "net:2"), False),
        (("", "boot", "name", "net:1"), ("", "other boot", "name", "net:1"), False),
        (("", "", "name", ""), ("", "", "name", ""), True),
        (("", "", "name", ""), ("", "", "other name", ""), False),
        (("a", "boot", "name", "net:1"), (" a ", "other boot", "other name", "net:2"), True),
        (("a", "boot", "name", "net:1"), ("b", "boot", "name", "net:1"), False),
        (("a", "boot", "name", "net:1"), ("", "boot", "name", "net:1"), False),
        (("  ", "boot", "name", "net:1"), ("", "boot", "name", "net:1"), True),
    ],
    ids=[
        "one machine",
        "renamed, as some containers are",
        "another network",
        "another machine",
        "no boot id, one name",
        "no boot id, two names",
        "told the same",
        "told otherwise",
        "told, and not told",
        "told nothing",
    ],
)
def test_what_makes_two_processes_share_a_host(
    one: tuple[str, str, str, str], other: tuple[str, str, str, str], same: bool
) -> None:
    """The running system and its network, unless it was told."""
    assert (host_of(*one) == host_of(*other)) is same


def test_this_process_is_on_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says the same each time, and what it is told."""
    assert own_host({}) == own_host({}) != ""
    assert own_host({HOST_VARIABLE: "a"}) == "a"
    monkeypatch.setenv(HOST_VARIABLE, "b")
    assert own_host() == "b"


def test_systems_without_evidence_go_by_their_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where there is neither a boot id nor a network namespace."""
    for name in ("_BOOT_ID", "_NETWORK"):
        monkeypatch.setattr(f"pytest_markersteal.distribution.host.{name}", tmp_path / "nowhere")
    assert own_host({}) == platform.node()

"""Ports that the system gives to outgoing connections are none that tests are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_markersteal.safety.ports.ephemeral import lasting_ports


def told(folder: Path, port_range: str, reserved: str = "\n") -> Path:
    """The settings, as Linux writes them."""
    (folder / "ip_local_port_range").write_text(port_range, encoding="ascii")
    (folder / "ip_local_reserved_ports").write_text(reserved, encoding="ascii")
    return folder


def test_ports_below_the_range_are_all_kept(tmp_path: Path) -> None:
    """As the default ones are, where nobody has changed the system's."""
    settings = told(tmp_path, "32768\t60999\n")
    assert list(lasting_ports(range(15000, 25001), settings)) == list(range(15000, 25001))


def test_what_overlaps_is_left_out(tmp_path: Path) -> None:
    """At both ends."""
    settings = told(tmp_path, "100\t102\n")
    assert list(lasting_ports(range(98, 105), settings)) == [98, 99, 103, 104]


def test_reserved_ports_are_kept(tmp_path: Path) -> None:
    """The system gives those to nobody."""
    settings = told(tmp_path, "1024\t65535\n", "8080,15000-15002\n")
    assert list(lasting_ports(range(15000, 15010), settings)) == [15000, 15001, 15002]


def test_where_nothing_is_left_the_error_says_what_to_do(tmp_path: Path) -> None:
    """Other ports, or the system's settings."""
    settings = told(tmp_path, "1024\t65535\n")
    message = (
        "markersteal_ports: the system gives all of 15000-25000 to outgoing connections, as it "
        r"does 1024-65535: .*net\.ipv4\.ip_local_reserved_ports=15000-25000"
    )
    with pytest.raises(pytest.UsageError, match=message):
        lasting_ports(range(15000, 25001), settings)


def test_where_the_system_does_not_tell_the_usual_range_is_left_out(tmp_path: Path) -> None:
    """It is that of macOS and Windows."""
    assert list(lasting_ports(range(49150, 49160), tmp_path)) == [49150, 49151]

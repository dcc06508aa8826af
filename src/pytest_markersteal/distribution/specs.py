"""What ``--tx`` and ``--px`` say, looked at before xdist acts on it: execnet has few words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import execnet
import pytest

_KINDS = {
    "popen": "popen",
    "ssh": "ssh=HOST",
    "vagrant_ssh": "vagrant_ssh=NAME",
    "socket": "socket=HOST:PORT",
}
"""The kinds of workers, and how each is written."""


def check_specs(option: Any) -> None:
    """``UsageError`` for a spec that can't be one, and for two that would have one name."""
    names: dict[str, str] = {}
    for text in getattr(option, "px", []):  # Older versions of xdist have no proxies.
        spec = _checked("--px", text)
        _name(spec.id, f"--px {text}", names)
    unnamed = 0
    for text in _each(option.tx):
        spec = _checked("--tx", text)
        name = spec.id
        if name is None:
            name = f"gw{unnamed}"
            unnamed += 1
        _name(name, f"--tx {text}", names)


def _each(tx: Sequence[str]) -> Iterator[str]:
    """The spec of each worker, where ``3*popen`` is three, as xdist reads it."""
    for text in tx:
        count, star, spec = text.partition("*")
        try:
            yield from [spec] * int(count if star else "")
        except ValueError:
            yield text


def _checked(option: str, text: str) -> execnet.XSpec:
    where = f"{option} {text!r}"
    try:
        spec = execnet.XSpec(text)
    except (ValueError, AttributeError, IndexError) as error:
        why = "it has an empty part" if isinstance(error, IndexError) else error
        raise pytest.UsageError(f"{where} is no worker: {why}") from error
    kinds = [kind for kind in _KINDS if getattr(spec, kind) is not None]
    if not kinds:
        forms = ", ".join(_KINDS.values())
        raise pytest.UsageError(
            f"{where} does not say what to start; write one of {forms}, then parts such as "
            "//python=PATH"
        )
    kind = kinds[0]
    address = getattr(spec, kind)
    if kind != "popen" and not spec.installvia and not _is_address(kind, address):
        raise pytest.UsageError(f"{where} has no address; write {_KINDS[kind]}")
    if spec.id in ("", True):
        raise pytest.UsageError(f"{where} has an id without a name; write id=NAME, or leave it out")
    return spec


def _is_address(kind: str, address: str | bool) -> bool:
    if kind != "socket":
        return isinstance(address, str) and bool(address)
    _, _, port = str(address).partition(":")
    return port.isdecimal()


def _name(name: str | None, text: str, names: dict[str, str]) -> None:
    if name is None:
        return  # A proxy without an id, which xdist refuses.
    if name in names:
        raise pytest.UsageError(
            f"{names[name]} and {text} would both be called {name!r}; give one of them another "
            "id=NAME (those without any are called gw0, gw1 and so on)"
        )
    names[name] = text

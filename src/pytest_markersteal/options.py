"""What the ini file and the command line say."""

from __future__ import annotations

import pytest

DIST_NAME = "markersteal"

_RESOURCES = "markersteal_resources"
_TRANSPORT = "markersteal_transport"
_BATCHED = "batched"
_PLAIN = "plain"

_CHOSEN = pytest.StashKey[bool]()


def add_options(parser: pytest.Parser) -> None:
    """Declare the ini values."""
    parser.addini(
        _TRANSPORT,
        default=_BATCHED,
        help="How workers send their reports: 'batched' (the default), or 'plain', which is "
        "pytest-xdist's own way and slower.",
    )
    parser.addini(
        _RESOURCES,
        type="linelist",
        help="Capacities of keys for the shared_resource mark, one 'key = units' a line "
        "(1 for keys not listed).",
    )


def note_choice(config: pytest.Config) -> None:
    """Remember whether the user chose ``--dist markersteal``.

    pytest-xdist resets the option to "no" for ``-n0`` and on workers, hence before it does.
    """
    config.stash[_CHOSEN] = config.getoption("dist", "no") == DIST_NAME


def is_chosen(config: pytest.Config) -> bool:
    """Whether the user chose ``--dist markersteal``, even where nothing is distributed."""
    return config.stash.get(_CHOSEN, False)


def check(config: pytest.Config) -> None:
    """Raise ``UsageError`` if an ini value is malformed."""
    capacities(config)
    transport_is_batched(config)


def transport_is_batched(config: pytest.Config) -> bool:
    """Whether reports travel in batches; ``UsageError`` where the choice is unknown."""
    chosen = config.getini(_TRANSPORT)
    if chosen not in (_BATCHED, _PLAIN):
        raise pytest.UsageError(f"{_TRANSPORT}: {chosen!r} is neither {_BATCHED!r} nor {_PLAIN!r}")
    return bool(chosen == _BATCHED)


def capacities(config: pytest.Config) -> dict[str, int]:
    """The capacities in ``markersteal_resources``; ``UsageError`` where they are malformed."""
    found: dict[str, int] = {}
    for line in config.getini(_RESOURCES):
        key, equals, units = (part.strip() for part in line.partition("="))
        if not (key and equals and units.isdecimal() and int(units) > 0):
            raise pytest.UsageError(
                f"{_RESOURCES}: {line!r} is not of the form 'key = units' with units of at least "
                "1, for example 'db = 4'"
            )
        if key in found:
            raise pytest.UsageError(f"{_RESOURCES}: key {key!r} is given twice")
        found[key] = int(units)
    return found

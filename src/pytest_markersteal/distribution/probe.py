"""Tells what is installed, where a worker is to run: execnet sends the source of this module there.

It must do without this package, and with any Python that execnet takes. Nothing is imported that is
asked for, as pytest is to rewrite its plugins when it imports them.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from importlib.metadata import distributions
from typing import Any


def packages(modules: dict[str, str], path: list[str]) -> dict[str, str]:
    """The version of each distribution on ``path``, given the module that it has.

    Those that are not there are left out; "" where nothing says which version it is.
    """
    found = {}
    for name, module in modules.items():
        if PathFinder.find_spec(module, path) is not None:
            versions = [known.version for known in distributions(name=name, path=path)]
            found[name] = versions[0] if versions else ""
    return found


if __name__ == "__channelexec__":
    channel: Any = globals()["channel"]
    asked, given = channel.receive()
    # xdist puts the current folder, to where it sends what is to be tested, before a worker's own.
    searched = [os.getcwd(), *sys.path] if given is None else given
    channel.send((sys.executable, list(sys.version_info[:3]), packages(asked, searched)))

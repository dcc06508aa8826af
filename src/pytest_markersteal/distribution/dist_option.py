"""``markersteal`` as a choice of pytest-xdist's ``--dist``.

xdist has a closed list of choices and no hook to extend it (pytest-dev/pytest-xdist#970). The
option's ``attrs()`` gives access to the list itself, on the controller as on each worker; when
this plugin's options are added, xdist's may not be there yet, hence the second call site in
``pytest_plugin_registered``, which pytest replays for plugins that were registered before.
"""

from __future__ import annotations

import pytest

from pytest_markersteal.options import DIST_NAME

_HELP = (
    "\n\nmarkersteal: Like worksteal, but knows what each test needs (marks serial, no_parallel, "
    "shared_resource, xdist_group) and how long it took in earlier runs (pytest-markersteal)."
)


def extend_dist_choices(parser: pytest.Parser) -> bool:
    """Add the choice, once; whether xdist's option is there."""
    # Whoever asks first makes the group, with its heading in --help.
    for option in parser.getgroup("xdist", "distributed and subprocess testing").options:
        if "--dist" in option.names():
            attrs = option.attrs()
            choices = attrs["choices"]
            if DIST_NAME not in choices:
                choices.append(DIST_NAME)
                attrs["help"] = (attrs.get("help") or "").rstrip() + _HELP
            return True
    return False

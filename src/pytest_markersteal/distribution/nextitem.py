"""Late binding: the next test is chosen when it is first looked at.

pytest hands ``nextitem`` to the protocol of a test before the test runs, but uses it only at
teardown, to decide which fixtures to keep. xdist therefore holds one test back on every worker
(pytest-dev/pytest-xdist#12, #339, #453, #894, #925). A stand-in that asks when it is looked at
needs none. A plugin that looks early merely binds early.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

_UNBOUND = object()

NOWHERE = {
    "module": None,
    "cls": None,
    "instance": None,
    "function": None,
    "obj": None,
    "originalname": None,
    "location": ("", None, ""),
    "fixturenames": (),
}
"""What test functions have, and a session has not: of no test, it is like that of no other."""


class NextItem:
    """Stands in for the next item; or for the session, or for None, where no test is next.

    It can't be the object None. So who has found that it isn't, as in ``nextitem is None or
    nextitem.module != item.module``, may ask it for what any item has.
    """

    def __init__(
        self, choose: Callable[[], pytest.Item | pytest.Session | None], session: pytest.Session
    ) -> None:
        """``choose`` is called once, at the first look; it may block."""
        object.__setattr__(self, "_choose", choose)
        object.__setattr__(self, "_session", session)
        object.__setattr__(self, "_item", _UNBOUND)

    def __bool__(self) -> bool:
        return bind(self) is not None

    def __getattr__(self, name: str) -> Any:
        item = bind(self)
        try:
            return getattr(
                object.__getattribute__(self, "_session") if item is None else item, name
            )
        except AttributeError:
            if isinstance(item, pytest.Item) or name not in NOWHERE:
                raise
            return NOWHERE[name]

    def __setattr__(self, name: str, value: object) -> None:
        setattr(bind(self), name, value)

    def __eq__(self, other: object) -> bool:
        return bind(self) == (bind(other) if type(other) is NextItem else other)

    def __hash__(self) -> int:
        return hash(bind(self))

    def __repr__(self) -> str:
        return repr(bind(self))

    @property  # type: ignore[misc] # It is an attribute elsewhere.
    def __class__(self) -> type:
        # So that isinstance(nextitem, pytest.Item) holds.
        return type(bind(self))


def bind(stand_in: NextItem) -> pytest.Item | pytest.Session | None:
    """The item that ``stand_in`` stands for, chosen now if nobody has looked yet."""
    item = object.__getattribute__(stand_in, "_item")
    if item is _UNBOUND:
        item = object.__getattribute__(stand_in, "_choose")()
        object.__setattr__(stand_in, "_item", item)
    bound: pytest.Item | pytest.Session | None = item
    return bound

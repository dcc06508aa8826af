"""What a function declares with a parser of pytest or of argparse, without either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Argument:
    """An option or an argument, as it was declared."""

    names: tuple[str, ...]
    settings: Mapping[str, Any]

    @property
    def usage(self) -> str:
        """It as it is written: its names, and what follows them."""
        *_, name = self.names
        if self.settings.get("action", "store") != "store":
            return ", ".join(self.names)
        choices = self.settings.get("choices")
        own = f"{{{','.join(choices)}}}" if choices else name.lstrip("-").upper()
        follows = self.settings.get("metavar", own)
        if isinstance(follows, tuple):
            follows = " ".join(follows)
        if not name.startswith("-"):
            return str(follows)
        return f"{', '.join(self.names)} {follows}"

    @property
    def help(self) -> str:
        """What it says of itself."""
        return str(self.settings.get("help", "")).replace("%%", "%")


@dataclass
class Declared:
    """Takes the place of a parser, and of any group in it."""

    arguments: list[Argument] = field(default_factory=list)
    ini: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def addoption(self, *names: str, **settings: Any) -> None:
        """As pytest's."""
        self.arguments.append(Argument(names, settings))

    add_argument = addoption

    def addini(self, name: str, help: str, **settings: Any) -> None:  # noqa: A002 # It is pytest's.
        """As pytest's."""
        self.ini[name] = {"help": help, **settings}

    def getgroup(self, *_: str) -> Declared:
        """As pytest's."""
        return self

    def add_argument_group(self, *_: str) -> Declared:
        """As argparse's."""
        return self

    def add_mutually_exclusive_group(self, **_: Any) -> Declared:
        """As argparse's."""
        return self

    def set_defaults(self, **_: Any) -> None:
        """As argparse's."""

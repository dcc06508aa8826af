"""What the plugin's two halves say to each other, over a channel of their own.

Each message is one msgpack array ``[kind, field, ...]``. The catalog, sent first, carries the
version; halves of different versions refuse each other with words. Messages of one worker arrive
in order, also relative to xdist's, because both use one connection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, TypeAlias, get_args, get_origin, get_type_hints

import msgpack

from pytest_markersteal.core.suite import Demand

VERSION = 4
"""Raised with every change of a message below."""

INPUT_KEY = "markersteal"
"""Where the controller puts the channel in ``config.workerinput``."""
BOX_KEY = "markersteal_box"
"""Where it puts the path of the black box, if there is one."""


class ProtocolError(ValueError):
    """Bytes that are no message of this version."""


# From worker to controller


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a worker collected: sent once, before xdist's own list of node ids.

    ``demands`` are ``[[key, mode, units]...], exclusive, serial, group`` each; ``demand_of`` has
    an index into them for each test. ``problems`` are marks used wrongly, ready to print.
    ``deselected`` is how many tests were found and left out, as with ``-k``.
    ``ready_cpu_s`` are the CPU seconds that the process had used when it began to collect, and
    ``collected_cpu_s`` when it had collected.
    """

    version: int
    package: str
    demands: list[list[Any]]
    demand_of: list[int]
    problems: list[str]
    ready_cpu_s: float = 0.0
    collected_cpu_s: float = 0.0
    deselected: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one test took, in seconds, fixtures of wider scope than function apart.

    ``fixtures`` are ``[scope, node id, fixture name, seconds]`` of those set up for it.
    """

    wall_s: float
    setup_s: float
    call_s: float
    teardown_s: float
    cpu_s: float
    passed: bool
    fixtures: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """A worker finished a test, started one, or both, and may now be parked."""

    finished: int | None
    timing: list[Any] | None
    started: int | None
    parked: bool


@dataclass(frozen=True, slots=True)
class Hungry:
    """A worker needs its next test; ``received`` tests have reached it so far."""

    received: int


@dataclass(frozen=True, slots=True)
class Recalled:
    """Tests that a worker gives back unstarted."""

    tests: list[int]


@dataclass(frozen=True, slots=True)
class Event:
    """An event of xdist's own, which travels with ours: its name, and its arguments."""

    name: str
    kwargs: dict[str, Any]


# From controller to worker


@dataclass(frozen=True, slots=True)
class Adopt:
    """The scheduler counts on this worker from now on."""


@dataclass(frozen=True, slots=True)
class Run:
    """Tests to run after those sent before; ``instances`` maps test to key to instances."""

    tests: list[int]
    instances: dict[int, dict[str, list[int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recall:
    """Give back what has not started."""


@dataclass(frozen=True, slots=True)
class Park:
    """Tear down to session scope, then wait."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish the running test and leave."""


Message: TypeAlias = Catalog | Step | Hungry | Recalled | Event | Adopt | Run | Recall | Park | Stop

_KINDS: tuple[type[Any], ...] = (
    Catalog,
    Step,
    Hungry,
    Recalled,
    Event,
    Adopt,
    Run,
    Recall,
    Park,
    Stop,
)
_NUMBER = {kind: number for number, kind in enumerate(_KINDS)}


def _accepted(hint: Any) -> tuple[type, ...]:
    """The types that a field annotated with ``hint`` accepts."""
    parts = get_args(hint) if get_origin(hint) is UnionType else (hint,)
    return tuple(get_origin(part) or part for part in parts)


_TYPES: Mapping[type[Any], tuple[tuple[type, ...], ...]] = {
    kind: tuple(map(_accepted, get_type_hints(kind).values())) for kind in (*_KINDS, Timing)
}


_TUPLE = 1
"""The msgpack extension type of a tuple: packed as a list, it would arrive as one."""


class Encoder:
    """Encodes messages for one thread: it keeps its buffers, which costs less than new ones."""

    def __init__(self) -> None:
        self._packer = msgpack.Packer(unicode_errors="surrogatepass")
        self._exact = msgpack.Packer(default=self._pack_tuple, strict_types=True)
        self._inner = msgpack.Packer(default=_pack_inner_tuple, strict_types=True)

    def message(self, message: Message) -> bytes:
        """The bytes of ``message``."""
        packed: bytes = self._packer.pack(_fields(message))
        return packed

    def event(self, name: str, kwargs: dict[str, Any]) -> bytes | None:
        """The bytes of an ``Event``; None if its arguments would not arrive exactly as they are."""
        try:
            packed: bytes = self._exact.pack([_NUMBER[Event], name, kwargs])
        except (TypeError, ValueError, OverflowError):
            return None
        return packed

    def batch(self, first: int, messages: Sequence[bytes]) -> bytes:
        """Encoded messages, of which the first has the number ``first``, for ``decode_batch``."""
        header: bytes = self._packer.pack_array_header(len(messages) + 1)
        number: bytes = self._packer.pack(first)
        return b"".join((header, number, *messages))

    def _pack_tuple(self, value: object) -> msgpack.ExtType:
        return msgpack.ExtType(_TUPLE, self._inner.pack(_elements(value)))


def encode(message: Message) -> bytes:
    """The bytes of ``message``, from any thread."""
    packed: bytes = msgpack.packb(_fields(message), unicode_errors="surrogatepass")
    return packed


def encode_batch_of(message: Message) -> bytes:
    """A batch of one message that has no number, from any thread."""
    packed: bytes = msgpack.packb([None, _fields(message)], unicode_errors="surrogatepass")
    return packed


def decode_batch(data: bytes) -> tuple[int | None, list[Message]]:
    """The number of the first message in ``data``, if they are numbered, and all of them in order.

    ``ProtocolError`` if there is anything else in it.
    """
    batch = _unpack(data)
    if type(batch) is not list or not batch:
        raise ProtocolError(f"not a batch of messages: {batch!r}")
    first, *messages = batch
    if first is not None and (type(first) is not int or first < 0):
        raise ProtocolError(f"not the number of a message: {first!r}")
    return first, [_message(fields) for fields in messages]


def decode_stream(data: bytes) -> list[Message]:
    """The messages that follow each other in ``data``; ``ProtocolError`` as above."""
    unpacker = msgpack.Unpacker(
        strict_map_key=False, unicode_errors="surrogatepass", ext_hook=_unpack_tuple
    )
    unpacker.feed(data)
    try:
        return [_message(fields) for fields in unpacker]
    except ProtocolError:
        raise
    except Exception as error:
        raise ProtocolError(f"not messages of pytest-markersteal: {error!r}") from error


def decode(data: bytes) -> Message:
    """The message in ``data``; ``ProtocolError`` if there is none."""
    return _message(_unpack(data))


def _unpack(data: bytes) -> Any:
    try:
        return msgpack.unpackb(
            data, strict_map_key=False, unicode_errors="surrogatepass", ext_hook=_unpack_tuple
        )
    except ProtocolError:
        raise
    except Exception as error:
        raise ProtocolError(f"not a message of pytest-markersteal: {error!r}") from error


def _message(fields: Any) -> Message:
    if type(fields) is not list or not fields or type(fields[0]) is not int:
        raise ProtocolError(f"not a message: {fields!r}")
    number, *rest = fields
    if not 0 <= number < len(_KINDS):
        raise ProtocolError(f"there is no message of kind {number}")
    message: Message = _checked(_KINDS[number], rest)
    return message


def _fields(message: Message) -> list[Any]:
    return [_NUMBER[type(message)], *[getattr(message, name) for name in message.__slots__]]


def _elements(value: object) -> list[Any]:
    if type(value) is not tuple:
        raise TypeError(f"not carried: {type(value).__name__}")
    return list(value)


def _pack_inner_tuple(value: object) -> msgpack.ExtType:
    packed = msgpack.packb(_elements(value), default=_pack_inner_tuple, strict_types=True)
    return msgpack.ExtType(_TUPLE, packed)


def _unpack_tuple(code: int, data: bytes) -> tuple[Any, ...]:
    if code != _TUPLE:
        raise ProtocolError(f"unknown extension type {code}")
    return tuple(msgpack.unpackb(data, strict_map_key=False, ext_hook=_unpack_tuple))


def demand_from(fields: Any) -> Demand:
    """The demand in a ``Catalog``; ``ProtocolError`` if it is malformed."""
    try:
        return Demand.of_fields(fields)
    except ValueError as error:
        raise ProtocolError(str(error)) from error


def timing_fields(timing: Timing) -> list[Any]:
    """``timing`` as it travels in a ``Step``."""
    return [getattr(timing, name) for name in timing.__slots__]


def timing_of(fields: Any) -> Timing:
    """The timing in a ``Step``; ``ProtocolError`` if it is malformed."""
    timing: Timing = _checked(Timing, fields)
    seconds = [timing.wall_s, timing.setup_s, timing.call_s, timing.teardown_s, timing.cpu_s]
    for fixture in timing.fixtures:
        if type(fixture) is not list or [type(part) for part in fixture] != [str, str, str, float]:
            raise ProtocolError(f"not the timing of a fixture: {fixture!r}")
        seconds.append(fixture[3])
    if not all(0 <= value < float("inf") for value in seconds):
        raise ProtocolError(f"durations must be finite and not negative: {seconds}")
    return timing


def _checked(kind: type[Any], fields: Any) -> Any:
    types = _TYPES[kind]
    if type(fields) is not list:
        raise ProtocolError(f"{kind.__name__} must be a list of fields, not {fields!r}")
    if len(fields) != len(types):
        raise ProtocolError(f"{kind.__name__} has {len(types)} fields, not {len(fields)}")
    for value, allowed in zip(fields, types, strict=True):
        if type(value) not in allowed:
            raise ProtocolError(f"{value!r} in {kind.__name__} is none of {allowed}")
    return kind(*fields)

"""What the plugin's two halves say to each other, over a channel of their own.

Each message is one msgpack array ``[kind, field, ...]``. The catalog, sent first, carries the
version; halves of different versions refuse each other with words. Messages of one worker arrive
in order, also relative to xdist's, because both use one connection.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, get_args

import msgpack

from pytest_markersteal.core.suite import Demand
from pytest_markersteal.records import Kinds
from pytest_markersteal.trace.names import OUTCOMES, PHASES

VERSION = 7
"""Raised with every change of a message below."""

INPUT_KEY = "markersteal"
"""Where the controller puts the channel in ``config.workerinput``."""
OBSERVED_KEY = "markersteal_observed"
"""Where it puts it where another scheduler's run is traced."""
BOX_KEY = "markersteal_box"
"""Where it puts the path of the black box, if there is one."""

_FIXTURE = [str, str, str, float, int, int]


# From worker to controller


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a worker collected: sent once, before xdist's own list of node ids.

    ``demands`` are as ``Demand.fields`` gives them; ``demand_of`` has an index into them for each
    test. ``problems`` are marks used wrongly, ready to print.
    ``deselected`` is how many tests were found and left out, as with ``-k``.
    ``ready_cpu_s`` are the CPU seconds that the process had used when plugins and conftests were
    imported, and ``collected_cpu_s`` when it had collected; ``ready_s`` and ``collected_s`` are the
    same by the worker's clock. Workers that tell the same ``host`` are on one host.
    """

    version: int
    package: str
    demands: list[list[Any]]
    demand_of: list[int]
    problems: list[str]
    ready_cpu_s: float = 0.0
    collected_cpu_s: float = 0.0
    ready_s: float = 0.0
    collected_s: float = 0.0
    deselected: int = 0
    host: str = ""


@dataclass(frozen=True, slots=True)
class Timing:
    """How long one test took, in seconds, fixtures of wider scope than function apart.

    ``fixtures`` are those set up for it: ``[scope, node id, fixture name, seconds, since, until]``,
    the seconds without those of fixtures that it asked for itself.
    ``began_s`` is the worker's clock at its start, from where ``since`` and ``until`` count, in
    microseconds; ``lasted_us`` is all the time that it took. ``phases`` are ``phase, since, until``
    of each, ``waits`` ``since, until`` of each time that it waited to be told the next test. Phases
    and ``outcome`` are numbers in ``PHASES`` and ``OUTCOMES``.
    """

    wall_s: float
    setup_s: float
    call_s: float
    teardown_s: float
    cpu_s: float
    passed: bool
    fixtures: list[list[Any]]
    began_s: float
    lasted_us: int
    outcome: int
    phases: list[int]
    waits: list[int]


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
class Pong:
    """The answer to the ``Ping`` of ``sent_s``, and the worker's clock, in seconds."""

    sent_s: float
    worker_s: float


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
class Ping:
    """Answer at once: sent at ``sent_s`` by the controller's clock."""

    sent_s: float


@dataclass(frozen=True, slots=True)
class Run:
    """Tests to run after those sent before; ``instances`` maps test to key to instances."""

    tests: list[int]
    instances: dict[int, dict[str, list[int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Gate:
    """Start no more than the first ``tests`` of all that were sent; finish the one before."""

    tests: int


@dataclass(frozen=True, slots=True)
class Recall:
    """Give back those of ``tests`` that have not started; None stands for all that it has."""

    tests: list[int] | None = None


@dataclass(frozen=True, slots=True)
class Park:
    """Tear down to session scope, then wait."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Finish the running test and leave."""


Message: TypeAlias = (
    Catalog
    | Step
    | Hungry
    | Recalled
    | Pong
    | Event
    | Adopt
    | Ping
    | Run
    | Gate
    | Recall
    | Park
    | Stop
)


class ProtocolError(ValueError):
    """Bytes that are no message of this version."""


_KINDS = Kinds(
    (*get_args(Message), Timing),
    ProtocolError,
)
_MESSAGES = frozenset(get_args(Message))


_TUPLE = 1
"""The msgpack extension type of a tuple: packed as a list, it would arrive as one."""


class Encoder:
    """Encodes messages for one thread: it keeps its buffers, which costs less than new ones.

    Meanwhile another one may put together a batch.
    """

    def __init__(self) -> None:
        # Not every build of msgpack keeps two threads apart that use one packer.
        self._heads = msgpack.Packer()
        self._packer = msgpack.Packer(unicode_errors="surrogatepass")
        self._exact = msgpack.Packer(
            default=self._pack_tuple, strict_types=True, unicode_errors="surrogatepass"
        )
        self._inner = msgpack.Packer(
            default=_pack_inner_tuple, strict_types=True, unicode_errors="surrogatepass"
        )

    def message(self, message: Message) -> bytes:
        """The bytes of ``message``."""
        packed: bytes = self._packer.pack(_KINDS.fields(message))
        return packed

    def event(self, name: str, kwargs: dict[str, Any]) -> bytes | None:
        """The bytes of an ``Event``; None if its arguments would not arrive exactly as they are."""
        try:
            packed: bytes = self._exact.pack([_KINDS.number(Event), name, kwargs])
        except (TypeError, ValueError, OverflowError):
            return None
        return packed

    def batch(self, first: int, messages: Sequence[bytes]) -> bytes:
        """Encoded messages, of which the first has the number ``first``, for ``decode_batch``."""
        header: bytes = self._heads.pack_array_header(len(messages) + 1)
        number: bytes = self._heads.pack(first)
        return b"".join((header, number, *messages))

    def _pack_tuple(self, value: object) -> msgpack.ExtType:
        return msgpack.ExtType(_TUPLE, self._inner.pack(_elements(value)))


def encode(message: Message) -> bytes:
    """The bytes of ``message``, from any thread."""
    packed: bytes = msgpack.packb(_KINDS.fields(message), unicode_errors="surrogatepass")
    return packed


def encode_batch_of(message: Message) -> bytes:
    """A batch of one message that has no number, from any thread."""
    packed: bytes = msgpack.packb([None, _KINDS.fields(message)], unicode_errors="surrogatepass")
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
    message: Message = _KINDS.record(fields)
    if type(message) not in _MESSAGES:
        raise ProtocolError(f"not a message: {fields!r}")
    return message


def _elements(value: object) -> list[Any]:
    if type(value) is not tuple:
        raise TypeError(f"not carried: {type(value).__name__}")
    return list(value)


def _pack_inner_tuple(value: object) -> msgpack.ExtType:
    packed = msgpack.packb(
        _elements(value),
        default=_pack_inner_tuple,
        strict_types=True,
        unicode_errors="surrogatepass",
    )
    return msgpack.ExtType(_TUPLE, packed)


def _unpack_tuple(code: int, data: bytes) -> tuple[Any, ...]:
    if code != _TUPLE:
        raise ProtocolError(f"unknown extension type {code}")
    elements = msgpack.unpackb(
        data, strict_map_key=False, unicode_errors="surrogatepass", ext_hook=_unpack_tuple
    )
    return tuple(elements)


def demand_from(fields: Any) -> Demand:
    """The demand in a ``Catalog``; ``ProtocolError`` if it is malformed."""
    try:
        return Demand.of_fields(fields)
    except ValueError as error:
        raise ProtocolError(str(error)) from error


def timing_fields(timing: Timing) -> list[Any]:
    """``timing`` as it travels in a ``Step``."""
    return _KINDS.fields(timing)[1:]


def timing_of(fields: Any) -> Timing:
    """The timing in a ``Step``; ``ProtocolError`` if it is malformed."""
    timing: Timing = _KINDS.checked(Timing, fields)
    seconds = [timing.wall_s, timing.setup_s, timing.call_s, timing.teardown_s, timing.cpu_s]
    for fixture in timing.fixtures:
        if type(fixture) is not list or [type(part) for part in fixture] != _FIXTURE:
            raise ProtocolError(f"not the timing of a fixture: {fixture!r}")
        seconds += fixture[3:]
    if not all(0 <= value < float("inf") for value in seconds):
        raise ProtocolError(f"durations must be finite and not negative: {seconds}")
    spans = (timing.phases, 3), (timing.waits, 2)
    if any(len(span) % size or any(type(n) is not int for n in span) for span, size in spans):
        raise ProtocolError(f"not spans: {timing.phases}, {timing.waits}")
    if not math.isfinite(timing.began_s):
        raise ProtocolError(f"not a time: {timing.began_s}")
    if not 0 <= timing.outcome < len(OUTCOMES) or any(
        not 0 <= phase < len(PHASES) for phase in timing.phases[::3]
    ):
        raise ProtocolError(f"not an outcome, or not phases: {timing.outcome}, {timing.phases}")
    return timing

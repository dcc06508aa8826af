"""Messages as bytes: each a msgpack array ``[kind, field, ...]``, alone, in batches or in streams.

Bytes that are none end in a ``ProtocolError``, whatever they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_args

import msgpack

from pytest_markersteal.distribution.protocol import KINDS, Event, Message, ProtocolError

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
        packed: bytes = self._packer.pack(KINDS.fields(message))
        return packed

    def event(self, name: str, kwargs: dict[str, Any]) -> bytes | None:
        """The bytes of an ``Event``; None if its arguments would not arrive exactly as they are."""
        try:
            packed: bytes = self._exact.pack([KINDS.number(Event), name, kwargs])
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
    packed: bytes = msgpack.packb(KINDS.fields(message), unicode_errors="surrogatepass")
    return packed


def encode_batch_of(message: Message) -> bytes:
    """A batch of one message that has no number, from any thread."""
    packed: bytes = msgpack.packb([None, KINDS.fields(message)], unicode_errors="surrogatepass")
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
    message: Message = KINDS.record(fields)
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

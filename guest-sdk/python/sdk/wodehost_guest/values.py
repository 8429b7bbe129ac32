"""MessagePack values as Python values, and back the same byte for byte.

Reading and writing is done by msgpack, in its pure-Python form, since no C extension runs in a component.
What it loses is mended here: floats of 32 bits, extension types below zero, timestamps that are none, and
maps that a dict cannot hold. Short texts, small integers, floats, booleans and nil take a shorter way than
msgpack's, because most of a value is made of them: a megabyte of them would cost more fuel than a job has.
"""

from __future__ import annotations

import dataclasses
import datetime
import struct
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import pairwise
from typing import Any

from ._vendor.msgpack import fallback
from ._vendor.msgpack.ext import ExtType, Timestamp
from .failure import Failure

__all__ = ["Ext", "Float32", "Pairs", "Raw", "Timestamp", "decode", "encode", "split"]

DEEPEST = 64
"""How deep arrays and maps may be nested in one another."""

_TOO_DEEP = f"values are nested at most {DEEPEST} deep"


class Float32(float):
    """A float that is written in 32 bits. What is computed with it is an ordinary float."""

    __slots__ = ()

    def __new__(cls, number: float | str = 0.0) -> Float32:
        (nearest,) = struct.unpack(">f", struct.pack(">f", float(number)))
        return float.__new__(cls, nearest)


class Ext(ExtType):
    """A value of an extension type: `code` from -128 to 127, and its `data`."""

    __slots__ = ()

    def __new__(cls, code: int, data: bytes) -> Ext:
        if not -128 <= code <= 127:
            raise ValueError(f"an extension type is from -128 to 127, not {code}")
        return tuple.__new__(cls, (code, bytes(data)))


class Pairs(tuple):
    """A map as a tuple of pairs, for keys that a dict takes for equal (`1`, `1.0`, `True`) or cannot
    have at all (arrays and maps). Such a map comes in as `Pairs`, every other one as a dict."""

    __slots__ = ()

    def __new__(cls, pairs: Iterable[tuple[Any, Any]] = ()) -> Pairs:
        return tuple.__new__(cls, ((key, value) for key, value in pairs))

    def __repr__(self) -> str:
        return f"Pairs({list(self)!r})"


class Raw:
    """A value as the bytes that it is encoded in, unread."""

    __slots__ = ("bytes",)

    def __init__(self, data: bytes) -> None:
        self.bytes = bytes(data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Raw) and other.bytes == self.bytes

    def __hash__(self) -> int:
        return hash(self.bytes)

    def __repr__(self) -> str:
        return f"Raw({self.bytes!r})"


def decode(data: bytes, what: str = "the value") -> Any:
    """The value that `data` encodes; a `Failure` with code `bad-value` if it is none."""
    reader = _reader(data)
    try:
        value = reader.unpack()
    except _UNREADABLE as problem:
        raise Failure(f"{what} is no MessagePack value: {problem}", code="bad-value") from None
    if reader.tell() != len(data):
        raise Failure(f"{what} has bytes behind its end", code="bad-value")
    return value


def split(array: bytes) -> list[bytes] | None:
    """The encoded elements of an encoded array; None if it is something else."""
    reader = _reader(array)
    try:
        count = reader.read_array_header()
    except ValueError:
        return None
    ends = [reader.tell()]
    for _ in range(count):
        reader.skip()
        ends.append(reader.tell())
    return [array[start:end] for start, end in pairwise(ends)]


def encode(value: Any, what: str = "the value") -> bytes:
    """The bytes of `value`, each part in its shortest form.

    What has no MessagePack form is a `Failure` with code `bad-value` that says where it is.
    """
    try:
        return _Writer(default=_simpler).pack(value)
    except _UNWRITABLE as problem:
        where, why = _fault(value, "", ()) or ("", str(problem))
    at = f", at {shortened(where.strip())}" if where else ""
    raise Failure(f"{what}{at}: {why}", code="bad-value")


_UNREADABLE = (ValueError, IndexError, struct.error, fallback.OutOfData)
_UNWRITABLE = (TypeError, ValueError, OverflowError, RecursionError, struct.error)

_read_double = struct.Struct(">d").unpack_from
_read_single = struct.Struct(">f").unpack_from
_double = struct.Struct(">Bd").pack
_single = struct.Struct(">Bf").pack
_BYTE = [bytes((number,)) for number in range(256)]
_CONSTANTS = {0xC0: None, 0xC2: False, 0xC3: True}
_EXTENSIONS = frozenset((0xC7, 0xC8, 0xC9, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8))


class _Reader(fallback.Unpacker):
    """msgpack's reader, which calls `_unpack` for each part of a value."""

    def _unpack(self, execute: int = fallback.EX_CONSTRUCT) -> Any:
        if execute != fallback.EX_CONSTRUCT:
            return super()._unpack(execute)
        buffer, start = self._buffer, self._buff_i
        first = buffer[start]
        if first < 0x80:
            self._buff_i = start + 1
            return first
        if 0xA0 <= first < 0xC0:
            self._buff_i = end = start + first - 0x9F
            return buffer[start + 1 : end].decode()
        if first == 0xCB:
            self._buff_i = start + 9
            return _read_double(buffer, start + 1)[0]
        if first in _CONSTANTS:
            self._buff_i = start + 1
            return _CONSTANTS[first]
        if first == 0xCA:
            self._buff_i = start + 5
            return float.__new__(Float32, _read_single(buffer, start + 1)[0])
        if first in _EXTENSIONS:
            _, code, data = self._read_header()
            return _extension(code, bytes(data))
        return super()._unpack(execute)


def _reader(data: bytes) -> _Reader:
    reader = _Reader(max_buffer_size=len(data), strict_map_key=False, object_pairs_hook=_map)
    reader.feed(data)
    return reader


def _map(pairs: list[tuple[Any, Any]]) -> dict[Any, Any] | Pairs:
    try:
        known = dict(pairs)
    except TypeError:
        return Pairs(pairs)
    return known if len(known) == len(pairs) else Pairs(pairs)


def _extension(code: int, data: bytes) -> Ext | Timestamp:
    if code == -1:
        try:
            return Timestamp.from_bytes(data)
        except ValueError:
            pass
    return Ext(code, data)


class _Writer(fallback.Packer):
    """msgpack's writer, which calls `_pack` for each part of a value."""

    def _pack(self, obj: Any, nest_limit: int = DEEPEST) -> Any:
        kind = type(obj)
        if kind is str:
            data = obj.encode()
            if len(data) < 32:
                return self._buffer.write(_BYTE[0xA0 + len(data)] + data)
        elif kind is float:
            return self._buffer.write(_double(0xCB, obj))
        elif kind is int:
            if 0 <= obj < 128:
                return self._buffer.write(_BYTE[obj])
        elif obj is None:
            return self._buffer.write(b"\xc0")
        elif kind is bool:
            return self._buffer.write(b"\xc3" if obj else b"\xc2")
        elif kind is Float32:
            return self._buffer.write(_single(0xCA, obj))
        elif kind is Raw:
            return self._buffer.write(obj.bytes)
        elif kind is Pairs:
            return self._pack_map_pairs(len(obj), obj, nest_limit - 1)
        elif nest_limit == 0 and isinstance(obj, (list, tuple)) and not isinstance(obj, ExtType):
            raise ValueError(_TOO_DEEP)
        return super()._pack(obj, nest_limit)

    def _pack_map_pairs(self, n: int, pairs: Any, nest_limit: int = DEEPEST) -> None:
        if nest_limit < 0:
            raise ValueError(_TOO_DEEP)
        # msgpack counts a map as two levels.
        super()._pack_map_pairs(n, pairs, nest_limit + 1)


def _simpler(value: Any) -> Any:
    """What stands for a value that msgpack does not know."""
    names = field_names(type(value))
    if names is not None:
        return {key: getattr(value, name) for name, key in names}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return Timestamp.from_datetime(value)
    raise TypeError(f"{_kind(value)} has no MessagePack form")


_FIELDS: dict[type, list[tuple[str, str]] | None] = {}


def field_names(kind: type) -> list[tuple[str, str]] | None:
    """Each field of a dataclass with its key in the map; None for other types."""
    try:
        return _FIELDS[kind]
    except KeyError:
        pass
    names = None
    if dataclasses.is_dataclass(kind):
        fields = dataclasses.fields(kind)
        names = [(field.name, field.metadata.get("key", field.name)) for field in fields]
    _FIELDS[kind] = names
    return names


def _fault(value: Any, where: str, above: tuple[int, ...]) -> tuple[str, str] | None:
    """Where in `value` the first part is that cannot be written, and why not."""
    if isinstance(value, int):
        if not -(2**63) <= value < 2**64:
            return where, f"an integer of {value.bit_length()} bits is beyond the 64 that there are"
        return None
    if isinstance(value, str):
        if not _is_text(value):
            return where, "a text with half a surrogate pair has no UTF-8 form"
        return None
    parts = _parts(value)
    if parts is None:
        return _leaf_fault(value, where)
    if id(value) in above:
        return where, f"{_kind(value)} that holds itself has no end"
    above = (*above, id(value))
    if len(above) > DEEPEST:
        return where, _TOO_DEEP
    for place, part in parts:
        found = _fault(part, where + place, above)
        if found is not None:
            return found
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]] | None:
    """What a container holds, with its place there."""
    if isinstance(value, ExtType):
        return None
    if field_names(type(value)) is not None:
        value = _simpler(value)
    if isinstance(value, Enum):
        return iter([("", value.value)])
    if isinstance(value, (dict, Pairs)):
        return _entries(value.items() if isinstance(value, dict) else value)
    if isinstance(value, (list, tuple)):
        return ((f"[{index}]", part) for index, part in enumerate(value))
    return None


def _entries(pairs: Iterable[tuple[Any, Any]]) -> Iterator[tuple[str, Any]]:
    for key, value in pairs:
        yield " (key)", key
        yield place_of(key), value


def place_of(key: Any) -> str:
    """How the value under `key` is named in a path."""
    if isinstance(key, str) and key.isidentifier():
        return f".{key}"
    return f"[{key!r:.60}]"


def shortened(where: str) -> str:
    """A path that is short enough for a message."""
    return where if len(where) <= 120 else f"{where[:60]} … {where[-60:]}"


def _leaf_fault(value: Any, where: str) -> tuple[str, str] | None:
    if isinstance(value, datetime.datetime) and value.tzinfo is None:
        return where, "a datetime without a time zone has no MessagePack form"
    try:
        _Writer(default=_simpler).pack(value)
    except _UNWRITABLE as problem:
        return where, str(problem)
    return None


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _kind(value: Any) -> str:
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"

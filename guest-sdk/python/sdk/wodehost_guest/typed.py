"""Values as what a type hint says.

A *converter* takes a decoded value and gives what its hint stands for, or raises `Mismatch`. It is made
from a hint once, when the plugin is built.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import inspect
import types
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any

from .failure import Failure
from .values import Ext, Float32, Pairs, Raw, Timestamp, decode, encode, place_of, shortened

Converter = Callable[[Any], Any]


class Mismatch(Exception):
    """A value is not what a hint says. `place` leads to it, the outermost step last."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.place: list[str] = []

    def sentence(self, what: str) -> str:
        """What is wrong with `what`, for people."""
        where = "".join(reversed(self.place))
        at = f", at {shortened(where)}" if where else ""
        return f"{what}{at}: {self}"


def read(data: bytes, hint: Any, code: str, what: str) -> Any:
    """What `data` encodes, as the hint says; otherwise a `Failure` with this code."""
    if hint is Raw:
        return Raw(data)
    value = decode(data, what)
    try:
        return converter(hint)(value)
    except Mismatch as problem:
        raise Failure(problem.sentence(what), code=code) from None


def converter(hint: Any) -> Converter:
    """How a value becomes what `hint` says. A hint that says nothing of values is a `TypeError`."""
    try:
        known = _converters.get(hint)
    except TypeError:
        return _make(hint)
    if known is None:
        # Dataclasses may hold themselves: what is asked for meanwhile is looked up later.
        _converters[hint] = lambda value: _converters[hint](value)
        try:
            known = _converters[hint] = _make(hint)
        except BaseException:
            del _converters[hint]
            raise
    return known


def found(value: Any, expected: str) -> Mismatch:
    """The mismatch of a value that is something else than expected."""
    return Mismatch(f"found {_name(value)}, expected {expected}")


def _name(value: Any) -> str:
    """A value in the words of MessagePack, since whoever sent it need not know Python."""
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, int):
        return f"the integer {value}"
    if isinstance(value, float):
        return f"the float {float(value)}"
    for kind, name in _NAMES:
        if isinstance(value, kind):
            return name
    return type(value).__name__


_NAMES = (
    (str, "a string"),
    (bytes, "binary data"),
    (Timestamp, "a timestamp"),
    (Ext, "an extension value"),
    (dict, "a map"),
    (Pairs, "a map with keys that a dict cannot hold"),
    (list, "an array"),
)


def _exactly(kinds: tuple[type, ...], expected: str) -> Converter:
    def convert(value: Any) -> Any:
        if type(value) not in kinds:
            raise found(value, expected)
        return value

    return convert


def _same(value: Any) -> Any:
    return value


def _to_float(value: Any) -> float:
    if isinstance(value, float):
        return value
    if type(value) is not int:
        raise found(value, "a float")
    return float(value)


def _to_float32(value: Any) -> Float32:
    try:
        return Float32(_to_float(value))
    except OverflowError:
        raise found(value, "a float of 32 bits") from None


def _to_bytearray(value: Any) -> bytearray:
    return bytearray(_BYTES(value))


def _to_datetime(value: Any) -> datetime.datetime:
    if not isinstance(value, Timestamp):
        raise found(value, "a timestamp")
    try:
        return value.to_datetime()
    except (OverflowError, ValueError):
        raise Mismatch("found a timestamp beyond the years 1 to 9999") from None


def _to_raw(value: Any) -> Raw:
    return Raw(encode(value))


def _to_pairs(value: Any) -> Pairs:
    if isinstance(value, dict):
        return Pairs(value.items())
    if not isinstance(value, Pairs):
        raise found(value, "a map")
    return value


_BYTES = _exactly((bytes,), "binary data")
_ARRAY = _exactly((list,), "an array")
_MAP = _exactly((dict,), "a map")

_converters: dict[Any, Converter] = {
    Any: _same,
    object: _same,
    inspect.Parameter.empty: _same,
    None: _exactly((type(None),), "nil"),
    type(None): _exactly((type(None),), "nil"),
    bool: _exactly((bool,), "a boolean"),
    int: _exactly((int,), "an integer"),
    float: _to_float,
    str: _exactly((str,), "a string"),
    bytes: _BYTES,
    bytearray: _to_bytearray,
    list: _ARRAY,
    dict: _MAP,
    Float32: _to_float32,
    Timestamp: _exactly((Timestamp,), "a timestamp"),
    Ext: _exactly((Ext,), "an extension value"),
    Pairs: _to_pairs,
    Raw: _to_raw,
    datetime.datetime: _to_datetime,
}


def _make(hint: Any) -> Converter:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin is typing.Annotated:
        return converter(arguments[0])
    if origin in (typing.Union, types.UnionType):
        return _make_union(arguments)
    if origin is typing.Literal:
        return _make_literal(arguments)
    if hasattr(hint, "__supertype__"):
        return converter(hint.__supertype__)
    if hasattr(hint, "__value__"):
        return converter(hint.__value__)
    if isinstance(hint, typing.TypeVar):
        return _same
    if typing.is_typeddict(hint):
        return _make_typed_dict(hint)
    shape = origin or hint
    if shape in _COLLECTIONS:
        return _make_collection(_COLLECTIONS[shape], arguments)
    if shape is tuple:
        return _make_tuple(arguments)
    if shape in (dict, collections.abc.Mapping, collections.abc.MutableMapping):
        return _make_dict(arguments)
    if isinstance(shape, type):
        if dataclasses.is_dataclass(shape):
            return _make_dataclass(shape)
        if issubclass(shape, Enum):
            return _make_enum(shape)
    raise TypeError(f"{getattr(hint, '__name__', hint)} is no type that a value can be read as")


_COLLECTIONS: dict[Any, type] = {
    list: list,
    set: set,
    frozenset: frozenset,
    collections.abc.Sequence: list,
    collections.abc.Iterable: list,
    collections.abc.Collection: list,
}


def _each(items: Any, convert: Converter) -> list[Any]:
    """The items converted; a mismatch is told its index."""
    converted = []
    for index, item in enumerate(items):
        try:
            converted.append(convert(item))
        except Mismatch as problem:
            problem.place.append(f"[{index}]")
            raise
    return converted


def _make_collection(kind: type, arguments: tuple[Any, ...]) -> Converter:
    convert = converter(arguments[0] if arguments else Any)

    def collect(value: Any) -> Any:
        items = _each(_ARRAY(value), convert)
        try:
            return items if kind is list else kind(items)
        except TypeError:
            raise Mismatch("an item cannot be in a set") from None

    return collect


def _make_tuple(arguments: tuple[Any, ...]) -> Converter:
    if not arguments or arguments[-1] is Ellipsis:
        convert = converter(arguments[0] if arguments else Any)
        return lambda value: tuple(_each(_ARRAY(value), convert))
    converters = [converter(argument) for argument in arguments]

    def unpack(value: Any) -> tuple[Any, ...]:
        if len(_ARRAY(value)) != len(converters):
            raise Mismatch(f"found an array of {len(value)}, expected one of {len(converters)}")
        pairs = zip(converters, value)
        return tuple(_each(pairs, lambda pair: pair[0](pair[1])))

    return unpack


def _make_dict(arguments: tuple[Any, ...]) -> Converter:
    convert_key, convert = (converter(argument) for argument in arguments or (Any, Any))

    def convert_map(value: Any) -> dict[Any, Any]:
        converted = {}
        for key, part in _MAP(value).items():
            try:
                converted[convert_key(key)] = convert(part)
            except Mismatch as problem:
                problem.place.append(place_of(key))
                raise
        return converted

    return convert_map


@dataclasses.dataclass(frozen=True)
class _Field:
    """A key that a map may have, and what its value becomes."""

    name: str
    key: str
    convert: Converter
    needed: bool


def _fields_of(value: Any, fields: list[_Field], expected: str) -> dict[str, Any]:
    """What a map says of the fields. Keys that are no field's are skipped."""
    if not isinstance(value, dict):
        raise found(value, expected)
    converted = {}
    for field in fields:
        if field.key in value:
            try:
                converted[field.name] = field.convert(value[field.key])
            except Mismatch as problem:
                problem.place.append(place_of(field.key))
                raise
        elif field.needed:
            raise Mismatch(f"the key `{field.key}` is missing")
    return converted


def _make_dataclass(kind: type) -> Converter:
    hints = typing.get_type_hints(kind, include_extras=True)
    fields = [
        _Field(
            name=field.name,
            key=field.metadata.get("key", field.name),
            convert=converter(hints[field.name]),
            needed=field.default is field.default_factory is dataclasses.MISSING,
        )
        for field in dataclasses.fields(kind)
        if field.init
    ]
    expected = f"a map for {kind.__name__}"

    def construct(value: Any) -> Any:
        converted = _fields_of(value, fields, expected)
        try:
            return kind(**converted)
        except (TypeError, ValueError) as problem:  # of its own __post_init__
            raise Mismatch(str(problem)) from None

    return construct


def _make_typed_dict(kind: Any) -> Converter:
    hints = typing.get_type_hints(kind)
    needed = kind.__required_keys__
    fields = [_Field(key, key, converter(hint), key in needed) for key, hint in hints.items()]
    expected = f"a map for {kind.__name__}"
    return lambda value: {**value, **_fields_of(value, fields, expected)}


def _make_enum(kind: type[Enum]) -> Converter:
    values = [member.value for member in kind]

    def pick(value: Any) -> Enum:
        for member in kind:
            if type(member.value) is type(value) and member.value == value:
                return member
        raise found(value, _one_of(values))

    return pick


def _make_literal(values: tuple[Any, ...]) -> Converter:
    def check(value: Any) -> Any:
        if not any(type(value) is type(known) and value == known for known in values):
            raise found(value, _one_of(values))
        return value

    return check


def _one_of(values: collections.abc.Iterable[Any]) -> str:
    texts = [repr(value) for value in values]
    return texts[0] if len(texts) == 1 else f"one of {', '.join(texts)}"


def _make_union(arguments: tuple[Any, ...]) -> Converter:
    # A float takes integers as well, and so comes after what keeps them.
    converters = [converter(hint) for hint in sorted(arguments, key=lambda hint: hint is float)]

    def try_each(value: Any) -> Any:
        problems = []
        for convert in converters:
            try:
                return convert(value)
            except Mismatch as problem:
                problems.append(problem)
        raise _joined(value, problems)

    return try_each


def _joined(value: Any, problems: list[Mismatch]) -> Mismatch:
    """One mismatch of the alternatives'. One that got further into the value says the most."""
    deepest = max(problems, key=lambda problem: len(problem.place))
    if deepest.place:
        return deepest
    expected = [str(problem).partition(", expected ")[2] for problem in problems]
    if not all(expected):
        return next(problem for problem, text in zip(problems, expected) if not text)
    return found(value, " or ".join(expected))

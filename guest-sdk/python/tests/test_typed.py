"""Arguments are what their hints say, or a failure says where they are not."""

import collections.abc
import datetime
import enum
import typing
import unittest
from dataclasses import dataclass, field
from typing import Annotated, Literal, NewType, Optional

from wodehost_guest import Ext, Failure, Float32, Pairs, Raw, Timestamp
from wodehost_guest.arguments import Arguments
from wodehost_guest.typed import converter, read
from wodehost_guest.values import encode


class Colour(enum.Enum):
    RED = "red"
    BLUE = 2


@dataclass
class Person:
    name: str
    age: int = 0
    tags: list[str] = field(default_factory=list)
    boss: Optional["Person"] = None
    born: datetime.date | None = field(init=False, default=None)
    nick: str = field(default="", metadata={"key": "nick-name"})

    def __post_init__(self):
        if self.age < 0:
            raise ValueError("an age is not below zero")


class Point(typing.TypedDict):
    x: int
    y: typing.NotRequired[int]


Metres = NewType("Metres", float)
MOMENT = Timestamp(1_700_000_000)


class Hints(unittest.TestCase):
    def test_what_fits_becomes_what_the_hint_says(self):
        for hint, value, expected in (
            (int, 5, 5),
            (float, 5, 5.0),
            (float, Float32(1.5), Float32(1.5)),
            (Float32, 0.1, Float32(0.1)),
            (bool, True, True),
            (str, "a", "a"),
            (bytes, b"a", b"a"),
            (bytearray, b"a", bytearray(b"a")),
            (None, None, None),
            (typing.Any, [1], [1]),
            (object, {}, {}),
            (list, [1, "a"], [1, "a"]),
            (list[int], [1], [1]),
            (collections.abc.Sequence[float], [1], [1.0]),
            (set[int], [1, 1], {1}),
            (tuple[int, str], [1, "a"], (1, "a")),
            (tuple[int, ...], [1, 2], (1, 2)),
            (dict[str, int], {"a": 1}, {"a": 1}),
            (collections.abc.Mapping[str, float], {"a": 1}, {"a": 1.0}),
            (Pairs, {1: 2}, Pairs([(1, 2)])),
            (int | None, None, None),
            (float | int, 1, 1),
            (Optional[list[int]], [1], [1]),
            (Literal["a", 1], 1, 1),
            (Annotated[int, "metres"], 3, 3),
            (Metres, 3, 3.0),
            (Colour, "red", Colour.RED),
            (Timestamp, MOMENT, MOMENT),
            (datetime.datetime, MOMENT, datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.UTC)),
            (Ext, Ext(5, b"a"), Ext(5, b"a")),
            (Raw, [1, 2], Raw(b"\x92\x01\x02")),
            (Point, {"x": 1}, {"x": 1}),
            (Person, {"name": "Ada", "nick-name": "A", "other": 1}, Person("Ada", nick="A")),
            (list[Person], [{"name": "A", "boss": {"name": "B"}}], [Person("A", boss=Person("B"))]),
        ):
            with self.subTest(hint=hint):
                converted = converter(hint)(value)
                self.assertEqual(converted, expected)
                self.assertIs(type(converted), type(expected))

    def test_what_does_not_fit_is_said_with_its_place(self):
        for hint, value, message in (
            (int, True, "x: found the boolean true, expected an integer"),
            (int, 1.0, "x: found the float 1.0, expected an integer"),
            (bool, 1, "x: found the integer 1, expected a boolean"),
            (str, b"a", "x: found binary data, expected a string"),
            (float, "1", "x: found a string, expected a float"),
            (float, True, "x: found the boolean true, expected a float"),
            (Float32, 1e300, "x: found the float 1e+300, expected a float of 32 bits"),
            (list[int], [1, "a"], "x, at [1]: found a string, expected an integer"),
            (dict[str, list[int]], {"a b": [None]}, "x, at ['a b'][0]: found nil, expected an integer"),
            (dict, Pairs([([], 1)]), "x: found a map with keys that a dict cannot hold, expected a map"),
            (tuple[int, int], [1], "x: found an array of 1, expected one of 2"),
            (int | str, [], "x: found an array, expected an integer or a string"),
            (list[int] | None, ["a"], "x, at [0]: found a string, expected an integer"),
            (Literal["a", "b"], "c", "x: found a string, expected one of 'a', 'b'"),
            (Colour, "green", "x: found a string, expected one of 'red', 2"),
            (datetime.datetime, Timestamp(2**62), "x: found a timestamp beyond the years 1 to 9999"),
            (set[list[int]], [[1]], "x: an item cannot be in a set"),
            (Point, {"y": 1}, "x: the key `x` is missing"),
            (Person, {"nome": "Ada"}, "x: the key `name` is missing"),
            (Person, "Ada", "x: found a string, expected a map for Person"),
            (Person, {"name": "A", "age": -1}, "x: an age is not below zero"),
            (
                Person,
                {"name": "A", "boss": {"name": 1}},
                "x, at .boss.name: found the integer 1, expected a string",
            ),
        ):
            with self.subTest(message), self.assertRaises(Failure) as caught:
                read(encode(value), hint, "bad-config", "x")
            with self.subTest(message):
                self.assertEqual(str(caught.exception), message)
                self.assertEqual(caught.exception.code, "bad-config")

    def test_a_hint_that_says_nothing_of_values_is_told_at_once(self):
        for hint in (Failure, typing.Callable, list[complex]):
            with self.subTest(hint=hint), self.assertRaisesRegex(TypeError, "no type that a value"):
                converter(hint)


class Jobs(unittest.TestCase):
    def test_one_parameter_gets_the_value_as_it_is(self):
        def one(numbers: list[int]): ...

        self.assertEqual(Arguments(one).read(b"\x92\x01\x02"), [[1, 2]])

    def test_several_get_the_elements_of_an_array(self):
        def several(a: int, b: str = "x"): ...

        arguments = Arguments(several)
        self.assertEqual(arguments.read(b"\x92\x01\xa1b"), [1, "b"])
        self.assertEqual(arguments.read(b"\x91\x01"), [1])
        for job in (b"\x90", b"\x93\x01\xa1b\xc0", b"\x01"):
            with self.subTest(job), self.assertRaises(Failure) as caught:
                arguments.read(job)
            self.assertEqual(caught.exception.code, "bad-argument")
            self.assertIn("an array of arguments: `a`, `b`", str(caught.exception))

    def test_none_means_that_the_job_is_not_looked_at(self):
        self.assertEqual(Arguments(lambda: None).read(b"not MessagePack"), [])

    def test_a_default_stands_for_no_argument(self):
        def one(n: int = 5): ...

        def two(a: int = 1, b: int = 2): ...

        self.assertEqual(Arguments(one).read(b"\xc0"), [])
        self.assertEqual(Arguments(two).read(b"\xc0"), [])

    def test_raw_arguments_are_not_read(self):
        def one(job: Raw): ...

        def two(a: Raw, b: int): ...

        long_form = b"\xcd\x00\x01"
        self.assertEqual(Arguments(one).read(long_form), [Raw(long_form)])
        self.assertEqual(Arguments(two).read(b"\x92" + long_form + b"\x02"), [Raw(long_form), 2])

    def test_a_wrong_one_is_named(self):
        def greet(name: str, times: int): ...

        with self.assertRaises(Failure) as caught:
            Arguments(greet).read(encode(["Ada", "two"]))
        self.assertEqual(str(caught.exception), "argument `times`: found a string, expected an integer")
        self.assertEqual(caught.exception.code, "bad-argument")

    def test_parameters_that_no_job_can_fill_are_told_at_once(self):
        def rest(*names): ...

        def odd(number: complex): ...

        with self.assertRaisesRegex(TypeError, r"rest: `\*names` cannot be an argument"):
            Arguments(rest)
        with self.assertRaisesRegex(TypeError, "odd, parameter `number`: complex is no type"):
            Arguments(odd)

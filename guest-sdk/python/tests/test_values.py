"""Values come out as they came in, and stay natural in between."""

import datetime
import enum
import math
import unittest
from dataclasses import dataclass, field
from pathlib import Path

from wodehost_guest import Ext, Failure, Float32, Pairs, Raw, Timestamp
from wodehost_guest.values import decode, encode, split

VECTORS = Path(__file__).parents[2] / "vectors.txt"


def vectors():
    for line in VECTORS.read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, parts = line.partition(": ")
            yield name, b"".join(repeated(part) for part in parts.split())


def repeated(part):
    digits, _, times = part.partition("*")
    return bytes.fromhex(digits) * int(times or 1)


class Vectors(unittest.TestCase):
    def test_every_vector_comes_out_byte_for_byte(self):
        known = list(vectors())
        self.assertGreater(len(known), 100)
        for name, data in known:
            with self.subTest(name):
                self.assertEqual(encode(decode(data)), data)

    def test_every_vector_comes_out_of_an_array_and_a_map(self):
        for name, data in vectors():
            with self.subTest(name):
                array = b"\x93\x01" + data + b"\xa1x"
                self.assertEqual(encode(decode(array)), array)
                record = b"\x82\xa1a" + data + b"\xa1b\xca\x3f\x80\x00\x00"
                self.assertEqual(encode(decode(record)), record)

    def test_every_vector_cut_off_is_refused(self):
        for name, data in vectors():
            with self.subTest(name), self.assertRaises(Failure) as caught:
                decode(data[:-1])
            self.assertEqual(caught.exception.code, "bad-value")


class Natural(unittest.TestCase):
    def test_floats_of_32_bits_are_floats(self):
        value = decode(b"\xca\x3f\xc0\x00\x00")
        self.assertEqual(value, 1.5)
        self.assertIsInstance(value, float)
        self.assertEqual(encode(value + 1), encode(2.5))
        self.assertEqual(Float32(0.1), 0.10000000149011612)

    def test_a_map_is_a_dict_unless_a_dict_cannot_hold_it(self):
        self.assertEqual(decode(b"\x82\x01\xa1a\xa1b\x02"), {1: "a", "b": 2})
        self.assertEqual(decode(b"\x82\x01\xa1a\xc3\xa1b"), Pairs([(1, "a"), (True, "b")]))
        self.assertEqual(decode(b"\x81\x90\x02"), Pairs([([], 2)]))

    def test_timestamps_are_exact(self):
        moment = decode(bytes.fromhex("d7ffee6b27fc6553f100"))
        self.assertEqual((moment.seconds, moment.nanoseconds), (1_700_000_000, 999_999_999))
        self.assertEqual(encode(moment.to_datetime()), encode(Timestamp(1_700_000_000, 999_999_000)))

    def test_an_extension_of_the_timestamps_type_that_is_none_stays(self):
        for data in ("d4ff01", "d7ffffffffff00000000"):
            value = decode(bytes.fromhex(data))
            self.assertIsInstance(value, Ext)
            self.assertEqual(encode(value).hex(), data)

    def test_what_python_has_more_of_is_written_as_what_it_stands_for(self):
        @dataclass
        class Inner:
            kind: str = field(metadata={"key": "the-kind"})

        @dataclass
        class Outer:
            inner: Inner
            shade: enum.Enum

        shade = enum.Enum("Shade", {"RED": "red"}).RED
        self.assertEqual(
            decode(encode(Outer(Inner("x"), shade))), {"inner": {"the-kind": "x"}, "shade": "red"}
        )
        self.assertEqual(decode(encode((1, 2))), [1, 2])
        self.assertEqual(decode(encode(bytearray(b"ab"))), b"ab")
        self.assertEqual(encode({"raw": Raw(b"\x93\x01\x02\x03")}), encode({"raw": [1, 2, 3]}))

    def test_an_array_is_split_into_its_elements(self):
        self.assertEqual(split(b"\x93\x01\xa1a\x91\xc0"), [b"\x01", b"\xa1a", b"\x91\xc0"])
        self.assertIsNone(split(b"\x81\x01\x02"))

    def test_extension_types_have_a_range(self):
        with self.assertRaises(ValueError):
            Ext(128, b"")


class Refused(unittest.TestCase):
    def message(self, value):
        with self.assertRaises(Failure) as caught:
            encode(value, "the result")
        self.assertEqual(caught.exception.code, "bad-value")
        return str(caught.exception)

    def test_what_has_no_form_is_named_with_its_place(self):
        cyclic = {}
        cyclic["self"] = [1, cyclic]
        naive = datetime.datetime(2024, 1, 1)
        for value, message in (
            (print, "the result: a builtin_function_or_method has no MessagePack form"),
            ({"a": [1, {2}]}, "the result, at .a[1]: a set has no MessagePack form"),
            ({"a b": object()}, "the result, at ['a b']: an object has no MessagePack form"),
            (2**64, "the result: an integer of 65 bits is beyond the 64 that there are"),
            ([-(2**63) - 1], "the result, at [0]: an integer of 64 bits is beyond the 64 that there are"),
            ({3j: 1}, "the result, at (key): a complex has no MessagePack form"),
            (["\ud800"], "the result, at [0]: a text with half a surrogate pair has no UTF-8 form"),
            (cyclic, "the result, at .self[1]: a dict that holds itself has no end"),
            ([naive], "the result, at [0]: a datetime without a time zone has no MessagePack form"),
        ):
            with self.subTest(message):
                self.assertEqual(self.message(value), message)

    def test_nesting_ends_at_64(self):
        for wrap in (
            lambda inner: [inner],
            lambda inner: {"a": inner},
            lambda inner: Pairs([(1, inner), (True, 0)]),
        ):
            value = 1
            for _ in range(64):
                value = wrap(value)
            encode(value)
            self.assertIn("nested at most 64 deep", self.message(wrap(value)))

    def test_bytes_behind_the_end_are_refused(self):
        with self.assertRaises(Failure):
            decode(b"\x01\x02")

    def test_nan_is_the_usual_one(self):
        self.assertEqual(encode(math.nan).hex(), "cb7ff8000000000000")


if __name__ == "__main__":
    unittest.main()

"""Exceptions become failure values."""

import unittest

from wodehost_guest import Failure
from wodehost_guest.report import report
from wodehost_guest.roles import Worker
from wodehost_guest.values import decode


def conformance_deep():
    raise RuntimeError("boo")


def conformance_middle():
    conformance_deep()


def reported(function, *arguments):
    try:
        function(*arguments)
    except Exception as error:
        return decode(report(error))
    raise AssertionError("nothing was raised")


def throw(error, cause=None):
    raise error from cause


class Reports(unittest.TestCase):
    def test_an_exception_has_message_type_and_trace(self):
        value = reported(conformance_middle)
        self.assertEqual(list(value), ["message", "type", "trace"])
        self.assertEqual((value["message"], value["type"]), ("boo", "RuntimeError"))
        self.assertRegex(
            value["trace"], r"(?s)conformance_middle.*    conformance_deep\(\).*RuntimeError: boo$"
        )

    def test_a_trace_shows_no_frames_of_the_sdk(self):
        worker = Worker(conformance_middle, None)
        worker.prepare()
        trace = reported(worker.run, b"\xc0")["trace"]
        self.assertIn("conformance_deep", trace)
        self.assertNotIn("wodehost_guest", trace)

    def test_a_deep_recursion_has_a_short_trace(self):
        def a():
            b()

        def b():
            a()

        value = reported(a)
        self.assertEqual(value["type"], "RecursionError")
        self.assertLess(len(value["trace"]), 10_000)

    def test_causes_are_told_the_nearest_first(self):
        try:
            throw(ValueError("inner"), KeyError("innermost"))
        except ValueError as inner:
            value = reported(throw, RuntimeError("outer"), inner)
        self.assertEqual(value["causes"], ["inner", "'innermost'"])
        self.assertIn("ValueError: inner", value["trace"])

    def test_what_was_being_handled_is_a_cause_unless_it_is_suppressed(self):
        def while_handling(suppress):
            try:
                throw(ValueError("before"))
            except ValueError:
                if suppress:
                    raise RuntimeError("after") from None
                raise RuntimeError("after")

        self.assertEqual(reported(while_handling, False)["causes"], ["before"])
        self.assertNotIn("causes", reported(while_handling, True))

    def test_a_failure_is_its_message_and_code(self):
        self.assertEqual(reported(throw, Failure("no")), {"message": "no"})
        self.assertEqual(
            reported(throw, Failure("no", code="gone"), ValueError("why")),
            {"code": "gone", "message": "no", "causes": ["why"]},
        )

    def test_a_failure_of_a_value_is_that_value(self):
        self.assertEqual(reported(throw, Failure.of([1, None])), [1, None])

    def test_a_failure_of_no_value_says_so(self):
        value = reported(throw, Failure.of({"a": print}))
        self.assertEqual(value["code"], "bad-value")
        self.assertIn("the failure's value, at .a:", value["message"])

    def test_subclasses_of_failure_say_their_type(self):
        class Gone(Failure):
            pass

        value = reported(throw, Gone("no", code="gone"))
        self.assertEqual((value["code"], value["type"]), ("gone", "Gone"))
        self.assertIn("trace", value)

    def test_nothing_that_an_exception_does_stops_its_report(self):
        class Broken(Exception):
            def __str__(self):
                raise ValueError("no text")

        self.assertEqual(reported(throw, Broken())["message"], "Broken")
        self.assertEqual(reported(throw, ValueError())["message"], "ValueError")
        self.assertEqual(reported(throw, ValueError("\ud800"))["message"], "\\ud800")

    def test_a_late_import_is_explained(self):
        message = reported(throw, ModuleNotFoundError("No module named 'json'"))["message"]
        self.assertIn("put the import at the top", message)

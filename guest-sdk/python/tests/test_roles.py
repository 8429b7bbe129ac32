"""What the decorators make of functions, as the host calls it."""

import datetime
import importlib
import logging
import sys
import unittest

from wodehost_guest import Dispatch, Failure, Raw, consumer, gate, log, producer, worker
from wodehost_guest.roles import Consumer, Gate, Producer, Worker, registered
from wodehost_guest.values import decode, encode

from . import fake_host
from .fake_host import HOST, Err, Outcome


class Case(unittest.TestCase):
    def setUp(self):
        registered.clear()
        HOST.reset()

    def role(self, kind):
        registered[kind].prepare()
        return registered[kind]


class Workers(Case):
    def test_a_worker_answers_its_job(self):
        @worker
        def hello(name: str) -> str:
            return f"Hello, {name}!"

        self.assertEqual(decode(self.role(Worker).run(encode("Ada"))), "Hello, Ada!")
        self.assertEqual(hello("Ada"), "Hello, Ada!")

    def test_set_up_comes_before(self):
        calls = []

        @worker(set_up=lambda: calls.append("set up"))
        def work():
            calls.append("run")

        role = self.role(Worker)
        role.set_up()
        role.run(b"\xc0")
        self.assertEqual(calls, ["set up", "run"])

    def test_there_is_one_of_a_role(self):
        worker(lambda: 1)
        with self.assertRaisesRegex(TypeError, "two functions for the role `worker`"):
            worker(lambda: 2)

    def test_async_functions_are_refused(self):
        async def later(): ...

        for decorator in (worker, producer, gate, consumer):
            with self.subTest(decorator), self.assertRaisesRegex(TypeError, "is async"):
                decorator(later)


class Producers(Case):
    def test_a_producer_is_asked_for_one_job_at_a_time(self):
        begun = []

        @producer
        def numbers():
            for number in range(2):
                begun.append(number)
                yield Dispatch("w", number, keepalive="200ms", retry_on=["trap"], finally_="bell")

        role = self.role(Producer)
        self.assertEqual(begun, [])
        first = role.next()
        self.assertEqual(begun, [0])
        self.assertEqual((first.worker, first.args), ("w", [b"\x00"]))
        self.assertEqual(
            decode(first.options), {"keepalive": "200ms", "retry-on": ["trap"], "finally": "bell"}
        )
        self.assertEqual(role.next().args, [b"\x01"])
        self.assertIsNone(role.next())

    def test_arguments_and_options_that_are_none_are_left_out(self):
        lowered = Dispatch("w", Raw(b"\xcd\x00\x01"), 2).lower(sys.modules["wit_world.imports.types"])
        self.assertEqual((lowered.args, lowered.options), ([b"\xcd\x00\x01", b"\x02"], None))

    def test_a_producer_may_return_a_list_or_nothing(self):
        producer(lambda: [Dispatch("w")])
        self.assertEqual(self.role(Producer).next().worker, "w")
        registered.clear()
        producer(lambda: None)
        self.assertIsNone(self.role(Producer).next())

    def test_anything_but_a_dispatch_is_a_failure(self):
        producer(lambda: ["w"])
        with self.assertRaisesRegex(Failure, "gave a str in place of a Dispatch"):
            self.role(Producer).next()


class Consumers(Case):
    def test_functions_take_outcomes_emitted_values_and_the_end(self):
        seen = []

        @consumer(
            on_emit=lambda emitted: seen.append(
                (emitted.job_id, emitted.attempt, emitted.seq, emitted.data(int))
            ),
            finish=lambda: seen.append("end"),
        )
        def take(job: int, outcome):
            seen.append((job, outcome.status, outcome.data()))

        role = self.role(Consumer)
        role.on_emit("j-1", 1, 0, b"\x07")
        role.consume(b"\x05", Outcome(data=b"\xa1a"))
        role.finish()
        self.assertEqual(seen, [("j-1", 1, 0, 7), (5, "success", "a"), "end"])

    def test_a_class_has_one_object_made_in_the_sandbox(self):
        made = []

        @consumer
        class Sum:
            def __init__(self):
                made.append(self)
                self.total = 0

            def consume(self, job: int, outcome):
                self.total += job

        role = self.role(Consumer)
        self.assertEqual(made, [])
        role.consume(b"\x05", Outcome())
        role.consume(b"\x06", Outcome())
        role.on_emit("j-1", 1, 0, b"\x07")
        role.finish()
        self.assertEqual([one.total for one in made], [11])

    def test_a_job_that_is_something_else_is_a_bad_argument(self):
        consumer(take_number)
        with self.assertRaises(Failure) as caught:
            self.role(Consumer).consume(b"\xa1a", Outcome())
        self.assertEqual(caught.exception.code, "bad-argument")

    def test_a_consumer_takes_two_parameters(self):
        consumer(lambda outcome: None)
        with self.assertRaisesRegex(TypeError, "has to take a job and its outcome"):
            self.role(Consumer)


def take_number(job: int, outcome): ...


class Gates(Case):
    def test_a_gate_says_nothing_or_how_long(self):
        for answer, expected in ((None, None), (0.25, 250), (datetime.timedelta(seconds=2), 2000)):
            with self.subTest(answer):
                registered.clear()
                gate(lambda: answer)
                self.assertEqual(self.role(Gate).admit(), expected)


class Plugin(Case):
    """The component's entry, imported as the build does."""

    def entry(self, app, *exports):
        world = fake_host.module("wit_world", WitWorld=type("World", (), dict.fromkeys(exports)))
        modules = {"wit_world": world, "app": fake_host.module("app", __file__=app.__code__.co_filename)}
        self.addCleanup(sys.modules.update, {"wit_world": sys.modules["wit_world"]})
        self.addCleanup(sys.modules.pop, "wodehost_guest.plugin", None)
        self.addCleanup(sys.modules.pop, "app", None)
        sys.modules.update(modules)
        sys.modules.pop("wodehost_guest.plugin", None)
        app()
        # What has to be a real stream is none under a test runner.
        stdout, sys.stdout = sys.stdout, sys.__stdout__
        try:
            return importlib.import_module("wodehost_guest.plugin").WitWorld()
        finally:
            sys.stdout = stdout

    def test_exceptions_become_the_contracts_errors(self):
        def app():
            @worker
            def divide(a: int, b: int):
                return a / b

        world = self.entry(app, "run", "set_up")
        self.assertIsNone(world.set_up())
        self.assertEqual(decode(world.run(encode([1, 2]))), 0.5)
        with self.assertRaises(Err) as caught:
            world.run(encode([1, 0]))
        self.assertEqual(decode(caught.exception.value)["type"], "ZeroDivisionError")

    def test_roles_are_those_of_plugin_toml(self):
        with self.assertRaisesRegex(TypeError, "names the role `gate`, but app.py has no @gate"):
            self.entry(lambda: worker(len), "run", "admit")
        registered.clear()
        with self.assertRaisesRegex(TypeError, "app.py has a @gate, but plugin.toml does not"):
            self.entry(lambda: (worker(abs), gate(lambda: None)), "run")

    def test_logging_ends_in_the_log(self):
        root = logging.getLogger()
        handlers, root.handlers = root.handlers, []
        level = root.level
        self.addCleanup(root.setLevel, level)
        self.addCleanup(setattr, root, "handlers", handlers)
        log.capture(logging)
        logging.getLogger("lib").warning("%s of %s", 1, 2)
        logging.debug("a detail")
        self.assertEqual(HOST.calls, [("log", "WARN", "1 of 2"), ("log", "DEBUG", "a detail")])

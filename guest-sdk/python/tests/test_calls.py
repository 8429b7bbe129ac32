"""What a plugin says to the host, and what the host answers."""

import unittest
from dataclasses import dataclass

from wodehost_guest import (
    Dispatch,
    Failure,
    JobError,
    Raw,
    Status,
    SubmitError,
    board,
    checkpoint,
    clock,
    host,
    jobs,
    log,
    random,
    task,
)
from wodehost_guest.outcome import Outcome as Lifted
from wodehost_guest.report import report
from wodehost_guest.values import decode, encode

from . import fake_host
from .fake_host import HOST, Outcome


@dataclass
class Progress:
    done: int = 0


class Case(unittest.TestCase):
    def setUp(self):
        HOST.reset()


class Tasks(Case):
    def test_facts_are_those_of_the_host(self):
        self.assertEqual(task.current(), task.Current("j-1", "j-1/1", 2, None, "g"))
        self.assertFalse(task.stopping())
        self.assertEqual((host.env("HOME"), host.env("NONE")), ("/home/ada", None))

    def test_state_goes_there_and_comes_back(self):
        task.update(Progress(3))
        self.assertEqual(HOST.calls, [("update-data", encode({"done": 3}))])
        HOST.data = encode({"done": 3})
        self.assertEqual(task.data(Progress), Progress(3))
        self.assertEqual(task.data(), {"done": 3})
        self.assertEqual(task.data(Raw), Raw(encode({"done": 3})))

    def test_what_the_host_does_not_take_is_a_failure(self):
        HOST.refusal = "too large"
        for take in (task.update, task.emit, checkpoint.save, board.tick):
            with self.subTest(take), self.assertRaises(Failure) as caught:
                take(1)
            self.assertEqual((str(caught.exception), caught.exception.code), ("too large", "not-taken"))
            self.assertEqual(list(decode(report(caught.exception))), ["code", "message"])

    def test_what_is_no_value_does_not_reach_the_host(self):
        for take in (task.update, task.emit, task.success, checkpoint.save):
            with self.subTest(take), self.assertRaises(Failure) as caught:
                take({1, 2})
            self.assertEqual(caught.exception.code, "bad-value")
        self.assertEqual(HOST.calls, [])

    def test_an_end_has_a_value_nil_or_the_state(self):
        # The real host does not return from these.
        for end, arguments in (
            (task.success, [5]),
            (task.success, [None]),
            (task.success, []),
            (task.failure, []),
        ):
            with self.assertRaises(RuntimeError):
                end(*arguments)
        with self.assertRaises(RuntimeError):
            task.restart()
        self.assertEqual(
            HOST.calls,
            [("success", b"\x05"), ("success", b"\xc0"), ("success", None), ("failure", None), ("restart",)],
        )


class Others(Case):
    def test_a_configuration_that_does_not_fit_is_told(self):
        HOST.config = encode({"done": "x"})
        with self.assertRaises(Failure) as caught:
            host.config(Progress)
        self.assertEqual(caught.exception.code, "bad-config")
        self.assertEqual(
            str(caught.exception), "the configuration, at .done: found a string, expected an integer"
        )

    def test_a_checkpoint_is_none_at_first(self):
        self.assertIsNone(checkpoint.load())
        self.assertEqual(checkpoint.load(int, default=0), 0)
        HOST.saved = b"\x07"
        self.assertEqual(checkpoint.load(int), 7)

    def test_the_board_shows_progress(self):
        self.assertEqual(list(board.progress("ab")), ["a", "b"])
        self.assertEqual(HOST.calls, [("start", 2), ("tick", 1), ("tick", 1), ("complete",)])
        with self.assertRaisesRegex(TypeError, "say the total"):
            list(board.progress(iter("ab")))
        board.look("warning")
        self.assertEqual(HOST.calls[-1], ("set-look", fake_host.Look.WARNING))

    def test_times_are_seconds(self):
        clock.sleep(0.25)
        self.assertEqual(HOST.calls, [("sleep", 250)])
        self.assertEqual(clock.now(), 1_700_000_000.123)
        with self.assertRaisesRegex(ValueError, "0 or longer"):
            clock.sleep(-1)

    def test_many_random_bytes_are_asked_for_in_pieces(self):
        self.assertEqual(len(random.bytes(70_000)), 70_000)
        self.assertEqual(HOST.calls, [("random", 65_536), ("random", 4_464)])

    def test_log_lines_have_their_level(self):
        log.warn("careful")
        self.assertEqual(HOST.calls, [("log", "WARN", "careful")])


class Outcomes(Case):
    def test_the_result_of_a_success(self):
        outcome = Lifted.lift(Outcome(data=encode({"done": 1}), more=encode({"items": []})))
        self.assertEqual(outcome.status, Status.SUCCESS)
        self.assertEqual(outcome.status, "success")
        self.assertEqual(outcome.result(Progress), Progress(1))
        self.assertEqual(outcome.more(), {"items": []})

    def test_no_result_is_an_error_with_the_outcome(self):
        ended = Outcome(status=fake_host.Status.TIMEOUT, reason="silent", message="too long", data=b"\x05")
        with self.assertRaises(JobError) as caught:
            Lifted.lift(ended).result()
        error = caught.exception
        self.assertEqual(str(error), "job j-1 of `w` gave no result: silent: too long")
        self.assertEqual((error.code, error.status, error.data()), ("silent", Status.TIMEOUT, 5))

    def test_a_result_of_another_type_is_an_error(self):
        with self.assertRaises(JobError) as caught:
            Lifted.lift(Outcome(data=b"\xa1a")).result(int)
        self.assertEqual(caught.exception.code, "bad-value")


class Nested(Case):
    def test_a_job_is_submitted_and_waited_for(self):
        HOST.outcomes = [Outcome(data=b"\x07")]
        self.assertEqual(jobs.submit("w", 1, 2, retries=0).result(int), 7)
        lowered = fake_host.Dispatch("w", [b"\x01", b"\x02"], encode({"retries": 0}))
        self.assertEqual(HOST.calls, [("submit", lowered, None), ("wait", 1, None)])

    def test_a_dispatch_is_submitted_as_it_is(self):
        jobs.submit_within(1.5, Dispatch("w"))
        self.assertEqual(HOST.calls, [("submit", fake_host.Dispatch("w", [], None), 1500)])
        with self.assertRaises(TypeError):
            jobs.submit(Dispatch("w"), 1)

    def test_a_refusal_has_the_contracts_name(self):
        for refusal, code, text in (
            (fake_host.SubmitError_NoSlot(), "no-slot", None),
            (fake_host.SubmitError_UnknownWorker("w"), "unknown-worker", "w"),
        ):
            HOST.submit_refusals = [refusal]
            with self.assertRaises(SubmitError) as caught:
                jobs.submit("w")
            self.assertEqual((caught.exception.code, caught.exception.text), (code, text))

    def test_waiting_may_end_before_the_job(self):
        job = jobs.submit("w")
        self.assertIsNone(job.wait(0.5))
        with self.assertRaises(Failure) as caught:
            job.outcome()
        self.assertEqual(caught.exception.code, "paused")
        job.pause()
        job.resume()
        job.cancel(grace=2)
        self.assertEqual(jobs.wait_any([job], timeout=1), 1)
        self.assertEqual(
            HOST.calls[1:],
            [("wait", 1, 500), ("wait", 1, None), ("pause", 1), ("resume", 1), ("cancel", 1, 2000)]
            + [("wait-any", [1], 1000)],
        )

    def test_a_map_submits_so_many_ahead_and_keeps_the_order(self):
        HOST.outcomes = [Outcome(data=bytes([number])) for number in range(4)]
        results = jobs.map("w", range(4), in_flight=2)
        self.assertEqual(HOST.calls, [])
        self.assertEqual(next(results), 0)
        self.assertEqual([call[0] for call in HOST.calls], ["submit", "submit", "wait"])
        self.assertEqual(list(results), [1, 2, 3])

    def test_a_map_waits_where_there_is_no_room(self):
        limit = fake_host.SubmitError_Limit("live")
        HOST.submit_refusals = [None, limit, None]
        HOST.outcomes = [Outcome(data=b"\x01"), Outcome(data=b"\x02")]
        self.assertEqual(list(jobs.map("w", ["a", ("b", "c")])), [1, 2])
        submitted = [call[1].args for call in HOST.calls if call[0] == "submit"]
        self.assertEqual(submitted, [[b"\xa1a"], [b"\xa1b", b"\xa1c"], [b"\xa1b", b"\xa1c"]])

    def test_a_map_that_can_do_nothing_about_a_limit_says_so(self):
        HOST.submit_refusals = [fake_host.SubmitError_Limit("depth")]
        with self.assertRaises(SubmitError):
            list(jobs.map("w", [1]))

    def test_outcomes_go_on_after_a_failure(self):
        failed = Outcome(status=fake_host.Status.FAILURE, reason="error")
        HOST.outcomes = [failed, Outcome()]
        self.assertEqual([outcome.reason for outcome in jobs.outcomes("w", [1, 2])], ["error", "returned"])


class WithoutAHost(unittest.TestCase):
    def test_calls_say_that_there_is_none(self):
        from wodehost_guest import _contract

        absent = _contract.interface("nothing-of-this-name")
        with self.assertRaisesRegex(RuntimeError, "no host is around"):
            absent.name()

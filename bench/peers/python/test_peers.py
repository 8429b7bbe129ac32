"""Whether the peers do their jobs, and wrong results are noticed; nothing is timed."""

import unittest

import peers


def off_by_one(number):
    """Wrong for one job."""
    return 2 * number + (number == 3)


class Peers(unittest.TestCase):
    """Those that come with Python; Jobserver runs when it is measured."""

    def test_jobs_are_done(self):
        for name in ("pool", "executor"):
            with self.subTest(name):
                self.assertGreater(
                    peers.measure(peers.PEERS[name], peers.double, jobs=5, workers=2), 0
                )

    def test_a_wrong_result_is_an_error(self):
        for name in ("pool", "executor"):
            with self.subTest(name), self.assertRaisesRegex(ValueError, "3 was doubled to 7"):
                peers.measure(peers.PEERS[name], off_by_one, jobs=5, workers=2)

    def test_a_missing_result_is_an_error(self):
        with self.assertRaisesRegex(ValueError, "2 results of 3 jobs"):
            peers.check([0, 2], 3)


if __name__ == "__main__":
    unittest.main()

"""Logs each outcome, and at the end how many there were."""

from wodehost_guest import Outcome, consumer, log


@consumer
class Report:
    outcomes = 0

    def consume(self, job, outcome: Outcome):
        self.outcomes += 1
        log.info(f"{outcome.worker}: {outcome.status} ({outcome.reason})")

    def finish(self):
        log.info(f"{self.outcomes} outcomes")

// How jobs end, and what they send before.

import { Failure } from "./failure.js";
import { Raw } from "./raw.js";
import { readValue } from "./reading.js";

/** How a job ended. */
export class Outcome {
  #data;
  #more;

  constructor({ id, worker, status, reason, data, attempts, message, more }) {
    this.id = id;
    this.worker = worker;
    this.status = status;
    this.reason = reason;
    this.attempts = attempts;
    this.message = message;
    this.#data = data;
    this.#more = more;
  }

  /** Whether it succeeded. */
  get ok() {
    return this.status === "success";
  }

  /** The result on success; the error value or the carried state otherwise. Read anew each time. */
  get data() {
    return readValue(this.#data, {}, "bad-value", "the outcome's data");
  }

  /** The same as bytes. */
  get raw() {
    return new Raw(this.#data);
  }

  /** A map with what else is known: `receipts`, `items`, `stdout`, `stderr`, `backtrace` … */
  get more() {
    return readValue(this.#more, {}, "bad-value", "the outcome's further data");
  }

  /** The result on success; otherwise throws a JobError. */
  result(reading) {
    if (!this.ok) throw new JobError(this);
    return readValue(this.#data, reading, "bad-value", "the job's result");
  }
}

/** A value that a job emitted. */
export class Emitted {
  #data;

  constructor(jobId, attempt, seq, data) {
    this.jobId = jobId;
    this.attempt = attempt;
    this.seq = seq;
    this.#data = data;
  }

  /** The value. Read anew each time. */
  get data() {
    return readValue(this.#data, {}, "bad-value", "the emitted value");
  }

  /** The same as bytes. */
  get raw() {
    return new Raw(this.#data);
  }
}

/** A job gave no result. Its `code` is the outcome's reason. */
export class JobError extends Failure {
  constructor(outcome) {
    const { id, worker, reason, message } = outcome;
    super(`job ${id} of \`${worker}\` gave no result: ${reason}${message ? `: ${message}` : ""}`, { code: reason });
    this.name = "JobError";
    this.outcome = outcome;
  }
}

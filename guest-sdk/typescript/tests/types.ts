// What the types let through, and what they do not: each `@ts-expect-error` stands above a line that
// has to be an error, and is one itself when it is not.

import {
  board,
  check,
  checkpoint,
  clock,
  consumer,
  Ext,
  Failure,
  Float32,
  Float64,
  gate,
  host,
  jobs,
  JobError,
  log,
  type Outcome,
  Pairs,
  producer,
  random,
  Raw,
  type Role,
  SubmitError,
  task,
  Timestamp,
  worker,
} from "@wodehost/guest";
import * as z from "zod";

/** An error unless `value` is exactly of the type `T`. */
declare function is<T>(): <V>(value: V, ...same: [T] extends [V] ? ([V] extends [T] ? [] : [never]) : [never]) => void;

interface Guest {
  name: string;
}

const Person = z.object({ name: z.string(), born: z.coerce.date() });

// Workers.
is<Role>()(worker(() => 1));
worker((guest: Guest) => guest.name);
worker((a: number, b: number) => a + b);
worker((job: any) => job);
worker(() => host.config());
worker(() => {});
worker((n: number) => task.success(n));
worker({ exact: true }, (n: number) => n);
worker({ setUp: () => {} }, (a: string, b: string) => a + b);
worker({ raw: true }, (job) => is<Raw>()(job));
worker({ takes: Person }, ({ name, born }) => {
  is<string>()(name);
  is<Date>()(born);
});
worker({ takes: Number }, (n) => is<number>()(n));
worker({ takes: z.tuple([z.string(), z.number()]) }, (a, b) => {
  is<string>()(a);
  is<number>()(b);
});
// @ts-expect-error: nothing waits for a promise.
worker(async (guest: Guest) => guest.name);
// @ts-expect-error: with options neither.
worker({ exact: true }, async (n: number) => n);
// @ts-expect-error: a function is missing.
worker({ exact: true });
// @ts-expect-error: there is no such option.
worker({ exactly: true }, (n: number) => n);
// @ts-expect-error: the schema gives another type.
worker({ takes: Person }, (n: number) => n);

// Producers.
producer(function* () {
  yield { worker: "w", args: [1, "a"], options: { retries: 0 } };
});
producer(() => [{ worker: "w" }]);
// @ts-expect-error: a job is for a worker.
producer(() => [{ args: [1] }]);
// @ts-expect-error: nothing waits for a promise.
producer(async function* () {
  yield { worker: "w" };
});

// Consumers and gates.
consumer((job: Guest, outcome) => {
  is<Outcome>()(outcome);
  log.info(job.name, outcome.data);
});
consumer({ raw: true }, (job) => is<Raw>()(job));
consumer({ takes: Person, finish: () => {}, onEmit: ({ seq }) => is<number>()(seq) }, (job) => is<string>()(job.name));
gate(() => 100);
gate(() => null);
gate(() => {});
// @ts-expect-error: a text is no time.
gate(() => "soon");

// The attempt.
function work(): string {
  is<number>()(task.retriesLeft());
  is<Guest>()(task.data<Guest>());
  is<Raw>()(task.data({ raw: true }));
  is<string>()(task.data({ takes: Person }).name);
  task.update({ done: 1 });
  task.emit(new Float32(1));
  if (task.stopping()) task.restart();
  return task.success(1);
}
is<string>()(work());

// Jobs.
function nested(): void {
  const job = jobs.submit({ worker: "w" });
  is<jobs.Job>()(job);
  is<Outcome | null>()(job.wait(10));
  is<number>()(job.result<number>());
  is<string>()(job.result({ takes: Person }).name);
  is<number | null>()(jobs.waitAny([job]));
  for (const result of jobs.map<number>("w", [1, 2], { inFlight: 4, memory: "8MiB" })) {
    if (result.ok) is<number>()(result.value);
    else is<Failure>()(result.error);
  }
  // @ts-expect-error: a time is missing.
  jobs.submitWithin({ worker: "w" });
}
nested();

function refused(error: unknown): string {
  if (error instanceof SubmitError) return error.code === "limit" ? `${error.detail}` : error.code;
  if (error instanceof JobError) return error.outcome.reason;
  throw new Failure("neither", { code: "neither", cause: error });
}
refused(Failure.of([1]));

// The rest.
board.look("warning");
// @ts-expect-error: there is no such look.
board.look("pink");
is<number>()(clock.now());
is<string | null>()(host.env("HOME"));
is<Guest>()(host.config<Guest>());
is<number | null>()(checkpoint.load<number>());
is<Uint8Array>()(random.bytes(4));
is<{ name: string; born: Date }>()(check(Person, {}));
is<number>()(new Float64(1) instanceof Number ? 1 : 2);
is<number | bigint>()(new Timestamp(1n, 2).seconds);
is<number>()(new Ext(1, new Uint8Array()).type);
is<string | undefined>()(new Pairs<number, string>().get(1));
console.log(Raw.of(1).bytes.length);

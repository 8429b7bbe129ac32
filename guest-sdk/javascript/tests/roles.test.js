import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { checkpoint, consumer, Failure, Float64, gate, host, Outcome, producer, Raw, worker } from "../sdk/src/index.js";
import { entry } from "../sdk/src/entry.js";
import { fakeHost } from "./fake-host.js";

let fake;
beforeEach(() => (fake = fakeHost()));

const bytes = (value) => Raw.of(value).bytes;
const read = (value) => new Raw(value).decode();

/** What a call answers, or throws, as values. */
function call(role, name, ...args) {
  try {
    const answer = role.calls[name](...args);
    return answer instanceof Uint8Array ? read(answer) : answer;
  } catch (thrown) {
    return { thrown: thrown instanceof Uint8Array ? read(thrown) : thrown };
  }
}

const run = (role, job) => call(role, "run", bytes(job));
const outcome = (more = {}) => ({
  id: "j-2", worker: "w", status: "success", reason: "returned", data: bytes(4), attempts: 1, message: null, more: bytes({ items: 1 }), ...more,
});

test("a worker with one parameter gets the job, with none it is not in the way", () => {
  assert.equal(run(worker(({ name }) => `Hello, ${name}!`), { name: "Ada" }), "Hello, Ada!");
  assert.equal(run(worker(() => 1), [1, 2]), 1);
  assert.equal(run(worker(() => {}), null), null);
});

test("a worker with several parameters gets an array of as many", () => {
  const add = worker((a, b) => a + b);
  assert.equal(run(add, [1, 2]), 3);
  for (const [job, found] of [[[1], "an array of 1"], [[1, 2, 3], "an array of 3"], [7, "one value"]]) {
    assert.deepEqual(run(add, job), {
      thrown: { code: "bad-argument", message: `this worker takes 2 arguments and was given ${found}` },
    });
  }
});

test("set-up is called when there is one", () => {
  let ready = false;
  const role = worker({ setUp: () => void (ready = true) }, () => ready);
  call(role, "setUp");
  assert.equal(run(role, null), true);
  assert.equal(call(worker(() => 1), "setUp"), undefined);
});

test("an async function is told to be none", () => {
  for (const role of [worker(async () => 1), worker({ takes: async () => 1 }, () => 1)]) {
    const { thrown } = run(role, 1);
    assert.match(thrown.message, /promise.*leave out `async`/);
  }
  assert.match(call(worker({ setUp: async () => {} }, () => 1), "setUp").thrown.message, /`setUp` gave a promise/);
  assert.match(call(consumer(async () => {}), "consume", bytes(1), outcome()).thrown.message, /the consumer gave a promise/);
  assert.match(call(producer(async function* () {}), "next").thrown.message, /a producer is a generator function/);
  assert.match(call(producer(async () => []), "next").thrown.message, /promise/);
  assert.equal(run(worker(async () => 1), 1).thrown.code, "bad-value");
});

test("exact and raw say how the job is read", () => {
  assert.deepEqual(worker({ exact: true }, (n) => n).calls.run(bytes(new Float64(1))), bytes(new Float64(1)));
  assert.deepEqual(worker((n) => n).calls.run(bytes(new Float64(1))), bytes(1));
  assert.deepEqual(worker({ raw: true }, (job) => job.bytes).calls.run(bytes([1])), bytes(bytes([1])));
});

test("exact also holds for what is read later", () => {
  fake.config = bytes({ rate: new Float64(1) });
  assert.ok(worker({ exact: true }, () => host.config().rate instanceof Float64).calls.run(bytes(1))[0] === 0xc3);
  assert.ok(worker(() => typeof host.config().rate === "number").calls.run(bytes(1))[0] === 0xc3);
});

test("takes is a function that gives the job or throws", () => {
  const role = worker({ takes: (job) => Number.isInteger(job) ? job : assert.fail("no integer") }, (n) => n + 1);
  assert.equal(run(role, 1), 2);
  const { thrown } = run(role, "1");
  assert.equal(thrown.code, "bad-argument");
  assert.equal(thrown.message, "the job is not what is taken here: no integer");
});

test("takes is a Standard Schema, whose issues say where", () => {
  const validate = (value) =>
    typeof value.a?.b === "number" ? { value: value.a.b } : { issues: [{ message: "no number", path: ["a", { key: "b" }] }, { message: "bad" }] };
  const role = worker({ takes: { "~standard": { version: 1, vendor: "test", validate } } }, (n) => n + 1);
  assert.equal(run(role, { a: { b: 1 } }), 2);
  assert.equal(run(role, {}).thrown.message, "the job is not what is taken here: a.b: no number; bad");
});

test("whatever is thrown becomes a failure value", () => {
  class ParseError extends Error {}
  class RangeProblem extends RangeError {}
  const cases = [
    [new Failure("m", { code: "c" }), { code: "c", message: "m" }],
    [new Failure("m", { cause: new Error("inner", { cause: "innermost" }) }), { message: "m", causes: ["inner", "innermost"] }],
    [Failure.of([1]), [1]],
    ["text", { message: "text" }],
    [{ a: 1 }, { message: 'not an Error was thrown: {"a":1}' }],
    [undefined, { message: "not an Error was thrown: undefined" }],
    [10n, { message: "not an Error was thrown: 10" }],
    [new Error("\ud800"), { message: "\ufffd", type: "Error" }],
    [new ParseError("x"), { message: "x", type: "ParseError" }],
    [new RangeProblem("x"), { message: "x", type: "RangeProblem" }],
    [Object.assign(new ParseError("x"), { name: "Mine" }), { message: "x", type: "Mine" }],
    [Object.assign(new TypeError("x"), { code: "ERR" }), { code: "ERR", message: "x", type: "TypeError" }],
  ];
  for (const [error, value] of cases) {
    const { thrown } = run(worker(() => { throw error; }), 1);
    if (thrown.type) {
      assert.match(thrown.trace, /\n    at .*roles\.test\.js/);
      delete thrown.trace;
    }
    assert.deepEqual(thrown, value);
  }
});

test("a chain of causes that leads back to its start has an end", () => {
  const error = new Error("outer");
  error.cause = new Error("inner", { cause: error });
  assert.deepEqual(run(worker(() => { throw error; }), 1).thrown.causes, ["inner"]);
});

test("results and failure values that cannot be written are failures", () => {
  assert.deepEqual(run(worker(() => ({ f() {} })), 1).thrown, {
    code: "bad-value",
    message: "the result cannot be written: at $.f is a function (f)",
  });
  assert.deepEqual(run(worker(() => { throw Failure.of([Symbol.iterator]); }), 1).thrown, {
    code: "bad-value",
    message: "the failure value cannot be written: at $[0] is a symbol",
  });
});

test("a producer gives one job after the other, and then none", () => {
  const role = producer(function* () {
    yield { worker: "w", args: [1, "a"], options: { retries: 0 } };
    yield { worker: "w" };
  });
  const [first, second] = [call(role, "next"), call(role, "next")];
  assert.deepEqual(first, { worker: "w", args: [bytes(1), bytes("a")], options: bytes({ retries: 0 }) });
  assert.deepEqual(second, { worker: "w", args: [], options: null });
  assert.equal(call(role, "next"), null);
  assert.equal(call(role, "next"), null);
});

test("a producer may give an array", () => {
  assert.equal(call(producer(() => [{ worker: "w" }]), "next").worker, "w");
});

test("a producer's error, and jobs that are none", () => {
  const next = (list) => call(producer(list), "next").thrown;
  assert.equal(next(function* () { throw Failure.of("stop"); }), "stop");
  assert.match(next(() => 7).message, /a producer is a generator function/);
  for (const [job, text] of [
    [7, "this is a number"],
    [null, "this is null"],
    [{}, "`worker` is the name of one"],
    [{ worker: "w", args: 1 }, "`args` is an array"],
    [{ worker: "w", arg: [] }, "there is no `arg` in it"],
    [{ worker: "w", args: [1, () => 1] }, "argument 2 for `w` cannot be written: at $ is a function"],
  ]) {
    const failure = next(() => [job]);
    assert.equal(failure.code, "bad-value");
    assert.ok(failure.message.includes(text), failure.message);
  }
});

test("a consumer takes outcomes and emitted values, and has an end", () => {
  const seen = [];
  const role = consumer(
    { onEmit: ({ jobId, attempt, seq, data, raw }) => seen.push([jobId, attempt, seq, data, raw.bytes.length]), finish: () => seen.push("end") },
    (job, { ok, data, raw, more, ...rest }) => void seen.push(job, ok, data, raw.bytes[0], more, rest),
  );
  call(role, "onEmit", "j-2", 1, 0, bytes("e"));
  assert.equal(call(role, "consume", bytes({ n: 2 }), outcome()), undefined);
  call(role, "finish");
  const fields = { id: "j-2", worker: "w", status: "success", reason: "returned", attempts: 1, message: null };
  assert.deepEqual(seen, [["j-2", 1, 0, "e", 2], { n: 2 }, true, 4, 4, { items: 1 }, fields]. concat("end"));
  assert.equal(call(consumer(() => {}), "finish"), undefined);
  assert.equal(call(consumer(() => {}), "onEmit", "j", 1, 0, bytes(1)), undefined);
});

test("an outcome without a result throws what is known of it", () => {
  const failed = new Outcome(outcome({ status: "timeout", reason: "silent", message: "no sign of life", data: bytes({ done: 3 }) }));
  assert.equal(failed.ok, false);
  assert.throws(() => failed.result(), (error) => {
    assert.equal(error.message, "job j-2 of `w` gave no result: silent: no sign of life");
    assert.equal(error.code, "silent");
    assert.deepEqual(error.outcome.data, { done: 3 });
    return error instanceof Failure;
  });
  assert.equal(new Outcome(outcome()).result({ takes: (n) => n + 1 }), 5);
});

test("a gate lets go or says when to ask again; its error is the runtime's", () => {
  const admit = (answer) => call(gate(() => answer), "admit");
  assert.equal(admit(undefined), null);
  assert.equal(admit(null), null);
  assert.equal(admit(1.2), 2);
  assert.match(admit(-1).thrown.message, /milliseconds/);
  for (const error of [new Error("x"), "text"]) {
    assert.equal(call(gate(() => { throw error; }), "admit").thrown, error);
  }
});

test("checkpoints and configuration", () => {
  assert.equal(checkpoint.load(), null);
  checkpoint.save({ n: 1 });
  assert.deepEqual(checkpoint.load(), { n: 1 });
  assert.deepEqual(host.config(), {});
  assert.throws(() => host.config({ takes: () => { throw new Error("no `url`"); } }), {
    code: "bad-config",
    message: "the configuration is not what is taken here: no `url`",
  });
  assert.equal(host.env("HOME"), "/home");
  assert.equal(host.env("X"), null);
});

test("the entry has the functions of the roles that plugin.toml names", () => {
  const all = [worker(() => 1), producer(() => []), consumer(() => {}), gate(() => null)];
  const names = ["consumer", "gate", "producer", "worker"];
  assert.deepEqual(Object.keys(entry(all, names)).toSorted(), ["admit", "consume", "finish", "next", "onEmit", "run", "setUp"]);
  assert.deepEqual(Object.keys(entry(worker(() => 1), ["worker"])), ["run", "setUp"]);
  assert.throws(() => entry(worker(() => 1), ["gate"]), /plugin.toml says roles = \["gate"\], the default export is worker/);
  for (const none of [() => 1, undefined, {}, [null]]) assert.throws(() => entry(none, ["worker"]), /the default export is worker\(…\)/);
});

test("roles say what they are made of", () => {
  for (const make of [() => worker(), () => worker({}, 1), () => consumer(null, () => {}), () => gate(5), () => producer([])]) {
    assert.throws(make, TypeError);
  }
});

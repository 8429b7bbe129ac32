// Types of @wodehost/guest. What each thing does is said in REFERENCE.md.

/** A job to be done. */
export interface Dispatch {
  /** The worker's name. */
  worker: string;
  /** The arguments: none = nil, one = the value itself, more = an array of them. */
  args?: readonly unknown[];
  /** Limits lowered (`keepalive`, `memory` …) and keys of a job (`retries`, `key`, `consume` …). */
  options?: Readonly<Record<string, unknown>> | null;
}

/** What a value is made into: a function that gives it or throws, or a schema of zod, valibot, arktype … */
export type Takes<T> = ((value: any) => T) | StandardSchema<T>;

/** The part of the Standard Schema interface that is used here. */
export interface StandardSchema<T> {
  readonly "~standard": {
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
  };
}

type SchemaResult<T> =
  | { readonly value: T; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** How a value is read. */
export interface Reading {
  /** Floats that a number does not tell apart come as Float32 and Float64. */
  exact?: boolean;
}

export interface RawReading {
  /** The value comes as its bytes. */
  raw: true;
}

export interface CheckedReading<T> extends Reading {
  takes: Takes<T>;
}

/** A role of a plugin: what its file exports by default, alone or in an array. */
export interface Role {
  readonly name: "worker" | "producer" | "consumer" | "gate";
}

/** `T`, and not a promise: nothing here would wait for it. */
type Now<T> = T extends PromiseLike<unknown> ? never : T;

interface SetUp {
  /** Called before each job, in the same sandbox. */
  setUp?: () => void;
}

export function worker<R>(run: () => Now<R>): Role;
export function worker<T, R>(run: (job: T) => Now<R>): Role;
export function worker<A extends [unknown, unknown, ...unknown[]], R>(run: (...args: A) => Now<R>): Role;
export function worker<R>(options: SetUp & RawReading, run: (job: Raw) => Now<R>): Role;
export function worker<T extends [unknown, unknown, ...unknown[]], R>(
  options: SetUp & CheckedReading<T>,
  run: (...args: T) => Now<R>,
): Role;
export function worker<T, R>(options: SetUp & CheckedReading<T>, run: (job: T) => Now<R>): Role;
export function worker<T, R>(options: SetUp & Reading, run: (job: T) => Now<R>): Role;
export function worker<A extends [unknown, unknown, ...unknown[]], R>(
  options: SetUp & Reading,
  run: (...args: A) => Now<R>,
): Role;

export function producer(list: () => Iterable<Dispatch>): Role;
export function producer(options: Reading, list: () => Iterable<Dispatch>): Role;

interface Ends {
  /** Called for each emitted value, before the outcome of its job. */
  onEmit?: (emitted: Emitted) => void;
  /** Called once, after the last outcome. */
  finish?: () => void;
}

export function consumer<T = any>(take: (job: T, outcome: Outcome) => void): Role;
export function consumer(options: Ends & RawReading, take: (job: Raw, outcome: Outcome) => void): Role;
export function consumer<T>(options: Ends & CheckedReading<T>, take: (job: T, outcome: Outcome) => void): Role;
export function consumer<T = any>(options: Ends & Reading, take: (job: T, outcome: Outcome) => void): Role;

/** Nothing = go; a number = ask again in so many milliseconds. */
export function gate(admit: () => number | null | undefined | void): Role;

export type Status = "unspecified" | "success" | "failure" | "timeout" | "mixed" | "rejected" | "cancelled";

export class Outcome {
  private constructor();
  readonly id: string;
  readonly worker: string;
  readonly status: Status;
  readonly reason: string;
  readonly attempts: number;
  readonly message: string | null;
  /** Whether it succeeded. */
  readonly ok: boolean;
  /** The result on success; the error value or the carried state otherwise. */
  readonly data: any;
  readonly raw: Raw;
  /** What else is known: `receipts`, `items`, `stdout`, `stderr`, `backtrace` … */
  readonly more: any;
  /** The result; throws a JobError when there is none. */
  result(reading: RawReading): Raw;
  result<T>(reading: CheckedReading<T>): T;
  result<T = any>(reading?: Reading): T;
}

export class Emitted {
  private constructor();
  readonly jobId: string;
  readonly attempt: number;
  readonly seq: number;
  readonly data: any;
  readonly raw: Raw;
}

export class Failure extends Error {
  constructor(message: string, options?: { code?: string; cause?: unknown });
  readonly code?: string;
  /** A failure whose value is `value`, whatever it is. */
  static of(value: unknown): Failure;
}

/** A job gave no result; `code` is the reason. */
export class JobError extends Failure {
  private constructor();
  readonly code: string;
  readonly outcome: Outcome;
}

export type SubmitErrorCode =
  | "no-slot"
  | "gate"
  | "limit"
  | "closed"
  | "unknown-worker"
  | "bad-value"
  | "bad-options"
  | "not-permitted";

/** The host did not take a job. */
export class SubmitError extends Failure {
  private constructor();
  readonly code: SubmitErrorCode;
  /** The text that the contract has for this case, such as the name of the limit. */
  readonly detail: string | null;
}

export class Raw {
  constructor(bytes: Uint8Array);
  readonly bytes: Uint8Array;
  static of(value: unknown): Raw;
  decode(reading?: Reading): any;
}

export class Float32 extends Number {}
export class Float64 extends Number {}

export class Ext {
  constructor(type: number, bytes: Uint8Array);
  readonly type: number;
  readonly bytes: Uint8Array;
}

export class Timestamp extends Date {
  constructor(seconds: number | bigint, nanoseconds?: number);
  static from(date: Date): Timestamp;
  readonly seconds: number | bigint;
  readonly nanoseconds: number;
}

export class Pairs<K = any, V = any> extends Array<[K, V]> {
  get(key: K): V | undefined;
}

/** What `takes` makes of `value`; a Failure with `code` (`bad-value`) when it does not take it. */
export function check<T>(takes: Takes<T>, value: unknown, code?: string, what?: string): T;

export namespace task {
  function id(): string;
  function group(): string;
  function attempt(): number;
  /** Infinity = without end. */
  function retriesLeft(): number;
  function stopping(): boolean;
  function keepalive(): void;
  function setName(name: string): void;
  function data(reading: RawReading): Raw;
  function data<T>(reading: CheckedReading<T>): T;
  function data<T = any>(reading?: Reading): T;
  function update(state: unknown): void;
  function emit(value: unknown): void;
  function current(): { id: string; name: string; attempt: number; retriesLeft: number; group: string };
  /** Without an argument the carried state is the result. */
  function success(result?: unknown): never;
  function failure(value?: unknown): never;
  function restart(): never;
}

export namespace jobs {
  class Job {
    private constructor();
    readonly id: string;
    done(): boolean;
    wait(ms?: number | null): Outcome | null;
    outcome(): Outcome;
    result(reading: RawReading): Raw;
    result<T>(reading: CheckedReading<T>): T;
    result<T = any>(reading?: Reading): T;
    cancel(graceMs?: number | null): void;
    pause(): void;
    resume(): void;
  }

  type Settled<T> = { ok: true; value: T; error?: undefined } | { ok: false; error: Failure; value?: undefined };

  function submit(what: Dispatch): Job;
  function submitWithin(what: Dispatch, ms: number): Job;
  function waitAny(all: Iterable<Job>, ms?: number | null): number | null;
  function map<T = any>(
    worker: string,
    items: Iterable<unknown>,
    options?: { inFlight?: number } & Record<string, unknown>,
  ): Generator<Settled<T>, void, undefined>;

  export { Job, type Settled, submit, submitWithin, waitAny, map, SubmitError, JobError };
}

export namespace log {
  function error(...parts: unknown[]): void;
  function warn(...parts: unknown[]): void;
  function info(...parts: unknown[]): void;
  function debug(...parts: unknown[]): void;
}

export namespace board {
  function say(text: string): void;
  function look(how: "normal" | "success" | "warning" | "error"): void;
  function pin(on?: boolean): void;
  function start(total: number | bigint): void;
  function tick(n?: number | bigint): void;
  function complete(): void;
  function clear(): void;
}

export namespace checkpoint {
  function load(reading: RawReading): Raw | null;
  function load<T>(reading: CheckedReading<T>): T | null;
  function load<T = any>(reading?: Reading): T | null;
  function save(value: unknown): void;
}

export namespace clock {
  function sleep(ms: number): void;
  /** Milliseconds since 1970. */
  function now(): number;
}

export namespace host {
  function name(): string;
  function config(reading: RawReading): Raw;
  function config<T>(reading: CheckedReading<T>): T;
  function config<T = any>(reading?: Reading): T;
  function env(name: string): string | null;
}

export namespace random {
  function bytes(count: number): Uint8Array;
}

// What QuickJS lacks, and the SDK puts in place.
declare global {
  interface Console {
    log(...parts: unknown[]): void;
    info(...parts: unknown[]): void;
    debug(...parts: unknown[]): void;
    warn(...parts: unknown[]): void;
    error(...parts: unknown[]): void;
    trace(...parts: unknown[]): void;
  }
  var console: Console;
}

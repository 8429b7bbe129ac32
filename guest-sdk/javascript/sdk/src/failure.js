// Errors, and the values that they become.

import { trace } from "./trace.js";
import { wellFormed } from "./text.js";

/**
 * Why a plugin could not do what it was asked. Thrown, it becomes the failure value
 * `{ code, message, causes }`, with those of them that there are.
 */
export class Failure extends Error {
  #value;

  /** `code` is stable and for programs, `message` for people; `cause` is what led to it. */
  constructor(message, { code, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "Failure";
    if (code !== undefined) {
      this.code = code;
    }
  }

  /** A failure whose value is `value`, whatever it is. */
  static of(value) {
    const failure = new Failure("a failure value");
    failure.#value = { value };
    return failure;
  }

  /** What becomes of anything that was thrown. */
  static valueFor(thrown) {
    if (!(thrown instanceof Error)) {
      return { message: wellFormed(typeof thrown === "string" ? thrown : `not an Error was thrown: ${shown(thrown)}`) };
    }
    if (thrown instanceof Failure && thrown.#value !== undefined) {
      return thrown.#value.value;
    }
    const causes = causesOf(thrown);
    const deliberate = thrown instanceof Failure;
    return {
      code: typeof thrown.code === "string" ? wellFormed(thrown.code) : undefined,
      message: wellFormed(thrown.message),
      type: deliberate ? undefined : wellFormed(typeOf(thrown)),
      causes: causes.length > 0 ? causes : undefined,
      trace: deliberate ? undefined : trace(thrown),
    };
  }
}

/** The name that an error or its class gives itself; otherwise that of its class. */
function typeOf(error) {
  const { name, constructor } = error;
  const isNamed = Object.hasOwn(error, "name") || Object.hasOwn(Object.getPrototypeOf(error), "name");
  return isNamed || !constructor?.name ? name : constructor.name;
}

function causesOf(error) {
  const seen = new Set([error]);
  const texts = [];
  for (let { cause } = error; cause !== undefined && cause !== null && !seen.has(cause); cause = cause.cause) {
    seen.add(cause);
    texts.push(wellFormed(cause instanceof Error ? cause.message : shown(cause)));
  }
  return texts;
}

/** Anything as a text for people. */
export function shown(value) {
  if (typeof value !== "object" || value === null) return String(value);
  if (value instanceof Error) return trace(value) ?? `${value.name}: ${value.message}`;
  try {
    return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item));
  } catch {
    return String(value);
  }
}

// How values that come from the host are read: the role's options say it for all of them, each
// call may say otherwise.

import { decode } from "./decode.js";
import { Failure } from "./failure.js";
import { Raw } from "./raw.js";

let exactByDefault = false;

/** Says how values are read where nothing else is said. */
export function readExactly(exact) {
  exactByDefault = exact;
}

/** The value of `bytes`: as a Raw, or decoded and given to `takes`. */
export function readValue(bytes, { raw = false, exact = exactByDefault, takes } = {}, code, what) {
  if (raw) return new Raw(bytes);
  const value = decode(bytes, exact, code, what);
  return takes === undefined ? value : check(takes, value, code, what);
}

/**
 * What `takes` makes of `value`: a function that gives the value to go on with or throws, or a schema
 * with the "Standard Schema" interface.
 */
export function check(takes, value, code = "bad-value", what = "the value") {
  const refused = (why, cause) => new Failure(`${what} is not what is taken here: ${why}`, { code, cause });
  const validate = takes["~standard"]?.validate;
  if (validate === undefined) {
    try {
      return synchronous(takes(value), "`takes`");
    } catch (error) {
      throw refused(error?.message ?? String(error), error);
    }
  }
  const result = synchronous(validate(value), "the schema");
  if (result.issues) {
    throw refused(result.issues.map(({ message, path }) => (path?.length ? `${pathText(path)}: ${message}` : message)).join("; "));
  }
  return result.value;
}

const pathText = (path) => path.map((key) => String(typeof key === "object" ? key.key : key)).join(".");

/** `value`, unless it is a promise. */
export function synchronous(value, what) {
  if (typeof value?.then === "function") {
    throw new Failure(`${what} gave a promise, which nothing here would wait for: leave out \`async\``, {
      code: "bad-value",
    });
  }
  return value;
}

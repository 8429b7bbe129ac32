import { encode } from "./encode.js";
import { Failure } from "./failure.js";

/** Gives `value` to the host; a Failure `not-taken` when it refuses. */
export function give(value, what, take) {
  const bytes = encode(value, what);
  try {
    return take(bytes);
  } catch (error) {
    throw new Failure(`${what} was not taken: ${error.message}`, { code: "not-taken", cause: error });
  }
}

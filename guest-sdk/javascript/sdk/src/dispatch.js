import { encode } from "./encode.js";
import { Failure } from "./failure.js";

const KEYS = ["worker", "args", "options"];

/** A job to be done, as the host takes it. */
export function lower(what) {
  const wrong = shapeProblem(what);
  if (wrong !== undefined) {
    throw new Failure(`a job is { worker, args, options }: ${wrong}`, { code: "bad-value" });
  }
  const { worker, args = [], options } = what;
  return {
    worker: worker.toWellFormed(),
    args: Array.from(args, (arg, i) => encode(arg, `argument ${i + 1} for \`${worker}\``)),
    options: options === undefined || options === null ? null : encode(options, `the options for \`${worker}\``),
  };
}

function shapeProblem(what) {
  if (typeof what !== "object" || what === null) return `this is ${what === null ? "null" : `a ${typeof what}`}`;
  if (typeof what.worker !== "string") return "`worker` is the name of one";
  if (what.args !== undefined && !Array.isArray(what.args)) return "`args` is an array";
  const unknown = Object.keys(what).find((key) => !KEYS.includes(key));
  return unknown === undefined ? undefined : `there is no \`${unknown}\` in it`;
}

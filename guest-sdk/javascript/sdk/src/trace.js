// Stack traces that lead into the plugin's own files.

const POSITIONS = Symbol.for("wodehost.positions");
const FRAME = /^ *at (.*?) ?\(?[^\s()]+?:(\d+):\d+\)?$/;

/**
 * An error's name, message and stack, or undefined when there is no stack. Where the build said which
 * lines of the bundle come from where, positions are those of the sources, and frames of the SDK
 * are left out.
 */
export function trace({ name, message, stack }) {
  if (!stack) return undefined;
  const table = globalThis[POSITIONS];
  // Some engines begin with name and message, some do not.
  const lines = stack.split("\n").filter((line) => /^ *at /.test(line));
  return [`${name}: ${message}`, ...(table === undefined ? lines : mapped(lines, table))].join("\n").toWellFormed();
}

/** The lines of a stack by the build's table, which is read only now: as a text it takes less memory. */
function mapped(lines, table) {
  const positions = JSON.parse(table);
  return lines.map((line) => frame(line, positions)).filter(Boolean);
}

/** A line of a stack with the position in the source; nothing when that is the SDK's. */
function frame(line, positions) {
  const match = FRAME.exec(line);
  if (match === null) return line;
  const position = positionOf(Number(match[2]), positions);
  return position && `    at ${match[1] || "<anonymous>"} (${position})`;
}

/** The file and line that a line of the bundle comes from; undefined when that is the SDK's. */
export function positionOf(bundled, { files, lines }) {
  // Runs of [first line in the bundle, file, first line in the file], sorted.
  const run = lines.findLast(([first]) => first <= bundled);
  return run === undefined || run[1] < 0 ? undefined : `${files[run[1]]}:${run[2] + bundled - run[0]}`;
}

// Source maps, cut down to what a stack trace needs: which line of the bundle is which line of which file.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The numbers of one segment: base 64, five bits a digit, the lowest first, the sign in bit 0. */
function numbers(segment) {
  const all = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if (bits < 32) {
      all.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
      value = shift = 0;
    }
  }
  return all;
}

/**
 * `{ files, lines }`: `lines` are runs of [first line in the bundle, index into `files`, first line
 * in the file], counted from 1. What `nameOf` gives no name for has the index -1.
 */
export function positions({ sources, mappings }, nameOf) {
  const names = sources.map(nameOf);
  const files = names.filter((name) => name !== undefined);
  const indices = names.map((name) => (name === undefined ? -1 : files.indexOf(name)));
  const lines = [];
  let source = 0;
  let original = 0;
  mappings.split(";").forEach((segments, i) => {
    let first;
    for (const segment of segments.split(",").filter(Boolean)) {
      const [, sourceStep = 0, lineStep = 0] = numbers(segment);
      source += sourceStep;
      original += lineStep;
      first ??= [i + 1, indices[source], original + 1];
    }
    if (first !== undefined && !continues(lines.at(-1), first)) lines.push(first);
  });
  return { files, lines };
}

/** Whether a run goes on with this line. */
function continues(run, [bundled, file, line]) {
  if (run === undefined || run[1] !== file) return false;
  return file === -1 || line - run[2] === bundled - run[0];
}

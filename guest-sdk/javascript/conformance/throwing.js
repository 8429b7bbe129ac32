/** Throws in a function whose name has to be in the trace. */
export function conformanceMiddle(text) {
  return conformanceDeep(text);
}

function conformanceDeep(text) {
  throw new RangeError(text);
}

/** Throws in a function whose name has to be in the trace. */
export function conformanceMiddle(text: string): never {
  return conformanceDeep(text);
}

function conformanceDeep(text: string): never {
  throw new RangeError(text);
}

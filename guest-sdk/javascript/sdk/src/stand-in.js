// What stands in place of the host outside of a component: whatever a test puts into
// `globalThis[Symbol.for("wodehost.host")]`, in the shape of the contract's interfaces.

const HOST = Symbol.for("wodehost.host");

function standIn(name) {
  const get = (_, member) => {
    const host = globalThis[HOST];
    if (host?.[name]?.[member] === undefined) {
      throw new Error(`${name}.${String(member)} needs the host, and this runs outside of it`);
    }
    return host[name][member];
  };
  return new Proxy({}, { get });
}

export const board = standIn("board");
export const checkpoint = standIn("checkpoint");
export const clock = standIn("clock");
export const host = standIn("host");
export const jobs = standIn("jobs");
export const log = standIn("log");
export const random = standIn("random");
export const task = standIn("task");
export const stderr = standIn("stderr");
export const stdout = standIn("stdout");

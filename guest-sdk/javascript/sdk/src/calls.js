const CALLS = {
  worker: ["run", "setUp"],
  producer: ["next"],
  consumer: ["consume", "onEmit", "finish"],
  gate: ["admit"],
};

/** The names of the functions that the host calls in a role; undefined when there is no such role. */
export const callsOf = (role) => (Object.hasOwn(CALLS, role) ? CALLS[role] : undefined);

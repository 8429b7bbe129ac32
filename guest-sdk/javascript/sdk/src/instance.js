// The start of an instance. A plugin is loaded when it is built, and the result is what each
// sandbox starts from: nothing of the host may be used before the first call.

let running = false;

/** Called with each call of the host. */
export function begin() {
  if (running) return;
  running = true;
  Error.stackTraceLimit = 50;
}

/** Whether the host is there. */
export const isRunning = () => running;

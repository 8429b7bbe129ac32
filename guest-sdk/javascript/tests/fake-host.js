// A host for tests: what a plugin would say to the real one is written down in `said`.

const HOST = Symbol.for("wodehost.host");

/** Puts a fresh host in place. `more` overrides single functions, by interface. */
export function fakeHost(more = {}) {
  const said = [];
  const say = (name) => (...args) => void said.push([name, ...args]);
  const printed = (name) => () => ({ blockingWriteAndFlush: (bytes) => said.push([name, Buffer.from(bytes).toString()]) });
  const host = {
    said,
    config: new Uint8Array([0x80]),
    state: new Uint8Array([0x80]),
    saved: null,
  };
  globalThis[HOST] = {
    host: { name: () => "j-1/1", config: () => host.config, env: (name) => (name === "HOME" ? "/home" : null) },
    log: { write: say("log") },
    clock: { sleep: say("sleep"), nowMs: () => 1_000 },
    random: {
      bytes(count) {
        said.push(["random", count]);
        return new Uint8Array(count).fill(0x80);
      },
    },
    task: {
      id: () => "j-1",
      group: () => "",
      attempt: () => 2,
      retriesLeft: () => null,
      stopping: () => false,
      keepalive: say("keepalive"),
      setName: say("set-name"),
      data: () => host.state,
      updateData: (bytes) => void (host.state = bytes),
      emit: say("emit"),
      success: say("success"),
      failure: say("failure"),
      restart: say("restart"),
    },
    board: {
      say: say("say"),
      setLook: say("look"),
      pin: say("pin"),
      start: say("start"),
      tick: say("tick"),
      complete: say("complete"),
      clear: say("clear"),
    },
    checkpoint: { load: () => host.saved, save: (bytes) => void (host.saved = bytes) },
    stdout: { getStdout: printed("stdout") },
    stderr: { getStderr: printed("stderr") },
    jobs: {},
  };
  for (const [name, functions] of Object.entries(more)) {
    Object.assign(globalThis[HOST][name], functions);
  }
  return host;
}

/** No host, as where nobody asked for one. */
export function noHost() {
  delete globalThis[HOST];
}

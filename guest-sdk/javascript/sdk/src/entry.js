// What `wodehost build` makes the component's exports of.

import "./globals.js";
import { callsOf } from "./calls.js";

/** The functions of a plugin, whose roles have to be those of its `plugin.toml`. */
export function entry(plugin, names) {
  const roles = [plugin].flat();
  const found = roles.map((role) => role?.name);
  if (found.some((name) => callsOf(name) === undefined)) {
    throw new TypeError("the default export is worker(…), producer(…), consumer(…) or gate(…), or an array of these");
  }
  if (found.toSorted().join() !== names.toSorted().join()) {
    throw new TypeError(`plugin.toml says roles = ${JSON.stringify(names)}, the default export is ${found.join(", ")}`);
  }
  return Object.assign({}, ...roles.map(({ calls }) => calls));
}

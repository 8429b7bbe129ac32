// Lines for the people who run the job.

import { log } from "#contract";
import { shown } from "./failure.js";
import { wellFormed } from "./text.js";

const write = (level, parts) => log.write(level, wellFormed(parts.map(shown).join(" ")));

export const error = (...parts) => write("error", parts);
export const warn = (...parts) => write("warn", parts);
export const info = (...parts) => write("info", parts);
export const debug = (...parts) => write("debug", parts);

// Who is asking, and what it was configured with.

import { host } from "#contract";
import { readValue } from "./reading.js";
import { wellFormed } from "./text.js";

export const name = () => host.name();
export const config = (reading) => readValue(host.config(), reading, "bad-config", "the configuration");
export const env = (variable) => host.env(wellFormed(variable));

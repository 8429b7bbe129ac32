// Time without WASI.

import { clock } from "#contract";
import { wholeMs } from "./time.js";

export const sleep = (ms) => clock.sleep(wholeMs(ms));
export const now = () => clock.nowMs();

// The contract's interfaces, as the host gives them to a component. `wodehost build` takes this file;
// everything else that loads the SDK gets `stand-in.js`.

export { default as board } from "wodehost:plugin/board@0.1.0";
export { default as checkpoint } from "wodehost:plugin/checkpoint@0.1.0";
export { default as clock } from "wodehost:plugin/clock@0.1.0";
export { default as host } from "wodehost:plugin/host@0.1.0";
export { default as jobs } from "wodehost:plugin/jobs@0.1.0";
export { default as log } from "wodehost:plugin/log@0.1.0";
export { default as random } from "wodehost:plugin/random@0.1.0";
export { default as task } from "wodehost:plugin/task@0.1.0";
export { default as stderr } from "wasi:cli/stderr@0.2.12";
export { default as stdout } from "wasi:cli/stdout@0.2.12";

// Makes a component of the project in the current folder. `wodehost build` runs it:
//
//   node sdk/build.mjs --wit FOLDER --roles worker,producer --output plugin.wasm
//
// FOLDER holds the contract's WIT files and a world `plugin`. The tools are the project's own.

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

import { positions } from "./positions.mjs";
import { callsOf } from "./src/calls.js";
import { positionOf } from "./src/trace.js";

const SDK = dirname(fileURLToPath(import.meta.url));
const WORLD = "plugin-with-console";

const project = process.cwd();
const require = createRequire(join(project, "package.json"));
const tool = (name) => import(pathToFileURL(require.resolve(name)).href);

const { values: options } = parseArgs({
  options: {
    wit: { type: "string" },
    roles: { type: "string" },
    output: { type: "string" },
  },
});

/** The project, the SDK and every package that they use, as one module; and which line came from where. */
async function bundle(roles) {
  const { default: esbuild } = await tool("esbuild");
  const { main } = require("./package.json");
  const result = await esbuild.build({
    stdin: {
      contents: `
        import { entry } from "@wodehost/guest/entry";
        import plugin from ${JSON.stringify(`./${main}`)};
        export const { ${roles.flatMap(callsOf).join(", ")} } = entry(plugin, ${JSON.stringify(roles)});
      `,
      resolveDir: project,
      sourcefile: "entry.js",
    },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2024",
    conditions: ["wodehost", "import", "module"],
    plugins: [contract],
    sourcemap: "external",
    sourcesContent: false,
    outfile: join(project, "bundle.js"),
    write: false,
    logLevel: "warning",
  });
  const [map, code] = result.outputFiles;
  return { code: code.text, map: JSON.parse(map.text) };
}

/** Interfaces come from the host, and loading one that is not used does nothing. */
const contract = {
  name: "contract",
  setup(build) {
    build.onResolve({ filter: /^(wodehost|wasi):/ }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
};

/** Which file a source is called after in a stack trace; nothing for the SDK's own. */
function nameOf(source) {
  const file = resolve(project, source);
  return file.startsWith(SDK + sep) || source === "entry.js" ? undefined : relative(project, file);
}

async function component({ code, map }) {
  const { componentize } = await tool("componentize-qjs");
  const wit = mkdtempSync(join(tmpdir(), "wodehost-"));
  const table = positions(map, nameOf);
  try {
    cpSync(options.wit, wit, { recursive: true });
    cpSync(join(SDK, "wit"), wit, { recursive: true });
    const json = JSON.stringify(JSON.stringify(table));
    const jsSource = `${code}\nglobalThis[Symbol.for("wodehost.positions")] = ${json};\n`;
    return (await componentize({ witPath: wit, jsSource, world: WORLD, sync: true })).component;
  } catch (error) {
    throw new Error(told(error.message, table));
  } finally {
    rmSync(wit, { recursive: true });
  }
}

/** What went wrong while the plugin was loaded, in terms of its sources. */
function told(text, table) {
  const [, face, call] = /unknown import: `wodehost:plugin\/([^@]+)@[^#]*#([^`]+)`/.exec(text) ?? [];
  if (call !== undefined) {
    return `${face}.${call} was called while the plugin was built, when there is no host: call it in a function`;
  }
  const [, absent] = /resolving module '(?:wodehost:plugin|wasi:[^/]*)\/([^@']+)@/.exec(text) ?? [];
  if (absent !== undefined) {
    return `${absent} is used, which the contract does not have for the role ${options.roles}`;
  }
  return text
    .replace(/^.*JavaScript module evaluation: /s, "the plugin cannot be loaded: ")
    .replace(/componentize-qjs:user\.js:(\d+):\d+/g, (_, line) => positionOf(Number(line), table) ?? "")
    .replace(/\n *at [^\n]*\(\)/g, "")
    .trim();
}

try {
  const roles = options.roles.split(",");
  writeFileSync(options.output, await component(await bundle(roles)));
} catch (error) {
  // esbuild has said already what is wrong with the sources.
  if (error.errors === undefined) console.error(error.message);
  process.exitCode = 1;
}

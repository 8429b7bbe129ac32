// Lets records through that fit a JSON Schema, byte for byte, and says of others all that is wrong:
//
//   wodehost map validate.wasm people.ndjson --retries 0 --set schema='{
//     "required": ["email"], "properties": { "email": { "type": "string", "format": "email" } } }'
//
// The schema is read by Ajv, a package from npm as it is. It stands in the plugin's configuration:
// here, or below `[plugins.validate.config.schema]` in wodehost.toml.

import { Failure, host, worker } from "@wodehost/guest";
import Ajv from "ajv";
import addFormats from "ajv-formats";

// Done when the plugin is built: each sandbox starts with Ajv, and with what it has to compile first
// of all, the schema of schemas.
const ajv = addFormats(new Ajv({ allErrors: true, strictTypes: false }));
ajv.compile({});

let validate;

export default worker({ raw: true }, (job) => {
  validate ??= host.config({ takes: ({ schema }) => ajv.compile(schema ?? missing()) });
  if (validate(job.decode())) return job;
  const errors = validate.errors.map(({ instancePath, message }) => ({ at: instancePath, message }));
  throw Failure.of({ code: "invalid", message: ajv.errorsText(validate.errors, { dataVar: "record" }), errors });
});

function missing() {
  throw new Error("there is no `schema` in it");
}

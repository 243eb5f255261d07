import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { machineLine } from "../machine";
import { readBenchOptions, usage } from "./options";
import { runScenarios } from "./scenarios";

/** `npm run bench -- worker`: tokens per second of our engine beside its peers on one GGUF, in one run. */

const { values } = parseArgs({
  options: {
    shape: { type: "string" },
    model: { type: "string" },
    folder: { type: "string" },
    slots: { type: "string" },
    context: { type: "string" },
    parallel: { type: "string" },
    scenarios: { type: "string" },
    contestants: { type: "string" },
    "llama-server": { type: "string" },
    threads: { type: "string" },
    gpu: { type: "boolean" },
    rounds: { type: "string" },
    tokens: { type: "string" },
    "prompt-tokens": { type: "string" },
    requests: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});

if (values.help === true) {
  process.stdout.write(usage);
  process.exit(0);
}
const options = await readBenchOptions(values);
process.stdout.write(
  `${machineLine()}\n${options.model} on the ${options.gpu ? "GPU" : "CPU"}, ${options.threads ?? "chosen"} threads, ${options.slots} slots of ${options.contextLength} tokens\n`,
);
const results = await runScenarios(options, (text) => process.stdout.write(`${text}\n`));
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify({ options, results }, null, 1)}\n`);
// The native library may hold threads open.
process.exit(0);

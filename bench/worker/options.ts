import { z } from "zod";
import { isShapeName, modelShapes, randomModel } from "./random-model";

export const scenarioNames = ["steady", "mixed", "gaps", "prefill", "threads"] as const;
export const contestantNames = ["chat", "evaluate", "engine", "worker", "llama-server"] as const;
export type ScenarioName = (typeof scenarioNames)[number];
export type ContestantName = (typeof contestantNames)[number];

export const usage = `Usage: npm run bench -- worker [options]

  --shape NAME           ${Object.keys(modelShapes).join(", ")}: random weights, written on first use (24m)
  --model FILE           a GGUF file instead
  --folder FOLDER        where random models are kept (.data/bench)
  --scenarios LIST       ${scenarioNames.join(",")} (all but threads)
                           steady    answers of --tokens to prompts of --prompt-tokens, as many at once as --parallel says
                           mixed     staggered arrivals, prompts of 16 to 1,000 tokens, answers of 32 to 192
                           gaps      as mixed with short prompts and free slots, so that sequence ids have gaps
                           prefill   gaps between tokens while a prompt of 1,500 tokens is evaluated
                           threads   what calibration chose, beside every fixed number of threads
  --contestants LIST     ${contestantNames.join(",")} (those that can run)
  --llama-server FILE    the binary of llama.cpp's server
  --threads N            for all contestants (1); 0: each chooses for itself
  --gpu                  the GPU; without, the processor
  --slots N              sequences of a context (8)
  --context N            tokens of a slot (2048)
  --parallel LIST        answers at once in steady (1,4,8)
  --tokens N             tokens of an answer in steady (128)
  --prompt-tokens N      of a prompt in steady (32)
  --requests N           in mixed and gaps (24)
  --rounds N             rounds; the contestants take turns in each (3)
  --json FILE            all figures
`;

const list = <Name extends string>(names: readonly Name[]) =>
  z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(z.enum(names as readonly [Name, ...Name[]])));
const whole = (min: number) => z.coerce.number().int().min(min);

const optionsSchema = z.object({
  shape: z.string().default("24m"),
  model: z.string().optional(),
  folder: z.string().default(".data/bench"),
  slots: whole(1).default(8),
  context: whole(64).default(2048),
  parallel: z
    .string()
    .default("1,4,8")
    .transform((text) => text.split(",").map(Number))
    .pipe(z.array(z.number().int().min(1))),
  scenarios: list(scenarioNames).default(["steady", "mixed", "gaps", "prefill"]),
  contestants: list(contestantNames).default(["chat", "evaluate", "engine", "worker", "llama-server"]),
  "llama-server": z.string().optional(),
  threads: whole(0).default(1),
  gpu: z.boolean().default(false),
  rounds: whole(1).default(3),
  tokens: whole(2).default(128),
  "prompt-tokens": whole(16).default(32),
  requests: whole(1).default(24),
});

export type BenchOptions = {
  model: string;
  slots: number;
  contextLength: number;
  parallel: readonly number[];
  scenarios: readonly ScenarioName[];
  contestants: readonly ContestantName[];
  llamaServer: string | null;
  threads: number | null;
  gpu: boolean;
  rounds: number;
  tokens: number;
  promptTokens: number;
  requests: number;
};

/** Writes the random model where it is not there yet. Errors: a zod error that names the option. */
export async function readBenchOptions(values: Readonly<Record<string, unknown>>): Promise<BenchOptions> {
  const parsed = optionsSchema.parse(values);
  const shape = parsed.shape;
  if (!isShapeName(shape))
    throw new Error(`There is no shape "${shape}"; there are ${Object.keys(modelShapes).join(", ")}.`);
  const llamaServer = parsed["llama-server"] ?? null;
  return {
    model: parsed.model ?? (await randomModel(parsed.folder, shape)),
    slots: parsed.slots,
    contextLength: parsed.context,
    parallel: parsed.parallel.filter((count) => count <= parsed.slots),
    scenarios: parsed.scenarios,
    contestants: parsed.contestants.filter((name) => name !== "llama-server" || llamaServer !== null),
    llamaServer,
    threads: parsed.threads === 0 ? null : parsed.threads,
    gpu: parsed.gpu,
    rounds: parsed.rounds,
    tokens: parsed.tokens,
    promptTokens: parsed["prompt-tokens"],
    requests: parsed.requests,
  };
}

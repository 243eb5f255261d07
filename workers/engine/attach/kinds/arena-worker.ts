import { z } from "zod";
import type { EngineStatus } from "../../types";
import type { EngineKind } from "../engine-kind";
import { readJson } from "../engine-kind";
import { listedCapabilities, listedContextLength } from "../listed-models";

const healthSchema = z.object({
  status: z.enum(["ok", "draining"]),
  slots: z.number().int().positive(),
  busySlots: z.number().int().nonnegative(),
  queued: z.number().int().nonnegative(),
  tokensPerSecond: z.number().nonnegative().nullable(),
});
const tokensSchema = z.object({ tokens: z.array(z.number().int()) }).transform(({ tokens }) => tokens);

/** Another worker of ours: `http/worker-server.ts`. */
export const arenaWorker: EngineKind = {
  name: "arena worker",
  owners: [],
  recognise: async (upstream, signal) => (await readJson(upstream, "/health", healthSchema, signal)) !== null,
  async describe(upstream, listed, signal) {
    const health = await readJson(upstream, "/health", healthSchema, signal);
    return {
      version: null,
      slots: health?.slots ?? null,
      models: listed.map((model) => ({
        upstream: model.id,
        contextLength: listedContextLength(model),
        capabilities: listedCapabilities(model),
      })),
    };
  },
  healthPath: "/health",
  load: { path: "/health", createReader: () => readHealth },
  tokenize: {
    path: "/v1/tokenize",
    request: (model, input) => ({ model, input }),
    answer: tokensSchema,
  },
  usualCapabilities: ["chat"],
  usualSlots: 4,
};

function readHealth(text: string): EngineStatus | null {
  const health = healthSchema.safeParse(JSON.parse(text)).data;
  if (health === undefined) return null;
  const { busySlots, queued, tokensPerSecond } = health;
  return { busySlots, queued, tokensPerSecond };
}

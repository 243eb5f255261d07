import { z } from "zod";
import type { EngineKind } from "../engine-kind";
import { readJson } from "../engine-kind";
import { LoadMeter } from "../load-meter";
import { parseMetrics } from "../prometheus";

const lengthSchema = z.number().int().positive();
const infoSchema = z.object({
  model_id: z.string(),
  max_total_tokens: lengthSchema,
  version: z.string().nullish().catch(null),
  max_concurrent_requests: lengthSchema.nullish().catch(null),
});
const tokensSchema = z
  .array(z.object({ id: z.number().int() }))
  .transform((tokens) => tokens.map(({ id }) => id));

/** Hugging Face's Text Generation Inference. Source: its OpenAPI description and "Metrics" (huggingface.co/docs). */
export const tgi: EngineKind = {
  name: "TGI",
  owners: [],
  recognise: async (upstream, signal) => (await readJson(upstream, "/info", infoSchema, signal)) !== null,
  async describe(upstream, listed, signal) {
    const info = await readJson(upstream, "/info", infoSchema, signal);
    return {
      version: info?.version ?? null,
      slots: info?.max_concurrent_requests ?? null,
      models: listed.map(({ id }) => ({
        upstream: id,
        contextLength: info?.max_total_tokens ?? null,
        capabilities: null,
      })),
    };
  },
  healthPath: "/health",
  load: {
    path: "/metrics",
    createReader: () => {
      const meter = new LoadMeter({
        running: "tgi_batch_current_size",
        waiting: "tgi_queue_size",
        secondsPerToken: ["tgi_request_mean_time_per_token_duration"],
        tokensPerSecond: null,
      });
      return (text) => meter.read(parseMetrics(text));
    },
  },
  tokenize: {
    path: "/tokenize",
    request: (_model, inputs) => ({ inputs }),
    answer: tokensSchema,
  },
  usualCapabilities: ["chat", "completion", "tools", "json", "logprobs"],
  usualSlots: 32,
};

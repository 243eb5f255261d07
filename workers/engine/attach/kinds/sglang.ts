import { z } from "zod";
import type { Capability } from "@/lib/protocol";
import type { EngineKind } from "../engine-kind";
import { readJson } from "../engine-kind";
import { listedContextLength } from "../listed-models";
import { LoadMeter } from "../load-meter";
import { parseMetrics } from "../prometheus";

const modelInfoSchema = z.object({
  is_generation: z.boolean(),
  has_image_understanding: z.boolean().nullish().catch(null),
});
const serverInfoSchema = z.object({
  version: z.string().nullish().catch(null),
  context_length: z.number().int().positive().nullish().catch(null),
  max_running_requests: z.number().int().positive().nullish().catch(null),
  tool_call_parser: z.string().nullish().catch(null),
});
const tokensSchema = z.object({ tokens: z.array(z.number().int()) }).transform(({ tokens }) => tokens);

/**
 * SGLang. Sources: docs.sglang.io, "Native APIs" (`/get_model_info`, `/get_server_info`; later versions have them without
 * `get_`, too) and "Production Metrics" (only with `--enable-metrics`). Tools need `--tool-call-parser`.
 */
export const sglang: EngineKind = {
  name: "SGLang",
  owners: ["sglang"],
  recognise: null,
  async describe(upstream, listed, signal) {
    const model =
      (await readJson(upstream, "/get_model_info", modelInfoSchema, signal)) ??
      (await readJson(upstream, "/model_info", modelInfoSchema, signal));
    const server =
      (await readJson(upstream, "/get_server_info", serverInfoSchema, signal)) ??
      (await readJson(upstream, "/server_info", serverInfoSchema, signal));
    const generates: Capability[] = ["chat", "completion", "json", "logprobs"];
    if (model?.has_image_understanding === true) generates.push("vision");
    if (server !== null && typeof server.tool_call_parser === "string") generates.push("tools");
    return {
      version: server?.version ?? null,
      slots: server?.max_running_requests ?? null,
      models: listed.map((entry) => ({
        upstream: entry.id,
        contextLength: listedContextLength(entry) ?? server?.context_length ?? null,
        capabilities: model?.is_generation === false ? ["embedding"] : generates,
      })),
    };
  },
  healthPath: "/health",
  load: {
    path: "/metrics",
    createReader: () => {
      const meter = new LoadMeter({
        running: "sglang:num_running_reqs",
        waiting: "sglang:num_queue_reqs",
        secondsPerToken: ["sglang:inter_token_latency_seconds", "sglang:time_per_output_token_seconds"],
        tokensPerSecond: null,
      });
      return (text) => meter.read(parseMetrics(text));
    },
  },
  tokenize: {
    path: "/tokenize",
    request: (model, prompt) => ({ model, prompt, add_special_tokens: true }),
    answer: tokensSchema,
  },
  usualCapabilities: ["chat", "completion", "json", "logprobs"],
  usualSlots: 32,
};

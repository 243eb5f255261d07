import { z } from "zod";
import type { Capability } from "@/lib/protocol";
import type { EngineKind } from "../engine-kind";
import { readJson } from "../engine-kind";
import { listedContextLength } from "../listed-models";
import { LoadMeter } from "../load-meter";
import { parseMetrics } from "../prometheus";
import type { Upstream } from "../upstream";

const propsSchema = z.object({
  total_slots: z.number().int().positive().nullish().catch(null),
  build_info: z.string().nullish().catch(null),
  modalities: z.object({ vision: z.boolean().nullish() }).nullish().catch(null),
  default_generation_settings: z
    .object({ n_ctx: z.number().int().positive().nullish() })
    .nullish()
    .catch(null),
});
const tokensSchema = z.object({ tokens: z.array(z.number().int()) }).transform(({ tokens }) => tokens);

/**
 * llama.cpp's llama-server. Source: tools/server/README.md of llama.cpp (`/props`, `/metrics` with `--metrics`,
 * `/tokenize`). `n_ctx` of `/props` is that of one slot.
 */
export const llamaServer: EngineKind = {
  name: "llama-server",
  owners: ["llamacpp"],
  recognise: null,
  async describe(upstream, listed, signal) {
    const props = await readJson(upstream, "/props", propsSchema, signal);
    const isChat = await has(upstream, "/chat/completions", signal);
    const isEmbedder = await has(upstream, "/embeddings", signal);
    const capabilities: Capability[] = [
      ...(isChat ? (["chat", "completion", "tools", "json", "logprobs"] as const) : []),
      ...(isChat && props?.modalities?.vision === true ? (["vision"] as const) : []),
      ...(isEmbedder ? (["embedding"] as const) : []),
    ];
    return {
      version: props?.build_info ?? null,
      slots: props?.total_slots ?? null,
      models: listed.map((model) => ({
        upstream: model.id,
        contextLength: props?.default_generation_settings?.n_ctx ?? listedContextLength(model),
        capabilities: capabilities.length === 0 ? null : capabilities,
      })),
    };
  },
  healthPath: "/health",
  load: {
    path: "/metrics",
    createReader: () => {
      const meter = new LoadMeter({
        running: "llamacpp:requests_processing",
        waiting: "llamacpp:requests_deferred",
        secondsPerToken: [],
        tokensPerSecond: "llamacpp:predicted_tokens_seconds",
      });
      return (text) => meter.read(parseMetrics(text));
    },
  },
  tokenize: {
    path: "/tokenize",
    request: (_model, content) => ({ content, add_special: true, parse_special: true }),
    answer: tokensSchema,
  },
  usualCapabilities: ["chat", "completion", "tools", "json", "logprobs"],
  usualSlots: 4,
};

/** It answers 501 to what it was not started for, and 400 to a body that lacks everything. No token is evaluated. */
async function has(upstream: Upstream, path: string, signal: AbortSignal): Promise<boolean> {
  return (await upstream.ask(upstream.apiPath(path), {}, signal)).status === 400;
}

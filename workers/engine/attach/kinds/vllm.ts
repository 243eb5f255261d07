import { z } from "zod";
import type { EngineKind } from "../engine-kind";
import { readJson } from "../engine-kind";
import { listedContextLength } from "../listed-models";
import { LoadMeter } from "../load-meter";
import { parseMetrics } from "../prometheus";

const versionSchema = z.object({ version: z.string() });
const openApiSchema = z.object({ paths: z.record(z.string(), z.unknown()) });
const tokensSchema = z.object({ tokens: z.array(z.number().int()) }).transform(({ tokens }) => tokens);

/**
 * vLLM. Sources: docs.vllm.ai, "OpenAI-Compatible Server" and "Production Metrics" (the histogram of time per output token
 * was renamed in 0.11). Its list of models does not tell a chat model from an embedding model; versions that leave out
 * the routes which a model has no use for tell by their OpenAPI description.
 */
export const vllm: EngineKind = {
  name: "vLLM",
  owners: ["vllm"],
  recognise: null,
  async describe(upstream, listed, signal) {
    const version = await readJson(upstream, "/version", versionSchema, signal);
    const paths = (await readJson(upstream, "/openapi.json", openApiSchema, signal))?.paths ?? {};
    const isEmbedder = "/v1/embeddings" in paths && !("/v1/chat/completions" in paths);
    return {
      version: version?.version ?? null,
      slots: null,
      models: listed.map((model) => ({
        upstream: model.id,
        contextLength: listedContextLength(model),
        capabilities: isEmbedder ? ["embedding"] : null,
      })),
    };
  },
  healthPath: "/health",
  load: {
    path: "/metrics",
    createReader: () => {
      const meter = new LoadMeter({
        running: "vllm:num_requests_running",
        waiting: "vllm:num_requests_waiting",
        secondsPerToken: ["vllm:inter_token_latency_seconds", "vllm:time_per_output_token_seconds"],
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
  usualCapabilities: ["chat", "completion", "tools", "json", "logprobs"],
  usualSlots: 32,
};

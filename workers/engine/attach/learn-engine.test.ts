import { afterEach, describe, expect, it, vi } from "vitest";
import { busyMachine, eventually } from "../../test-support";
import { closeAll, load, summary } from "./test-front";
import { type Route, status } from "./test-support";

vi.setConfig(busyMachine);
afterEach(closeAll);

/**
 * What is learnt of each engine. The answers are shortened from its public documentation: vLLM "OpenAI-Compatible Server"
 * and "Production Metrics" (docs.vllm.ai), SGLang "Native APIs" and "Production Metrics" (docs.sglang.io), llama.cpp
 * tools/server/README.md, Ollama docs/api.md, TGI's OpenAPI description and "Metrics" (huggingface.co/docs).
 */
const metrics = (lines: string): string => lines.trim().replace(/^ +/gm, "");
const tokenized = { count: 2, max_model_len: 4096, tokens: [1, 15043] };

describe("vLLM", () => {
  const name = "meta-llama/Llama-3.1-8B-Instruct";
  const routes = (): Record<string, Route> => ({
    "GET /v1/models": {
      object: "list",
      data: [
        {
          id: name,
          object: "model",
          created: 1763800000,
          owned_by: "vllm",
          root: name,
          parent: null,
          max_model_len: 131072,
          permission: [{ id: "modelperm-1", object: "model_permission", allow_sampling: true }],
        },
        {
          id: "sql-lora",
          object: "model",
          created: 1763800000,
          owned_by: "vllm",
          root: "/loras/sql",
          parent: name,
        },
      ],
    },
    "GET /version": { version: "0.11.0" },
    "GET /health": "",
    "POST /tokenize": tokenized,
    "GET /metrics": metrics(`
      # HELP vllm:num_requests_running Number of requests in model execution batches.
      # TYPE vllm:num_requests_running gauge
      vllm:num_requests_running{engine="0",model_name="${name}"} 5.0
      # TYPE vllm:num_requests_waiting gauge
      vllm:num_requests_waiting{engine="0",model_name="${name}"} 2.0
      # TYPE vllm:inter_token_latency_seconds histogram
      vllm:inter_token_latency_seconds_bucket{engine="0",le="0.01",model_name="${name}"} 0.0
      vllm:inter_token_latency_seconds_count{engine="0",model_name="${name}"} 400.0
      vllm:inter_token_latency_seconds_sum{engine="0",model_name="${name}"} 8.0
    `),
  });

  it("tells models with their adapters, context and version; load, queue and speed", async () => {
    const { engine, upstream } = await load(routes());
    const capabilities = ["chat", "completion", "tools", "json", "logprobs"];
    expect(summary(engine)).toEqual({
      version: "vLLM 0.11.0",
      slots: 32,
      models: [
        { name, contextLength: 131072, capabilities },
        { name: "sql-lora", contextLength: 8192, capabilities },
      ],
    });
    await eventually(() => engine.status()).toEqual({ busySlots: 5, queued: 2, tokensPerSecond: 50 });
    expect(await engine.tokenizeElsewhere(name, "Hello", AbortSignal.timeout(5000))).toEqual([1, 15043]);
    const asked = upstream.seen.find(({ url }) => url === "/tokenize");
    expect(JSON.parse(String(asked?.body))).toEqual({
      model: name,
      prompt: "Hello",
      add_special_tokens: true,
    });
  });

  it("is an embedder where it has routes for nothing else", async () => {
    const paths = { "/v1/models": {}, "/v1/embeddings": {} };
    const { engine } = await load({ ...routes(), "GET /openapi.json": { openapi: "3.1.0", paths } });
    expect(engine.models()[0]?.capabilities).toEqual(["embedding"]);
  });
});

describe("SGLang", () => {
  const name = "Qwen/Qwen2.5-7B-Instruct";
  const routes: Record<string, Route> = {
    "GET /v1/models": {
      object: "list",
      data: [{ id: name, object: "model", created: 1, owned_by: "sglang", root: name, max_model_len: 32768 }],
    },
    "GET /get_model_info": {
      model_path: name,
      tokenizer_path: name,
      is_generation: true,
      has_image_understanding: false,
    },
    "GET /get_server_info": {
      model_path: name,
      tool_call_parser: "qwen25",
      max_running_requests: 48,
      context_length: null,
      version: "0.5.4",
    },
    "GET /health": "",
    "GET /metrics": metrics(`
      # TYPE sglang:num_running_reqs gauge
      sglang:num_running_reqs{model_name="${name}"} 161.0
      # TYPE sglang:num_queue_reqs gauge
      sglang:num_queue_reqs{model_name="${name}"} 2826.0
    `),
  };

  it("tells what it was started with, and its load", async () => {
    const { engine } = await load(routes);
    expect(summary(engine)).toEqual({
      version: "SGLang 0.5.4",
      slots: 48,
      models: [
        { name, contextLength: 32768, capabilities: ["chat", "completion", "json", "logprobs", "tools"] },
      ],
    });
    await eventually(() => engine.status()).toEqual({ busySlots: 161, queued: 2826, tokensPerSecond: null });
  });

  it("without metrics, a parser of tools or generation offers less", async () => {
    const { "GET /metrics": _metrics, ...others } = routes;
    const { engine } = await load({
      ...others,
      "GET /get_server_info": {},
      "GET /get_model_info": { is_generation: false },
    });
    expect(summary(engine)).toMatchObject({ slots: 32, models: [{ capabilities: ["embedding"] }] });
    expect(engine.status()).toEqual({ busySlots: 0, queued: 0, tokensPerSecond: null });
  });
});

describe("llama-server", () => {
  const routes = (): Record<string, Route> => ({
    "GET /v1/models": {
      models: [{ name: "../models/Qwen3-8B-Q8_0.gguf", capabilities: ["completion"] }],
      object: "list",
      data: [
        {
          id: "../models/Qwen3-8B-Q8_0.gguf",
          object: "model",
          created: 1735142223,
          owned_by: "llamacpp",
          meta: {
            vocab_type: 2,
            n_vocab: 128256,
            n_ctx_train: 131072,
            n_embd: 4096,
            n_params: 8030261312,
            size: 4912898304,
          },
        },
      ],
    },
    "GET /props": {
      default_generation_settings: { id: 0, n_ctx: 8192 },
      total_slots: 6,
      model_path: "../models/Qwen3-8B-Q8_0.gguf",
      modalities: { vision: false },
      build_info: "b6945-abc",
    },
    "POST /v1/chat/completions": status(400, {
      error: { code: 400, message: '"messages" is required', type: "invalid_request_error" },
    }),
    "POST /v1/embeddings": status(501, {
      error: { code: 501, message: "This server does not support embeddings.", type: "not_supported_error" },
    }),
    "GET /health": { status: "ok" },
    "POST /tokenize": { tokens: [9906] },
    "GET /metrics": metrics(`
      # HELP llamacpp:predicted_tokens_seconds Average generation throughput in tokens/s.
      # TYPE llamacpp:predicted_tokens_seconds gauge
      llamacpp:predicted_tokens_seconds 41.5
      llamacpp:requests_processing 3
      llamacpp:requests_deferred 1
    `),
  });

  it("tells the context of a slot and how many there are; a path becomes a name", async () => {
    const { engine } = await load(routes());
    expect(summary(engine)).toEqual({
      version: "llama-server b6945-abc",
      slots: 6,
      models: [
        {
          name: "Qwen3-8B-Q8_0",
          contextLength: 8192,
          capabilities: ["chat", "completion", "tools", "json", "logprobs"],
        },
      ],
    });
    await eventually(() => engine.status()).toEqual({ busySlots: 3, queued: 1, tokensPerSecond: 41.5 });
    expect(await engine.tokenizeElsewhere("Qwen3-8B-Q8_0", "Hello", AbortSignal.timeout(5000))).toEqual([
      9906,
    ]);
  });

  it("started for embeddings offers only these", async () => {
    const chat = status(501, { error: { code: 501, message: "no chat", type: "not_supported_error" } });
    const { engine } = await load({
      ...routes(),
      "POST /v1/chat/completions": chat,
      "POST /v1/embeddings": status(400),
    });
    expect(engine.models()[0]?.capabilities).toEqual(["embedding"]);
  });

  it("is waited for while it loads its model", async () => {
    let asked = 0;
    const { "GET /v1/models": ready } = routes();
    const { engine } = await load({
      ...routes(),
      "GET /v1/models": (_request, response) => {
        asked++;
        const isLoading = asked < 3;
        const loading = { error: { code: 503, message: "Loading model", type: "unavailable_error" } };
        response.writeHead(isLoading ? 503 : 200).end(JSON.stringify(isLoading ? loading : ready));
      },
    });
    expect(asked).toBeGreaterThanOrEqual(3);
    expect(engine.models()).toHaveLength(1);
  });
});

describe("Ollama", () => {
  it("tells each model's abilities, and the context that it gives, not the one that it could", async () => {
    const shown: Record<string, object> = {
      "llama3.2:3b": {
        parameters: 'num_ctx                        16384\nstop                           "<|eot_id|>"',
        model_info: { "general.architecture": "llama", "llama.context_length": 131072 },
        capabilities: ["completion", "tools"],
      },
      "nomic-embed-text:latest": {
        model_info: { "nomic-bert.context_length": 2048 },
        capabilities: ["embedding"],
      },
      "llava:7b": { model_info: { "llama.context_length": 32768 }, capabilities: ["completion", "vision"] },
      "gemma3:4b": { model_info: { "gemma3.context_length": 131072 }, capabilities: ["completion"] },
    };
    const listed = Object.keys(shown).map((id) => ({ id, object: "model", created: 1, owned_by: "library" }));
    const { engine } = await load({
      "GET /v1/models": { object: "list", data: listed },
      "GET /api/version": { version: "0.12.9" },
      "GET /api/ps": { models: [{ name: "llava:7b", model: "llava:7b", context_length: 8192 }] },
      "POST /api/show": ({ body }, response) => {
        response.end(JSON.stringify(shown[JSON.parse(body.toString()).model]));
      },
    });
    expect(summary(engine)).toEqual({
      version: "Ollama 0.12.9",
      slots: 4,
      models: [
        { name: "llama3.2:3b", contextLength: 16384, capabilities: ["chat", "completion", "json", "tools"] },
        { name: "nomic-embed-text:latest", contextLength: 2048, capabilities: ["embedding"] },
        { name: "llava:7b", contextLength: 8192, capabilities: ["chat", "completion", "json", "vision"] },
        { name: "gemma3:4b", contextLength: 4096, capabilities: ["chat", "completion", "json"] },
      ],
    });
    await expect(engine.tokenizeElsewhere("llava:7b", "x", AbortSignal.timeout(5000))).rejects.toMatchObject({
      code: "unsupported_parameter",
    });
  });
});

describe("TGI", () => {
  it("tells its lengths, slots and load", async () => {
    const name = "mistralai/Mistral-7B-Instruct-v0.3";
    const { engine } = await load({
      "GET /v1/models": { object: "list", data: [{ id: name, object: "model", created: 0, owned_by: name }] },
      "GET /info": {
        model_id: name,
        model_sha: "e0bc86c",
        max_concurrent_requests: 128,
        max_best_of: 2,
        max_stop_sequences: 4,
        max_input_tokens: 4095,
        max_total_tokens: 4096,
        version: "3.3.4",
      },
      "GET /health": "",
      "POST /tokenize": [
        { id: 1, text: "<s>", start: 0, stop: 0 },
        { id: 23325, text: "Hello", start: 0, stop: 5 },
      ],
      "GET /metrics": metrics(`
        # TYPE tgi_batch_current_size gauge
        tgi_batch_current_size 7
        # TYPE tgi_queue_size gauge
        tgi_queue_size 1
        # TYPE tgi_request_mean_time_per_token_duration histogram
        tgi_request_mean_time_per_token_duration_sum 0.25
        tgi_request_mean_time_per_token_duration_count 10
      `),
    });
    expect(summary(engine)).toMatchObject({
      version: "TGI 3.3.4",
      slots: 128,
      models: [{ name, contextLength: 4096 }],
    });
    await eventually(() => engine.status()).toEqual({ busySlots: 7, queued: 1, tokensPerSecond: 40 });
    expect(await engine.tokenizeElsewhere(name, "Hello", AbortSignal.timeout(5000))).toEqual([1, 23325]);
  });
});

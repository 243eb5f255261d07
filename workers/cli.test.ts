import { describe, expect, it } from "vitest";
import { parseCli } from "./cli";

describe("parseCli", () => {
  it("reads a llama command, with its defaults", () => {
    expect(parseCli(["llama", "--model", "a.gguf", "--tag", "demo", "--tag", "x", "--threads", "2"])).toEqual(
      {
        kind: "command",
        command: {
          engine: "llama",
          model: "a.gguf",
          threads: 2,
          hasEmbeddings: false,
          adapters: [],
          furtherModels: [],
          gpu: "auto",
          gpuLayers: "auto",
          kvType: "f16",
          pool: "default",
          personas: [],
          name: null,
          displayName: null,
          organization: null,
          licence: null,
          tags: ["demo", "x"],
          slots: 4,
          contextLength: null,
          url: null,
        },
      },
    );
  });

  it("reads a transformers command", () => {
    expect(parseCli(["transformers", "--model", "a", "--dtype", "fp32", "--embeddings"])).toMatchObject({
      command: { engine: "transformers", model: "a", dtype: "fp32", hasEmbeddings: true, threads: null },
    });
    expect(parseCli(["transformers", "--model", "hf:org/name:q8"])).toMatchObject({
      command: { model: "hf:org/name:q8", dtype: null, hasEmbeddings: false },
    });
  });

  it("takes the pool's name, and refuses one that is none", () => {
    const parse = (pool: string) => parseCli(["mock", "--name", "m", "--pool", pool]);
    expect(parse("eu-west.1")).toMatchObject({ kind: "command", command: { pool: "eu-west.1" } });
    expect(parse("EU West")).toMatchObject({ kind: "error", message: expect.stringContaining("--pool") });
  });

  it("reads a mock command", () => {
    const result = parseCli(["mock", "--name", "m", "--scenario", "slow", "--delay-ms", "0", "--slots", "9"]);
    expect(result).toMatchObject({
      kind: "command",
      command: { engine: "mock", name: "m", scenario: "slow", delayMs: 0, slots: 9 },
    });
  });

  it("reads several models, a GPU and types of the cache", () => {
    const flags = ["--model", "b=dir/x=y.gguf", "--model", "hf:o/r=z:Q8_0", "--model", "dir/a=b.gguf"];
    const gpu = ["--gpu", "1", "--gpu-layers", "max", "--kv-type", "Q8_0"];
    expect(parseCli(["llama", "--model", "a.gguf", ...flags, ...gpu])).toMatchObject({
      command: {
        model: "a.gguf",
        name: null,
        furtherModels: [
          { name: "b", model: "dir/x=y.gguf" },
          { name: null, model: "hf:o/r=z:Q8_0" },
          { name: null, model: "dir/a=b.gguf" },
        ],
        gpu: 1,
        gpuLayers: "max",
        kvType: "q8_0",
      },
    });
    expect(parseCli(["llama", "--model", "x=a.gguf"])).toMatchObject({ command: { name: "x" } });
    expect(parseCli(["gpus"])).toEqual({ kind: "gpus" });
  });

  it("reads adapters and personas", () => {
    const flags = ["--lora", "dir/a-lora.gguf", "--lora", "b=c.gguf:0.5", "--persona", "p.json"];
    expect(parseCli(["llama", "--model", "a.gguf", ...flags])).toMatchObject({
      command: {
        adapters: [
          { name: "a-lora", path: "dir/a-lora.gguf", scale: 1 },
          { name: "b", path: "c.gguf", scale: 0.5 },
        ],
        personas: ["p.json"],
      },
    });
  });

  it.each([
    [["llama", "--model", "a", "--lora", "=x.gguf"], '--lora takes [NAME=]FILE[:SCALE], not "=x.gguf".'],
    [["llama", "--modell", "x"], "Unknown option '--modell'."],
    [["llama", "--model", "a", "--kv-type", "q9_0"], "--kv-type takes f32, f16, bf16, q8_0, q5_1,"],
    [
      ["llama", "--model", "a", "--gpu", "first"],
      '--gpu takes a number from 0, "all" or "off", not "first".',
    ],
    [
      ["llama", "--model", "a", "--gpu", "off", "--gpu-layers", "4"],
      "--gpu-layers needs a GPU, and --gpu is off.",
    ],
    [["llama", "--model", "a", "--gpu", "all", "--url", "http://x:1"], "--url names one worker,"],
    [
      ["llama", "--model", "a", "--model", "b", "--name", "n"],
      "--name and --display-name go with one model;",
    ],
    [["llama", "--model", "x=a", "--name", "n"], "Give the name once:"],
    [["llama", "--model", "a b=c"], '--model takes [NAME=]FILE, not "a b=c".'],
    [["gpus", "--all"], "Unknown option '--all'."],
    [["llama"], "llama needs --model FILE.gguf."],
    [["llama", "--model"], "Option '--model <value>' argument missing."],
    [["llama", "--model", "a", "b"], "Unexpected argument 'b'."],
    [["llama", "--model", "a", "--slots", "0"], '--slots takes a whole number from 1 to 256, not "0".'],
    [["transformers"], "transformers needs --model FOLDER or hf:org/name."],
    [["transformers", "--model", "a", "--dtype", "q3"], 'There is no dtype "q3"; there are q8, fp32'],
    [["mock"], "mock needs --name NAME."],
    [["vllm"], 'There is no engine "vllm"; there are llama, transformers, attach and mock.'],
    [
      ["mock", "--name", "m", "--url", "ftp://x"],
      '--url takes an address such as http://10.0.0.5:8001, not "ftp://x".',
    ],
  ])("answers %j with one sentence", (args, message) => {
    const result = parseCli(args);
    expect(result.kind === "error" ? result.message : result).toContain(message.slice(0, -1));
    if (result.kind === "error") expect(result.message).not.toContain("\n");
  });

  describe("attach", () => {
    const url = "http://10.0.0.5:8000/v1";

    it("reads its flags, with what the engine tells as default", () => {
      expect(parseCli(["attach", "--url", "http://10.0.0.5:8000/"])).toEqual({
        kind: "command",
        command: {
          engine: "attach",
          engineUrl: url,
          apiKeyEnv: null,
          models: [],
          capabilities: null,
          isDirect: false,
          personas: [],
          name: null,
          displayName: null,
          organization: null,
          licence: null,
          tags: [],
          slots: null,
          contextLength: null,
          url: null,
          pool: "default",
        },
      });
      const flags = ["--api-key-env", "KEY_1", "--model", "a=b=c", "--model", "d", "--capability", "tools"];
      const worker = ["--slots", "4096", "--worker-url", "http://10.0.0.6:9000", "--context", "99"];
      expect(parseCli(["attach", "--url", "https://x.example/api/v2/", ...flags, ...worker])).toMatchObject({
        command: {
          engineUrl: "https://x.example/api/v2",
          apiKeyEnv: "KEY_1",
          models: [
            { upstream: "a=b", publicName: "c" },
            { upstream: "d", publicName: null },
          ],
          capabilities: ["tools"],
          slots: 4096,
          url: "http://10.0.0.6:9000",
          contextLength: 99,
        },
      });
    });

    it.each([
      [[], "attach needs --url"],
      [["--url", "host:8000"], "--url takes the engine's address"],
      [["--url", "http://user:secret-1@host/v1"], "without credentials"],
      [["--url", `${url}?api_key=secret-1`], "without credentials"],
      [["--url", url, "--api-key-env", "secret-1"], "never the key itself"],
      [["--url", url, "--model", "a=b c"], "--model takes UPSTREAM[=PUBLIC]"],
      [["--url", url, "--model", "=b"], "--model takes UPSTREAM[=PUBLIC]"],
      [["--url", url, "--capability", "fly"], 'There is no capability "fly"'],
      [["--url", url, "--worker-url", "x"], "--worker-url takes an address"],
      [["--url", url, "--persona", "p.json"], "cannot add a persona"],
      [["--url", url, "--direct", "--api-key-env", "KEY"], "--direct is for engines without a key"],
      [["--url", url, "--direct", "--model", "a=b"], '--direct passes names on as they are: "a"'],
      [["--url", `${url}/x`, "--direct"], "--direct needs an engine at /v1"],
      [["--url", url, "--direct", "--worker-url", "http://x"], "--worker-url has no use"],
    ])("refuses %j in one sentence, without what may be a secret", (flags, sentence) => {
      const result = parseCli(["attach", ...flags]);
      expect(result.kind === "error" ? result.message : result).toContain(sentence);
      expect(JSON.stringify(result)).not.toMatch(/secret-1|\\n/);
    });
  });

  it.each([[[]], [["--help"]], [["mock", "--help"]]])("shows its help for %j", (args) => {
    expect(parseCli(args)).toEqual({ kind: "help" });
  });
});

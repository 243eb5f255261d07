import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { createParser } from "eventsource-parser";
import { Agent, request } from "undici";
import { z } from "zod";
import { processState } from "@/e2e/fixtures/proc";
import { childEnv } from "@/lib/env";
import { chatCompletionChunkSchema } from "@/lib/protocol";
import type { Answer, Contestant, ContestantOptions, Task } from "./contestant";

/** Our worker's server in a process of its own. */
export async function workerContestant(options: ContestantOptions): Promise<Contestant> {
  const secret = "bench-secret-of-thirty-two-characters";
  const args = [
    ...["--import", "tsx", fileURLToPath(new URL("serve.ts", import.meta.url))],
    ...["--model", options.model, "--slots", String(options.slots)],
    ...["--context", String(options.contextLength), "--secret", secret],
    ...(options.threads === null ? [] : ["--threads", String(options.threads)]),
    ...(options.gpu ? ["--gpu"] : []),
  ];
  const child = spawn(process.execPath, args, {
    env: childEnv({ UV_THREADPOOL_SIZE: String(Math.max(4, options.slots)) }),
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const [message] = await Promise.race([once(child, "message"), failure(child, "The worker")]);
  const { port } = z.object({ port: z.number() }).parse(message);
  return httpContestant("worker (HTTP)", `http://127.0.0.1:${port}/v1`, secret, child, {});
}

/** llama.cpp's own server, built from the source in node-llama-cpp's package. */
export async function llamaServerContestant(options: ContestantOptions, binary: string): Promise<Contestant> {
  const port = await freePort();
  const threads = options.threads === null ? [] : ["-t", String(options.threads)];
  const args = [
    ...["-m", options.model, "--host", "127.0.0.1", "--port", String(port), ...threads],
    ...["-np", String(options.slots), "-c", String(options.slots * options.contextLength)],
    ...["-b", "2048", "--no-webui", "-fit", "off", ...(options.gpu ? ["-ngl", "999"] : ["-ngl", "0"])],
  ];
  const child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (bytes: Buffer) => {
    log = (log + bytes.toString()).slice(-4000);
  });
  const died = failure(child, "llama-server").catch((error: Error) => {
    throw new Error(`${error.message}\n${log}`);
  });
  const base = `http://127.0.0.1:${port}`;
  await Promise.race([untilHealthy(`${base}/health`), died]);
  return httpContestant("llama-server (HTTP)", `${base}/v1`, "none", child, { cache_prompt: false });
}

function httpContestant(
  name: string,
  baseUrl: string,
  key: string,
  child: ChildProcess,
  extra: Readonly<Record<string, unknown>>,
): Contestant {
  const dispatcher = new Agent({ connections: 256, bodyTimeout: 0, headersTimeout: 0 });
  const pid = child.pid ?? 0;
  return {
    name,
    answer: (task) => stream(dispatcher, baseUrl, key, task, extra),
    processorMs: () => processorMsOf(pid),
    async dispose() {
      await dispatcher.close();
      const ended = once(child, "exit");
      if (child.connected) child.disconnect();
      else child.kill("SIGTERM");
      await ended;
    },
  };
}

async function stream(
  dispatcher: Agent,
  baseUrl: string,
  key: string,
  task: Task,
  extra: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const startedAt = performance.now();
  const { statusCode, body } = await request(`${baseUrl}/chat/completions`, {
    dispatcher,
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}` },
    body: JSON.stringify({
      model: "bench",
      messages: [{ role: "user", content: task.prompt }],
      max_tokens: task.tokens,
      temperature: 0,
      ignore_eos: true,
      cache_prompt: false,
      stream: true,
      stream_options: { include_usage: true },
      ...extra,
    }),
  });
  if (statusCode !== 200) throw new Error(`${baseUrl} answered ${statusCode}: ${await body.text()}`);
  const pieces: number[] = [];
  let usage = { completion_tokens: 0, prompt_tokens: 0 };
  const parser = createParser({
    onEvent({ data }) {
      if (data === "[DONE]") return;
      const chunk = chatCompletionChunkSchema.parse(JSON.parse(data));
      if ((chunk.choices?.[0]?.delta?.content ?? "") !== "") pieces.push(performance.now());
      if (chunk.usage) usage = chunk.usage;
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) parser.feed(decoder.decode(bytes as Buffer, { stream: true }));
  return {
    startedAt,
    pieces,
    tokens: usage.completion_tokens,
    promptTokens: usage.prompt_tokens,
    endedAt: performance.now(),
  };
}

async function failure(child: ChildProcess, name: string): Promise<never> {
  const [code] = await once(child, "exit");
  throw new Error(`${name} ended with code ${code} before it served.`);
}

async function untilHealthy(url: string): Promise<void> {
  while (true) {
    try {
      const { statusCode, body } = await request(url);
      await body.dump();
      if (statusCode === 200) return;
    } catch {
      // Not listening yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("No port is free.");
  return address.port;
}

/** Linux: user and system time of the process and all its threads. */
function processorMsOf(pid: number): number | null {
  if (process.platform !== "linux") return null;
  const state = processState(pid);
  return state === null ? null : state.cpuSeconds * 1000;
}

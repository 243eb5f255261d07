import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Controller } from "@/lib/controller";
import { type AnswerPiece, streamAnswer } from "./stream-answer";

function controllerThatAnswers(status: number, chunks: readonly Uint8Array[]): Pick<Controller, "dispatch"> {
  return {
    dispatch: async () => ({
      status,
      contentType: "text/event-stream",
      body: Readable.from(chunks),
      workerId: "worker-7",
      queueWaitMs: 0,
    }),
  };
}

async function collect(status: number, chunks: readonly Uint8Array[]): Promise<AnswerPiece[]> {
  const pieces: AnswerPiece[] = [];
  const request = {
    model: "m",
    messages: [],
    maxTokens: 8,
    requestId: "r",
    signal: new AbortController().signal,
  };
  for await (const piece of streamAnswer(controllerThatAnswers(status, chunks), request)) pieces.push(piece);
  return pieces;
}

const text = (pieces: readonly AnswerPiece[]) =>
  pieces.map((piece) => (piece.type === "text" ? piece.text : "")).join("");

function sse(...events: object[]): Buffer {
  return Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
}

const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });
const finish = { choices: [{ index: 0, delta: {}, finish_reason: "length" }] };
const usage = { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } };
const done = Buffer.from("data: [DONE]\n\n");

describe("streamAnswer", () => {
  it("gives the same text wherever the network cuts the bytes", async () => {
    const bytes = Buffer.concat([
      sse(delta("第一行\n"), delta("🙂👩‍👩‍👧"), delta("e\u0301"), finish, usage),
      done,
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }),
        async (cuts) => {
          const borders = [0, ...[...new Set(cuts)].sort((x, y) => x - y), bytes.length];
          const chunks = borders.slice(1).map((end, at) => bytes.subarray(borders[at], end));
          const pieces = await collect(200, chunks);
          expect(text(pieces)).toBe("第一行\n🙂👩‍👩‍👧e\u0301");
          expect(pieces.at(-1)).toEqual({ type: "end", finishReason: "length", usage: usage.usage });
        },
      ),
    );
  });

  it.each(["abort", "eos_token", "function_call"])("ends with an engine's own reason: %s", async (reason) => {
    const end = { choices: [{ index: 0, delta: null, finish_reason: reason }] };
    const told = { choices: [], usage: { ...usage.usage, prompt_tokens_details: null } };
    const pieces = await collect(200, [sse(delta("whole"), end, told), done]);
    expect(text(pieces)).toBe("whole");
    const finishReason = reason === "function_call" ? reason : "stop";
    expect(pieces.at(-1)).toMatchObject({ type: "end", finishReason, usage: { prompt_tokens: 5 } });
  });

  it("replaces U+0000, which the database cannot store", async () => {
    expect(text(await collect(200, [sse(delta("a\u0000b"), finish), done]))).toBe("a\uFFFDb");
  });

  it.each([
    ["breaks off without a finish reason", [sse(delta("half"))]],
    ["says error in the middle", [sse(delta("half"), { error: { message: "boom" } })]],
    ["says done without a finish reason", [sse(delta("half")), done]],
  ])("fails when the stream %s", async (_name, chunks) => {
    await expect(collect(200, chunks)).rejects.toMatchObject({ code: "upstream_failed" });
  });

  it("fails on a frame that is no chunk instead of showing it", async () => {
    await expect(collect(200, [Buffer.from("data: {nonsense\n\n")])).rejects.toThrow(SyntaxError);
  });

  it("tells a prompt that is too long from any other refusal", async () => {
    const body = (code: string) => [Buffer.from(JSON.stringify({ error: { message: "no", code } }))];
    await expect(collect(400, body("context_length_exceeded"))).rejects.toMatchObject({
      code: "context_length_exceeded",
    });
    await expect(collect(400, body("unsupported_parameter"))).rejects.toMatchObject({
      code: "unsupported_parameter",
    });
    await expect(collect(422, [Buffer.from("<html>")])).rejects.toMatchObject({ code: "invalid_request" });
  });
});

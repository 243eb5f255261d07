import fc from "fast-check";
import { expect, it } from "vitest";
import { AppError, renderSseError } from "@/lib/errors";
import { TailOfEvents } from "./tail-of-events";

function failureOf(...pieces: string[]): Error | null {
  const tail = new TailOfEvents();
  for (const piece of pieces) tail.push(Buffer.from(piece));
  return tail.failure();
}

const piece = 'data: {"choices":[{"delta":{"content":"x"}}]}\n\n';
const done = "data: [DONE]\n\n";

it.each([
  ["our own workers' frame", [piece, renderSseError(new AppError("upstream_failed"))]],
  ["in one piece with what was before", [piece + renderSseError(new AppError("internal"))]],
  ["vLLM's, before its [DONE]", [piece, 'data: {"error": {"message": "no", "code": 500}}\n\n', done]],
  ["llama-server's, with a carriage return", [`${piece}data: {"error":{"code":500,"message":"no"}}\r\n\r\n`]],
  ["cut short", [piece, 'data: {"error":{"mess']],
])("finds a failure that is %s", (_name, pieces) => {
  expect(failureOf(...pieces)).toBeInstanceOf(Error);
});

it.each([
  ["nothing", []],
  ["a regular end", [piece, piece + done]],
  [
    "a text that speaks of errors",
    [`data: {"choices":[{"delta":{"content":"data: {\\"error\\": 1}"}}]}\n\n`, done],
  ],
  ["the request's own fault", [piece, renderSseError(new AppError("context_length_exceeded"))]],
  ["the request's own fault in vLLM's words", [piece, 'data: {"error": {"code": 400}}\n\n', done]],
])("finds none in %s", (_name, pieces) => {
  expect(failureOf(...pieces)).toBeNull();
});

it("finds it wherever the last two pieces are divided", () => {
  const all = piece + renderSseError(new AppError("internal"));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: all.length }), (at) => {
      expect(failureOf(piece, all.slice(0, at), all.slice(at))).toBeInstanceOf(Error);
    }),
  );
});

it("looks at the end of a long piece", () => {
  const long = piece.repeat(200);
  expect(failureOf(long + renderSseError(new AppError("internal")), done)).toBeInstanceOf(Error);
  expect(failureOf(piece, long + renderSseError(new AppError("internal")))).toBeInstanceOf(Error);
  expect(failureOf(long, long + done)).toBeNull();
});

it.each([
  ["alone", [piece, done], true],
  ["in two parts", [piece + done.slice(0, 8), done.slice(8)], true],
  ["after a long piece", [piece, piece.repeat(200) + done], true],
  ["after a piece", [piece + done], true],
  ["before others", [done, piece], false],
  ["in a text", ['data: {"choices":[{"delta":{"content":"data: [DONE]"}}]}\n\n'], false],
  ["not at all", [], false],
])("knows the last frame: %s", (_name, pieces, isDone) => {
  const tail = new TailOfEvents();
  for (const one of pieces) tail.push(Buffer.from(one));
  expect(tail.isDone).toBe(isDone);
});

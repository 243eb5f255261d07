import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SseFrames } from "./sse-frames";

function pushAll(chunks: readonly string[]): { written: string[]; rest: string | null } {
  const frames = new SseFrames();
  const written = chunks.flatMap((chunk) => frames.push(Buffer.from(chunk))?.toString() ?? []);
  return { written, rest: frames.flush()?.toString() ?? null };
}

describe("SseFrames", () => {
  it("passes whole frames on as they come", () => {
    expect(pushAll(["data: 1\n\n", "data: 2\r\n\r\n", "data: 3\n\ndata: 4\n\n"])).toEqual({
      written: ["data: 1\n\n", "data: 2\r\n\r\n", "data: 3\n\ndata: 4\n\n"],
      rest: null,
    });
  });

  it("holds half a frame until its other half has come", () => {
    expect(pushAll(["data: 1\n\nda", "ta: ", "2\n", "\ndata: 3"])).toEqual({
      written: ["data: 1\n\n", "data: 2\n\n"],
      rest: "data: 3",
    });
  });

  it("passes on what no frame could be", () => {
    const large = "x".repeat(1024 * 1024 + 1);
    expect(pushAll([large])).toEqual({ written: [large], rest: null });
  });

  it("keeps every byte in order and writes only whole frames, however the stream is cut", () => {
    const line = fc.constantFrom("data: a", "event: error", ": comment", "data: é😀", "");
    const end = fc.constantFrom("\n", "\r\n");
    const stream = fc
      .array(fc.tuple(line, end), { maxLength: 12 })
      .map((lines) => lines.map(([text, newline]) => text + newline).join(""));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(60), { maxLength: 10 }), (text, cuts) => {
        const bytes = Buffer.from(text);
        const frames = new SseFrames();
        const edges = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
          bytes.length,
        ];
        const written: Buffer[] = [];
        for (let i = 1; i < edges.length; i += 1) {
          const ready = frames.push(bytes.subarray(edges[i - 1], edges[i]));
          if (ready === null || ready.length === 0) continue;
          expect(ready.toString()).toMatch(/(\n|\r)\r?\n$/);
          written.push(ready);
        }
        const rest = frames.flush();
        expect(Buffer.concat([...written, rest ?? Buffer.alloc(0)]).toString()).toBe(text);
      }),
    );
  });
});

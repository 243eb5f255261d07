import { describe, expect, it } from "vitest";
import { createSseReader } from "./sse-reader";

function read(bytes: Uint8Array, cut: number): { got: string[]; isLeft: boolean } {
  const got: string[] = [];
  const reader = createSseReader((data) => got.push(data));
  for (let at = 0; at < bytes.length; at += cut) reader.push(bytes.subarray(at, at + cut));
  return { got, isLeft: reader.end() };
}

describe("the reader of events", () => {
  it("gives the same events however the bytes are cut", () => {
    const bytes = Buffer.from(
      '\ufeff: hello\r\ndata: {"a":"é👍🏽\u2028"}\r\n\r\nevent: x\rdata:one\rdata:  two\r\rdata: [DONE]\n\nid: 3\n\ndata: unended',
    );
    for (let cut = 1; cut <= bytes.length; cut += 1) {
      expect(read(bytes, cut)).toEqual({
        got: ['{"a":"é👍🏽\u2028"}', "one\n two", "[DONE]"],
        isLeft: true,
      });
    }
  });

  it("refuses bytes that are not UTF-8, also a character that never ends", () => {
    expect(() => read(Buffer.from([100, 97, 116, 97, 58, 0xff, 10, 10]), 3)).toThrow(TypeError);
    expect(() => read(Buffer.from([100, 97, 116, 97, 58, 0xe2, 0x82]), 7)).toThrow(TypeError);
  });
});

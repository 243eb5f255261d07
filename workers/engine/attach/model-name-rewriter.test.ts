import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { busyMachine } from "../../test-support";
import { ModelNameRewriter } from "./model-name-rewriter";

vi.setConfig(busyMachine);

/** Small: making the values takes most of the time. */
const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });

/** The bytes cut into pieces at the given places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

function rewrite(text: string, isEventStream: boolean, cuts: readonly number[] = []): string {
  const rewriter = new ModelNameRewriter("public", isEventStream);
  return Buffer.concat(pieces(Buffer.from(text), cuts).map((piece) => rewriter.push(piece))).toString();
}

const cuts = fc.array(fc.nat(10_000), { maxLength: 20 });

describe("ModelNameRewriter", () => {
  it("changes the outermost model of any JSON, however it is cut, and no other byte", () => {
    fc.assert(
      fc.property(object, fc.string({ unit: "binary" }), cuts, (value, model, at) => {
        const { model: _model, ...rest } = value;
        const before = { ...rest, model, after: { model } };
        const expected = { ...rest, model: "public", after: { model } };
        expect(rewrite(JSON.stringify(before, null, 1), false, at)).toBe(JSON.stringify(expected, null, 1));
      }),
    );
  });

  it("changes it in each event of a stream, and nothing beside the data", () => {
    const stream = (model: string): string =>
      [
        `: a "comment" {`,
        "",
        `data: {"id":"x","model":"${model}","choices":[{"delta":{"content":"\\"model\\":\\"up\\" \u2028 é"}}]}`,
        "",
        `event: message\r\ndata:{"mod\\u0065l":"kept, as nobody writes it so","model" : "${model}"}\r\n\r`,
        `data: {"model":\ndata: "${model}"}`,
        "",
        `data: {"cut off`,
        "",
        `data: {"model":"${model}"}`,
        "",
        "data: [DONE]",
        "",
        "",
      ].join("\n");
    fc.assert(
      fc.property(cuts, (at) => {
        expect(rewrite(stream("up/stream"), true, at)).toBe(stream("public"));
      }),
    );
  });

  it("leaves a model that is no name, and a list", () => {
    for (const text of ['{"model":null,"a":"model"}', '["model","x"]', '{"a":"model","b":["model:"]}']) {
      expect(rewrite(text, false)).toBe(text);
    }
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findUsage, usageOf } from "./find-usage";
import { askingForUsage } from "./relayed-endpoints";
import { SseFrames } from "./sse-frames";
import { frame, nullUsageFrame, usage } from "./test-support";
import { UsageFrames } from "./usage-frames";

const counts = { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens };
const done = "data: [DONE]\n\n";

function run(
  isAsked: boolean,
  stream: string,
  cuts: readonly number[] = [],
): { out: string; filter: UsageFrames } {
  const bytes = Buffer.from(stream);
  const frames = new SseFrames();
  const filter = new UsageFrames(isAsked);
  const out: Buffer[] = [];
  const places = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
  for (const [index, start] of [0, ...places].entries()) {
    const whole = frames.push(bytes.subarray(start, places[index] ?? bytes.length));
    const passed = whole === null ? null : filter.push(whole);
    if (passed !== null) out.push(passed);
  }
  return { out: Buffer.concat(out).toString("utf8"), filter };
}

describe("the usage of a stream", () => {
  const tricky = [
    '"usage":null}',
    'say "usage": {"prompt_tokens": 9}',
    "data: x\n\nevent: error",
    ',"usage":null}\n\n',
  ];

  it("that the client did not ask for is read and leaves no trace, however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...tricky)), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (texts, cuts) => {
          const sent = texts.map(nullUsageFrame).join("") + frame(null) + done;
          const { out, filter } = run(false, sent, cuts);
          expect(out).toBe(texts.map((text) => frame(text)).join("") + done);
          expect(filter.counts).toEqual(counts);
          expect(filter.hasFailed).toBe(false);
        },
      ),
    );
    // To make the first of these texts takes fast-check a while, seconds on a busy machine.
  }, 30_000);

  it("that the client asked for passes byte for byte", () => {
    const sent = nullUsageFrame("Hi") + frame(null) + done;
    const { out, filter } = run(true, sent);
    expect(out).toBe(sent);
    expect(filter.counts).toEqual(counts);
  });

  it("goes with the last text of an engine that sends both in one frame", () => {
    const both = frame("Hi").replace(/\}\n\n$/, `,"usage":${JSON.stringify(usage)}}\n\n`);
    const { out, filter } = run(false, both + done);
    expect(out).toBe(both + done);
    expect(filter.counts).toEqual(counts);
  });

  it("is not known before the end: then the frames are counted", () => {
    const { filter } = run(false, nullUsageFrame("data: a") + nullUsageFrame("b"));
    expect(filter.counts).toBeNull();
    expect(filter.frames).toBe(2);
  });

  it("is taken out of frames with CRLF too", () => {
    const crlf = (text: string): string => text.replaceAll("\n\n", "\r\n\r\n");
    const { out, filter } = run(false, crlf(nullUsageFrame("a") + frame(null) + done));
    expect(out).toBe(crlf(frame("a") + done));
    expect(filter.counts).toEqual(counts);
  });

  it("notices a failure that the worker tells itself", () => {
    expect(
      run(false, `${frame("a")}event: error\ndata: {"error":{"message":"x"}}\n\n`).filter.hasFailed,
    ).toBe(true);
  });
});

describe("the usage of a whole answer", () => {
  it.each<[string, string, object | null]>([
    [
      "with spaces and details",
      '{"usage" : {"prompt_tokens": 3, "prompt_tokens_details": {"cached_tokens": 2}}}',
      { promptTokens: 3, cachedTokens: 2 },
    ],
    ["before other fields", '{"usage":{"prompt_tokens":1},"timings":{"x":{}}}', { promptTokens: 1 }],
    ["null", '{"usage":null}', null],
    ["in a text only", '{"content":"\\"usage\\": {}"}', null],
    ["with braces in strings", '{"usage":{"note":"}\\"{","completion_tokens":4}}', { completionTokens: 4 }],
    ["that is cut", '{"usage":{"prompt_tokens":1', null],
    ["without numbers", '{"usage":{"prompt_tokens":"3","completion_tokens":-1}}', null],
  ])("%s", (_name, json, expected) => {
    expect(usageOf(Buffer.from(json))).toEqual(expected);
  });

  it("is found where it is", () => {
    const json = Buffer.from('{"a":"ö","usage":{"b":1}}');
    const place = findUsage(json);
    expect(place && json.toString("utf8", place.start, place.end)).toBe('{"b":1}');
  });
});

describe("asking a worker for the usage", () => {
  it("adds to the client's bytes and changes none", () => {
    const body = Buffer.from('{"model":"demo", "seed": 12345678901234567890 }\n');
    const asking = askingForUsage(body, {}).toString("utf8");
    expect(asking).toBe(
      '{"model":"demo", "seed": 12345678901234567890 ,"stream_options":{"include_usage":true}}\n',
    );
  });

  it("keeps the client's other options", () => {
    const body = Buffer.from('{"model":"demo","stream_options":{"x":1,"include_usage":false}}');
    const asked = JSON.parse(askingForUsage(body, { x: 1, include_usage: false }).toString("utf8"));
    expect(asked.stream_options).toEqual({ x: 1, include_usage: true });
  });
});

describe("a stream that ends in order", () => {
  it.each([
    ["without [DONE] is no whole answer", nullUsageFrame("Hi"), true],
    ["with [DONE] is one", nullUsageFrame("Hi") + done, false],
    ["after the worker's own error needs none", `event: error\ndata: {"error":{}}\n\n`, false],
    ["that only speaks of [DONE] is none", nullUsageFrame("Hi") + frame("[DO"), true],
  ])("%s", (_, sent, isFailure) => {
    const { filter } = run(false, sent);
    if (isFailure) expect(() => filter.end()).toThrow(expect.objectContaining({ code: "upstream_failed" }));
    else expect(filter.end()).toBeNull();
  });
});

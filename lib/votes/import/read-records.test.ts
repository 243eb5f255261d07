import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type RawRecord, readRecords } from "./read-records";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function read(content: string | Buffer, size = 1 << 16, maxBytes?: number): Promise<RawRecord[]> {
  const records: RawRecord[] = [];
  for await (const record of readRecords(inPieces(Buffer.from(content), size), { maxBytes }))
    records.push(record);
  return records;
}

describe("readRecords", () => {
  it("gives the same records of any JSON, as lines or as an array in any layout, however the file is cut", async () => {
    const text = fc.string({ unit: "binary", maxLength: 8 });
    const value = fc.oneof(
      text,
      fc.constantFrom('{"', "]}", '\\"', "[{", 1, null, true),
      fc.array(text, { maxLength: 3 }),
    );
    const objects = fc.array(fc.dictionary(text, value, { maxKeys: 4 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(
        objects,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 3 }),
        async (values, size, indent) => {
          const parse = (records: RawRecord[]) => records.map(({ text }) => JSON.parse(text ?? ""));
          const expected = values.map((value) => JSON.parse(JSON.stringify(value)));
          expect(parse(await read(JSON.stringify(values, null, indent), size))).toEqual(expected);
          const asLines = values.map((value) => JSON.stringify(value)).join("\r\n");
          expect(parse(await read(asLines, size))).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("knows the line of each record, past empty lines and a byte order mark", async () => {
    expect(await read('\ufeff{}\n\n  \n{"a":1}')).toEqual([
      { line: 1, text: "{}" },
      { line: 4, text: '{"a":1}' },
    ]);
    expect((await read('[\n{"a":\n1},\n\n{}]\n')).map(({ line }) => line)).toEqual([2, 5]);
  });

  it("tells broken UTF-8 and records that are too long, and goes on behind them", async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"a":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}\n{"b":1}\n'),
    ]);
    expect(await read(bytes, 3)).toEqual([
      { line: 1, fault: "invalid UTF-8" },
      { line: 2, text: '{"b":1}' },
    ]);
    const long = `{"a":"${"x".repeat(500)}"}`;
    expect(await read(`${long}\n{}\n`, 7, 100)).toEqual([
      { line: 1, fault: "too long" },
      { line: 2, text: "{}" },
    ]);
    expect(await read(`[${long},{}]`, 7, 100)).toEqual([
      { line: 1, fault: "too long" },
      { line: 1, text: "{}" },
    ]);
  });

  it.each([
    ["", "empty"],
    [" \n ", "empty"],
    ["[1, 2]", "Line 1: not an array of JSON objects"],
    ["[{} {}]", "not an array of JSON objects"],
    ["[{}\n,,{}]", "Line 2"],
    ['[{"a":1},', "no end"],
    ['[{"a":"]', "no end"],
    ["[{}] {}", "behind the array"],
  ])("refuses %j", async (content, words) => {
    await expect(read(content)).rejects.toThrow(words);
  });

  it.each(["lines", "array"])(
    "holds no more of a large file than a record and a chunk: %s",
    async (layout) => {
      const record = JSON.stringify({ winner: "model_a", text: "x".repeat(2_000) });
      const perChunk = 500;
      const body = Buffer.from(`${record}${layout === "lines" ? "" : ","}\n`.repeat(perChunk));
      const chunks = layout === "lines" ? 200 : 60;
      async function* file() {
        if (layout === "array") yield Buffer.from("[");
        // Copies, as a file is read: what held on to them would hold all of it.
        for (let chunk = 0; chunk < chunks; chunk++) yield Buffer.from(body);
        yield Buffer.from(layout === "array" ? `${record}]` : "");
      }
      const held = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
      const before = held();
      let most = 0;
      let count = 0;
      for await (const { text } of readRecords(file())) {
        count += Number(text?.length === record.length);
        if (count % 5_000 === 0) most = Math.max(most, held() - before);
      }
      expect(count).toBe(chunks * perChunk + (layout === "array" ? 1 : 0));
      const size = chunks * body.length;
      expect(size).toBeGreaterThan(60e6);
      expect(most).toBeLessThan(size / 2);
    },
  );
});

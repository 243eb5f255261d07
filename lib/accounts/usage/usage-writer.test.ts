import { describe, expect, it } from "vitest";
import { AppError } from "@/lib/errors";
import type { RequestResult } from "../accounting-types";
import { toUsageRecord, type UsageRecord } from "./usage-record";
import { createUsageWriter, type UsageWriterOptions } from "./usage-writer";

const done: RequestResult = { status: 200, outcome: "complete", promptTokens: 3, completionTokens: 2 };

function record(requestId: string, result: Partial<RequestResult> = {}, model = "demo"): UsageRecord {
  const request = { model, endpoint: "chat" as const, estimatedTokens: 0, requestId };
  return toUsageRecord(null, request, { ...done, ...result }, new Date("2026-01-05T12:00:00Z"));
}

function setUp(options: Partial<UsageWriterOptions> = {}) {
  const written: string[][] = [];
  const log: string[] = [];
  const state = { isAway: false, dropped: 0 };
  const note = (_: object, message: string) => log.push(message);
  const writer = createUsageWriter({
    insert: async (records) => {
      if (state.isAway) throw new AppError("database_unavailable");
      if (records.some(({ requestId }) => requestId === "poison")) throw new Error("value out of range");
      written.push(records.map(({ requestId }) => requestId));
    },
    logger: { info: note, warn: note, error: note },
    onDropped: (count) => {
      state.dropped += count;
    },
    ...options,
  });
  return { writer, written, log, state };
}

describe("the writer of usage", () => {
  it("writes full batches at once and the rest when told", async () => {
    const { writer, written } = setUp({ batchSize: 3 });
    for (const id of ["1", "2", "3"]) writer.add(record(id));
    await Promise.resolve();
    expect(written).toEqual([["1", "2", "3"]]);
    writer.add(record("4"));
    expect(written).toHaveLength(1);
    await writer.flush();
    expect(written[1]).toEqual(["4"]);
    expect(writer.size()).toBe(0);
  });

  it("leaves what comes while it writes to the next time, unless it fills a batch", async () => {
    const batches: number[] = [];
    const { writer } = setUp({
      batchSize: 3,
      insert: async (records) => {
        batches.push(records.length);
        if (batches.length === 1) for (const id of ["4", "5"]) writer.add(record(id));
        if (batches.length === 2) for (const id of ["6", "7", "8"]) writer.add(record(id));
      },
    });
    for (const id of ["1", "2", "3"]) writer.add(record(id));
    await new Promise(setImmediate);
    expect(batches).toEqual([3]);
    expect(writer.size()).toBe(2);
    await writer.flush();
    expect(batches).toEqual([3, 2, 3]);
    expect(writer.size()).toBe(0);
  });

  it("has written everything when it is closed", async () => {
    const { writer, written } = setUp({ batchSize: 2 });
    for (let id = 0; id < 5; id++) writer.add(record(String(id)));
    await writer.close();
    expect(written.flat()).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("keeps what it cannot write, in order, and says so once", async () => {
    const { writer, written, log, state } = setUp();
    state.isAway = true;
    writer.add(record("1"));
    await writer.flush();
    writer.add(record("2"));
    await writer.flush();
    expect(writer.size()).toBe(2);
    expect(log).toEqual(["usage cannot be written; it is kept"]);
    state.isAway = false;
    await writer.flush();
    expect(written).toEqual([["1", "2"]]);
    expect(log.at(-1)).toBe("usage is written again");
  });

  it("keeps no more than its bound, counts the rest and says so", async () => {
    const { writer, written, log, state } = setUp({ capacity: 3 });
    state.isAway = true;
    for (let id = 0; id < 5; id++) writer.add(record(String(id)));
    await writer.flush();
    expect(state.dropped).toBe(2);
    expect(log.filter((line) => line.includes("dropped"))).toHaveLength(1);
    state.isAway = false;
    await writer.flush();
    expect(written.flat()).toEqual(["0", "1", "2"]);
  });

  it("says what is lost when it is closed without a database", async () => {
    const { writer, log, state } = setUp();
    state.isAway = true;
    writer.add(record("1"));
    await writer.close();
    expect(state.dropped).toBe(1);
    expect(log.at(-1)).toMatch(/lost/);
  });

  it("loses only the record that the database takes offence at", async () => {
    const { writer, written, log, state } = setUp();
    for (const id of ["1", "2", "poison", "4", "5"]) writer.add(record(id));
    await writer.flush();
    expect(written.flat().sort()).toEqual(["1", "2", "4", "5"]);
    expect(state.dropped).toBe(1);
    expect(log).toContain("a usage record cannot be written");
  });
});

describe("a usage record", () => {
  it("holds only what the database can keep", () => {
    const odd = record(
      "r\0",
      { promptTokens: Number.NaN, cachedTokens: -1, completionTokens: 2 ** 40 },
      "m\0\ud800",
    );
    expect(odd).toMatchObject({
      requestId: "r",
      model: "m\ufffd",
      promptTokens: null,
      cachedTokens: null,
      completionTokens: null,
    });
  });

  it("has an id of its own, which is a UUIDv7", () => {
    const ids = Array.from({ length: 1_000 }, () => record("1").id);
    expect(new Set(ids).size).toBe(1_000);
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("does not repeat names that were asked for in vain", () => {
    expect(record("1", { status: 404, outcome: "model_not_found" }, "made-up").model).toBe("(unknown)");
  });
});
